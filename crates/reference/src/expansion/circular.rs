//! Sines, angles and staircases of series.

use expr::Op;

use super::exact::Exact;
use super::functions::Limit;
use super::rational::Rational;
use super::series::{Absence, Algebra, Outcome, Series, Stuck, Value};

impl Algebra<'_> {
    /// The sine and the cosine: bounded where the argument has no limit.
    pub(crate) fn sin_cos(&mut self, a: &Value) -> Outcome<(Value, Value)> {
        let a = match a {
            Value::Series(a) => a,
            Value::Huge(_) => {
                return Ok((Value::Series(Series::bounded()), Value::Series(Series::bounded())));
            }
            Value::Missing(why) => return Ok((Value::Missing(*why), Value::Missing(*why))),
        };
        let Ok(Limit::Finite(constant, delta)) = self.limit(a) else {
            return Ok((Value::Series(Series::bounded()), Value::Series(Series::bounded())));
        };
        let count = self.terms_needed(&delta);
        let (sine, cosine) = self.field.sin_cos(&constant);
        let cycle = [sine.clone(), cosine.clone(), sine.negated(), cosine.negated()];
        let coefficients = |from: usize| {
            let mut factorial = Rational::one();
            let mut all = Vec::with_capacity(count);
            for k in 0..count {
                if k > 0 {
                    factorial = factorial.times(&Rational::fraction(1, k as u64));
                }
                all.push(cycle[(from + k) % 4].scaled(&factorial));
            }
            all
        };
        let (sines, cosines) = (coefficients(0), coefficients(1));
        Ok((
            Value::Series(self.power_series(&sines, &delta)),
            Value::Series(self.power_series(&cosines, &delta)),
        ))
    }

    /// An odd function by the series of its slope: the inverse sine inside its domain, the inverse tangent, the error
    /// function.
    pub(super) fn odd_function(&mut self, op: Op, constant: &Exact, delta: &Series) -> Outcome<Value> {
        let value = self.field.odd_value(op, constant);
        let count = self.terms_needed(delta);
        let mut coefficients = vec![value];
        if count > 1 {
            // The slope at constant + s, as a power series in s, integrated term by term: both are analytic.
            let order = std::mem::replace(&mut self.order, Rational::integer(count as i64));
            let variable = Series::monomial(Exact::integer(1), Rational::one(), 0);
            let argument = self.add(&Series::constant(constant.clone()), &variable);
            let slope = self.slope(op, &argument);
            self.order = order;
            let Value::Series(slope) = slope? else { return Err(Stuck::Unsupported) };
            for k in 1..count as i64 {
                if !slope.rest.is_above(&Rational::integer(k - 1)) {
                    break;
                }
                let coefficient = slope.coefficient(&Rational::integer(k - 1));
                coefficients.push(coefficient.scaled(&Rational::fraction(1, k as u64)));
            }
        }
        Ok(Value::Series(self.power_series(&coefficients, delta)))
    }

    fn slope(&mut self, op: Op, a: &Series) -> Outcome<Value> {
        let square = self.mul(a, a);
        let one = Series::integer(1);
        match op {
            Op::Atan => {
                let sum = self.add(&one, &square);
                self.reciprocal(&Value::Series(sum))
            }
            Op::Asin => {
                let difference = self.sub(&one, &square);
                self.raised(&Value::Series(difference), &Rational::fraction(-1, 2))
            }
            _ => {
                let bell = self.exp(&Value::Series(square.negated()))?;
                let pi = self.field.pi();
                let root = self.field.root(&pi, 2);
                let scale = self.field.inverse(&root).scaled(&Rational::integer(2));
                let Value::Series(bell) = bell else { return Err(Stuck::Unsupported) };
                Ok(Value::Series(self.scaled(&bell, &scale)))
            }
        }
    }

    pub(crate) fn asin(&mut self, a: &Value) -> Outcome<Value> {
        let a = match a {
            Value::Series(a) => a,
            Value::Missing(why) => return Ok(Value::Missing(*why)),
            _ => return Ok(Value::Missing(Absence::Outside)),
        };
        let (constant, delta) = match self.limit(a)? {
            Limit::Finite(constant, delta) => (constant, delta),
            Limit::Infinite(_) => return Ok(Value::Missing(Absence::Outside)),
        };
        let below = self.field.sub(&Exact::integer(1), &constant);
        let above = self.field.add(&Exact::integer(1), &constant);
        match (self.field.sign(&below), self.field.sign(&above)) {
            (Some(-1), _) | (_, Some(-1)) => Ok(Value::Missing(Absence::Outside)),
            (Some(1), Some(1)) => self.odd_function(Op::Asin, &constant, &delta),
            // asin(a) = π/2 - 2·asin(√((1 - a)/2))
            (Some(0), _) => {
                let gap = self.sub(&Series::integer(1), a);
                let half = self.scaled(&gap, &Exact::rational(Rational::fraction(1, 2)));
                let Value::Series(root) = self.sqrt(&Value::Series(half))? else {
                    return Ok(Value::Missing(Absence::Outside));
                };
                let (constant, delta) = self.split(&root)?;
                let Value::Series(inner) = self.odd_function(Op::Asin, &constant, &delta)? else {
                    return Ok(Value::Missing(Absence::Outside));
                };
                let quarter = self.field.pi().scaled(&Rational::fraction(1, 2));
                let twice = self.scaled(&inner, &Exact::integer(-2));
                Ok(Value::Series(self.add(&Series::constant(quarter), &twice)))
            }
            (_, Some(0)) => {
                let mirrored = self.asin(&Value::Series(a.negated()))?;
                Ok(self.negate(&mirrored))
            }
            _ => Err(Stuck::Sign),
        }
    }

    pub(crate) fn atan(&mut self, a: &Value) -> Outcome<Value> {
        let sign = match a {
            Value::Missing(why) => return Ok(Value::Missing(*why)),
            Value::Huge(sign) => *sign,
            Value::Series(series) => match self.limit(series) {
                Ok(Limit::Finite(constant, delta)) => return self.odd_function(Op::Atan, &constant, &delta),
                Ok(Limit::Infinite(sign)) => sign,
                Err(_) => return Ok(Value::Series(Series::bounded())),
            },
        };
        // ±π/2 - atan(1/a)
        let Value::Series(inverse) = self.reciprocal(a)? else { return Err(Stuck::Unsupported) };
        let inner = match inverse.terms.is_empty() {
            true => inverse,
            false => {
                let Value::Series(inner) = self.atan(&Value::Series(inverse))? else {
                    return Err(Stuck::Unsupported);
                };
                inner
            }
        };
        let quarter = self.field.pi().scaled(&Rational::fraction(sign.into(), 2));
        Ok(Value::Series(self.sub(&Series::constant(quarter), &inner)))
    }

    /// The largest integer that is not above; next to an integer, by the side from which it is approached.
    pub(crate) fn floor(&mut self, a: &Value) -> Outcome<Value> {
        let series = match a {
            Value::Series(series) => series,
            _ => return Ok(a.clone()),
        };
        let (constant, delta) = match self.limit(series) {
            Ok(Limit::Finite(constant, delta)) => (constant, delta),
            // Less than one below, and whole: no more is known.
            _ => return Ok(Value::Series(self.add(series, &Series::bounded()))),
        };
        let whole =
            |n: dashu_int::IBig| Series::constant(Exact::rational(Rational::new(n, dashu_int::UBig::ONE)));
        if constant.as_rational().is_none_or(|value| !value.is_integer()) {
            let below = match constant.as_rational() {
                Some(value) => value.floor(),
                None => self.floor_of(&constant)?,
            };
            // Whether an irrational kernel is an integer is decided by its enclosure; then it is none.
            return Ok(Value::Series(whole(below)));
        }
        let at = constant.as_rational().expect("a rational").floor();
        match self.sign(&Value::Series(delta)) {
            Ok(std::cmp::Ordering::Less) => Ok(Value::Series(whole(at - dashu_int::IBig::ONE))),
            Ok(_) => Ok(Value::Series(whole(at))),
            Err(_) => Ok(Value::Series(Series::bounded())),
        }
    }

    /// The floor of a number that an enclosure separates from the integers.
    fn floor_of(&mut self, a: &Exact) -> Outcome<dashu_int::IBig> {
        let (interval, _) = self.field.narrow(a);
        if !interval.is_finite() || self.field.is_exhausted() {
            return Err(Stuck::Sign);
        }
        let low = crate::endpoint::floor(&interval.low);
        let high = crate::endpoint::floor(&interval.high);
        let separate = low == high && !crate::endpoint::is_integer(&interval.low);
        if separate { Ok(low) } else { Err(Stuck::Sign) }
    }
}
