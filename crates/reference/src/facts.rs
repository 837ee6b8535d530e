//! Whether a place of trouble holds at an interval: certainly, certainly not, or nobody knows yet.

use expr::Fact::{self, *};

use crate::endpoint::{self, End, is_integer};
use crate::interval::Interval;

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    No,
    Maybe,
    Yes,
}

use Certainty::{Maybe, No, Yes};

impl Certainty {
    fn of(yes: bool, no: bool) -> Certainty {
        if yes {
            Yes
        } else if no {
            No
        } else {
            Maybe
        }
    }

    fn and(self, other: Certainty) -> Certainty {
        self.min(other)
    }

    fn or(self, other: Certainty) -> Certainty {
        self.max(other)
    }

    fn not(self) -> Certainty {
        match self {
            Yes => No,
            Maybe => Maybe,
            No => Yes,
        }
    }
}

/// Whether `fact` is trouble at these arguments; `same(i, j)` says that two of them are one node.
pub(crate) fn holds(
    fact: Fact,
    arguments: &[Interval<'_>],
    same: impl Fn(usize, usize) -> bool,
) -> Certainty {
    let at = |k: usize| &arguments[k];
    let zero = |k: usize| Certainty::of(at(k).is_zero(), !at(k).contains_zero());
    let integer = |k: usize| integer(at(k));
    match fact {
        Above(k, bound) | From(k, bound) => {
            let bound = endpoint::from_f64(bound);
            Certainty::of(at(k).high <= bound, at(k).low > bound)
        }
        Below(k, bound) => {
            let bound = endpoint::from_f64(bound);
            Certainty::of(at(k).low >= bound, at(k).high < bound)
        }
        Within(k) | Inside(k) => {
            let size = at(k).magnitude();
            Certainty::of(size.low >= End::one(), size.high < End::one())
        }
        Outside(k) => {
            let size = at(k).magnitude();
            Certainty::of(size.high <= End::one(), size.low > End::one())
        }
        Multiple(i, j) => multiple(at(i), at(j)),
        NonZeroMultiple(i, j) => multiple(at(i), at(j)).and(zero(i).not()),
        NonZero(k) | Steep(k) | Zero(k) => zero(k),
        Power => {
            let (base, exponent) = (at(0), at(1));
            let below_one = Certainty::of(exponent.high < End::one(), exponent.low >= End::one());
            let negative = Certainty::of(base.is_negative(), endpoint::sign(&base.low) >= 0);
            zero(0).and(below_one).or(negative.and(integer(1).not()))
        }
        Exponent => Certainty::of(at(0).is_negative(), endpoint::sign(&at(0).low) >= 0),
        IntegerPower => zero(0).and(Certainty::of(at(1).is_negative(), endpoint::sign(&at(1).low) >= 0)),
        NotBothZero(i, j) | BothZero(i, j) => zero(i).and(zero(j)),
        Cut(i, j) => zero(i).and(Certainty::of(at(j).is_negative(), endpoint::sign(&at(j).low) >= 0)),
        Tie(i, j) => {
            let (a, b) = (at(i), at(j));
            let tied = same(i, j) || a.as_point().is_some_and(|point| b.as_point() == Some(point));
            Certainty::of(tied, a.high < b.low || a.low > b.high)
        }
        Integer(k) => integer(k),
        // Around 0 the integer part is flat, and around every integer the nearest one is, also where it is not known
        // on which side of it the argument lies.
        NonZeroInteger(k) if at(k).magnitude().high < End::one() => No,
        NonZeroInteger(k) => integer(k).and(zero(k).not()),
        HalfInteger(k) => {
            let half = End::new(1.into(), -1);
            self::integer(&at(k).plus(&Interval::point(at(k).world, half)))
        }
    }
}

/// Whether `fact` leaves these arguments without a (finite) value, and not only without a slope.
pub(crate) fn has_no_value(fact: Fact, arguments: &[Interval<'_>]) -> Certainty {
    let at = |k: usize| &arguments[k];
    let zero = |k: usize| Certainty::of(at(k).is_zero(), !at(k).contains_zero());
    let negative = |k: usize| Certainty::of(at(k).is_negative(), endpoint::sign(&at(k).low) >= 0);
    match fact {
        // 0·ln y is 0 for every y.
        Above(1, _) => holds(fact, arguments, |_, _| false).and(zero(0).not()),
        Above(..) | Below(..) | Inside(_) | NonZero(_) | IntegerPower => holds(fact, arguments, |_, _| false),
        From(k, bound) => {
            let bound = endpoint::from_f64(bound);
            Certainty::of(at(k).high < bound, at(k).low >= bound)
        }
        Within(k) => {
            let size = at(k).magnitude();
            Certainty::of(size.low > End::one(), size.high <= End::one())
        }
        Outside(k) => {
            let size = at(k).magnitude();
            Certainty::of(size.high < End::one(), size.low >= End::one())
        }
        Power => zero(0).and(negative(1)).or(negative(0).and(integer(at(1)).not())),
        // Places of trouble with a value all the same, if only by convention.
        Exponent | NotBothZero(..) | Steep(_) => No,
        Zero(_) | Tie(..) | Integer(_) | NonZeroInteger(_) | HalfInteger(_) | BothZero(..) | Cut(..) => No,
        Multiple(..) | NonZeroMultiple(..) => No,
    }
}

/// Whether one is an integer times the other. Of two numbers an integer quotient is found exactly where it has no more
/// bits than there are.
fn multiple(a: &Interval<'_>, b: &Interval<'_>) -> Certainty {
    if b.contains_zero() { Maybe } else { integer(&a.over(b)) }
}

/// Whether it is an integer.
fn integer(a: &Interval<'_>) -> Certainty {
    match a.as_point() {
        Some(point) => Certainty::of(is_integer(point), !is_integer(point)),
        None if !a.is_finite() || endpoint::magnitude(&a.low).max(endpoint::magnitude(&a.high)) > 4096 => {
            Maybe
        }
        // No integer between the ends.
        None => {
            Certainty::of(false, endpoint::floor(&a.low) == endpoint::floor(&a.high) && !is_integer(&a.low))
        }
    }
}
