//! The logarithm of the beta function of positive numbers, and what its derivatives are: differences of the derivatives of
//! ln Γ at two arguments. Written by values of ln Γ they cancel as soon as one argument is much larger than the other.

use super::Dd;
use super::gamma::{BERNOULLI_COUNT, FAR, LN_ROOT_TWO_PI, bernoulli};

impl Dd {
    /// ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b).
    ///
    /// With p the smaller, q the larger and s = p + q, Stirling's series of the arguments that are far from 0 are subtracted term by
    /// term: (s - ½)·ln s - (q - ½)·ln q is (s - ½)·ln(1 + p/q) + p·ln q. What is left has one sign, but near ln B = 0.
    pub(crate) fn lbeta(self, other: Dd) -> Dd {
        let (p, q) = if self.exceeds(other) { (other, self) } else { (self, other) };
        let s = p.plus(q);
        if q.hi < FAR {
            return p.lgamma().plus(q.lgamma()).minus(s.lgamma());
        }
        let half = Dd::from(0.5);
        let grown = p.over(q).ln_1p();
        let rest = q.stirling_rest().minus(s.stirling_rest());
        if p.hi < FAR {
            let rise = s.minus(half).times(grown).plus(p.times(q.ln())).minus(p);
            return p.lgamma().minus(rise).plus(rest);
        }
        let main = p.times(q.over(p).ln_1p()).plus(q.minus(half).times(grown));
        LN_ROOT_TWO_PI.minus(half.times(p.ln())).minus(main).plus(p.stirling_rest()).plus(rest)
    }

    /// ψ⁽ᵏ⁾(a) - ψ⁽ᵏ⁾(a + b), the derivative of order k + 1 of ln Γ at two arguments.
    ///
    /// By the same recurrence and series as ψ⁽ᵏ⁾, where of each 1/xⁿ the part 1 - (x/(x + b))ⁿ is left; these are of one sign.
    pub(crate) fn polygamma_difference(self, b: Dd, k: f64) -> Dd {
        let order = k as u32;
        let mut far = Part::of(self, b);
        let mut sum = Dd::ZERO;
        while far.x.hi < 24.0 + 2.0 * k {
            sum = sum.plus(far.term(order));
            far = Part::of(far.x.plus(Dd::ONE), b);
        }
        let first = match order {
            0 => b.over(far.x).ln_1p(),
            // (k-1)!/xᵏ
            _ => far.power(Dd::ONE, order - 1).times(far.left(order)),
        };
        // k!/(2x^(k+1)) + Σ B(2m)·(2m+k-1)!/((2m)!·x^(2m+k))
        let square = far.x.squared();
        let scale = far.power(Dd::ONE, order);
        let mut series = scale.times(far.left(order + 1)).scaled(-1);
        let mut factor = scale.times(Dd::from(k + 1.0)).over(far.x.scaled(1));
        for m in 1..=BERNOULLI_COUNT {
            let twice = 2.0 * m as f64;
            series = series.plus(factor.times(bernoulli(m)).times(far.left(order + 2 * m as u32)));
            let next = Dd::from((twice + k) * (twice + k + 1.0)).over(((twice + 1.0) * (twice + 2.0)).into());
            factor = factor.times(next).over(square);
        }
        let value = first.plus(series).plus(sum);
        if order.is_multiple_of(2) { value.negated() } else { value }
    }
}

/// A number x, and which parts of its negative powers are left when those of x + b are subtracted.
struct Part {
    x: Dd,
    ratio: Dd,
    /// 1 less the ratio.
    gone: Dd,
}

impl Part {
    fn of(x: Dd, b: Dd) -> Part {
        let sum = x.plus(b);
        Part { x, ratio: x.over(sum), gone: b.over(sum) }
    }

    /// 1 - rⁿ = (1 - r)·(1 + r + … + rⁿ⁻¹), the sum by doubling.
    fn left(&self, n: u32) -> Dd {
        let (mut sum, mut power) = (Dd::ZERO, Dd::ONE);
        for bit in (0..u32::BITS - n.leading_zeros()).rev() {
            sum = sum.times(Dd::ONE.plus(power));
            power = power.squared();
            if n >> bit & 1 == 1 {
                sum = Dd::ONE.plus(self.ratio.times(sum));
                power = power.times(self.ratio);
            }
        }
        sum.times(self.gone)
    }

    /// A number times k!/x^(k+1), by quotients that do not overflow before the result does.
    fn power(&self, scale: Dd, k: u32) -> Dd {
        (1..=k).fold(scale.over(self.x), |p, i| p.times(Dd::from(f64::from(i)).over(self.x)))
    }

    /// k!/x^(k+1) - k!/(x + b)^(k+1)
    fn term(&self, k: u32) -> Dd {
        self.power(self.left(k + 1), k)
    }
}
