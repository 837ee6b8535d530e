//! What a step of a program does.

use expr::{Fold, Op};

/// What the steps of a run do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Apply the operator of the table to the slots that it takes.
    Apply(Op),
    /// Add or multiply slots that are listed.
    Fold(Fold),
}
