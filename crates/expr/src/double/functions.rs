//! Elementary functions of double-double numbers.

use super::Dd;

/// Terms of a series smaller than this fraction of the sum are left out.
const NEGLIGIBLE: f64 = 1e-33;

impl Dd {
    /// `first + first·ratio(1) + first·ratio(1)·ratio(2) + …` until terms are negligible.
    pub(super) fn series(first: Dd, ratio: impl Fn(f64) -> Dd) -> Dd {
        let (mut term, mut sum) = (first, first);
        for n in 1..2000 {
            term = term.times(ratio(f64::from(n)));
            sum = sum.plus(term);
            if term.hi.abs() <= NEGLIGIBLE * sum.hi.abs() {
                break;
            }
        }
        sum
    }

    /// `e^r - 1` for |r| at most 0.35.
    fn expm1_near_zero(self) -> Dd {
        Dd::series(self, |n| self.over((n + 1.0).into()))
    }

    /// The integer multiple of ln 2 that is nearest, and the rest.
    fn without_ln_2(self) -> (f64, Dd) {
        let k = (self.hi / Dd::LN_2.hi).round();
        (k, self.minus(Dd::LN_2.times(k.into())))
    }

    pub(super) fn exp(self) -> Dd {
        if self.hi < -746.0 {
            return Dd::ZERO;
        }
        let (k, rest) = self.without_ln_2();
        Dd::ONE.plus(rest.expm1_near_zero()).scaled(k as i32)
    }

    pub(super) fn exp2(self) -> Dd {
        if self.hi < -1076.0 {
            return Dd::ZERO;
        }
        let k = self.hi.round();
        let rest = self.minus(k.into()).times(Dd::LN_2);
        Dd::ONE.plus(rest.expm1_near_zero()).scaled(k as i32)
    }

    pub(super) fn expm1(self) -> Dd {
        match self.hi.abs() < 0.35 {
            true => self.expm1_near_zero(),
            false => self.exp().minus(Dd::ONE),
        }
    }

    /// `2·atanh(s)` for |s| at most 0.2.
    fn twice_atanh(self) -> Dd {
        let square = self.squared();
        // s²ⁿ⁺¹/(2n+1), each from the one before.
        Dd::series(self, |n| square.times((2.0 * n - 1.0).into()).over((2.0 * n + 1.0).into())).scaled(1)
    }

    /// The mantissa between about 0.7 and 1.4, and the exponent of two.
    fn split(self) -> (Dd, i32) {
        let normal = self.hi >= f64::MIN_POSITIVE;
        let bits = if normal { self.hi } else { self.hi * 2f64.powi(60) }.to_bits();
        let mut exponent = (bits >> 52) as i32 - 1023 - if normal { 0 } else { 60 };
        let mut mantissa = self.scaled(-exponent);
        if mantissa.hi > std::f64::consts::SQRT_2 {
            (mantissa, exponent) = (mantissa.scaled(-1), exponent + 1);
        }
        (mantissa, exponent)
    }

    pub(super) fn ln(self) -> Dd {
        let (mantissa, exponent) = self.split();
        let near = mantissa.minus(Dd::ONE).over(mantissa.plus(Dd::ONE)).twice_atanh();
        if exponent == 0 { near } else { Dd::LN_2.times(f64::from(exponent).into()).plus(near) }
    }

    pub(super) fn log2(self) -> Dd {
        let (mantissa, exponent) = self.split();
        let near = mantissa.minus(Dd::ONE).over(mantissa.plus(Dd::ONE)).twice_atanh().over(Dd::LN_2);
        Dd::from(f64::from(exponent)).plus(near)
    }

    pub(super) fn ln_1p(self) -> Dd {
        match self.hi.abs() < 0.3 {
            true => self.over(self.plus(2.0.into())).twice_atanh(),
            false => self.plus(Dd::ONE).ln(),
        }
    }

    pub(super) fn cube_root(self) -> Dd {
        let root = Dd::from(self.hi.cbrt());
        if root.is_zero() {
            return root;
        }
        // One step of Newton's method.
        let rest = self.over(root.squared()).minus(root);
        root.plus(rest.over(3.0.into()))
    }

    pub(super) fn hypotenuse(self, other: Dd) -> Dd {
        let (a, b) = (self.magnitude(), other.magnitude());
        let large = if a.hi >= b.hi { a } else { b };
        if large.is_zero() {
            return Dd::ZERO;
        }
        // Scaled by a power of two, so that squares neither overflow nor vanish.
        let (_, exponent) = large.split();
        let (a, b) = (a.scaled(-exponent), b.scaled(-exponent));
        a.squared().plus(b.squared()).root().scaled(exponent)
    }

    /// `a^b`, whose value in doubles is `plain`.
    pub(super) fn to_the(self, exponent: Dd, plain: f64) -> Dd {
        let integer = exponent.lo == 0.0 && exponent.hi.fract() == 0.0;
        if self.is_zero() || exponent.is_zero() || (self.is_negative() && !integer) {
            return plain.into();
        }
        if integer && exponent.hi.abs() <= 1024.0 {
            let power = self.multiplied(exponent.hi.abs() as u32);
            let power = if exponent.hi < 0.0 { Dd::ONE.over(power) } else { power };
            // Where a power on the way left the range although the result does not, logarithms know better.
            if power.hi.is_finite() && power.hi.is_normal() {
                return power;
            }
        }
        let size = exponent.times(self.magnitude().ln()).exp();
        if plain.is_sign_negative() { size.negated() } else { size }
    }

    /// A power by repeated squaring.
    fn multiplied(self, mut n: u32) -> Dd {
        let (mut power, mut square) = (Dd::ONE, self);
        while n > 0 {
            if n % 2 == 1 {
                power = power.times(square);
            }
            square = square.squared();
            n /= 2;
        }
        power
    }

    /// Sine and cosine of at most about π/4 to either side of 0.
    fn near_zero(self) -> (Dd, Dd) {
        let square = self.squared().negated();
        let factorial = |m: f64| Dd::from(m * (m + 1.0));
        let sine = Dd::series(self, |n| square.over(factorial(2.0 * n)));
        // 1 - r²/2 + …, the rest first: it is small.
        let rest = Dd::series(square.scaled(-1), |n| square.over(factorial(2.0 * n + 1.0)));
        (sine, Dd::ONE.plus(rest))
    }

    pub(super) fn sine_and_cosine(self) -> (Dd, Dd) {
        let (quarters, rest) = self.without_quarter_turns();
        let (sine, cosine) = rest.near_zero();
        match quarters {
            0 => (sine, cosine),
            1 => (cosine, sine.negated()),
            2 => (sine.negated(), cosine.negated()),
            _ => (cosine.negated(), sine),
        }
    }

    pub(super) fn arc_tangent(self) -> Dd {
        if self.hi.abs() > 1.0 {
            let quarter = Dd::PI.scaled(-1);
            let rest = Dd::ONE.over(self).arc_tangent();
            return if self.is_negative() { quarter.negated().minus(rest) } else { quarter.minus(rest) };
        }
        // From the nearest double: what is left is so small that it is its own tangent.
        let near = Dd::from(self.hi.atan());
        let (sine, cosine) = near.near_zero();
        let rest = self.times(cosine).minus(sine).over(cosine.plus(self.times(sine)));
        near.plus(rest)
    }

    /// The angle of the point with this ordinate and abscissa `x`, in doubles `plain`.
    pub(super) fn angle(self, x: Dd, plain: f64) -> Dd {
        let half = if plain.is_sign_negative() { Dd::PI.negated() } else { Dd::PI };
        match (self.is_zero(), x.is_zero()) {
            (true, _) => {
                if plain == 0.0 {
                    plain.into()
                } else {
                    half
                }
            }
            (_, true) => half.scaled(-1),
            _ if self.hi.abs() <= x.hi.abs() => {
                let near = self.over(x).arc_tangent();
                if x.is_negative() { half.plus(near) } else { near }
            }
            _ => half.scaled(-1).minus(x.over(self).arc_tangent()),
        }
    }

    /// `√((1-a)(1+a))`
    fn other_leg(self) -> Dd {
        Dd::ONE.minus(self).times(Dd::ONE.plus(self)).root()
    }

    pub(super) fn arc_sine(self) -> Dd {
        let leg = self.other_leg();
        if leg.hi.is_nan() { Dd::NAN } else { self.angle(leg, self.hi.asin()) }
    }

    pub(super) fn arc_cosine(self) -> Dd {
        let leg = self.other_leg();
        if leg.hi.is_nan() { Dd::NAN } else { leg.angle(self, self.hi.acos()) }
    }

    /// Half of e^|a|, which is all of sinh and cosh far out, where twice as much may be too much.
    fn half_grown(self) -> Option<Dd> {
        (self.hi.abs() > 40.0).then(|| self.magnitude().minus(Dd::LN_2).exp())
    }

    pub(super) fn cosh(self) -> Dd {
        self.half_grown().unwrap_or_else(|| {
            let grown = self.magnitude().exp();
            grown.plus(Dd::ONE.over(grown)).scaled(-1)
        })
    }

    pub(super) fn sinh(self) -> Dd {
        let size = self.half_grown().unwrap_or_else(|| {
            let grown = self.magnitude().expm1();
            grown.plus(grown.over(grown.plus(Dd::ONE))).scaled(-1)
        });
        if self.is_negative() { size.negated() } else { size }
    }

    pub(super) fn tanh(self) -> Dd {
        let grown = self.magnitude().negated().scaled(1).expm1();
        let size = grown.over(grown.plus(2.0.into())).negated();
        if self.is_negative() { size.negated() } else { size }
    }

    pub(super) fn asinh(self) -> Dd {
        let a = self.magnitude();
        let size = match a.hi > 1e100 {
            true => a.ln().plus(Dd::LN_2),
            false => {
                let square = a.squared();
                a.plus(square.over(Dd::ONE.plus(Dd::ONE.plus(square).root()))).ln_1p()
            }
        };
        if self.is_negative() { size.negated() } else { size }
    }

    pub(super) fn acosh(self) -> Dd {
        if self.hi > 1e100 {
            return self.ln().plus(Dd::LN_2);
        }
        let above = self.minus(Dd::ONE);
        above.plus(above.times(self.plus(Dd::ONE)).root()).ln_1p()
    }

    pub(super) fn atanh(self) -> Dd {
        let a = self.magnitude();
        let size = a.scaled(1).over(Dd::ONE.minus(a)).ln_1p().scaled(-1);
        if self.is_negative() { size.negated() } else { size }
    }
}
