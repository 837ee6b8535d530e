//! What facts of the operator table ask of an interval: certainly, certainly not, or not known at this precision.

use expr::{Certainty, FactDomain};

use crate::endpoint::{self, End, from_f64, is_integer};
use crate::interval::Interval;

impl FactDomain for Interval<'_> {
    type End = End;

    fn ends(&self) -> [&End; 2] {
        [&self.low, &self.high]
    }

    fn end(number: f64) -> End {
        from_f64(number)
    }

    fn is_integer(&self) -> Certainty {
        let astronomical = || self.ends().into_iter().any(|end| endpoint::magnitude(end) > 4096);
        match self.as_point() {
            Some(point) => Certainty::of(is_integer(point), false),
            None if !self.is_finite() || astronomical() => Certainty::Maybe,
            // One between the ends, or the lower end.
            None => {
                let [low, high] = self.ends().map(endpoint::floor);
                Certainty::of(false, low != high || is_integer(&self.low))
            }
        }
    }

    fn is_half_integer(&self) -> Certainty {
        FactDomain::is_integer(&self.plus(&Interval::point(self.context, End::new(1.into(), -1))))
    }

    /// Of two numbers an integer quotient is found exactly where it has no more bits than there are.
    fn is_multiple_of(&self, other: &Self) -> Certainty {
        if other.contains_zero() { Certainty::Maybe } else { FactDomain::is_integer(&self.over(other)) }
    }
}
