//! The error function and its complement, at points, by series whose tails are bounded.

use crate::endpoint::{End, magnitude, sign};
use crate::interval::Interval;

impl<'w> Interval<'w> {
    /// erf of a point: 2/√π·e^(-x²)·Σ 2ⁿx^(2n+1)/(1·3·…·(2n+1)), all terms of one sign (Abramowitz and Stegun 7.1.6).
    pub(crate) fn erf(&self) -> Self {
        if sign(&self.low) < 0 {
            return self.negated().erf().negated();
        }
        if self.is_zero() {
            return self.clone();
        }
        // Where the complement is less than what is kept, it is easier had.
        if 2 * magnitude(&self.low) - 1 > bits_of(self) {
            return Interval::integer(self.world, 1).plus(&self.erfc().negated());
        }
        let square = self.squared();
        let mut term = self.clone();
        let mut sum = term.clone();
        let enough = magnitude(&sum.low) - self.world.bits as isize - 8;
        for n in 1.. {
            let odd = Interval::integer(self.world, 2 * n + 1);
            let ratio = square.plus(&square).over(&odd);
            term = term.times(&ratio);
            sum = sum.plus(&term);
            // From here on every term is less than half the one before: what is left out is less than this one.
            if magnitude(&ratio.high) < 0 && magnitude(&term.high) < enough {
                sum = sum.plus(&Interval::new(self.world, End::zero(), term.high));
                break;
            }
        }
        sum.times(&square.negated().exp()).times(&two_over_root_pi(self))
    }

    /// erfc of a point: from erf where that is accurate, with the bits that cancel added; far out by its asymptotic
    /// series, which lies on alternating sides of the truth (Abramowitz and Stegun 7.1.24).
    pub(crate) fn erfc(&self) -> Self {
        if sign(&self.low) <= 0 {
            return Interval::integer(self.world, 1).plus(&self.negated().erf());
        }
        if 2 * magnitude(&self.low) - 2 <= bits_of(self) {
            // 1 - erf(x) loses about x²/ln 2 bits.
            let square = self.squared();
            let lost = u64::try_from(crate::endpoint::floor(&square.high)).unwrap_or(0) as usize * 3 / 2 + 32;
            let (low, high) = self.world.finer(lost, |fine| {
                let erf = Interval::point(fine, self.low.clone()).erf();
                let found = Interval::integer(fine, 1).plus(&erf.negated());
                (found.low, found.high)
            });
            return Interval::new(self.world, low, high);
        }
        let square = self.squared();
        let twice = square.plus(&square);
        let mut term = Interval::integer(self.world, 1);
        let mut sum = term.clone();
        let enough = -(self.world.bits as isize) - 8;
        for n in 1.. {
            term = term.times(&Interval::integer(self.world, 2 * n - 1)).over(&twice).negated();
            let next = sum.plus(&term);
            // The truth is between any two sums in a row.
            if magnitude(&term.low).max(magnitude(&term.high)) < enough {
                sum = sum.hull(next);
                break;
            }
            sum = next;
        }
        let scale = square.negated().exp().times(&two_over_root_pi(self)).over(&self.plus(self));
        sum.times(&scale)
    }
}

fn two_over_root_pi<'w>(of: &Interval<'w>) -> Interval<'w> {
    Interval::integer(of.world, 2).over(&Interval::pi(of.world).root())
}

/// log2 of the number of bits kept, as x² is compared with it by magnitudes.
fn bits_of(interval: &Interval<'_>) -> isize {
    (interval.world.bits + 32).ilog2() as isize
}
