//! What facts are asked of: values that are known exactly, or only within limits.

/// What can be said of a statement about a value that is known only within limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is not so.
    No,
    /// It may be so or not.
    Maybe,
    /// It is so.
    Yes,
}

use Certainty::{Maybe, No, Yes};

impl Certainty {
    /// From what is shown.
    pub fn of(yes: bool, no: bool) -> Certainty {
        match (yes, no) {
            (true, _) => Yes,
            (_, true) => No,
            _ => Maybe,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Certainty) -> Certainty {
        self.min(other)
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Certainty) -> Certainty {
        self.max(other)
    }

    /// The contrary.
    #[must_use]
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Certainty {
        match self {
            Yes => No,
            Maybe => Maybe,
            No => Yes,
        }
    }
}

/// A value of which facts can be asked: a number, an interval, a set of signs.
pub trait FactDomain {
    /// Whether it is less than the bound.
    fn below(&self, bound: f64) -> Certainty;

    /// Whether it is the bound or less.
    fn at_most(&self, bound: f64) -> Certainty;

    /// Whether it is greater than the bound.
    fn above(&self, bound: f64) -> Certainty {
        self.at_most(bound).not()
    }

    /// Whether it is the bound or greater.
    fn at_least(&self, bound: f64) -> Certainty {
        self.below(bound).not()
    }

    /// Whether it is 0.
    fn is_zero(&self) -> Certainty {
        self.at_most(0.0).and(self.at_least(0.0))
    }

    /// Whether it is less than another.
    fn less(&self, other: &Self) -> Certainty;

    /// Whether both are the same number.
    fn equals(&self, other: &Self) -> Certainty;

    /// Whether it is an integer.
    fn is_integer(&self) -> Certainty;

    /// Whether it is half-way between two integers.
    fn is_half_integer(&self) -> Certainty;

    /// Whether it is an integer times another.
    fn is_multiple_of(&self, other: &Self) -> Certainty;
}

fn sure(is: bool) -> Certainty {
    if is { Yes } else { No }
}

/// Nothing holds of NaN.
impl FactDomain for f64 {
    fn below(&self, bound: f64) -> Certainty {
        sure(*self < bound)
    }

    fn at_most(&self, bound: f64) -> Certainty {
        sure(*self <= bound)
    }

    fn above(&self, bound: f64) -> Certainty {
        sure(*self > bound)
    }

    fn at_least(&self, bound: f64) -> Certainty {
        sure(*self >= bound)
    }

    fn less(&self, other: &f64) -> Certainty {
        sure(self < other)
    }

    fn equals(&self, other: &f64) -> Certainty {
        sure(self == other)
    }

    fn is_integer(&self) -> Certainty {
        sure(self.fract() == 0.0)
    }

    fn is_half_integer(&self) -> Certainty {
        // Doubling is exact; adding a half is not.
        sure((2.0 * self).fract() == 0.0 && self.fract() != 0.0)
    }

    fn is_multiple_of(&self, other: &f64) -> Certainty {
        sure(self % other == 0.0)
    }
}
