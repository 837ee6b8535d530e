//! Staging: a function whose large loops are kept, as a sequence of small flat functions.
//!
//! Unrolling makes a node of every round of every loop. Here a loop of many rounds is walked once: what its body reads
//! becomes an input that goes on from round to round, and the body a flat function that is run for all rounds, many at a
//! time. What no round changes is computed once, before the loop. So the size of a staged function, and the time to
//! stage it, do not depend on how many rounds its loops have.

mod keep;
mod partition;

use crate::Fold;
use crate::evaluate::Rounds;
use crate::function::Function;

/// What one input of a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// A scalar, by its number.
    Scalar(u32),
    /// In round t, the scalar with number `start + step·t`.
    Along {
        /// In the first round.
        start: u32,
        /// From round to round.
        step: i64,
    },
    /// The index variable.
    Counter,
    /// A state of the iteration.
    State(u32),
}

/// What a stage does with its flat function.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Run it once; its outputs are these scalars.
    Once {
        /// The scalars, one per output.
        results: Vec<u32>,
    },
    /// Run it in every round; each output is a term of a fold.
    Fold {
        /// The rounds.
        rounds: Rounds,
        /// Per output, how its terms are joined, and the scalar that this is.
        results: Vec<(Fold, u32)>,
    },
    /// Run it round after round; its outputs are the states of the next round.
    Scan {
        /// The rounds.
        rounds: Rounds,
        /// Per state, the scalar that it begins as and the one that it ends as.
        states: Vec<(u32, u32)>,
    },
}

/// A step of a staged function.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What is run: a flat function, its inputs in the order of `feeds`.
    pub body: Function,
    /// Where its inputs come from.
    pub feeds: Vec<Feed>,
    /// How often it is run, and what becomes of its outputs.
    pub kind: Kind,
}

/// A function as stages over numbered scalars: first its inputs, in the order that the unrolled function has, then what
/// stages leave for others.
#[derive(Clone, Debug)]
pub struct Stages {
    /// The shape of each block of inputs.
    pub shapes: Vec<Vec<usize>>,
    /// How many scalars there are.
    pub scalars: usize,
    /// To be run in this order.
    pub stages: Vec<Stage>,
    /// The outputs, by their scalars.
    pub outputs: Vec<u32>,
}

impl Stages {
    /// How many of the scalars are inputs.
    pub fn inputs(&self) -> usize {
        self.shapes.iter().map(|shape| shape.iter().product::<usize>()).sum()
    }
}
