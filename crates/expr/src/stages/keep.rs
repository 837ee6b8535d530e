//! Walking a function, its large loops kept: what the rounds of a loop compute is written down once, over leaves that stand for
//! what goes on from round to round.

use rustc_hash::FxHashMap;

use crate::Fold;
use crate::builder::{Builder, Expr};
use crate::evaluate::{Rounds, Visitor};
use crate::graph::Role;
use crate::node::{BlockId, NodeId};
use crate::shapes::Shapes;
use crate::unroll_error::UnrollError;

/// An iteration of more states is left to unrolling: a staged one is differentiated by the slopes of every state by
/// every other.
pub(super) const MOST_STATES: usize = 8;

/// What a leaf of the walked graph stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Leaf {
    /// An element of an input.
    Element(BlockId, Vec<i64>),
    /// An element that goes on from round to round.
    Along(Space, BlockId, Vec<i64>, Vec<i64>),
    Counter(Space),
    State(Space, u32),
    /// A result of a loop.
    Result(u32),
}

/// Where a value changes: in the rounds of one loop. Folds over the same rounds share theirs; iterations are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Space {
    Fold(Rounds),
    Scan(u32),
}

/// A loop that was kept, over nodes of the walked graph.
pub(super) struct Loop {
    pub(super) space: Space,
    pub(super) rounds: Rounds,
    pub(super) fold: Option<Fold>,
    /// The term; of an iteration the inits, then the nexts.
    pub(super) bodies: Vec<NodeId>,
    /// The leaves that stand for its results.
    pub(super) results: Vec<u32>,
}

/// Walks a function and keeps its loops.
pub(super) struct Keeper<'g> {
    builder: &'g Builder,
    block: BlockId,
    /// The fewest rounds of a loop that is kept.
    fewest: u64,
    pub(super) leaves: Vec<Leaf>,
    known: FxHashMap<Leaf, u32>,
    pub(super) loops: Vec<Loop>,
    current: Option<(Space, Rounds)>,
    pub(super) shapes: Shapes<'g>,
}

impl<'g> Keeper<'g> {
    pub(super) fn new(builder: &'g Builder, shapes: Shapes<'g>, fewest: u64) -> Keeper<'g> {
        Keeper {
            builder,
            block: builder.block("leaf", 1, Role::Variable),
            fewest,
            leaves: Vec::new(),
            known: FxHashMap::default(),
            loops: Vec::new(),
            current: None,
            shapes,
        }
    }

    fn leaf(&mut self, leaf: Leaf) -> Expr<'g> {
        let leaves = &mut self.leaves;
        let number = *self.known.entry(leaf).or_insert_with_key(|leaf| {
            leaves.push(leaf.clone());
            leaves.len() as u32 - 1
        });
        self.builder.element(self.block, number)
    }

    fn space(&self) -> Space {
        self.current.expect("in a loop that is kept").0
    }
}

impl<'g> Visitor<Expr<'g>> for Keeper<'g> {
    fn read(
        &mut self,
        block: BlockId,
        indices: &[i64],
        steps: &[i64],
        node: NodeId,
    ) -> Result<Expr<'g>, UnrollError> {
        let rounds = self.current.map_or(1, |(_, rounds)| rounds.count);
        for (k, &first) in indices.iter().enumerate() {
            let step = steps.get(k).copied().unwrap_or(0);
            let last = step.checked_mul(rounds as i64 - 1).and_then(|way| way.checked_add(first));
            for index in [first, last.ok_or(UnrollError::Overflow { node })?] {
                self.shapes.read(block, k, index, node)?;
            }
        }
        let leaf = match steps.iter().all(|&step| step == 0) {
            true => Leaf::Element(block, indices.to_vec()),
            false => Leaf::Along(self.space(), block, indices.to_vec(), steps.to_vec()),
        };
        Ok(self.leaf(leaf))
    }

    fn keeps(&self, rounds: u64, states: usize) -> bool {
        rounds >= self.fewest && rounds < u32::MAX.into() && states <= MOST_STATES
    }

    fn begin(&mut self, rounds: Rounds, states: Option<usize>) -> Vec<Expr<'g>> {
        let space = match states {
            Some(_) => Space::Scan(self.loops.len() as u32),
            None => Space::Fold(rounds),
        };
        self.current = Some((space, rounds));
        (0..states.unwrap_or(0) as u32).map(|k| self.leaf(Leaf::State(space, k))).collect()
    }

    fn counter(&mut self) -> Expr<'g> {
        self.leaf(Leaf::Counter(self.space()))
    }

    fn end(&mut self, fold: Option<Fold>, bodies: &[Expr<'g>]) -> Vec<Expr<'g>> {
        let (space, rounds) = self.current.take().expect("in a loop that is kept");
        let count = if fold.is_some() { 1 } else { bodies.len() / 2 };
        let first = self.leaves.len() as u32;
        let results: Vec<u32> = (first..first + count as u32).collect();
        let exprs = results.iter().map(|&leaf| self.leaf(Leaf::Result(leaf))).collect();
        let bodies = bodies.iter().map(|body| body.id()).collect();
        self.loops.push(Loop { space, rounds, fold, bodies, results });
        exprs
    }
}
