//! Functions beyond the elementary ones: the normal distribution by the error function, the others by their derivatives of
//! all orders where they are analytic.

use expr::Op;

use super::exact::{Definition, Exact};
use super::functions::Limit;
use super::rational::Rational;
use super::series::{Absence, Algebra, Outcome, Series, Stuck, Value};

impl Algebra<'_> {
    /// Φ(a) = (1 + erf(a/√2))/2
    pub(crate) fn normal(&mut self, a: &Value) -> Outcome<Value> {
        let half = Exact::rational(Rational::fraction(1, 2));
        let root = self.field.root(&Exact::integer(2), 2).scaled(&Rational::fraction(1, 2));
        let argument = self.product(a, &Value::Series(Series::constant(root)))?;
        let value = self.erf(&argument)?;
        let sum = self.sum(&Value::Series(Series::integer(1)), &value)?;
        self.product(&sum, &Value::Series(Series::constant(half)))
    }

    /// An operator whose derivatives are known by name: that of the gamma function for positive numbers, the others
    /// everywhere. Its Taylor series is that at the constant term.
    pub(crate) fn by_derivatives(&mut self, op: Op, a: &Value, order: &Value) -> Outcome<Value> {
        let order = match (op, order) {
            (Op::Lgamma, _) => 0,
            (_, Value::Series(order)) => {
                let order = order.as_constant().and_then(|order| order.as_rational());
                let integer = order.filter(Rational::is_integer).map(|order| order.floor());
                integer.and_then(|order| u32::try_from(order).ok()).ok_or(Stuck::Unsupported)?
            }
            _ => return Err(Stuck::Unsupported),
        };
        let a = match a {
            Value::Series(a) => a,
            Value::Missing(why) => return Ok(Value::Missing(*why)),
            Value::Huge(_) => return Err(Stuck::Unsupported),
        };
        let Limit::Finite(constant, delta) = self.limit(a)? else { return Err(Stuck::Unsupported) };
        if matches!(op, Op::Lgamma | Op::Polygamma) {
            match self.field.sign(&constant) {
                Some(1) => {}
                Some(-1) => return Ok(Value::Missing(Absence::Outside)),
                _ => return Err(Stuck::Unsupported),
            }
        }
        let mut coefficients = Vec::new();
        let mut scale = Rational::one();
        for j in 0..self.terms_needed(&delta) as u32 {
            if j > 0 {
                // 1/j!; of Mills' ratio the derivative of order j is (-1)ʲ·(k + j)!/k! times that of order k + j.
                let factor = if op == Op::Mills { -i64::from(order + j) } else { 1 };
                scale = scale.times(&Rational::fraction(factor, u64::from(j)));
            }
            let value = match (op, j) {
                (Op::Lgamma, 0) => self.log_gamma(&constant),
                (Op::Lgamma, _) => self.of_order(Op::Polygamma, &constant, j - 1),
                _ => self.of_order(op, &constant, order + j),
            };
            coefficients.push(value.scaled(&scale));
        }
        Ok(Value::Series(self.power_series(&coefficients, &delta)))
    }

    fn log_gamma(&mut self, a: &Exact) -> Exact {
        match a.as_rational() {
            Some(a) if a.is_one() || a == Rational::integer(2) => Exact::zero(),
            _ => self.field.kernel(Definition::Value(Op::Lgamma, a.clone())),
        }
    }

    fn of_order(&mut self, op: Op, a: &Exact, order: u32) -> Exact {
        if op == Op::Sinc && a.is_empty() {
            let sign = [1, 0, -1, 0][order as usize % 4];
            return Exact::rational(Rational::fraction(sign, u64::from(order) + 1));
        }
        self.field.kernel(Definition::Order(op, a.clone(), order))
    }
}
