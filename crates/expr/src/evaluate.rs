//! Evaluation over any number, axes included. Over the handles of a graph this is unrolling.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::builder::{Builder, Expr, Style};
use crate::fold::Fold;
use crate::function::{Function, UnrollError};
use crate::graph::AxisRange;
use crate::index::{Index, Symbol};
use crate::node::{BlockId, Node, NodeId};
use crate::scope::{self, Axes};
use crate::{Constant, Op, Scalar};

/// A node that binds an axis, and the nodes that must be computed anew for each of its values.
struct Binder {
    node: NodeId,
    range: AxisRange,
    /// In evaluation order.
    schedule: Vec<NodeId>,
}

/// A binder at work.
struct Frame<S> {
    binder: usize,
    next: usize,
    last: i64,
    /// The terms so far of a sum or product.
    terms: Vec<S>,
    /// What the axis was, when the same axis is bound further out as well.
    hidden: Option<Hidden<S>>,
}

/// An outer binding of an axis while an inner one is at work.
struct Hidden<S> {
    axis: (i64, Vec<S>),
    slots: Vec<Option<S>>,
}

/// Evaluates a function over numbers `S`; recursion over binders is a stack of frames.
pub(crate) struct Machine<'f, S: Scalar> {
    function: &'f Function,
    world: S::World,
    sizes: Vec<i64>,
    binders: Vec<Binder>,
    /// The nodes outside all binders.
    schedule: Vec<NodeId>,
    /// Which binder a node is.
    binder_of: Vec<u32>,
    slots: Vec<Option<S>>,
    /// Per axis: its value, and its states.
    axes: Vec<(i64, Vec<S>)>,
    /// Per binder: what its iteration last ended with.
    results: Vec<Vec<S>>,
    budget: u64,
    used: u64,
}

const NO_BINDER: u32 = u32::MAX;

impl<'f, S: Scalar> Machine<'f, S> {
    pub(crate) fn new(function: &'f Function, world: S::World, budget: u64) -> Result<Self, UnrollError> {
        let graph = function.graph();
        let sizes = function.bound_sizes()?;
        let mut binder_of = vec![NO_BINDER; graph.len()];
        let mut binders = Vec::new();
        let mut schedule: Vec<NodeId> = Vec::new();
        if function.is_flat() {
            schedule.extend(graph.ids());
        } else {
            let free = scope::free_axes(graph);
            schedule.extend(graph.ids().filter(|id| free[id.index()] == 0));
            for id in graph.ids() {
                let (range, body) = match graph.node(id) {
                    Node::Reduce(_, range, _) => (graph.range(range), graph.children(id)),
                    Node::Iterate(iteration) => {
                        let children = graph.children(id);
                        (graph.iteration_range(iteration), &children[children.len() / 2..])
                    }
                    _ => continue,
                };
                binder_of[id.index()] = binders.len() as u32;
                let schedule = body_schedule(function, range, body, &free);
                binders.push(Binder { node: id, range: range.clone(), schedule });
            }
        }
        let axes = vec![(0, Vec::new()); graph.axis_count()];
        let slots = vec![None; graph.len()];
        let results = vec![Vec::new(); binders.len()];
        Ok(Machine {
            function,
            world,
            sizes,
            binders,
            schedule,
            binder_of,
            slots,
            axes,
            results,
            budget,
            used: 0,
        })
    }

    /// The value of every node outside all binders (and leftovers of the others), by node.
    pub(crate) fn run(
        mut self,
        mut read: impl FnMut(BlockId, &[i64], NodeId) -> Result<S, UnrollError>,
    ) -> Result<Vec<Option<S>>, UnrollError> {
        let mut frames: Vec<Frame<S>> = Vec::new();
        self.charge(1, self.schedule.len())?;
        let mut next = 0;
        loop {
            let (schedule, position) = match frames.last_mut() {
                Some(frame) => (&self.binders[frame.binder].schedule, &mut frame.next),
                None => (&self.schedule, &mut next),
            };
            if let Some(&id) = schedule.get(*position) {
                *position += 1;
                match self.binder_of[id.index()] {
                    NO_BINDER => {
                        let value = self.value(id, &mut read)?;
                        self.slots[id.index()] = Some(value);
                    }
                    binder => {
                        let axis = self.binders[binder as usize].range.axis;
                        let hides = frames.iter().any(|frame| self.binders[frame.binder].range.axis == axis);
                        frames.extend(self.enter(binder as usize, hides)?);
                    }
                }
            } else {
                let Some(frame) = frames.last_mut() else { return Ok(self.slots) };
                let done = self.step(frame);
                if done {
                    let frame = frames.pop().expect("the frame that is done");
                    self.leave(frame.binder, &frame.terms);
                    self.restore(frame.binder, frame.hidden);
                }
            }
        }
    }

    fn form(&self, form: &Index, node: NodeId) -> Result<i64, UnrollError> {
        let value = |symbol| match symbol {
            Symbol::Axis(axis) => self.axes[axis.index()].0,
            Symbol::Size(size) => self.sizes[size as usize],
        };
        form.evaluate(value).ok_or(UnrollError::Overflow { node })
    }

    fn charge(&mut self, times: u64, nodes: usize) -> Result<(), UnrollError> {
        self.used = self.used.saturating_add(times.saturating_mul(nodes as u64));
        let (needed, budget) = (self.used, self.budget);
        if needed > budget { Err(UnrollError::TooLarge { needed, budget }) } else { Ok(()) }
    }

    /// Begins a binder; nothing to do when its range is empty.
    fn enter(&mut self, binder: usize, hides: bool) -> Result<Option<Frame<S>>, UnrollError> {
        let graph = self.function.graph();
        let node = self.binders[binder].node;
        let range = &self.binders[binder].range;
        let (low, high, axis) =
            (self.form(&range.low, node)?, self.form(&range.high, node)?, range.axis.index());
        let hidden = hides.then(|| Hidden {
            axis: self.axes[axis].clone(),
            slots: self.binders[binder].schedule.iter().map(|id| self.slots[id.index()].clone()).collect(),
        });
        if let Node::Iterate(_) = graph.node(node) {
            let children = graph.children(node);
            let inits = &children[..children.len() / 2];
            self.axes[axis].1 = inits.iter().map(|&init| self.slot(init).clone()).collect();
        }
        if high < low {
            self.leave(binder, &[]);
            self.restore(binder, hidden);
            return Ok(None);
        }
        let times = high.abs_diff(low).saturating_add(1);
        self.charge(times, self.binders[binder].schedule.len() + 1)?;
        self.axes[axis].0 = low;
        Ok(Some(Frame { binder, next: 0, last: high, terms: Vec::new(), hidden }))
    }

    /// Ends one value of the axis; says whether it was the last.
    fn step(&mut self, frame: &mut Frame<S>) -> bool {
        let graph = self.function.graph();
        let binder = &self.binders[frame.binder];
        let axis = binder.range.axis.index();
        let children = graph.children(binder.node);
        match graph.node(binder.node) {
            Node::Iterate(_) => {
                let nexts = &children[children.len() / 2..];
                self.axes[axis].1 = nexts.iter().map(|&next| self.slot(next).clone()).collect();
            }
            _ => frame.terms.push(self.slot(children[0]).clone()),
        }
        if self.axes[axis].0 == frame.last {
            return true;
        }
        self.axes[axis].0 += 1;
        frame.next = 0;
        false
    }

    /// Puts the result of a binder in place: a fold in its slot, the states of an iteration where they are projected
    /// from.
    fn leave(&mut self, binder: usize, terms: &[S]) {
        let Binder { node, range, .. } = &self.binders[binder];
        let value = match self.function.graph().node(*node) {
            Node::Reduce(Fold::Sum, ..) => S::sum(self.world, terms),
            Node::Reduce(Fold::Product, ..) => S::product(self.world, terms),
            _ => {
                self.results[binder] = std::mem::take(&mut self.axes[range.axis.index()].1);
                return;
            }
        };
        self.slots[node.index()] = Some(value);
    }

    /// Brings an outer binding of the axis back.
    fn restore(&mut self, binder: usize, hidden: Option<Hidden<S>>) {
        let Some(hidden) = hidden else { return };
        let Binder { range, schedule, .. } = &self.binders[binder];
        self.axes[range.axis.index()] = hidden.axis;
        for (id, slot) in schedule.iter().zip(hidden.slots) {
            self.slots[id.index()] = slot;
        }
    }

    fn slot(&self, id: NodeId) -> &S {
        self.slots[id.index()].as_ref().expect("children are computed before their parents")
    }

    fn integer(&self, value: i64) -> S {
        S::lift(self.world, &Constant::shortest(value as f64))
    }

    fn value(
        &mut self,
        id: NodeId,
        read: &mut impl FnMut(BlockId, &[i64], NodeId) -> Result<S, UnrollError>,
    ) -> Result<S, UnrollError> {
        let graph = self.function.graph();
        let world = self.world;
        Ok(match graph.node(id) {
            Node::Const(constant) => S::lift(world, graph.constant(constant)),
            Node::Input(block, offset) => {
                let indices = unflatten(graph.block(block), offset);
                read(block, &indices, id)?
            }
            Node::Unary(op, [a]) => S::apply(op, &[self.slot(a).clone()]),
            Node::Binary(op, ab) => S::apply(op, &ab.map(|k| self.slot(k).clone())),
            Node::Ternary(op, abc) => S::apply(op, &abc.map(|k| self.slot(k).clone())),
            Node::Fold(fold, list) => {
                let terms: Vec<S> = graph.list(list).iter().map(|&term| self.slot(term).clone()).collect();
                match fold {
                    Fold::Sum => S::sum(world, &terms),
                    Fold::Product => S::product(world, &terms),
                }
            }
            Node::Symbol(Symbol::Axis(axis)) => self.integer(self.axes[axis.index()].0),
            Node::Symbol(Symbol::Size(size)) => self.integer(self.sizes[size as usize]),
            Node::Read(block, position) => {
                let mut indices = Vec::with_capacity(graph.block(block).rank);
                for form in graph.position(position) {
                    indices.push(self.form(form, id)?);
                }
                read(block, &indices, id)?
            }
            Node::Project([all], k) => self.results[self.binder_of[all.index()] as usize][k as usize].clone(),
            Node::State(axis, k) => self.axes[axis.index()].1[k as usize].clone(),
            Node::Reduce(..) | Node::Iterate(_) => unreachable!("binders are entered, not computed"),
        })
    }
}

/// The nodes below `body` that depend on the axis of `range` as it is bound there: not those whose axes a binder
/// further in binds, nor any that do not depend on it and are therefore computed outside.
fn body_schedule(function: &Function, range: &AxisRange, body: &[NodeId], free: &[Axes]) -> Vec<NodeId> {
    let graph = function.graph();
    let axis = 1 << range.axis.index();
    let mut scheduled = BTreeSet::new();
    // With the axes that are bound between here and the node: the same node may also be met unbound.
    let mut seen = FxHashSet::default();
    let mut todo: Vec<(NodeId, Axes)> = body.iter().map(|&id| (id, 0)).collect();
    while let Some((id, between)) = todo.pop() {
        if free[id.index()] & axis == 0 || !seen.insert((id, between)) {
            continue;
        }
        if free[id.index()] & between == 0 {
            scheduled.insert(id);
        }
        let children = graph.children(id);
        let (outside, inside, bound) = match graph.node(id) {
            Node::Reduce(_, range, _) => (&children[..0], children, 1 << graph.range(range).axis.index()),
            Node::Iterate(iteration) => {
                let (inits, nexts) = children.split_at(children.len() / 2);
                (inits, nexts, 1 << graph.iteration_range(iteration).axis.index())
            }
            _ => (children, &children[..0], 0),
        };
        todo.extend(outside.iter().map(|&child| (child, between)));
        // A binder of the same axis hides it.
        if bound != axis {
            todo.extend(inside.iter().map(|&child| (child, between | bound)));
        }
    }
    scheduled.into_iter().collect()
}

/// The indices, counted from 1, of one scalar of a block.
fn unflatten(block: &crate::graph::Block, offset: u32) -> Vec<i64> {
    let shape = block.shape.as_deref().unwrap_or(&[]);
    let mut rest = offset as usize;
    let mut indices = vec![1; block.rank];
    for axis in (1..block.rank).rev() {
        let extent = shape.get(axis).copied().unwrap_or(1).max(1);
        indices[axis] = (rest % extent) as i64 + 1;
        rest /= extent;
    }
    if let Some(first) = indices.first_mut() {
        *first = rest as i64 + 1;
    }
    indices
}

/// The position of indices, counted from 1, in a block of that shape.
pub(crate) fn row_major(shape: &[usize], indices: &[i64]) -> usize {
    shape.iter().zip(indices).fold(0, |offset, (extent, index)| offset * extent + (*index as usize - 1))
}

/// A number that is nothing: what is left is the walk itself.
#[derive(Clone, Copy)]
struct Unit;
crate::arithmetic!(Unit);
impl Scalar for Unit {
    type World = ();
    fn world(&self) {}
    fn lift((): (), _: &Constant) -> Unit {
        Unit
    }
    fn apply(_: Op, _: &[Unit]) -> Unit {
        Unit
    }
    fn sum((): (), _: &[Unit]) -> Unit {
        Unit
    }
    fn product((): (), _: &[Unit]) -> Unit {
        Unit
    }
}

/// What a function would be when unrolled.
pub(crate) struct Measured {
    /// The extent of each block along each index: the largest index used.
    pub(crate) shapes: Vec<Vec<usize>>,
}

/// Walks the function without building anything.
pub(crate) fn measure(function: &Function, budget: u64) -> Result<Measured, UnrollError> {
    let blocks = function.graph().blocks();
    let mut shapes: Vec<Vec<usize>> =
        blocks.iter().map(|block| block.shape.clone().unwrap_or_else(|| vec![0; block.rank])).collect();
    Machine::<Unit>::new(function, (), budget)?.run(|block, indices, node| {
        for (extent, &index) in shapes[block.index()].iter_mut().zip(indices) {
            let usable = usize::try_from(index).ok().filter(|k| (1..=u32::MAX as usize).contains(k));
            let index = usable.ok_or_else(|| UnrollError::IndexOutOfRange {
                input: blocks[block.index()].name.clone(),
                index,
                node,
            })?;
            *extent = index.max(*extent);
        }
        Ok(Unit)
    })?;
    for (shape, block) in shapes.iter().zip(blocks) {
        let needed = shape.iter().fold(1u64, |all, &extent| all.saturating_mul(extent as u64));
        let budget = budget.min(u32::MAX.into());
        if block.rank > 0 && needed > budget {
            return Err(UnrollError::TooLarge { needed, budget });
        }
    }
    Ok(Measured { shapes })
}

/// See [`Function::unroll`].
pub(crate) fn unroll(function: &Function, budget: u64) -> Result<Function, UnrollError> {
    let shapes = measure(function, budget)?.shapes;
    let graph = function.graph();
    let builder = Builder::new(Style::Written);
    builder.copy_blocks(graph);
    for (k, shape) in shapes.iter().enumerate() {
        builder.shape(BlockId(k as u32), shape.clone());
    }
    // Sizes that have no value, because nothing needs them, stay known by name.
    graph.sizes().iter().filter(|size| function.size(size).is_none()).for_each(|size| {
        builder.size(size);
    });
    let slots = Machine::<Expr<'_>>::new(function, &builder, budget)?.run(|block, indices, _| {
        Ok(builder.element(block, row_major(&shapes[block.index()], indices) as u32))
    })?;
    let free = scope::free_axes(graph);
    for (&id, name) in &graph.names {
        if free[id.index()] == 0
            && let Some(value) = slots[id.index()]
        {
            builder.name(value, name);
        }
    }
    let value = |id: &NodeId| slots[id.index()].map(Expr::id).expect("outputs have values");
    let outputs = function.outputs().iter().map(value).collect();
    drop(slots);
    Ok(builder.finish(outputs))
}
