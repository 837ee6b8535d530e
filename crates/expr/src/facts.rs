//! Facts about where an operator is undefined or has a kink, as data: checks, samplers, step sizes, e-graph
//! analysis and messages are all read off them. What a fact means is said once, over any [`FactDomain`].

use std::fmt;

use crate::Calculus;
use crate::fact_domain::{Answer, Asked, Certainty, FactDomain};

/// A singularity, in terms of the operator's arguments, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// Defined only where the argument is above the bound.
    LowerOpen(usize, f64),
    /// Defined only from the bound upwards, and without a finite slope at the bound.
    LowerClosed(usize, f64),
    /// Defined only where the argument is below the bound.
    UpperOpen(usize, f64),
    /// Defined on [-1, 1], without a finite slope at the ends.
    UnitClosed(usize),
    /// Defined on (-1, 1) only.
    UnitOpen(usize),
    /// Defined outside (-1, 1), without a finite slope at 1 and -1.
    OutsideUnit(usize),
    /// Undefined where the argument is 0.
    NonZero(usize),
    /// Defined everywhere, with a vertical tangent at 0.
    VerticalTangent(usize),
    /// A power `a^b` of reals: defined for a > 0; at 0 from exponent 1 upwards; below 0 for integer exponents.
    Power,
    /// A power below base 0, where integer exponents have values but no neighbours: no slope in the exponent.
    Exponent,
    /// A power with an integer exponent: undefined at base 0 when the exponent is negative.
    IntegerPower,
    /// Undefined where both arguments are 0.
    NotBothZero(usize, usize),
    /// A kink or jump where the argument is 0.
    Zero(usize),
    /// A kink or jump where two arguments are equal.
    Tie(usize, usize),
    /// A jump at every integer.
    Integer(usize),
    /// A jump at every integer but 0.
    NonZeroInteger(usize),
    /// A jump half-way between integers.
    HalfInteger(usize),
    /// A jump where the first argument is a multiple of the second.
    Multiple(usize, usize),
    /// A jump where the first argument is a multiple of the second, but for 0.
    NonZeroMultiple(usize, usize),
    /// A kink where both arguments are 0.
    BothZero(usize, usize),
    /// A jump in the first argument at 0, where the second is negative.
    Cut(usize, usize),
}

use Fact::*;

impl Fact {
    /// Whether the arguments are at (or beyond) the singularity: what the fact means. NaN arguments are not: what is
    /// wrong with them is elsewhere.
    pub fn singular<D: Asked>(self, arguments: &[D]) -> D::Answer {
        let at = |k: usize| &arguments[k];
        let zero = |k: usize| at(k).is_null();
        let negative = |k: usize| at(k).is_below(0.0);
        match self {
            LowerOpen(k, bound) | LowerClosed(k, bound) => at(k).is_at_most(bound),
            UpperOpen(k, bound) => at(k).is_at_least(bound),
            UnitClosed(k) | UnitOpen(k) => at(k).is_at_most(-1.0).or(at(k).is_at_least(1.0)),
            OutsideUnit(k) => at(k).is_at_least(-1.0).and(at(k).is_at_most(1.0)),
            Multiple(i, j) => at(i).is_multiple(at(j)),
            NonZeroMultiple(i, j) => at(i).is_multiple(at(j)).and(zero(i).not()),
            NonZero(k) | VerticalTangent(k) | Zero(k) => zero(k),
            Power => zero(0).and(at(1).is_below(1.0)).or(negative(0).and(at(1).is_whole().not())),
            Exponent => negative(0),
            IntegerPower => zero(0).and(negative(1)),
            NotBothZero(i, j) | BothZero(i, j) => zero(i).and(zero(j)),
            Tie(i, j) => at(i).is_same(at(j)),
            Integer(k) => at(k).is_whole(),
            // Between -1 and 1 the integer part is flat, also where it is not known on which side of 0 the argument is.
            NonZeroInteger(k) => at(k).is_whole().and(at(k).is_above(-1.0).and(at(k).is_below(1.0)).not()),
            HalfInteger(k) => at(k).is_half(),
            Cut(i, j) => zero(i).and(negative(j)),
        }
    }

    /// Whether the fact leaves these arguments without a (finite) value, and not only without a slope.
    pub fn without_value<D: FactDomain>(self, arguments: &[D]) -> Certainty {
        let at = |k: usize| &arguments[k];
        match self {
            // 0·ln y is 0 for every y.
            LowerOpen(1, _) => self.singular(arguments).and(at(0).is_zero().not()),
            LowerOpen(..) | UpperOpen(..) | UnitOpen(_) | NonZero(_) | IntegerPower => {
                self.singular(arguments)
            }
            LowerClosed(k, bound) => at(k).below(bound),
            UnitClosed(k) => at(k).below(-1.0).or(at(k).above(1.0)),
            OutsideUnit(k) => at(k).above(-1.0).and(at(k).below(1.0)),
            Power => {
                let (base, exponent) = (at(0), at(1));
                let to_negative = base.is_zero().and(exponent.below(0.0));
                to_negative.or(base.below(0.0).and(exponent.is_integer().not()))
            }
            // Singularities with a value all the same, if only by convention.
            Exponent | NotBothZero(..) | VerticalTangent(_) => Certainty::No,
            Zero(_) | Tie(..) | Integer(_) | NonZeroInteger(_) | HalfInteger(_) => Certainty::No,
            BothZero(..) | Cut(..) | Multiple(..) | NonZeroMultiple(..) => Certainty::No,
        }
    }

    /// Whether numbers are at (or beyond) the singularity.
    pub fn holds(self, arguments: &[f64]) -> bool {
        self.singular(arguments) == Certainty::Yes
    }

    /// Whether a kink or jump lies between two places.
    pub fn lies_between(self, here: &[f64], there: &[f64]) -> bool {
        let differ = |of: &dyn Fn(&[f64]) -> f64| of(here) != of(there);
        match self {
            Zero(k) => differ(&|a| a[k].sign()),
            Tie(i, j) => differ(&|a| (a[i] - a[j]).sign()),
            Integer(k) => differ(&|a| a[k].floor()),
            NonZeroInteger(k) => differ(&|a| a[k].trunc()),
            HalfInteger(k) => differ(&|a| a[k].round()),
            Multiple(i, j) => differ(&|a| (a[i] / a[j]).floor()),
            NonZeroMultiple(i, j) => differ(&|a| (a[i] / a[j]).trunc()),
            Cut(i, j) => here[j] < 0.0 && differ(&|a| a[i].sign()),
            _ => false,
        }
    }

    /// The distance to the singularity, in the units of the arguments; 0 or less at and beyond it, NaN where an argument
    /// is.
    pub fn distance(self, arguments: &[f64]) -> f64 {
        let at = |k: usize| arguments[k];
        match self {
            LowerOpen(k, bound) | LowerClosed(k, bound) => at(k) - bound,
            UpperOpen(k, bound) => bound - at(k),
            UnitClosed(k) | UnitOpen(k) => 1.0 - at(k).abs(),
            OutsideUnit(k) => at(k).abs() - 1.0,
            NonZeroMultiple(i, j) if at(i).abs() < at(j).abs() => at(j).abs() - at(i).abs(),
            // A step of the divisor counts as often as it is in the dividend.
            Multiple(i, j) | NonZeroMultiple(i, j) => {
                let rest = (at(i) % at(j)).abs();
                rest.min(at(j).abs() - rest) / (at(i) / at(j)).abs().max(1.0)
            }
            NonZero(k) | VerticalTangent(k) | Zero(k) => at(k).abs(),
            Power if at(0) < 0.0 && at(1).fract() != 0.0 => at(0),
            Power if at(0) == 0.0 => at(1) - 1.0,
            Power => at(0).abs(),
            // At base 0 the exponent may move, so only what is below counts.
            Exponent => {
                if at(0) < 0.0 {
                    at(0)
                } else {
                    f64::INFINITY
                }
            }
            IntegerPower if at(1) < 0.0 => at(0).abs(),
            IntegerPower => f64::INFINITY,
            NotBothZero(i, j) | BothZero(i, j) => at(i).hypot(at(j)),
            Tie(i, j) => (at(i) - at(j)).abs(),
            Integer(k) => (at(k) - at(k).round()).abs(),
            NonZeroInteger(k) if at(k).abs() < 1.0 => 1.0 - at(k).abs(),
            NonZeroInteger(k) => (at(k) - at(k).round()).abs(),
            HalfInteger(k) => 0.5 - (at(k) - at(k).round()).abs(),
            Cut(i, j) if at(j) < 0.0 => at(i).abs(),
            Cut(..) => f64::INFINITY,
        }
    }

    /// Whether the operator has no value beyond the singularity (rather than an infinite one at it).
    pub const fn bounds_the_domain(self) -> bool {
        matches!(
            self,
            LowerOpen(..) | UpperOpen(..) | LowerClosed(..) | UnitClosed(_) | UnitOpen(_) | OutsideUnit(_)
        )
    }

    /// Whether the value jumps there although there are slopes on both sides.
    pub const fn is_jump(self) -> bool {
        matches!(self, Cut(..) | Multiple(..) | NonZeroMultiple(..))
    }

    /// Whether one of these does.
    pub(crate) const fn any_bounds_the_domain(facts: &[Fact]) -> bool {
        match facts {
            [] => false,
            [fact, rest @ ..] => fact.bounds_the_domain() || Fact::any_bounds_the_domain(rest),
        }
    }

    /// The arguments that a derivative must depend on for this singularity to be its own.
    pub fn arguments(self) -> [Option<usize>; 2] {
        match self {
            LowerOpen(k, _) | UpperOpen(k, _) | LowerClosed(k, _) => [Some(k), None],
            UnitClosed(k) | UnitOpen(k) | OutsideUnit(k) | NonZero(k) | VerticalTangent(k) | Zero(k) => {
                [Some(k), None]
            }
            Integer(k) | NonZeroInteger(k) | HalfInteger(k) => [Some(k), None],
            NotBothZero(i, j) | BothZero(i, j) | Tie(i, j) => [Some(i), Some(j)],
            Multiple(i, j) | NonZeroMultiple(i, j) => [Some(i), Some(j)],
            Power => [Some(0), Some(1)],
            Exponent => [Some(1), None],
            IntegerPower => [Some(0), None],
            Cut(i, _) => [Some(i), None],
        }
    }
}

/// Reads after "where", as in "sqrt is not differentiable where its argument is 0 or below".
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LowerOpen(_, bound) => write!(f, "its argument is {bound} or below"),
            UpperOpen(_, bound) => write!(f, "its argument is {bound} or above"),
            LowerClosed(_, bound) => write!(f, "its argument is {bound} or below"),
            UnitClosed(_) | UnitOpen(_) => f.write_str("its argument is not between -1 and 1"),
            OutsideUnit(_) => f.write_str("its argument is between -1 and 1"),
            NonZero(1) => f.write_str("its divisor is 0"),
            NonZero(_) | VerticalTangent(_) | Zero(_) => f.write_str("its argument is 0"),
            Power => f.write_str("its base is 0 or negative and the exponent does not allow that"),
            Exponent => f.write_str("its base is negative and the exponent varies"),
            IntegerPower => f.write_str("its base is 0 and the exponent negative"),
            NotBothZero(..) | BothZero(..) => f.write_str("both arguments are 0"),
            Tie(..) => f.write_str("two of its arguments are equal"),
            Integer(_) => f.write_str("its argument is an integer"),
            NonZeroInteger(_) => f.write_str("its argument is an integer other than 0"),
            HalfInteger(_) => f.write_str("its argument is half-way between two integers"),
            Multiple(..) => f.write_str("its first argument is a multiple of the second"),
            NonZeroMultiple(..) => f.write_str("its first argument is a multiple of the second other than 0"),
            Cut(..) => f.write_str("it crosses the negative axis"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Op;

    #[test]
    fn singularity_and_distance_agree() {
        let values = [-2.5, -2.0, -1.0, -0.7, -0.5, -0.0, 0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 7.0];
        for &op in Op::ALL {
            for fact in op.undefined().iter().chain(op.kinks()) {
                for a in values {
                    for b in values {
                        for c in values {
                            let at = [a, b, c];
                            assert_eq!(
                                fact.holds(&at),
                                fact.distance(&at) <= 0.0 && !(*fact == Power && a == 0.0 && b == 1.0),
                                "{op:?} {fact:?} at {at:?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn partial_operators_are_nan_beyond_their_domain() {
        for &op in Op::ALL.iter().filter(|op| op.is_partial()) {
            let outside = [-3.0, 0.0, 3.0].map(|a| op.value(&[a; 3]));
            assert!(outside.iter().any(|value| value.is_nan()), "{op:?}");
        }
    }
}
