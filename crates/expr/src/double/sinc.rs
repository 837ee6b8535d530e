//! The derivatives of sin x/x.

use super::Dd;

impl Dd {
    /// The derivative of order `k` of sin x/x: from x·s = sin x, k times differentiated; near 0 by its power series.
    pub(crate) fn sinc(self, k: f64) -> Dd {
        let order = k as u32;
        if self.hi.abs() < 1f64.max(k / 2.0) {
            // Σ (-1)ᵐ·x²ᵐ⁻ᵏ/((2m-k)!·(2m+1)) over all m from k/2 on.
            let (square, first) = (self.squared().negated(), order.div_ceil(2));
            let mut exponent = f64::from(2 * first - order);
            let mut power = if exponent == 0.0 { Dd::ONE } else { self };
            if first % 2 == 1 {
                power = power.negated();
            }
            let (mut sum, mut m) = (Dd::ZERO, f64::from(first));
            loop {
                let term = power.over((2.0 * m + 1.0).into());
                sum = sum.plus(term);
                if term.hi.abs() <= 1e-34 * sum.hi.abs() {
                    return sum;
                }
                power = power.times(square).over(((exponent + 1.0) * (exponent + 2.0)).into());
                (exponent, m) = (exponent + 2.0, m + 1.0);
            }
        }
        let (sine, cosine) = self.sine_and_cosine();
        let turned = |j: u32| match j % 4 {
            0 => sine,
            1 => cosine,
            2 => sine.negated(),
            _ => cosine.negated(),
        };
        let first = sine.over(self);
        (1..=order).fold(first, |before, j| turned(j).minus(before.times(f64::from(j).into())).over(self))
    }
}
