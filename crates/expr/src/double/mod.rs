//! Double-double numbers: the unevaluated sum of two doubles, some 32 digits, for functions that lose digits in 16.
//!
//! Arithmetic after Dekker (1971) and Knuth, in the forms of Joldes, Muller and Popescu (2017); the error of a product is
//! had by one fused multiply-add. Functions are by series after an exact reduction of the argument, so that each is right
//! to some 30 digits relative to its own size, near its zeros too.

mod beta;
mod error_function;
mod functions;
mod gamma;
mod normal;
mod reduction;
mod sinc;

use elementary::value;

use crate::{Constant, Op, Scalar};

/// `hi + lo`, where `hi` is the double nearest to the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DoubleDouble {
    /// The nearest double.
    pub hi: f64,
    /// What it lacks.
    pub lo: f64,
}

use DoubleDouble as Dd;

crate::arithmetic!(DoubleDouble);

/// Products of roots and quotients of larger numbers may overflow on the way back.
const HUGE: f64 = f64::MAX / 2.0;

impl From<f64> for Dd {
    fn from(hi: f64) -> Dd {
        Dd { hi, lo: 0.0 }
    }
}

/// The sum with its error, where the first is not smaller than the second.
fn quick_two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    // Infinity less itself is no error.
    Dd { hi, lo: if hi.is_finite() { b - (hi - a) } else { 0.0 } }
}

/// The sum with its error.
fn two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    let from_b = hi - a;
    Dd { hi, lo: if hi.is_finite() { (a - (hi - from_b)) + (b - from_b) } else { 0.0 } }
}

/// The product with its error.
fn two_product(a: f64, b: f64) -> Dd {
    let hi = a * b;
    Dd { hi, lo: if hi.is_finite() { a.mul_add(b, -hi) } else { 0.0 } }
}

impl Dd {
    const ZERO: Dd = Dd { hi: 0.0, lo: 0.0 };
    const ONE: Dd = Dd { hi: 1.0, lo: 0.0 };
    const NAN: Dd = Dd { hi: f64::NAN, lo: 0.0 };
    const PI: Dd = Dd { hi: std::f64::consts::PI, lo: 1.2246467991473532e-16 };
    const E: Dd = Dd { hi: std::f64::consts::E, lo: 1.4456468917292502e-16 };
    const LN_2: Dd = Dd { hi: std::f64::consts::LN_2, lo: 2.3190468138462996e-17 };
    const LN_10: Dd = Dd { hi: std::f64::consts::LN_10, lo: -2.1707562233822494e-16 };
    const TWO_OVER_SQRT_PI: Dd = Dd { hi: std::f64::consts::FRAC_2_SQRT_PI, lo: 1.533545961316588e-17 };

    fn plus(self, other: Dd) -> Dd {
        let high = two_sum(self.hi, other.hi);
        let low = two_sum(self.lo, other.lo);
        let sum = quick_two_sum(high.hi, high.lo + low.hi);
        quick_two_sum(sum.hi, sum.lo + low.lo)
    }

    fn negated(self) -> Dd {
        Dd { hi: -self.hi, lo: -self.lo }
    }

    fn minus(self, other: Dd) -> Dd {
        self.plus(other.negated())
    }

    pub(crate) fn times(self, other: Dd) -> Dd {
        let product = two_product(self.hi, other.hi);
        let cross = self.hi.mul_add(other.lo, self.lo * other.hi);
        quick_two_sum(product.hi, product.lo + cross)
    }

    fn over(self, other: Dd) -> Dd {
        // Times the divisor it would overflow where it is rounded up.
        if self.hi.abs() > HUGE && self.hi.is_finite() {
            return self.scaled(-2).over(other).scaled(2);
        }
        let first = self.hi / other.hi;
        if !first.is_finite() || first == 0.0 {
            return first.into();
        }
        let rest = self.minus(other.times(first.into()));
        let second = rest.hi / other.hi;
        let rest = rest.minus(other.times(second.into()));
        let quotient = quick_two_sum(first, second);
        quotient.plus((rest.hi / other.hi).into())
    }

    fn squared(self) -> Dd {
        self.times(self)
    }

    fn root(self) -> Dd {
        if self.hi > HUGE {
            return self.scaled(-2).root().scaled(1);
        }
        let root = self.hi.sqrt();
        if root == 0.0 || !root.is_finite() {
            return root.into();
        }
        // One step of Newton's method from the nearest double.
        let rest = self.minus(two_product(root, root));
        quick_two_sum(root, rest.hi / (root + root))
    }

    fn magnitude(self) -> Dd {
        if self.is_negative() { self.negated() } else { self }
    }

    fn is_negative(self) -> bool {
        self.hi < 0.0
    }

    fn is_zero(self) -> bool {
        self.hi == 0.0
    }

    /// Times a power of two, exactly where the result is normal.
    fn scaled(self, exponent: i32) -> Dd {
        let half = exponent / 2;
        let (a, b) = (2f64.powi(half), 2f64.powi(exponent - half));
        let hi = self.hi * a * b;
        Dd { hi, lo: if hi.is_finite() { self.lo * a * b } else { 0.0 } }
    }

    /// Larger in the order of real numbers.
    fn exceeds(self, other: Dd) -> bool {
        self.hi > other.hi || self.hi == other.hi && self.lo > other.lo
    }

    fn larger(self, other: Dd) -> Dd {
        if other.exceeds(self) { other } else { self }
    }

    fn smaller(self, other: Dd) -> Dd {
        if self.exceeds(other) { other } else { self }
    }

    /// The integer that `round` makes of a double, of the sum of two.
    fn stepped(self, round: fn(f64) -> f64) -> Dd {
        let hi = round(self.hi);
        // Where the upper half is an integer, or half-way to the next, the lower half decides.
        if self.lo == 0.0 || self.hi.fract() != 0.0 && (2.0 * self.hi).fract() != 0.0 {
            return hi.into();
        }
        if self.hi.fract() == 0.0 {
            let (whole, fraction) = (self.lo.trunc(), self.lo.fract());
            // Any integer of the same sign, and any fraction to the same side of 0 and of a half, step alike.
            let like = self.hi.signum() * 4.0;
            let part = match fraction.abs() {
                0.0 => 0.0,
                size if size < 0.5 => 0.25,
                0.5 => 0.5,
                _ => 0.75,
            };
            let step = round(like + part * fraction.signum()) - like;
            return two_sum(self.hi, whole).plus(step.into());
        }
        round(self.hi + self.lo.signum() * 0.25).into()
    }

    /// The remainder of a quotient that is rounded down, or else toward 0. Of doubles it is exact.
    fn remainder(self, divisor: Dd, down: bool) -> Dd {
        let size = divisor.magnitude();
        let mut rest = match divisor.lo == 0.0 {
            true => two_sum(self.hi % divisor.hi, self.lo % divisor.hi),
            false => self.minus(divisor.times(self.over(divisor).stepped(f64::trunc))),
        };
        let negative = if down { divisor.is_negative() } else { self.is_negative() };
        // What was rounded is at most two divisors off.
        for _ in 0..3 {
            if rest.is_zero() {
                break;
            } else if rest.is_negative() != negative {
                rest = if negative { rest.minus(size) } else { rest.plus(size) };
            } else if !size.exceeds(rest.magnitude()) {
                rest = if negative { rest.plus(size) } else { rest.minus(size) };
            }
        }
        rest
    }

    fn truth(yes: bool) -> Dd {
        if yes { Dd::ONE } else { Dd::ZERO }
    }
}

impl Scalar for DoubleDouble {
    type Context = ();

    fn context(&self) {}

    fn lift((): (), constant: &Constant) -> Dd {
        match constant {
            Constant::Pi => Dd::PI,
            Constant::E => Dd::E,
            literal => literal.to_f64().into(),
        }
    }

    fn apply(op: Op, arguments: &[Dd]) -> Dd {
        let a = arguments[0];
        let b = arguments.get(1).copied().unwrap_or(a);
        let plain = op.value(&[a, b, arguments.get(2).copied().unwrap_or(a)].map(|argument| argument.hi));
        match op {
            Op::Select => return if a.is_zero() { arguments[2] } else { b },
            Op::Neg => return a.negated(),
            Op::Add => return a.plus(b),
            Op::Sub => return a.minus(b),
            Op::Lt => return Dd::truth(b.exceeds(a)),
            Op::Gt => return Dd::truth(a.exceeds(b)),
            Op::Le => return Dd::truth(!plain.is_nan() && (b.exceeds(a) || a == b)),
            Op::Ge => return Dd::truth(!plain.is_nan() && (a.exceeds(b) || a == b)),
            Op::Eq => return Dd::truth(a == b),
            Op::Ne => return Dd::truth(a != b),
            _ => {}
        }
        // What is no number, or beyond all of them, is so in any precision.
        if !plain.is_finite() || arguments.iter().any(|argument| !argument.hi.is_finite()) {
            return plain.into();
        }
        match op {
            Op::Mul => a.times(b),
            Op::Div => a.over(b),
            Op::Square => a.squared(),
            Op::Recip => Dd::ONE.over(a),
            Op::Pow | Op::Powi => a.to_the(b, plain),
            Op::Sqrt => a.root(),
            Op::Cbrt => a.cube_root(),
            Op::Hypot => a.hypotenuse(b),
            Op::Exp => a.exp(),
            Op::Exp2 => a.exp2(),
            Op::Expm1 => a.expm1(),
            Op::Ln => a.ln(),
            Op::Log1p => a.ln_1p(),
            Op::Log2 => a.log2(),
            Op::Log10 => a.ln().over(Dd::LN_10),
            Op::Sin => a.sine_and_cosine().0,
            Op::Cos => a.sine_and_cosine().1,
            Op::Tan => {
                let (sine, cosine) = a.sine_and_cosine();
                sine.over(cosine)
            }
            Op::Asin => a.arc_sine(),
            Op::Acos => a.arc_cosine(),
            Op::Atan => a.arc_tangent(),
            Op::Atan2 => a.angle(b, plain),
            Op::Sinh => a.sinh(),
            Op::Cosh => a.cosh(),
            Op::Tanh => a.tanh(),
            Op::Asinh => a.asinh(),
            Op::Acosh => a.acosh(),
            Op::Atanh => a.atanh(),
            Op::Abs => a.magnitude(),
            Op::Sign => value::sign(a.hi).into(),
            Op::Floor => a.stepped(f64::floor),
            Op::Ceil => a.stepped(f64::ceil),
            Op::Round => a.stepped(f64::round),
            Op::Trunc => a.stepped(f64::trunc),
            Op::Min => a.smaller(b),
            Op::Max => a.larger(b),
            Op::Clamp => a.larger(b).smaller(arguments[2]),
            Op::Relu => a.larger(Dd::ZERO),
            Op::Sigmoid => {
                // The exponential that cannot overflow.
                let small = a.magnitude().negated().exp();
                (if a.is_negative() { small } else { Dd::ONE }).over(Dd::ONE.plus(small))
            }
            Op::Softplus => {
                let small = a.magnitude().negated().exp().ln_1p();
                if a.is_negative() { small } else { a.plus(small) }
            }
            Op::Erf => a.erf(),
            Op::Erfc => a.erfc(),
            Op::Expmsq => a.squared().negated().exp(),
            Op::Xlogy if a.is_zero() => Dd::ZERO,
            Op::Xlogy => a.times(b.ln()),
            // By exponentials that cannot overflow.
            Op::Sech => {
                let small = a.magnitude().negated().exp();
                small.scaled(1).over(Dd::ONE.plus(small.squared()))
            }
            Op::Csch => {
                let down = a.magnitude().negated();
                let value = down.exp().scaled(1).over(down.scaled(1).expm1().negated());
                if a.is_negative() { value.negated() } else { value }
            }
            Op::Acsc if a.hi.abs() > 1e20 => Dd::ONE.over(a),
            Op::Asec | Op::Acsc => {
                let size = a.magnitude();
                let leg = size.minus(Dd::ONE).root().times(size.plus(Dd::ONE).root());
                let side = if a.is_negative() { Dd::ONE.negated() } else { Dd::ONE };
                match op {
                    Op::Asec => leg.angle(side, plain),
                    _ => side.angle(leg, plain),
                }
            }
            Op::Mod | Op::Rem => a.remainder(b, op == Op::Mod),
            Op::Logit => {
                let rest = Dd::ONE.minus(a);
                match a.hi < 0.25 {
                    true => a.over(rest).ln(),
                    false => a.minus(rest).over(rest).ln_1p(),
                }
            }
            Op::Log1mexp => match a.hi > -0.7 {
                true => a.expm1().negated().ln(),
                false => a.exp().negated().ln_1p(),
            },
            Op::Sinc => a.sinc(b.hi),
            Op::Lgamma => a.lgamma(),
            Op::Polygamma => a.polygamma(b.hi),
            Op::Lbeta => a.lbeta(b),
            Op::Digammadiff => a.polygamma_difference(b, arguments[2].hi),
            Op::Erfinv => a.erfinv(),
            Op::Normcdf => a.normcdf(),
            Op::Lognormcdf => a.lognormcdf(),
            Op::Mills => a.mills(b.hi),
            // A new row of the table has 16 digits until it is written down here.
            #[allow(unreachable_patterns)]
            _ => plain.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Calculus;

    #[test]
    fn arithmetic_keeps_what_one_double_loses() {
        let dd = |hi: f64| Dd::from(hi);
        assert_eq!((dd(1e20) + dd(1.0) - dd(1e20)).hi, 1.0);
        let third = dd(1.0) / dd(3.0);
        assert!((third * dd(3.0) - dd(1.0)).hi.abs() < 1e-31);
        let root = dd(2.0).sqrt();
        assert!((root * root - dd(2.0)).hi.abs() < 1e-31);
    }

    #[test]
    fn infinities_and_nan_are_answers() {
        let apply = |op: Op, at: &[f64]| Dd::apply(op, &at.iter().map(|&a| a.into()).collect::<Vec<_>>()).hi;
        let values =
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, -1.0, 1e308, -1e308, 5e-324, 710.0];
        for &op in Op::ALL {
            for a in values {
                for b in values {
                    let at = &[a, b, 1.0][..op.arity()];
                    let (found, plain) = (apply(op, at), op.value(at));
                    let near = found == plain
                        || found.is_nan() && plain.is_nan()
                        || (found - plain).abs() <= 1e-14 * plain.abs() + 1e-320;
                    assert!(near, "{op:?} at {at:?}: {found} and not {plain}");
                }
            }
        }
    }

    #[test]
    fn steps_look_at_both_halves() {
        let at = |hi: f64, lo: f64| Dd { hi, lo };
        assert_eq!(at(3.0, -1e-20).floor().hi, 2.0);
        assert_eq!(at(3.0, 1e-20).ceil().hi, 4.0);
        assert_eq!(at(-3.0, 1e-20).trunc().hi, -2.0);
        assert_eq!(at(2.5, -1e-20).round().hi, 2.0);
        assert_eq!(at(-2.5, 1e-20).round().hi, -2.0);
        assert_eq!(at(2.5, 1e-20).round().hi, 3.0);
        assert_eq!(at(2f64.powi(60), -1.5).floor() - 2f64.powi(60).into(), (-2.0).into());
        assert!(at(1.0, 1e-20).gt(1.0.into()).hi == 1.0 && at(1.0, 0.0).le(at(1.0, 1e-20)).hi == 1.0);
    }
}
