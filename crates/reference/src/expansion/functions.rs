//! Elementary functions of series: analytic ones by their Taylor coefficients at the constant term, and what they are
//! at the ends of their domains and at infinity.

use expr::Op;

use super::exact::Exact;
use super::rational::Rational;
use super::series::{Absence, Algebra, Outcome, Remainder, Series, Stuck, Term, Value};

/// What a series tends to.
pub(super) enum Limit {
    /// A number, and what is beside it.
    Finite(Exact, Series),
    /// Beyond every bound, with this sign.
    Infinite(i8),
}

impl Algebra<'_> {
    pub(super) fn limit(&mut self, a: &Series) -> Outcome<Limit> {
        let mut a = a.clone();
        while let Some(first) = a.terms.first().filter(|term| term.is_infinite()) {
            match self.field.sign(&first.coefficient) {
                Some(0) => drop(a.terms.remove(0)),
                Some(sign) => return Ok(Limit::Infinite(if first.logs % 2 == 1 { -sign } else { sign })),
                None => return Err(Stuck::Sign),
            }
        }
        let (constant, delta) = self.split(&a)?;
        Ok(Limit::Finite(constant, delta))
    }

    /// The series divided by its leading term, less 1, and how many terms of a power series in it are needed.
    fn relative(&mut self, a: &Series, first: &Term) -> Outcome<(Series, usize)> {
        if first.logs > 0 {
            return Err(Stuck::Unsupported);
        }
        let inverse = self.field.inverse(&first.coefficient);
        let delta = self.beside(a, &inverse, &first.exponent.negated());
        let count = self.terms_needed(&delta);
        Ok((delta, count))
    }

    /// The series divided by its leading term, less 1.
    fn beside(&mut self, a: &Series, inverse: &Exact, down: &Rational) -> Series {
        let others = Series { terms: a.terms[1..].to_vec(), rest: a.rest.clone() };
        self.scaled(&others, inverse).shifted(down)
    }

    /// `1/a`.
    pub(crate) fn reciprocal(&mut self, a: &Value) -> Outcome<Value> {
        let a = match a {
            Value::Series(a) => a,
            Value::Huge(_) => return Ok(Value::Series(Series::only(Remainder::Flat))),
            Value::Missing(why) => return Ok(Value::Missing(*why)),
        };
        let mut a = a.clone();
        let Some((first, _)) = self.leading(&mut a)? else { return Ok(Value::Missing(Absence::Pole)) };
        if first.logs > 0 {
            return Err(Stuck::Unsupported);
        }
        let inverse = self.field.inverse(&first.coefficient);
        let down = first.exponent.negated();
        let delta = self.beside(&a, &inverse, &down);
        let count = self.terms_needed(&delta);
        let signs: Vec<Exact> = (0..count).map(|k| Exact::integer(if k % 2 == 0 { 1 } else { -1 })).collect();
        let sum = self.power_series(&signs, &delta);
        Ok(Value::Series(self.scaled(&sum, &inverse).shifted(&down)))
    }

    /// `a^power` for a rational power: of what is positive, or 0, or any number where the power is an integer.
    pub(crate) fn raised(&mut self, a: &Value, power: &Rational) -> Outcome<Value> {
        if power.is_zero() {
            return Ok(match a {
                Value::Missing(why) => Value::Missing(*why),
                _ => Value::Series(Series::integer(1)),
            });
        }
        let a = match a {
            Value::Series(a) => a,
            Value::Huge(1) if power.sign() > 0 => return Ok(Value::Huge(1)),
            Value::Huge(-1) if power.sign() > 0 && power.is_integer() => {
                let odd = power.numerator() % dashu_int::IBig::from(2) != dashu_int::IBig::ZERO;
                return Ok(Value::Huge(if odd { -1 } else { 1 }));
            }
            Value::Huge(sign) if *sign > 0 || power.is_integer() => {
                return Ok(Value::Series(Series::only(Remainder::Flat)));
            }
            Value::Missing(why) => return Ok(Value::Missing(*why)),
            _ => return Ok(Value::Missing(Absence::Outside)),
        };
        const MAX_MULTIPLIED: u64 = 16;
        if let Some(n) = power.as_i64().filter(|n| n.unsigned_abs() <= MAX_MULTIPLIED) {
            let (mut product, mut square) = (Series::integer(1), a.clone());
            let mut left = n.unsigned_abs();
            while left > 0 {
                if left % 2 == 1 {
                    product = self.mul(&product, &square);
                }
                left /= 2;
                if left > 0 {
                    square = self.mul(&square, &square);
                }
            }
            let product = Value::Series(product);
            return if n < 0 { self.reciprocal(&product) } else { Ok(product) };
        }
        let mut a = a.clone();
        let Some((first, sign)) = self.leading(&mut a)? else {
            return Ok(if power.sign() > 0 {
                Value::Series(Series::integer(0))
            } else {
                Value::Missing(Absence::Pole)
            });
        };
        if sign < 0 && !power.is_integer() {
            return Ok(Value::Missing(Absence::Outside));
        }
        let (delta, count) = self.relative(&a, &first)?;
        let sum = self.power_series(&binomials(power, count), &delta);
        let size = match sign < 0 {
            true => first.coefficient.negated(),
            false => first.coefficient,
        };
        let mut scale = self.field.real_power(&size, power);
        if sign < 0 && power.numerator() % dashu_int::IBig::from(2) != dashu_int::IBig::ZERO {
            scale = scale.negated();
        }
        Ok(Value::Series(self.scaled(&sum, &scale).shifted(&first.exponent.times(power))))
    }

    pub(crate) fn sqrt(&mut self, a: &Value) -> Outcome<Value> {
        self.raised(a, &Rational::fraction(1, 2))
    }

    pub(crate) fn cbrt(&mut self, a: &Value) -> Outcome<Value> {
        if let Value::Missing(_) = a {
            return Ok(a.clone());
        }
        let third = Rational::fraction(1, 3);
        match self.sign(a)? {
            std::cmp::Ordering::Less => {
                let mirrored = self.negate(a);
                let root = self.raised(&mirrored, &third)?;
                Ok(self.negate(&root))
            }
            _ => self.raised(a, &third),
        }
    }

    pub(crate) fn exp(&mut self, a: &Value) -> Outcome<Value> {
        let a = match a {
            Value::Series(a) => a,
            Value::Huge(1) => return Ok(Value::Huge(1)),
            Value::Huge(_) => return Ok(Value::Series(Series::only(Remainder::Flat))),
            Value::Missing(why) => return Ok(Value::Missing(*why)),
        };
        let mut a = a.clone();
        let mut shift = Rational::zero();
        while let Some(first) = a.terms.first().filter(|term| term.is_infinite()).cloned() {
            let sign = self.field.sign(&first.coefficient).ok_or(Stuck::Sign)?;
            if sign != 0 && first.exponent.is_zero() && first.logs == 1 {
                // exp(q·ln t) = t^q
                let Some(power) = first.coefficient.as_rational() else {
                    a.terms.remove(0);
                    // Everything else must stay bounded.
                    self.split(&a)?;
                    return self.irrational_power(&first.coefficient, sign);
                };
                shift = power;
            } else if sign != 0 {
                return Ok(match (sign > 0) == (first.logs % 2 == 0) {
                    true => Value::Huge(1),
                    false => Value::Series(Series::only(Remainder::Flat)),
                });
            }
            a.terms.remove(0);
        }
        let (constant, delta) = self.split(&a)?;
        let count = self.terms_needed(&delta);
        let mut coefficients = vec![self.field.exp(&constant)];
        for k in 1..count {
            let next = coefficients[k - 1].scaled(&Rational::fraction(1, k as u64));
            coefficients.push(next);
        }
        Ok(Value::Series(self.power_series(&coefficients, &delta).shifted(&shift)))
    }

    /// t^power times what is bounded, for a power that is no fraction: all that is kept is how small it is.
    fn irrational_power(&mut self, power: &Exact, sign: i8) -> Outcome<Value> {
        let (interval, _) = self.field.narrow(power);
        match Rational::from_end(&interval.low) {
            Some(below) if sign > 0 && below.sign() > 0 => {
                Ok(Value::Series(Series::only(Remainder::Order(below))))
            }
            _ => Err(Stuck::Unsupported),
        }
    }

    pub(crate) fn ln(&mut self, a: &Value) -> Outcome<Value> {
        let a = match a {
            Value::Series(a) => a,
            Value::Huge(1) => return Err(Stuck::Unsupported),
            Value::Missing(why) => return Ok(Value::Missing(*why)),
            _ => return Ok(Value::Missing(Absence::Outside)),
        };
        let mut a = a.clone();
        let Some((first, sign)) = self.leading(&mut a)? else { return Ok(Value::Missing(Absence::Pole)) };
        if sign < 0 {
            return Ok(Value::Missing(Absence::Outside));
        }
        let (delta, count) = self.relative(&a, &first)?;
        let coefficients: Vec<Exact> = (0..count as i64)
            .map(|k| match k {
                0 => Exact::zero(),
                k => Exact::rational(Rational::fraction(if k % 2 == 1 { 1 } else { -1 }, k as u64)),
            })
            .collect();
        let mut sum = self.power_series(&coefficients, &delta);
        let constant = self.field.ln(&first.coefficient);
        sum = self.add(&sum, &Series::constant(constant));
        let logarithm = Series::monomial(Exact::rational(first.exponent), Rational::zero(), 1);
        Ok(Value::Series(self.add(&sum, &logarithm)))
    }

    pub(crate) fn erf(&mut self, a: &Value) -> Outcome<Value> {
        let sign = match a {
            Value::Missing(why) => return Ok(Value::Missing(*why)),
            Value::Huge(sign) => *sign,
            Value::Series(series) => match self.limit(series) {
                Ok(Limit::Finite(constant, delta)) => return self.odd_function(Op::Erf, &constant, &delta),
                Ok(Limit::Infinite(sign)) => sign,
                Err(_) => return Ok(Value::Series(Series::bounded())),
            },
        };
        // Beyond every power of ln t the error function is ±1 up to a flat remainder; ln t itself goes as fast.
        Ok(Value::Series(Series { terms: Series::integer(sign.into()).terms, rest: Remainder::Flat }))
    }

    /// `1/(1 + e^-a)`: by the exponential that stays bounded.
    pub(crate) fn sigmoid(&mut self, a: &Value) -> Outcome<Value> {
        if self.tends_to_infinity(a) {
            let mirrored = self.negate(a);
            let rest = self.sigmoid(&mirrored)?;
            return self.sum(&Value::Series(Series::integer(1)), &self.negate(&rest));
        }
        let exponential = self.exp(a)?;
        let below = self.sum(&Value::Series(Series::integer(1)), &exponential)?;
        self.quotient(&exponential, &below)
    }

    pub(crate) fn softplus(&mut self, a: &Value) -> Outcome<Value> {
        if self.tends_to_infinity(a) {
            let mirrored = self.negate(a);
            let rest = self.softplus(&mirrored)?;
            return self.sum(a, &rest);
        }
        let exponential = self.exp(a)?;
        let argument = self.sum(&Value::Series(Series::integer(1)), &exponential)?;
        self.ln(&argument)
    }

    /// (e^2a - 1)/(e^2a + 1)
    pub(crate) fn tanh(&mut self, a: &Value) -> Outcome<Value> {
        if self.tends_to_infinity(a) {
            let mirrored = self.negate(a);
            let value = self.tanh(&mirrored)?;
            return Ok(self.negate(&value));
        }
        let twice = self.sum(a, a)?;
        let exponential = self.exp(&twice)?;
        let above = self.sum(&exponential, &Value::Series(Series::integer(-1)))?;
        let below = self.sum(&exponential, &Value::Series(Series::integer(1)))?;
        self.quotient(&above, &below)
    }

    /// (e^a ± e^-a)/2
    pub(crate) fn hyperbolic(&mut self, a: &Value, cosine: bool) -> Outcome<Value> {
        let mirrored = self.negate(a);
        let (up, down) = (self.exp(a)?, self.exp(&mirrored)?);
        let down = if cosine { down } else { self.negate(&down) };
        let sum = self.sum(&up, &down)?;
        self.product(&sum, &Value::Series(Series::constant(Exact::rational(Rational::fraction(1, 2)))))
    }

    /// ln(a + √(a² + 1)), of the side where that does not cancel.
    pub(crate) fn asinh(&mut self, a: &Value) -> Outcome<Value> {
        let negative = match a {
            Value::Series(series) => match self.limit(series)? {
                Limit::Finite(constant, _) => self.field.sign(&constant) == Some(-1),
                Limit::Infinite(sign) => sign < 0,
            },
            Value::Huge(sign) => *sign < 0,
            Value::Missing(_) => false,
        };
        if negative {
            let mirrored = self.negate(a);
            let value = self.asinh(&mirrored)?;
            return Ok(self.negate(&value));
        }
        let square = self.product(a, a)?;
        let sum = self.sum(&square, &Value::Series(Series::integer(1)))?;
        let root = self.sqrt(&sum)?;
        let argument = self.sum(a, &root)?;
        self.ln(&argument)
    }

    /// 2·asinh(√((a - 1)/2))
    pub(crate) fn acosh(&mut self, a: &Value) -> Outcome<Value> {
        let half = Value::Series(Series::constant(Exact::rational(Rational::fraction(1, 2))));
        let gap = self.sum(a, &Value::Series(Series::integer(-1)))?;
        let gap = self.product(&gap, &half)?;
        let root = self.sqrt(&gap)?;
        let value = self.asinh(&root)?;
        self.sum(&value, &value)
    }

    /// (ln(1 + a) - ln(1 - a))/2
    pub(crate) fn atanh(&mut self, a: &Value) -> Outcome<Value> {
        let one = Value::Series(Series::integer(1));
        let (above, below) = (self.sum(&one, a)?, self.sum(&one, &self.negate(a))?);
        let (above, below) = (self.ln(&above)?, self.ln(&below)?);
        let difference = self.sum(&above, &self.negate(&below))?;
        let half = Value::Series(Series::constant(Exact::rational(Rational::fraction(1, 2))));
        self.product(&difference, &half)
    }

    fn tends_to_infinity(&mut self, a: &Value) -> bool {
        match a {
            Value::Series(series) => matches!(self.limit(series), Ok(Limit::Infinite(1))),
            Value::Huge(sign) => *sign > 0,
            Value::Missing(_) => false,
        }
    }
}

/// The coefficients of (1 + s)^power.
fn binomials(power: &Rational, count: usize) -> Vec<Exact> {
    let mut all = vec![Rational::one()];
    for k in 1..count as i64 {
        let factor = power.minus(&Rational::integer(k - 1)).times(&Rational::fraction(1, k as u64));
        all.push(all[k as usize - 1].times(&factor));
    }
    all.into_iter().map(Exact::rational).collect()
}
