//! The error function and its complement, at points, by series whose tails are bounded.

use crate::endpoint::{self, End, magnitude, sign};
use crate::interval::Interval;

impl<'w> Interval<'w> {
    /// erf of a point: 2/√π·e^(-x²)·Σ 2ⁿx^(2n+1)/(1·3·…·(2n+1)), all terms of one sign (Abramowitz and Stegun 7.1.6).
    pub(crate) fn erf(&self) -> Self {
        let context = self.context;
        if sign(&self.low) < 0 {
            return self.negated().erf().negated();
        }
        if self.is_zero() {
            return self.clone();
        }
        // Where the complement is less than what is kept, it is easier had.
        if self.is_large() {
            return Interval::integer(context, 1).plus(&self.erfc().negated());
        }
        let square = self.squared();
        if context.is_small(magnitude(&square.high)) {
            return self.times(&self.erf_ratio_of_small(&square)).times(&two_over_root_pi(self));
        }
        let mut term = self.clone();
        let mut sum = term.clone();
        let enough = magnitude(&sum.low) - context.bits as isize - 8;
        for n in 1.. {
            let odd = Interval::integer(context, 2 * n + 1);
            let ratio = square.plus(&square).over(&odd);
            term = term.times(&ratio);
            sum = sum.plus(&term);
            if !sum.is_finite() {
                return Interval::between(context, 0, 1);
            }
            // From here on every term is less than half the one before: what is left out is less than this one.
            if magnitude(&ratio.high) < 0 && magnitude(&term.high) < enough {
                sum = sum.plus(&Interval::new(context, End::zero(), term.high));
                break;
            }
        }
        sum.times(&square.negated().exp()).times(&two_over_root_pi(self))
    }

    /// erf x/(x·2/√π) = 1 - x²/3 + x⁴/10 - …, the sum of (-x²)ⁿ/(n!·(2n+1)), for small x.
    fn erf_ratio_of_small(&self, square: &Self) -> Self {
        let context = self.context;
        let mut power = Interval::integer(context, 1);
        let mut sum = power.clone();
        for n in 1..=context.terms(magnitude(&square.high)) {
            power = power.times(square).over(&Interval::integer(context, -n));
            sum = sum.plus(&power.over(&Interval::integer(context, 2 * n + 1)));
        }
        sum.plus(&power.spread().times(square))
    }

    /// erfc of a point: from erf where that is accurate, with the bits that cancel added; far out by its asymptotic
    /// series, which lies on alternating sides of the truth (Abramowitz and Stegun 7.1.24).
    pub(crate) fn erfc(&self) -> Self {
        let context = self.context;
        if sign(&self.low) <= 0 {
            return Interval::integer(context, 1).plus(&self.negated().erf());
        }
        if !self.is_large() {
            // 1 - erf(x) loses about x²/ln 2 bits.
            let x = endpoint::above_f64(&self.high);
            let lost = (x * x * 1.5) as usize + 32;
            return context
                .finely(lost, |fine| Interval::integer(fine, 1).plus(&self.on(fine).erf().negated()));
        }
        let square = self.squared();
        let twice = square.plus(&square);
        let mut term = Interval::integer(context, 1);
        let mut sum = term.clone();
        let enough = -(context.bits as isize) - 8;
        for n in 1.. {
            term = term.times(&Interval::integer(context, 2 * n - 1)).over(&twice).negated();
            let next = sum.plus(&term);
            if !next.is_finite() {
                return Interval::between(context, 0, 1);
            }
            // The truth is between any two sums in a row.
            if magnitude(&term.low).max(magnitude(&term.high)) < enough {
                sum = sum.hull(next);
                break;
            }
            sum = next;
        }
        // e^(-x²) is known as well as x² is, in units of 1.
        let lost = magnitude(&square.high).clamp(0, 64) as usize + 4;
        let power = context.finely(lost, |fine| self.on(fine).squared().negated().exp());
        sum.times(&power).times(&two_over_root_pi(self)).over(&self.plus(self))
    }

    /// Whether the least term of the asymptotic series, about e^(-x²), is lost: x² > (bits + 16)·ln 2.
    fn is_large(&self) -> bool {
        let x = endpoint::below_f64(&self.low);
        x * x > 0.7 * (self.context.bits + 16) as f64
    }
}

fn two_over_root_pi<'w>(of: &Interval<'w>) -> Interval<'w> {
    Interval::integer(of.context, 2).over(&Interval::pi(of.context).root())
}
