//! What an evaluation asks whoever runs it.

use crate::UnrollError;
use crate::fold::Fold;
use crate::node::{BlockId, NodeId};

/// What an evaluation reads, and what becomes of its loops.
pub(crate) trait Visitor<S> {
    /// One scalar of a block, at indices that count from 1. In a loop that is kept they are those of its first round,
    /// and grow by `steps` from round to round; elsewhere `steps` is empty.
    fn read(
        &mut self,
        block: BlockId,
        indices: &[i64],
        steps: &[i64],
        node: NodeId,
    ) -> Result<S, UnrollError>;

    /// How far a block extends along each of its indices, where that is known by now.
    fn extents(&self, _block: BlockId) -> Option<Vec<usize>> {
        None
    }

    /// Whether a loop of so many rounds, with so many states, is kept: its body is walked once for all of them.
    fn keeps(&self, _rounds: u64, _states: usize) -> bool {
        false
    }

    /// A loop that is kept begins; says what its states are.
    fn begin(&mut self, _rounds: Rounds, _states: Option<usize>) -> Vec<S> {
        unreachable!("no loop is kept")
    }

    /// The index variable of the loop that is kept.
    fn counter(&mut self) -> S {
        unreachable!("no loop is kept")
    }

    /// The loop ends: of a fold its term, of an iteration the inits, then the nexts. Says what it comes to.
    fn end(&mut self, _fold: Option<Fold>, _bodies: &[S]) -> Vec<S> {
        unreachable!("no loop is kept")
    }
}

impl<S, F: FnMut(BlockId, &[i64], NodeId) -> Result<S, UnrollError>> Visitor<S> for F {
    fn read(&mut self, block: BlockId, indices: &[i64], _: &[i64], node: NodeId) -> Result<S, UnrollError> {
        self(block, indices, node)
    }
}

/// Reads of inputs whose extents are known.
pub(crate) struct Known<'a, F> {
    /// Per block, its extents.
    pub(crate) shapes: &'a [Vec<usize>],
    pub(crate) read: F,
}

impl<S, F: FnMut(BlockId, usize) -> S> Visitor<S> for Known<'_, F> {
    fn read(&mut self, block: BlockId, indices: &[i64], _: &[i64], _: NodeId) -> Result<S, UnrollError> {
        Ok((self.read)(block, crate::block::row_major(&self.shapes[block.index()], indices)))
    }

    fn extents(&self, block: BlockId) -> Option<Vec<usize>> {
        Some(self.shapes[block.index()].clone())
    }
}

/// The rounds of a loop: so many values of its index variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rounds {
    /// The first value.
    pub low: i64,
    /// How many.
    pub count: u64,
}
