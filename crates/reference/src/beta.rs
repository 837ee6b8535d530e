//! The logarithm of the beta function of positive numbers, and differences of derivatives of ln Γ, which its slopes are.
//!
//! By the same recurrences and series as ln Γ itself (`gamma.rs`), subtracted term by term, so that an argument that is much larger
//! than the other takes no more bits.

use crate::endpoint::End;
use crate::gamma::plan;
use crate::interval::Interval;

impl<'w> Interval<'w> {
    /// ln B(a, b) of positive numbers: it falls in both.
    pub(crate) fn ln_beta(&self, b: &Self) -> Self {
        let context = self.context;
        if !self.is_positive() || !b.is_positive() {
            return Interval::entire(context);
        }
        let at = |a: &End, b: &End| match a.is_infinite() || b.is_infinite() {
            true => Interval::point(context, End::neg_infinity()),
            false => {
                Interval::point(context, a.clone()).ln_beta_of_points(&Interval::point(context, b.clone()))
            }
        };
        let high = at(&self.low, &b.low);
        match self.as_point().and(b.as_point()) {
            Some(_) => high,
            None => Interval::new(context, at(&self.high, &b.high).low, high.high),
        }
    }

    /// B(a, b) = B(a + 1, b)·(a + b)/a until both are large, and there by Stirling's series: with s = a + b,
    /// ln B = -a·ln(1 + b/a) - (b - ½)·ln(1 + a/b) - ½·ln a + ln √(2π) + the rests of a and b less that of s.
    fn ln_beta_of_points(&self, b: &Self) -> Self {
        self.context.finely(48, |fine| {
            let one = Interval::integer(fine, 1);
            let half = one.over(&Interval::integer(fine, 2));
            let (far, terms) = plan(fine, 0);
            let far = Interval::integer(fine, far);
            let mut both = [self.on(fine), b.on(fine)];
            let mut sum = both[0].plus(&both[1]);
            let (mut above, mut below) = (one.clone(), one.clone());
            for x in &mut both {
                while x.low < far.low {
                    (above, below) = (above.times(&sum), below.times(x));
                    (*x, sum) = (x.plus(&one), sum.plus(&one));
                    if !above.is_finite() || !below.is_finite() {
                        return Interval::entire(fine);
                    }
                }
            }
            let [a, b] = both;
            let (grown, shrunk) = (a.over(&b).ln_1p(), b.over(&a).ln_1p());
            let pi = Interval::pi(fine);
            let constant = pi.plus(&pi).ln().plus(&a.ln().negated()).times(&half);
            let main = a.times(&shrunk).plus(&b.plus(&half.negated()).times(&grown));
            let rests = a.stirling_rest(terms).plus(&b.stirling_rest(terms));
            let rest = rests.plus(&sum.stirling_rest(terms).negated());
            above.over(&below).ln().plus(&constant).plus(&main.negated()).plus(&rest)
        })
    }

    /// ψ⁽ᵏ⁾(a) - ψ⁽ᵏ⁾(a + b) of positive numbers: its size falls in a and rises in b; for even k it is negative.
    pub(crate) fn polygamma_difference(&self, b: &Self, k: i64) -> Self {
        let context = self.context;
        if !self.is_positive() || !b.is_positive() {
            return Interval::entire(context);
        }
        let at = |a: &End, b: &End| match (a.is_infinite(), b.is_infinite()) {
            (true, true) => Interval::new(context, End::zero(), End::infinity()),
            (true, false) => Interval::integer(context, 0),
            (false, true) if k == 0 => Interval::point(context, End::infinity()),
            (false, true) => {
                let value = Interval::point(context, a.clone()).polygamma(k);
                if k % 2 == 0 { value.negated() } else { value }
            }
            (false, false) => {
                let b = Interval::point(context, b.clone());
                Interval::point(context, a.clone()).size_of_difference(&b, k)
            }
        };
        let low = at(&self.high, &b.low);
        let size = match self.as_point().and(b.as_point()) {
            Some(_) => low,
            None => Interval::new(context, low.low, at(&self.low, &b.high).high),
        };
        if k % 2 == 0 { size.negated() } else { size }
    }

    /// Of each 1/xⁿ of ψ⁽ᵏ⁾ the part 1 - (x/(x + b))ⁿ; all but the last terms of Stirling's series are of one sign. The remainder of
    /// the series is completely monotone up to its sign, and so is what the first term left out exceeds it by: that
    /// holds for differences too.
    fn size_of_difference(&self, b: &Self, k: i64) -> Self {
        self.polygamma_series(
            k,
            |x| b.on(x.context).over(x).ln_1p(),
            |x, n, term| term.times(&x.part_gone(&b.on(x.context), n)),
        )
    }

    /// 1 - rⁿ, r = x/(x + b): (1 - r)·(1 + r + … + rⁿ⁻¹), the sum by doubling.
    fn part_gone(&self, b: &Self, n: i64) -> Self {
        let all = self.plus(b);
        let ratio = self.over(&all);
        let one = Interval::integer(self.context, 1);
        let (mut sum, mut power) = (Interval::integer(self.context, 0), one.clone());
        for bit in (0..i64::BITS - n.leading_zeros()).rev() {
            sum = sum.times(&one.plus(&power));
            power = power.squared();
            if n >> bit & 1 == 1 {
                sum = one.plus(&ratio.times(&sum));
                power = power.times(&ratio);
            }
        }
        sum.times(&b.over(&all))
    }
}
