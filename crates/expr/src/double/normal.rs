//! The normal distribution and the inverse of the error function.

use super::Dd;

const ROOT_TWO_PI: Dd = Dd { hi: 2.5066282746310007, lo: -1.8328579980459167e-16 };
const LN_ROOT_TWO_PI: Dd = Dd { hi: 0.9189385332046728, lo: -3.8782941580672414e-17 };
const ROOT_HALF: Dd = Dd { hi: std::f64::consts::FRAC_1_SQRT_2, lo: -4.833646656726457e-17 };
const HALF_ROOT_PI: Dd = Dd { hi: 0.886226925452758, lo: -3.8332932499128993e-17 };

/// From here on the continued fraction of Mills' ratio is used.
const FAR: f64 = 1.0;

impl Dd {
    /// e^(-x²/2)
    fn bell(self) -> Dd {
        self.squared().scaled(-1).negated().exp()
    }

    pub(super) fn normcdf(self) -> Dd {
        match self.hi <= -FAR {
            true => self.bell().times(self.negated().mills(0.0)).over(ROOT_TWO_PI),
            false if self.hi >= FAR => Dd::ONE.minus(self.negated().normcdf()),
            false => self.negated().times(ROOT_HALF).erfc().scaled(-1),
        }
    }

    pub(super) fn lognormcdf(self) -> Dd {
        if self.hi > 0.0 {
            self.negated().normcdf().negated().ln_1p()
        } else if self.hi > -FAR {
            self.normcdf().ln()
        } else {
            let main = self.squared().scaled(-1).plus(LN_ROOT_TWO_PI);
            self.negated().mills(0.0).ln().minus(main)
        }
    }

    /// See [`special::mills`](crate::special::mills).
    pub(crate) fn mills(self, k: f64) -> Dd {
        if self.hi < FAR && (self.hi < 0.3 || k <= 4.0) {
            // Upwards: M(j) = (M(j-2) - x·M(j-1))/j, where M(-1) is 1.
            let (mut before, mut value) =
                (Dd::ONE, self.negated().normcdf().times(ROOT_TWO_PI).over(self.bell()));
            let mut j = 1.0;
            while j <= k {
                (before, value) = (value, before.minus(self.times(value)).over(j.into()));
                j += 1.0;
            }
            return value;
        }
        // Laplace's continued fraction: the quotient r(n) = M(n)/M(n-1) is 1/(x + (n+1)·r(n+1)).
        let terms = (2600.0 / (self.hi * self.hi)).ceil() + 40.0;
        let mut n = k + terms;
        let mut ratio = Dd::from(2.0 / (self.hi + (self.hi * self.hi + 4.0 * n).sqrt()));
        let mut value = Dd::ONE;
        while n >= 0.0 {
            ratio = Dd::ONE.over(self.plus(ratio.times((n + 1.0).into())));
            if n <= k {
                value = value.times(ratio);
            }
            n -= 1.0;
        }
        value
    }

    /// By Newton's method with the second derivative, from doubles; above 1/2 by the complement.
    pub(crate) fn erfinv(self) -> Dd {
        let size = self.magnitude();
        if size.hi < 1e-20 {
            return self.times(HALF_ROOT_PI);
        }
        let rest = Dd::ONE.minus(size);
        let far = size.hi > 0.5;
        // Winitzki's formula (2008), to three digits.
        let logarithm = (rest.hi * (1.0 + size.hi)).ln();
        let first = 2.0 / (std::f64::consts::PI * 0.147) + logarithm / 2.0;
        let mut y = ((first * first - logarithm / 0.147).sqrt() - first).sqrt();
        for _ in 0..3 {
            let slope = std::f64::consts::FRAC_2_SQRT_PI * (-y * y).exp();
            let off = if far { rest.hi - libm::erfc(y) } else { libm::erf(y) - size.hi } / slope;
            y -= off / (1.0 + y * off);
        }
        let y = Dd::from(y);
        let off = if far { rest.minus(y.erfc()) } else { y.erf().minus(size) };
        let off = off.over(Dd::TWO_OVER_SQRT_PI.times(y.squared().negated().exp()));
        let value = y.minus(off).plus(off.squared().times(y));
        if self.is_negative() { value.negated() } else { value }
    }
}
