//! Sine, cosine and tangent of intervals.

use dashu_int::IBig;

use crate::endpoint::{End, floor, magnitude};
use crate::interval::Interval;
use crate::kernel::Reduced;

/// Arguments with more bits before the point than this are not reduced: the answer is everything it could be.
const LARGEST: isize = 4096;

impl<'w> Interval<'w> {
    pub(crate) fn sin(&self) -> Self {
        self.wave(Reduced::sine, 1)
    }

    pub(crate) fn cos(&self) -> Self {
        self.wave(Reduced::cosine, 0)
    }

    /// Extremes lie at π·n - `halves`·π/2: there the wave is (-1)^n, or -(-1)^n for the sine.
    fn wave(&self, of: impl Fn(&Reduced<'w>) -> Interval<'w>, halves: i64) -> Self {
        let whole = Interval::between(self.context, -1, 1);
        if !self.is_reachable() {
            return whole;
        }
        let at = |end: &End| of(&Reduced::new(self.context, end));
        let found = if let Some(point) = self.as_point() {
            at(point)
        } else {
            let first = half_turns(self, &self.low, halves).0;
            let extremes = half_turns(self, &self.high, halves).1 - &first;
            if extremes > IBig::from(1) {
                return whole;
            }
            let ends = at(&self.low).hull(at(&self.high));
            if extremes == IBig::from(1) {
                let odd = (first + IBig::from(1)) % IBig::from(2) != IBig::from(0);
                let extreme = if odd == (halves == 0) { -1 } else { 1 };
                ends.hull(Interval::integer(self.context, extreme))
            } else {
                ends
            }
        };
        found.min_with(&Interval::integer(self.context, 1)).max_with(&Interval::integer(self.context, -1))
    }

    /// Whether both ends can be reduced.
    fn is_reachable(&self) -> bool {
        self.is_finite()
            && magnitude(&self.low).max(magnitude(&self.high)) <= LARGEST
            && self.context.work.left() > 0
    }

    /// Everything where a pole may be inside.
    pub(crate) fn tan(&self) -> Self {
        if !self.is_reachable() {
            return Interval::entire(self.context);
        }
        let at = |end: &End| Reduced::new(self.context, end).tangent();
        if let Some(point) = self.as_point() {
            return at(point);
        }
        let (first, last) = (half_turns(self, &self.low, 1).0, half_turns(self, &self.high, 1).1);
        if first != last {
            return Interval::entire(self.context);
        }
        Interval::new(self.context, at(&self.low).low, at(&self.high).high)
    }
}

/// The integer below `end/π + halves/2`: the least and the greatest that it may be.
fn half_turns(interval: &Interval<'_>, end: &End, halves: i64) -> (IBig, IBig) {
    interval.context.finer(magnitude(end).max(0) as usize + 16, |fine| {
        let shift = Interval::integer(fine, halves).over(&Interval::integer(fine, 2));
        let turns = Interval::point(fine, end.clone()).over(&Interval::pi(fine)).plus(&shift);
        match turns.is_finite() {
            true => (floor(&turns.low), floor(&turns.high)),
            // Out of budget: every extreme may be inside.
            false => (IBig::from(-2), IBig::from(2)),
        }
    })
}
