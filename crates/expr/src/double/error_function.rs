//! The error function and its complement.

use super::Dd;

/// Below this the series of erf converges fast; above it the continued fraction of erfc does.
const BETWEEN: f64 = 1.5;

impl Dd {
    /// 2/√π·e^(-x²)·Σ 2ⁿx^(2n+1)/(1·3·…·(2n+1)), all terms of one sign (Abramowitz and Stegun 7.1.6).
    pub(super) fn erf(self) -> Dd {
        let size = self.magnitude();
        let value = match size.hi < BETWEEN {
            true => {
                let twice = size.squared().scaled(1);
                let sum = Dd::series(size, |n| twice.over((2.0 * n + 1.0).into()));
                sum.times(size.squared().negated().exp()).times(Dd::TWO_OVER_SQRT_PI)
            }
            false => Dd::ONE.minus(size.erfc()),
        };
        if self.is_negative() { value.negated() } else { value }
    }

    /// e^(-x²)/√π·1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) (Abramowitz and Stegun 7.1.14).
    pub(super) fn erfc(self) -> Dd {
        if self.hi < BETWEEN {
            return Dd::ONE.minus(self.erf());
        }
        if self.hi > 28.0 {
            return Dd::ZERO;
        }
        // As many terms as 32 digits take; they are fewer the further out, by the square.
        let terms = (1200.0 / (self.hi * self.hi)).ceil() + 25.0;
        let mut fraction = self;
        for n in (1..=terms as u32).rev() {
            fraction = self.plus(Dd::from(f64::from(n) / 2.0).over(fraction));
        }
        let scale = Dd::TWO_OVER_SQRT_PI.scaled(-1).times(self.squared().negated().exp());
        scale.over(fraction)
    }
}
