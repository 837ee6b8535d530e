//! Every operator of the table over what nodes are for small t > 0.

use std::cmp::Ordering;

use expr::Op;

use super::exact::Exact;
use super::rational::Rational;
use super::series::{Absence, Algebra, Outcome, Remainder, Series, Stuck, Value};

impl Algebra<'_> {
    pub(crate) fn negate(&self, a: &Value) -> Value {
        match a {
            Value::Series(series) => Value::Series(series.negated()),
            Value::Huge(sign) => Value::Huge(-sign),
            Value::Missing(why) => Value::Missing(*why),
        }
    }

    pub(crate) fn sum(&mut self, a: &Value, b: &Value) -> Outcome<Value> {
        Ok(match (a, b) {
            (Value::Missing(why), _) | (_, Value::Missing(why)) => Value::Missing(*why),
            (Value::Series(a), Value::Series(b)) => Value::Series(self.add(a, b)),
            (Value::Huge(a), Value::Huge(b)) if a != b => return Err(Stuck::Unsupported),
            (Value::Huge(sign), _) | (_, Value::Huge(sign)) => Value::Huge(*sign),
        })
    }

    pub(crate) fn product(&mut self, a: &Value, b: &Value) -> Outcome<Value> {
        Ok(match (a, b) {
            (Value::Missing(why), _) | (_, Value::Missing(why)) => Value::Missing(*why),
            (Value::Series(a), Value::Series(b)) => Value::Series(self.mul(a, b)),
            (Value::Huge(a), Value::Huge(b)) => Value::Huge(a * b),
            (Value::Huge(huge), Value::Series(other)) | (Value::Series(other), Value::Huge(huge)) => {
                match self.leading(&mut other.clone()) {
                    Ok(None) => Value::Series(Series::integer(0)),
                    Ok(Some((_, sign))) => Value::Huge(huge * sign),
                    Err(_) if other.terms.is_empty() => return Err(Stuck::Unsupported),
                    Err(stuck) => return Err(stuck),
                }
            }
        })
    }

    pub(crate) fn quotient(&mut self, a: &Value, b: &Value) -> Outcome<Value> {
        if let Value::Missing(why) = a {
            return Ok(Value::Missing(*why));
        }
        if let (Value::Series(a), Value::Series(b)) = (a, b)
            && let Some(quotient) = self.exact_quotient(a, b)
        {
            return Ok(Value::Series(quotient));
        }
        let inverse = self.reciprocal(b)?;
        self.product(a, &inverse)
    }

    /// One of the two, it is not known which.
    fn either(&mut self, a: &Value, b: &Value) -> Outcome<Value> {
        match (a, b) {
            (Value::Series(a), Value::Series(b)) => Ok(Value::Series(a.joined(b))),
            (a, b) if a == b => Ok(a.clone()),
            _ => Err(Stuck::Unsupported),
        }
    }

    /// How `a` and `b` compare for small t.
    fn compare(&mut self, a: &Value, b: &Value) -> Outcome<Ordering> {
        if a == b && matches!(a, Value::Series(series) if series.rest == Remainder::Zero) {
            return Ok(Ordering::Equal);
        }
        let difference = self.sum(a, &self.negate(b))?;
        self.sign(&difference)
    }

    fn larger(&mut self, a: &Value, b: &Value) -> Outcome<Value> {
        if let (Value::Missing(why), _) | (_, Value::Missing(why)) = (a, b) {
            return Ok(Value::Missing(*why));
        }
        if a == b {
            return Ok(a.clone());
        }
        match self.compare(a, b) {
            Ok(Ordering::Less) => Ok(b.clone()),
            Ok(_) => Ok(a.clone()),
            Err(_) => self.either(a, b),
        }
    }

    fn smaller(&mut self, a: &Value, b: &Value) -> Outcome<Value> {
        let larger = self.larger(&self.negate(a), &self.negate(b))?;
        Ok(self.negate(&larger))
    }

    fn magnitude(&mut self, a: &Value) -> Outcome<Value> {
        self.larger(a, &self.negate(a))
    }

    fn truth(&mut self, a: &Value, b: &Value, holds: impl Fn(Ordering) -> bool) -> Outcome<Value> {
        if let (Value::Missing(why), _) | (_, Value::Missing(why)) = (a, b) {
            return Ok(Value::Missing(*why));
        }
        Ok(Value::Series(match self.compare(a, b) {
            Ok(order) => Series::integer(holds(order).into()),
            Err(_) => Series::bounded(),
        }))
    }

    /// The operator at these arguments.
    pub(crate) fn apply(&mut self, op: Op, arguments: &[&Outcome<Value>]) -> Outcome<Value> {
        if op == Op::Select {
            return self.select(arguments);
        }
        let mut known: Vec<&Value> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            known.push(argument.as_ref().map_err(|stuck| *stuck)?);
        }
        let a = known[0];
        let b = known.get(1).copied().unwrap_or(a);
        let series = |value: Series| Value::Series(value);
        let one = series(Series::integer(1));
        match op {
            Op::Neg => Ok(self.negate(a)),
            Op::Add => self.sum(a, b),
            Op::Sub => self.sum(a, &self.negate(b)),
            Op::Mul => self.product(a, b),
            Op::Div => self.quotient(a, b),
            Op::Pow | Op::Powi => self.power(a, b),
            Op::Square => self.raised(a, &Rational::integer(2)),
            Op::Recip => self.reciprocal(a),
            Op::Sqrt => self.sqrt(a),
            Op::Cbrt => self.cbrt(a),
            Op::Hypot => {
                let (a, b) = (self.product(a, a)?, self.product(b, b)?);
                let sum = self.sum(&a, &b)?;
                self.sqrt(&sum)
            }
            Op::Exp => self.exp(a),
            Op::Exp2 => {
                let scale = self.field.ln(&Exact::integer(2));
                let argument = self.product(a, &series(Series::constant(scale)))?;
                self.exp(&argument)
            }
            Op::Expm1 => {
                let value = self.exp(a)?;
                self.sum(&value, &self.negate(&one))
            }
            Op::Ln => self.ln(a),
            Op::Log1p => {
                let argument = self.sum(&one, a)?;
                self.ln(&argument)
            }
            Op::Log2 | Op::Log10 => {
                let base = self.field.ln(&Exact::integer(if op == Op::Log2 { 2 } else { 10 }));
                let scale = self.field.inverse(&base);
                let value = self.ln(a)?;
                self.product(&value, &series(Series::constant(scale)))
            }
            Op::Sin => Ok(self.sin_cos(a)?.0),
            Op::Cos => Ok(self.sin_cos(a)?.1),
            Op::Tan => {
                let (sine, cosine) = self.sin_cos(a)?;
                self.quotient(&sine, &cosine)
            }
            Op::Asin => self.asin(a),
            Op::Acos => {
                let value = self.asin(a)?;
                let quarter = self.field.pi().scaled(&Rational::fraction(1, 2));
                self.sum(&series(Series::constant(quarter)), &self.negate(&value))
            }
            Op::Atan => self.atan(a),
            Op::Atan2 => self.atan2(a, b),
            Op::Sinh => self.hyperbolic(a, false),
            Op::Cosh => self.hyperbolic(a, true),
            Op::Tanh => self.tanh(a),
            Op::Asinh => self.asinh(a),
            Op::Acosh => self.acosh(a),
            Op::Atanh => self.atanh(a),
            Op::Abs => self.magnitude(a),
            Op::Sign => Ok(match (a, self.sign(a)) {
                (Value::Missing(why), _) => Value::Missing(*why),
                (_, Ok(order)) => series(Series::integer(order as i64)),
                _ => series(Series::bounded()),
            }),
            Op::Floor => self.floor(a),
            Op::Ceil => {
                let below = self.floor(&self.negate(a))?;
                Ok(self.negate(&below))
            }
            Op::Trunc => self.truncated(a),
            // Half away from zero: sign(a)·floor(|a| + 1/2).
            Op::Round => {
                let half = series(Series::constant(Exact::rational(Rational::fraction(1, 2))));
                self.toward_zero(a, |algebra, size| {
                    let above = algebra.sum(size, &half)?;
                    algebra.floor(&above)
                })
            }
            Op::Min => self.smaller(a, b),
            Op::Max => self.larger(a, b),
            Op::Clamp => {
                let above = self.larger(a, b)?;
                self.smaller(&above, known[2])
            }
            Op::Sigmoid => self.sigmoid(a),
            Op::Softplus => self.softplus(a),
            Op::Relu => self.larger(a, &series(Series::integer(0))),
            Op::Erf => self.erf(a),
            Op::Erfc => {
                let value = self.erf(a)?;
                self.sum(&one, &self.negate(&value))
            }
            Op::Expmsq => {
                let square = self.product(a, a)?;
                self.exp(&self.negate(&square))
            }
            Op::Xlogy => match a {
                Value::Series(factor)
                    if factor.is_identically_zero() && !matches!(b, Value::Missing(Absence::Outside)) =>
                {
                    Ok(series(Series::integer(0)))
                }
                _ => {
                    let logarithm = self.ln(b)?;
                    self.product(a, &logarithm)
                }
            },
            Op::Sech | Op::Csch => {
                let below = self.hyperbolic(a, op == Op::Sech)?;
                self.reciprocal(&below)
            }
            Op::Asec | Op::Acsc => {
                let inverse = self.reciprocal(a)?;
                let known: Outcome<Value> = Ok(inverse);
                self.apply(if op == Op::Asec { Op::Acos } else { Op::Asin }, &[&known])
            }
            Op::Mod | Op::Rem => {
                let quotient = self.quotient(a, b)?;
                let whole = if op == Op::Mod { self.floor(&quotient)? } else { self.truncated(&quotient)? };
                let multiple = self.product(b, &whole)?;
                self.sum(a, &self.negate(&multiple))
            }
            Op::Logit => {
                let rest = self.sum(&one, &self.negate(a))?;
                let (above, below) = (self.ln(a)?, self.ln(&rest)?);
                self.sum(&above, &self.negate(&below))
            }
            Op::Log1mexp => {
                let power = self.exp(a)?;
                let rest = self.sum(&one, &self.negate(&power))?;
                self.ln(&rest)
            }
            Op::Normcdf => self.normal(a),
            Op::Lognormcdf => {
                let value = self.normal(a)?;
                self.ln(&value)
            }
            Op::Lgamma | Op::Polygamma | Op::Sinc | Op::Mills => self.by_derivatives(op, a, b),
            Op::Lbeta => {
                let sum = self.sum(a, b)?;
                let [a, b, both] = [a, b, &sum].map(|x| self.by_derivatives(Op::Lgamma, x, x));
                let above = self.sum(&a?, &b?)?;
                self.sum(&above, &self.negate(&both?))
            }
            Op::Digammadiff => {
                let order = arguments[2].clone()?;
                let sum = self.sum(a, b)?;
                // The domain ends where that of ψ(b) does.
                if let missing @ Value::Missing(_) = self.by_derivatives(Op::Polygamma, b, &order)? {
                    return Ok(missing);
                }
                let [at, beyond] = [a, &sum].map(|x| self.by_derivatives(Op::Polygamma, x, &order));
                self.sum(&at?, &self.negate(&beyond?))
            }
            Op::Lt => self.truth(a, b, Ordering::is_lt),
            Op::Le => self.truth(a, b, Ordering::is_le),
            Op::Gt => self.truth(a, b, Ordering::is_gt),
            Op::Ge => self.truth(a, b, Ordering::is_ge),
            Op::Eq => self.truth(a, b, Ordering::is_eq),
            Op::Ne => self.truth(a, b, Ordering::is_ne),
            // A new row of the table is decided by limits until it is written down here.
            #[allow(unreachable_patterns)]
            _ => Err(Stuck::Unsupported),
        }
    }

    /// The branch that is taken, whatever the other one is.
    fn select(&mut self, arguments: &[&Outcome<Value>]) -> Outcome<Value> {
        let condition = arguments[0].clone()?;
        if let Value::Missing(_) = condition {
            return Ok(condition);
        }
        match self.sign(&condition) {
            Ok(Ordering::Equal) => arguments[2].clone(),
            Ok(_) => arguments[1].clone(),
            Err(_) => {
                let (a, b) = (arguments[1].clone()?, arguments[2].clone()?);
                self.either(&a, &b)
            }
        }
    }

    fn power(&mut self, a: &Value, b: &Value) -> Outcome<Value> {
        if let (Value::Missing(why), _) | (_, Value::Missing(why)) = (a, b) {
            return Ok(Value::Missing(*why));
        }
        let Value::Series(exponent) = b else { return Err(Stuck::Unsupported) };
        if let Some(constant) = exponent.as_constant().and_then(|constant| constant.as_rational()) {
            return self.raised(a, &constant);
        }
        match self.sign(a)? {
            Ordering::Equal => match self.sign(b)? {
                Ordering::Greater => Ok(Value::Series(Series::integer(0))),
                _ => Ok(Value::Missing(Absence::Pole)),
            },
            // An exponent that varies, or is irrational: only some of its values are integers.
            Ordering::Less if exponent.as_constant().is_some_and(|c| !self.may_be_integer(&c)) => {
                Ok(Value::Missing(Absence::Outside))
            }
            Ordering::Less => match exponent.as_constant() {
                Some(_) => Err(Stuck::Sign),
                None if exponent.rest == Remainder::Zero => Ok(Value::Missing(Absence::Outside)),
                None => Err(Stuck::Unsupported),
            },
            Ordering::Greater => {
                let logarithm = self.ln(a)?;
                let product = self.product(b, &logarithm)?;
                self.exp(&product)
            }
        }
    }

    fn may_be_integer(&mut self, a: &Exact) -> bool {
        let (interval, _) = self.field.narrow(a);
        let (low, high) = (&interval.low, &interval.high);
        !interval.is_finite()
            || crate::endpoint::is_integer(low)
            || crate::endpoint::floor(low) != crate::endpoint::floor(high)
    }

    fn truncated(&mut self, a: &Value) -> Outcome<Value> {
        self.toward_zero(a, |algebra, size| algebra.floor(size))
    }

    /// sign(a)·of(|a|)
    fn toward_zero(&mut self, a: &Value, of: impl Fn(&mut Self, &Value) -> Outcome<Value>) -> Outcome<Value> {
        match (a, self.sign(a)) {
            (Value::Missing(why), _) => Ok(Value::Missing(*why)),
            (_, Ok(Ordering::Less)) => {
                let value = of(self, &self.negate(a))?;
                Ok(self.negate(&value))
            }
            (_, Ok(_)) => of(self, a),
            // Within 1 of it.
            (a, Err(_)) => self.sum(a, &Value::Series(Series::bounded())),
        }
    }

    fn atan2(&mut self, y: &Value, x: &Value) -> Outcome<Value> {
        if let (Value::Missing(why), _) | (_, Value::Missing(why)) = (y, x) {
            return Ok(Value::Missing(*why));
        }
        let turned = |algebra: &mut Self, halves: i64| {
            Value::Series(Series::constant(algebra.field.pi().scaled(&Rational::fraction(halves, 2))))
        };
        match self.sign(x)? {
            Ordering::Equal => Ok(match self.sign(y)? {
                // By convention.
                Ordering::Equal => Value::Series(Series::integer(0)),
                Ordering::Greater => turned(self, 1),
                Ordering::Less => turned(self, -1),
            }),
            Ordering::Greater => {
                let ratio = self.quotient(y, x)?;
                self.atan(&ratio)
            }
            Ordering::Less => {
                // Of +0 it is π by convention.
                let above = self.sign(y)?.is_ge();
                let turned = turned(self, if above { 2 } else { -2 });
                let ratio = self.quotient(y, x)?;
                let angle = self.atan(&ratio)?;
                self.sum(&angle, &turned)
            }
        }
    }
}
