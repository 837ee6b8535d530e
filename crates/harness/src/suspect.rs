//! What a component is held against, and what asks for a cause.

use crate::outcome::Outcome;
use crate::taylor_test::Unseen;

/// What asks for a cause: a component that some strategy answered wrongly, or not at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspect {
    pub output: usize,
    pub input: usize,
    /// Whose answer; none where the certified slope itself is in question.
    pub entry: Option<usize>,
    pub why: Why,
    /// The digits that are right all the same.
    pub digits: f64,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Why {
    /// An analytic answer is not the derivative.
    Off,
    /// Finite differences have too few digits, and say so.
    Coarse,
    /// Finite differences are off by more than ten times their own estimate; where the Taylor remainder does not confirm
    /// the other answer, why.
    Estimate(Option<Unseen>),
    /// Values contradict the slope that all analytic answers share.
    Contradicted,
}

/// What one component is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Truth {
    /// Its slope; at a removable point the graph as written meets something that has none.
    Slope { slope: f64, removable: bool },
    /// There is none: strategies are not compared.
    Word(Outcome),
    /// Each other.
    Open,
}
