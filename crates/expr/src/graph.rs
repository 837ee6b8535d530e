//! The arena: nodes by id, every one of them only once, and the tables they refer to.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::Constant;
use crate::index::Index;
use crate::interner::{Interner, ListTable, NodeTable};
use crate::node::{
    Axis, BlockId, ConstantId, IterationId, ListId, Node, NodeId, PositionId, RangeId, ScatterId,
};
use crate::scatter::Scatter;

pub use crate::block::{Block, Role};

/// The values that an axis takes: all integers from `low` to `high`, none when `high < low`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AxisRange {
    /// The axis that is bound.
    pub axis: Axis,
    /// Its first value.
    pub low: Index,
    /// Its last value.
    pub high: Index,
}

/// What a node that binds an axis binds it in.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The axis and its values.
    pub range: &'a AxisRange,
    /// Children that know nothing of the axis: what an iteration starts with.
    pub outside: &'a [NodeId],
    /// The bodies: what is computed for each value of the axis.
    pub inside: &'a [NodeId],
}

/// An iteration with carried states: each starts as its `init` and is replaced, all at once, by its `next` for each
/// value of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Iteration {
    pub(crate) range: RangeId,
    /// Whether its axis goes from the last value to the first.
    pub(crate) falling: bool,
    /// How many states it carries.
    pub(crate) states: u32,
    /// The inits, then as many nexts, then what is kept of each step.
    pub(crate) children: ListId,
}

/// Names of an axis: of its index variable, and of the states if it is the axis of an iteration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AxisNames {
    /// The index variable.
    pub index: String,
    /// The carried states; none for a sum or product.
    pub states: Vec<String>,
}

/// The arena of a function: hash-consed nodes, children before parents, and what they refer to.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: NodeTable,
    constants: Interner<Constant>,
    lists: ListTable,
    positions: Interner<Box<[Index]>>,
    ranges: Interner<AxisRange>,
    iterations: Interner<Iteration>,
    scatters: Interner<Scatter>,
    axes: Interner<AxisNames>,
    sizes: Interner<String>,
    blocks: Vec<Block>,
    block_names: FxHashMap<String, BlockId>,
    pub(crate) names: BTreeMap<NodeId, String>,
    pub(crate) places: BTreeMap<NodeId, Range<usize>>,
}

/// More axes than this in one function are refused: sets of axes have a fixed size.
pub const MAX_AXES: usize = 256;

impl Graph {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.items.is_empty()
    }

    /// Every node, in evaluation order.
    pub fn nodes(&self) -> &[Node<NodeId>] {
        &self.nodes.items
    }

    /// The ids of all nodes, in evaluation order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (0..self.len() as u32).map(NodeId)
    }

    /// The ids of nodes from a position on.
    pub fn ids_from(
        &self,
        first: usize,
    ) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (first as u32..self.len() as u32).map(NodeId)
    }

    /// One node.
    #[inline]
    pub fn node(&self, id: NodeId) -> Node<NodeId> {
        self.nodes.items[id.index()]
    }

    /// The children of a node, those in lists included: of an iteration the inits, then the nexts.
    #[inline]
    pub fn children(&self, id: NodeId) -> &[NodeId] {
        match &self.nodes.items[id.index()] {
            Node::Fold(_, list) => self.list(*list),
            Node::Iterate(iteration) => self.list(self.iteration(*iteration).children),
            Node::Scatter(scatter) => self.list(self.scatter(*scatter).children),
            node => node.operands(),
        }
    }

    /// A constant.
    pub fn constant(&self, id: ConstantId) -> &Constant {
        &self.constants.items[id.index()]
    }

    /// Every constant, in the order of their ids.
    pub fn constants(&self) -> &[Constant] {
        &self.constants.items
    }

    /// A list of children.
    #[inline]
    pub fn list(&self, id: ListId) -> &[NodeId] {
        self.lists.get(id.index())
    }

    /// The index forms of a read.
    pub fn position(&self, id: PositionId) -> &[Index] {
        &self.positions.items[id.index()]
    }

    /// The range of a reduction.
    pub fn range(&self, id: RangeId) -> &AxisRange {
        &self.ranges.items[id.index()]
    }

    /// The range of an iteration.
    pub fn iteration_range(&self, id: IterationId) -> &AxisRange {
        self.range(self.iteration(id).range)
    }

    /// The axis that a node binds, and where; nothing for a node that binds none.
    pub fn scope(&self, id: NodeId) -> Option<Scope<'_>> {
        let children = self.children(id);
        let (range, starts) = match self.node(id) {
            Node::Reduce(_, range, _) | Node::Array(range, _) => (self.range(range), 0),
            Node::Iterate(iteration) => (self.iteration_range(iteration), self.state_count(iteration)),
            _ => return None,
        };
        let (outside, inside) = children.split_at(starts);
        Some(Scope { range, outside, inside })
    }

    pub(crate) fn iteration(&self, id: IterationId) -> Iteration {
        self.iterations.items[id.index()]
    }

    /// The same by its id.
    pub(crate) fn iteration_range_id(&self, id: IterationId) -> RangeId {
        self.iteration(id).range
    }

    /// How many states an iteration carries.
    pub fn state_count(&self, id: IterationId) -> usize {
        self.iteration(id).states as usize
    }

    /// Whether the axis of an iteration goes from its last value to the first.
    pub fn is_falling(&self, id: IterationId) -> bool {
        self.iteration(id).falling
    }

    /// A scatter.
    pub fn scatter(&self, id: ScatterId) -> &Scatter {
        &self.scatters.items[id.index()]
    }

    /// Whether any node is an array, or belongs to one, or is an extreme of a range, or an input is data; then only
    /// [`Function::unroll`](crate::Function::unroll) and what is defined by it, and the passes over arrays, know what to do.
    pub fn has_arrays(&self) -> bool {
        let data = self.blocks.iter().any(|block| block.role == Role::Data);
        data || self.nodes().iter().any(|node| match *node {
            Node::Array(..) | Node::Element(..) | Node::Scatter(_) => true,
            Node::Reduce(fold, ..) => fold.is_extreme(),
            Node::Iterate(id) => {
                let iteration = self.iteration(id);
                iteration.falling || self.list(iteration.children).len() > 2 * iteration.states as usize
            }
            _ => false,
        })
    }

    /// The names of an axis.
    pub fn axis_names(&self, axis: Axis) -> &AxisNames {
        &self.axes.items[axis.index()]
    }

    /// The names of the sizes that must be bound before the function can be run.
    pub fn sizes(&self) -> &[String] {
        &self.sizes.items
    }

    /// The blocks of inputs, in order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The ids of all blocks of inputs, in order.
    pub fn block_ids(&self) -> impl Iterator<Item = BlockId> + use<> {
        (0..self.blocks.len() as u32).map(BlockId)
    }

    /// A block of inputs.
    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.index()]
    }

    /// The block of that name.
    pub fn block_named(&self, name: &str) -> Option<BlockId> {
        self.block_names.get(name).copied()
    }

    /// The name that the author gave to a node (`let q = …`).
    pub fn name(&self, id: NodeId) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    /// Where a read, sum, product or iteration stands in the text that it came from, in bytes.
    pub fn place(&self, id: NodeId) -> Option<Range<usize>> {
        self.places.get(&id).cloned()
    }

    // Interning: the only way in. What a node refers to must already be there.

    pub(crate) fn push(&mut self, node: Node<NodeId>) -> NodeId {
        debug_assert!(node.operands().iter().all(|child| child.index() < self.len()));
        NodeId(self.nodes.intern(node))
    }

    /// Puts in nodes of another graph, with whatever they are made of; says what each became. As no two were equal there, none is
    /// looked for.
    pub(crate) fn append_live(&mut self, from: &Graph, live: &[bool]) -> Vec<NodeId> {
        let mut moved = vec![NodeId::default(); from.len()];
        let mut lists: Vec<Option<ListId>> = vec![None; from.lists.len()];
        self.nodes.items.reserve(live.iter().filter(|live| **live).count());
        for id in from.ids().filter(|id| live[id.index()]) {
            let node = match from.node(id) {
                // Folds of one list stay folds of one list.
                Node::Fold(fold, list) => {
                    let members = from.list(list).iter().map(|child| moved[child.index()]);
                    let own = lists[list.index()].get_or_insert_with(|| ListId(self.lists.append(members)));
                    Node::Fold(fold, *own)
                }
                _ => self.translated(from, id, |child| moved[child.index()]),
            };
            moved[id.index()] = NodeId(self.nodes.append(node));
        }
        moved
    }

    /// Makes room for so many more nodes.
    pub(crate) fn reserve(&mut self, nodes: usize) {
        self.nodes.reserve(nodes);
    }

    pub(crate) fn push_constant(&mut self, constant: Constant) -> ConstantId {
        ConstantId(self.constants.intern(constant))
    }

    pub(crate) fn push_list(&mut self, list: &[NodeId]) -> ListId {
        ListId(self.lists.intern(list))
    }

    pub(crate) fn push_position(&mut self, position: &[Index]) -> PositionId {
        PositionId(self.positions.intern(position.into()))
    }

    pub(crate) fn push_range(&mut self, range: AxisRange) -> RangeId {
        RangeId(self.ranges.intern(range))
    }

    pub(crate) fn push_iteration(&mut self, iteration: Iteration) -> IterationId {
        IterationId(self.iterations.intern(iteration))
    }

    pub(crate) fn push_scatter(&mut self, scatter: Scatter) -> ScatterId {
        ScatterId(self.scatters.intern(scatter))
    }

    /// # Panics
    /// Beyond [`MAX_AXES`]; readers of text check first.
    pub(crate) fn push_axis(&mut self, names: AxisNames) -> Axis {
        let axis = Axis(self.axes.intern(names));
        assert!(axis.index() < MAX_AXES, "a function has at most {MAX_AXES} axes");
        axis
    }

    pub(crate) fn push_block(&mut self, block: Block) -> BlockId {
        let id = BlockId(self.blocks.len() as u32);
        self.block_names.insert(block.name.clone(), id);
        self.blocks.push(block);
        id
    }

    pub(crate) fn block_mut(&mut self, id: BlockId) -> &mut Block {
        &mut self.blocks[id.index()]
    }

    /// Makes declared lengths that are numbers the shape of their input; says whether all are.
    pub(crate) fn settle_lengths(&mut self) -> bool {
        let mut all = true;
        for block in &mut self.blocks {
            let Some(declared) = &block.declared else { continue };
            let lengths = declared.iter().map(|length| usize::try_from(length.as_constant()?).ok());
            match lengths.collect::<Option<Vec<usize>>>() {
                Some(lengths) => (block.shape, block.declared) = (Some(lengths), None),
                None => all = false,
            }
        }
        all
    }

    /// Every axis.
    pub fn axes(&self) -> impl Iterator<Item = Axis> + use<> {
        (0..self.axis_count() as u32).map(Axis)
    }

    /// How many axes there are.
    pub fn axis_count(&self) -> usize {
        self.axes.items.len()
    }

    pub(crate) fn push_size(&mut self, name: &str) -> u32 {
        self.sizes.intern(name.to_owned())
    }

    /// Per node, whether it is one of these or something that they are made of.
    pub fn reached_from(&self, roots: &[NodeId]) -> Vec<bool> {
        self.reached_along(roots, |_, _| true)
    }

    /// Per node, whether a path leads to it from one of these, where a path goes from node `id` to its child `k` only
    /// if `follows(id, k)`: children that are not followed are not part of what is asked for, such as a branch that
    /// is not taken.
    pub fn reached_along(&self, roots: &[NodeId], follows: impl Fn(NodeId, usize) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        roots.iter().for_each(|root| reached[root.index()] = true);
        for id in self.ids().rev() {
            if reached[id.index()] {
                let children = self.children(id).iter().enumerate();
                children
                    .filter(|(k, _)| follows(id, *k))
                    .for_each(|(_, child)| reached[child.index()] = true);
            }
        }
        reached
    }

    /// The bytes that nodes, their table and the lists of their children hold.
    pub fn bytes(&self) -> usize {
        self.nodes.bytes() + self.lists.bytes()
    }
}
