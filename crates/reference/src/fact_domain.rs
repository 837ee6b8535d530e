//! What facts of the operator table ask of an interval: certainly, certainly not, or not known at this precision.

use expr::{Certainty, FactDomain};

use crate::endpoint::{self, End, from_f64, is_integer};
use crate::interval::Interval;

impl FactDomain for Interval<'_> {
    fn below(&self, bound: f64) -> Certainty {
        let bound = from_f64(bound);
        Certainty::of(self.high < bound, self.low >= bound)
    }

    fn at_most(&self, bound: f64) -> Certainty {
        let bound = from_f64(bound);
        Certainty::of(self.high <= bound, self.low > bound)
    }

    fn is_zero(&self) -> Certainty {
        Certainty::of(Interval::is_zero(self), !self.contains_zero())
    }

    fn less(&self, other: &Self) -> Certainty {
        Certainty::of(self.high < other.low, self.low >= other.high)
    }

    fn equals(&self, other: &Self) -> Certainty {
        let same = self.as_point().is_some_and(|point| other.as_point() == Some(point));
        Certainty::of(same, self.high < other.low || self.low > other.high)
    }

    fn is_integer(&self) -> Certainty {
        match self.as_point() {
            Some(point) => Certainty::of(is_integer(point), !is_integer(point)),
            None if !self.is_finite()
                || endpoint::magnitude(&self.low).max(endpoint::magnitude(&self.high)) > 4096 =>
            {
                Certainty::Maybe
            }
            // No integer between the ends.
            None => {
                let floors = [&self.low, &self.high].map(endpoint::floor);
                Certainty::of(false, floors[0] == floors[1] && !is_integer(&self.low))
            }
        }
    }

    fn is_half_integer(&self) -> Certainty {
        FactDomain::is_integer(&self.plus(&Interval::point(self.world, End::new(1.into(), -1))))
    }

    /// Of two numbers an integer quotient is found exactly where it has no more bits than there are.
    fn is_multiple_of(&self, other: &Self) -> Certainty {
        if other.contains_zero() { Certainty::Maybe } else { FactDomain::is_integer(&self.over(other)) }
    }
}
