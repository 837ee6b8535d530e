//! What facts are asked of: values that are known exactly, or only within limits, or not yet.

use crate::builder::Expr;
use crate::{Calculus, Scalar};

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
    /// Of all numbers that a value may be, or of some; else of none.
    pub fn of(all: bool, some: bool) -> Certainty {
        match (all, some) {
            (true, _) => Yes,
            (_, true) => Maybe,
            _ => No,
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

/// The answer to a question about a value.
pub trait Answer {
    /// Both.
    #[must_use]
    fn and(self, other: Self) -> Self;
    /// Either.
    #[must_use]
    fn or(self, other: Self) -> Self;
    /// The contrary.
    #[must_use]
    fn not(self) -> Self;
}

impl Answer for Certainty {
    fn and(self, other: Certainty) -> Certainty {
        Certainty::and(self, other)
    }

    fn or(self, other: Certainty) -> Certainty {
        Certainty::or(self, other)
    }

    fn not(self) -> Certainty {
        Certainty::not(self)
    }
}

/// The questions that facts ask of a value: of one that is known the answers are certainties, of one in a graph under construction they are
/// nodes, 1 where it is so and 0 where not.
pub trait Asked {
    /// What is answered.
    type Answer: Answer;

    /// Whether it is less than the bound.
    fn is_below(&self, bound: f64) -> Self::Answer;
    /// Whether it is the bound or less.
    fn is_at_most(&self, bound: f64) -> Self::Answer;
    /// Whether it is greater than the bound.
    fn is_above(&self, bound: f64) -> Self::Answer;
    /// Whether it is the bound or greater.
    fn is_at_least(&self, bound: f64) -> Self::Answer;
    /// Whether it is 0.
    fn is_null(&self) -> Self::Answer;
    /// Whether both are the same number.
    fn is_same(&self, other: &Self) -> Self::Answer;
    /// Whether it is an integer.
    fn is_whole(&self) -> Self::Answer;
    /// Whether it is half-way between two integers.
    fn is_half(&self) -> Self::Answer;
    /// Whether it is an integer times another.
    fn is_multiple(&self, other: &Self) -> Self::Answer;
}

impl<D: FactDomain> Asked for D {
    type Answer = Certainty;

    fn is_below(&self, bound: f64) -> Certainty {
        self.below(bound)
    }

    fn is_at_most(&self, bound: f64) -> Certainty {
        self.at_most(bound)
    }

    fn is_above(&self, bound: f64) -> Certainty {
        self.above(bound)
    }

    fn is_at_least(&self, bound: f64) -> Certainty {
        self.at_least(bound)
    }

    fn is_null(&self) -> Certainty {
        self.is_zero()
    }

    fn is_same(&self, other: &Self) -> Certainty {
        self.equals(other)
    }

    fn is_whole(&self) -> Certainty {
        self.is_integer()
    }

    fn is_half(&self) -> Certainty {
        self.is_half_integer()
    }

    fn is_multiple(&self, other: &Self) -> Certainty {
        self.is_multiple_of(other)
    }
}

impl Answer for Expr<'_> {
    fn and(self, other: Self) -> Self {
        self * other
    }

    fn or(self, other: Self) -> Self {
        self.max(other)
    }

    fn not(self) -> Self {
        1.0 - self
    }
}

impl<'g> Asked for Expr<'g> {
    type Answer = Expr<'g>;

    fn is_below(&self, bound: f64) -> Expr<'g> {
        self.lt(self.context().constant(bound))
    }

    fn is_at_most(&self, bound: f64) -> Expr<'g> {
        self.le(self.context().constant(bound))
    }

    fn is_above(&self, bound: f64) -> Expr<'g> {
        self.gt(self.context().constant(bound))
    }

    fn is_at_least(&self, bound: f64) -> Expr<'g> {
        self.ge(self.context().constant(bound))
    }

    fn is_null(&self) -> Expr<'g> {
        self.eq(self.context().constant(0.0))
    }

    fn is_same(&self, other: &Self) -> Expr<'g> {
        self.eq(*other)
    }

    fn is_whole(&self) -> Expr<'g> {
        // Infinities are their own floors, and no integers.
        self.floor().eq(*self) * self.abs().le(self.context().constant(f64::MAX))
    }

    fn is_half(&self) -> Expr<'g> {
        (2.0 * *self).is_whole().and(self.is_whole().not())
    }

    fn is_multiple(&self, other: &Self) -> Expr<'g> {
        self.rem(*other).is_null()
    }
}

/// A value of which facts can be asked: a number, an interval, the numbers of one sign. It lies between two ends, which it may
/// be; a number is both of its ends, and NaN compares with nothing, so that nothing holds of it.
pub trait FactDomain {
    /// What the ends are.
    type End: PartialOrd;

    /// The least and the greatest that it may be.
    fn ends(&self) -> [&Self::End; 2];

    /// A number as an end.
    fn end(number: f64) -> Self::End;

    /// Whether it is less than the bound.
    fn below(&self, bound: f64) -> Certainty {
        let ([low, high], bound) = (self.ends(), Self::end(bound));
        Certainty::of(*high < bound, *low < bound)
    }

    /// Whether it is the bound or less.
    fn at_most(&self, bound: f64) -> Certainty {
        let ([low, high], bound) = (self.ends(), Self::end(bound));
        Certainty::of(*high <= bound, *low <= bound)
    }

    /// Whether it is greater than the bound.
    fn above(&self, bound: f64) -> Certainty {
        let ([low, high], bound) = (self.ends(), Self::end(bound));
        Certainty::of(*low > bound, *high > bound)
    }

    /// Whether it is the bound or greater.
    fn at_least(&self, bound: f64) -> Certainty {
        let ([low, high], bound) = (self.ends(), Self::end(bound));
        Certainty::of(*low >= bound, *high >= bound)
    }

    /// Whether it is 0.
    fn is_zero(&self) -> Certainty {
        self.at_most(0.0).and(self.at_least(0.0))
    }

    /// Whether it is less than another.
    fn less(&self, other: &Self) -> Certainty {
        let ([low, high], [other_low, other_high]) = (self.ends(), other.ends());
        Certainty::of(high < other_low, low < other_high)
    }

    /// Whether both are the same number.
    fn equals(&self, other: &Self) -> Certainty {
        let ([low, high], [other_low, other_high]) = (self.ends(), other.ends());
        let one = low == high && other_low == other_high && low == other_low;
        Certainty::of(one, low <= other_high && high >= other_low)
    }

    /// Whether it is an integer.
    fn is_integer(&self) -> Certainty {
        Maybe
    }

    /// Whether it is half-way between two integers.
    fn is_half_integer(&self) -> Certainty {
        Maybe
    }

    /// Whether it is an integer times another.
    fn is_multiple_of(&self, _other: &Self) -> Certainty {
        Maybe
    }
}

impl FactDomain for f64 {
    type End = f64;

    fn ends(&self) -> [&f64; 2] {
        [self, self]
    }

    fn end(number: f64) -> f64 {
        number
    }

    fn is_integer(&self) -> Certainty {
        Certainty::of(self.fract() == 0.0, false)
    }

    fn is_half_integer(&self) -> Certainty {
        // Doubling is exact; adding a half is not.
        Certainty::of((2.0 * self).fract() == 0.0 && self.fract() != 0.0, false)
    }

    fn is_multiple_of(&self, other: &f64) -> Certainty {
        Certainty::of(self % other == 0.0, false)
    }
}
