//! The words of a comparison, the worst first, and how many components have each.

use std::collections::BTreeMap;

/// The word for a component, a strategy, a point or a whole comparison; the order is that of precedence, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Not the derivative.
    Disagree,
    /// Nothing can be said: nothing to compare with, or nothing that is decided.
    Unchecked,
    /// The derivative exists and is larger than the largest double.
    Overflow,
    /// The function is not defined or has no finite derivative there.
    Undefined,
    /// One-sided slopes differ there, so there is nothing to compare.
    Kink,
    /// The function as written has no value there, and one by continuity, with a derivative.
    Removable,
    /// Over budget.
    Refused,
    /// The derivative, to at least [`FEWEST_DIGITS`](crate::judge::FEWEST_DIGITS) digits.
    Agree,
}

impl Outcome {
    /// All of them, in order.
    pub const ALL: [Outcome; 8] = [
        Outcome::Disagree,
        Outcome::Unchecked,
        Outcome::Overflow,
        Outcome::Undefined,
        Outcome::Kink,
        Outcome::Removable,
        Outcome::Refused,
        Outcome::Agree,
    ];

    /// The word itself.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Disagree => "disagree",
            Outcome::Unchecked => "unchecked",
            Outcome::Overflow => "overflow",
            Outcome::Undefined => "undefined",
            Outcome::Kink => "kink",
            Outcome::Removable => "removable",
            Outcome::Refused => "refused",
            Outcome::Agree => "agree",
        }
    }

    /// The worst of all; none of none.
    pub fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Option<Outcome> {
        outcomes.into_iter().min()
    }

    /// Whether it is the function's, and not of any strategy: there strategies are not compared.
    pub fn is_of_the_function(self) -> bool {
        matches!(self, Outcome::Overflow | Outcome::Undefined | Outcome::Kink | Outcome::Removable)
    }

    /// How often each occurs, the worst first.
    pub fn counts(outcomes: impl IntoIterator<Item = Outcome>) -> BTreeMap<Outcome, usize> {
        let mut counts = BTreeMap::new();
        for outcome in outcomes {
            *counts.entry(outcome).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_contract() {
        let words = Outcome::ALL.map(Outcome::word).join(", ");
        assert_eq!(words, "disagree, unchecked, overflow, undefined, kink, removable, refused, agree");
        assert!(Outcome::ALL.is_sorted());
        assert_eq!(Outcome::worst(Outcome::ALL.into_iter().rev()), Some(Outcome::Disagree));
        assert_eq!(Outcome::worst([]), None);
    }

    #[test]
    fn four_words_are_the_functions_own() {
        let own = Outcome::ALL.into_iter().filter(|outcome| outcome.is_of_the_function());
        assert_eq!(
            own.map(Outcome::word).collect::<Vec<_>>(),
            ["overflow", "undefined", "kink", "removable"]
        );
    }
}
