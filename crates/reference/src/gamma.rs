//! The logarithm of the gamma function of positive numbers, and its derivatives of all orders.
//!
//! By the recurrence to arguments that grow with the bits, and there by Stirling's series, whose error for positive
//! arguments is less than the first term left out and has its sign, for all derivatives too (Abramowitz and Stegun 6.1.42,
//! 6.4.11: the remainder of Binet's formula is completely monotone up to its sign).

use dashu_int::IBig;

use crate::endpoint::{End, magnitude};
use crate::interval::{Context, Interval};
use crate::work;

/// Orders beyond this are not enclosed.
const MOST_ORDERS: i64 = 1000;

/// |B(2m)|/(2m)! for m = 1, 2, …, from the tangent numbers (Brent and Harvey 2011): B(2m) = 2m·T(m)/(4^m·(4^m - 1)).
fn bernoulli_over_factorial<'w>(context: Context<'w>, count: usize) -> Vec<Interval<'w>> {
    let mut tangents = vec![IBig::from(0); count + 1];
    let mut factorial = IBig::from(1);
    for (k, tangent) in tangents.iter_mut().enumerate().skip(1) {
        *tangent = factorial.clone();
        factorial *= IBig::from(k);
    }
    for k in 2..=count {
        // The numbers have some 2k·log2 k bits.
        let bits = 2 * count * (usize::BITS - count.leading_zeros()) as usize;
        if !context.work.pay((count - k + 1) as u64 * 2 * work::linear(bits)) {
            return vec![Interval::entire(context); count];
        }
        for j in k..=count {
            let before = IBig::from(j - k) * &tangents[j - 1];
            tangents[j] = before + IBig::from(j - k + 2) * &tangents[j];
        }
    }
    let mut below = Interval::integer(context, 1);
    let mut all = Vec::with_capacity(count);
    for (m, tangent) in tangents.into_iter().enumerate().skip(1) {
        // (2m-1)!, so that 2m of the number is divided already.
        below = below.times(&Interval::integer(context, (2 * m - 1) as i64));
        if m > 1 {
            below = below.times(&Interval::integer(context, (2 * m - 2) as i64));
        }
        let four = IBig::from(1) << (2 * m);
        let scale =
            Interval::point(context, End::new((four.clone() - IBig::from(1)) << (2 * m), 0)).rounded();
        let tangent = Interval::point(context, End::new(tangent, 0)).rounded();
        all.push(tangent.over(&scale).over(&below));
    }
    all
}

/// How far arguments are raised, and how many terms of Stirling's series are then enough for an order.
pub(crate) fn plan(context: Context<'_>, order: i64) -> (i64, usize) {
    let bits = context.bits as i64;
    // Each term is less than (2m + order)²/(2π·far)² of the one before.
    (bits / 2 + 8 + 8 * order, (bits / 11 + 4) as usize)
}

impl<'w> Interval<'w> {
    /// What an order gives, which is an integer that is written out; elsewhere nothing is known.
    pub(crate) fn with_order(&self, order: &Self, of: impl Fn(i64) -> Self) -> Self {
        match order.as_integer().filter(|k| (0..=MOST_ORDERS).contains(k)) {
            Some(k) => of(k),
            None => Interval::entire(self.context),
        }
    }

    /// ln Γ of positive numbers: it falls up to 1.4616…, where it is -0.1214…, and rises from there on.
    pub(crate) fn ln_gamma(&self) -> Self {
        let context = self.context;
        if !self.is_positive() {
            return Interval::entire(context);
        }
        let at = |end: &End| match end.is_infinite() {
            true => Interval::new(context, End::infinity(), End::infinity()),
            false => Interval::point(context, end.clone()).ln_gamma_of_point(),
        };
        if self.as_point().is_some() {
            return at(&self.low);
        }
        let (low, high) = (at(&self.low), at(&self.high));
        let ratio = |n: i64, d: i64| Interval::integer(context, n).over(&Interval::integer(context, d));
        if self.high <= ratio(7, 5).low {
            return Interval::new(context, high.low, low.high);
        }
        if self.low >= ratio(3, 2).high {
            return Interval::new(context, low.low, high.high);
        }
        // From 1.4 to 1.5 its slope is between -0.07 and 0.07, and the least value is there.
        let between = self.max_with(&ratio(7, 5)).min_with(&ratio(3, 2));
        let width = Interval::point(context, between.high)
            .plus(&Interval::point(context, between.low.clone()).negated());
        let least = at(&between.low).plus(&width.times(&ratio(-7, 100)));
        let least = least.max_with(&ratio(-1215, 10_000));
        Interval::new(context, least.low, low.hull(high).high)
    }

    /// ln Γ(x) = ln Γ(x + n) - ln(x(x + 1)…(x + n - 1)).
    fn ln_gamma_of_point(&self) -> Self {
        if *self.low.significand() == IBig::from(1) && matches!(self.low.exponent(), 0 | 1) {
            return Interval::integer(self.context, 0);
        }
        // x·ln x is known as well as x is, in units of 1.
        let lost = magnitude(&self.high).clamp(0, 64) as usize;
        let small = (-magnitude(&self.low)).clamp(0, 64) as usize;
        self.context.finely(32.max(small) + lost.min(32), |fine| {
            let one = Interval::integer(fine, 1);
            let (far, terms) = plan(fine, 0);
            let far = Interval::integer(fine, far);
            let (mut x, mut product) = (self.on(fine), one.clone());
            while x.low < far.low {
                product = product.times(&x);
                x = x.plus(&one);
                if !product.is_finite() {
                    return Interval::entire(fine);
                }
            }
            let half = one.over(&Interval::integer(fine, 2));
            let logarithm = x.ln();
            let pi = Interval::pi(fine);
            let constant = pi.plus(&pi).ln().times(&half);
            let main = x.plus(&half.negated()).times(&logarithm).plus(&x.negated()).plus(&constant);
            main.plus(&x.stirling_rest(terms)).plus(&product.ln().negated())
        })
    }

    /// ln Γ(x) - ((x - ½)·ln x - x + ln √(2π)) far from 0: the terms of order 0 of ψ, integrated, that is
    /// |B(2m)|/(2m·(2m-1)·x^(2m-1)) of alternating signs.
    pub(crate) fn stirling_rest(&self, terms: usize) -> Self {
        let context = self.context;
        let inverse = Interval::integer(context, 1).over(self);
        let square = inverse.squared();
        let (mut power, mut sum) = (inverse, Interval::integer(context, 0));
        let mut term = Interval::integer(context, 1);
        for (m, ratio) in (1..).zip(bernoulli_over_factorial(context, terms + 1)) {
            // (2m-2)!·|B(2m)|/(2m)!
            if m > 1 {
                term = term.times(&Interval::integer(context, (2 * m - 3) * (2 * m - 2)));
            }
            let next = term.times(&ratio).times(&power);
            let next = if m % 2 == 0 { next.negated() } else { next };
            power = power.times(&square);
            let last = m == terms as i64 + 1;
            sum = sum.plus(&if last { Interval::integer(context, 0).hull(next) } else { next });
        }
        sum
    }

    /// ψ⁽ᵏ⁾ of positive numbers: for even k it rises, for odd k it falls.
    pub(crate) fn polygamma(&self, k: i64) -> Self {
        let context = self.context;
        if !self.is_positive() {
            return Interval::entire(context);
        }
        let range = match k {
            0 => Interval::entire(context),
            _ => Interval::new(context, End::neg_infinity(), End::zero()),
        };
        // That of even orders, and the negative of odd ones.
        let rising = self.rising(range, |end| {
            let value = Interval::point(context, end.clone()).polygamma_of_point(k);
            if k % 2 == 0 { value } else { value.negated() }
        });
        if k % 2 == 0 { rising } else { rising.negated() }
    }

    /// ψ⁽ᵏ⁾(x) = ψ⁽ᵏ⁾(x + n) + (-1)^(k+1)·k!·Σ 1/(x + j)^(k+1).
    fn polygamma_of_point(&self, k: i64) -> Self {
        let size = self.polygamma_series(k, |x| x.ln().negated(), |_, _, term| term);
        if k % 2 == 0 { size.negated() } else { size }
    }

    /// (-1)^(k+1)·ψ⁽ᵏ⁾ of a point: the recurrence up to an argument that grows with the bits, there Stirling's series
    /// (k-1)!/xᵏ + k!/(2x^(k+1)) + Σ B(2m)·(2m+k-1)!/((2m)!·x^(2m+k)), of order 0 with `logarithm(x)`, -ln x, as the first
    /// term. What stands over xⁿ is as `weigh(x, n, it)` says, so that a difference of two is a series as well.
    pub(crate) fn polygamma_series(
        &self,
        k: i64,
        logarithm: impl for<'f> Fn(&Interval<'f>) -> Interval<'f>,
        weigh: impl for<'f> Fn(&Interval<'f>, i64, Interval<'f>) -> Interval<'f>,
    ) -> Self {
        self.context.finely(32, |fine| {
            let one = Interval::integer(fine, 1);
            let (far, terms) = plan(fine, k);
            let far = Interval::integer(fine, far);
            let (mut x, mut sum) = (self.on(fine), Interval::integer(fine, 0));
            while x.low < far.low {
                sum = sum.plus(&weigh(&x, k + 1, one.clone()).over(&x.to_the(k + 1)));
                x = x.plus(&one);
                if !sum.is_finite() {
                    return Interval::entire(fine);
                }
            }
            let factorial = (1..=k).fold(one.clone(), |all, i| all.times(&Interval::integer(fine, i)));
            sum = sum.times(&factorial);
            let inverse = one.over(&x);
            let square = inverse.squared();
            let first = match k {
                0 => logarithm(&x),
                _ => weigh(&x, k, factorial.over(&Interval::integer(fine, k)).over(&x.to_the(k))),
            };
            let power = inverse.to_the(k + 1).times(&factorial);
            let second = weigh(&x, k + 1, power.over(&Interval::integer(fine, 2)));
            sum = sum.plus(&first).plus(&second);
            let mut term = power.times(&inverse).times(&Interval::integer(fine, k + 1));
            for (m, ratio) in (1..).zip(bernoulli_over_factorial(fine, terms + 1)) {
                if m > 1 {
                    let step = Interval::integer(fine, (2 * m + k - 2) * (2 * m + k - 1));
                    term = term.times(&step).times(&square);
                }
                let next = weigh(&x, k + 2 * m, term.times(&ratio));
                let next = if m % 2 == 0 { next.negated() } else { next };
                let last = m == terms as i64 + 1;
                sum = sum.plus(&if last { Interval::integer(fine, 0).hull(next) } else { next });
            }
            sum
        })
    }
}
