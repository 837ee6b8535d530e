//! Evaluation over any number, axes included. Over the handles of a graph this is unrolling, or, where loops are kept,
//! the staging of [`crate::stages`].

mod binders;
mod data;
mod scatter;
mod value;
mod visitor;

use rustc_hash::FxHashMap;

use crate::function::Function;
use crate::graph::Graph;
use crate::index::{Index, Symbol};
use crate::index_branches::IndexBranches;
use crate::node::{Axis, Node, NodeId};
use crate::schedule::Binder;
use crate::scope::Axes;
use crate::unroll_error::UnrollError;
use crate::{Constant, Op, Scalar};

pub(crate) use value::Value;
pub use visitor::Rounds;
pub(crate) use visitor::{Known, Visitor};

/// A binder at work.
struct Frame<S> {
    binder: usize,
    next: usize,
    last: i64,
    /// Whether the axis goes down.
    falling: bool,
    /// The terms so far of a sum, product or array; of an iteration that is kept, its inits; of others, what is kept of each
    /// step, one after another.
    terms: Vec<Value<S>>,
    /// Whether one round stands for all.
    kept: bool,
    /// Under what its result is remembered.
    key: Option<Key>,
    /// What the axis was, when the same axis is bound further out as well.
    hidden: Option<ShadowedBinding<S>>,
}

/// An outer binding of an axis while an inner one is at work.
struct ShadowedBinding<S> {
    axis: (i64, Vec<Value<S>>),
    slots: Vec<Option<Value<S>>>,
}

/// A binder, and the values of the axes that it is free in.
type Key = (u32, Vec<i64>);

/// Evaluates a function over numbers `S`; recursion over binders is a stack of frames.
pub(crate) struct Evaluator<'f, S: Scalar> {
    function: &'f Function,
    context: S::Context,
    sizes: Vec<i64>,
    binders: Vec<Binder>,
    /// The nodes outside all binders.
    schedule: Vec<NodeId>,
    /// Which binder a node is.
    binder_of: Vec<u32>,
    slots: Vec<Option<S>>,
    /// Per node, what it is where that is an array; nothing in a function without arrays.
    arrays: Vec<Option<Value<S>>>,
    /// Which inputs anything reads; nothing in a function without arrays.
    read_blocks: Vec<bool>,
    /// Per axis: its value, and its states.
    axes: Vec<(i64, Vec<Value<S>>)>,
    /// Per binder: what its iteration last ended with.
    results: Vec<Vec<Value<S>>>,
    /// Per node, the axes that it is free in; empty in a flat function.
    free: Vec<Axes>,
    /// The branches that indices decide.
    branches: IndexBranches,
    /// The axes of iterations.
    stateful: Axes,
    /// The axis of the loop that is being kept, by its index.
    lane: Option<usize>,
    /// What binders came to that would be met again for the same values of their axes: without this, a layer of a
    /// network would be walked anew for every unit above it, and the layers below it for every one of these.
    memo: FxHashMap<Key, Vec<Value<S>>>,
    budget: u64,
    used: u64,
}

const NO_BINDER: u32 = u32::MAX;

impl<'f, S: Scalar> Evaluator<'f, S> {
    pub(crate) fn new(function: &'f Function, context: S::Context, budget: u64) -> Result<Self, UnrollError> {
        let graph = function.graph();
        let sizes = function.bound_sizes()?;
        let mut binder_of = vec![NO_BINDER; graph.len()];
        let mut binders = Vec::new();
        let mut schedule: Vec<NodeId> = Vec::new();
        let (mut free, mut stateful) = (Vec::new(), Axes::NONE);
        let mut branches = IndexBranches::default();
        if function.is_flat() {
            schedule.extend(graph.ids());
        } else {
            free = graph.free_axes();
            branches = IndexBranches::of(function, &free);
            schedule.extend(graph.ids().filter(|id| free[id.index()].is_empty()));
            for id in graph.ids() {
                let Some(binder) = Binder::of(graph, id, &free, &branches) else { continue };
                if let Node::Iterate(_) = graph.node(id) {
                    stateful |= Axes::of(binder.range.axis);
                }
                binder_of[id.index()] = binders.len() as u32;
                binders.push(binder);
            }
        }
        let axes = vec![(0, Vec::new()); graph.axis_count()];
        let slots = vec![None; graph.len()];
        let arrays = if graph.has_arrays() { vec![None; graph.len()] } else { Vec::new() };
        let results = vec![Vec::new(); binders.len()];
        Ok(Evaluator {
            function,
            context,
            sizes,
            binders,
            schedule,
            binder_of,
            slots,
            arrays,
            read_blocks: if graph.has_arrays() { read_blocks(graph) } else { Vec::new() },
            axes,
            results,
            free,
            branches,
            stateful,
            lane: None,
            memo: FxHashMap::default(),
            budget,
            used: 0,
        })
    }

    /// The value of every node outside all binders (and leftovers of the others), by node.
    pub(crate) fn run(self, visitor: &mut impl Visitor<S>) -> Result<Vec<Option<S>>, UnrollError> {
        Ok(self.run_all(visitor)?.slots)
    }

    /// The same, and the numbers that the outputs are made of.
    pub(crate) fn run_to_outputs(
        self,
        visitor: &mut impl Visitor<S>,
    ) -> Result<(Vec<Option<S>>, Vec<S>), UnrollError> {
        let done = self.run_all(visitor)?;
        let mut outputs = Vec::with_capacity(done.function.outputs().len());
        done.function.outputs().iter().for_each(|&id| done.whole(id).leaves(&mut outputs));
        Ok((done.slots, outputs))
    }

    fn run_all(mut self, visitor: &mut impl Visitor<S>) -> Result<Self, UnrollError> {
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
                        let value = self.value(id, visitor)?;
                        self.keep(id, value);
                    }
                    binder if !self.needs(id) => self.skip(binder as usize),
                    binder => {
                        let axis = self.binders[binder as usize].range.axis;
                        let mut around = frames.iter().map(|frame| self.binders[frame.binder].range.axis);
                        let hides = around.clone().any(|other| other == axis);
                        let free = self.free[id.index()];
                        let again = around.any(|axis| !free.contains(axis));
                        let key =
                            (again && (free & self.stateful).is_empty()).then(|| self.key(binder, free));
                        frames.extend(self.enter(binder as usize, hides, key, visitor)?);
                    }
                }
            } else {
                let Some(frame) = frames.last_mut() else { return Ok(self) };
                let done = self.step(frame, visitor);
                if done {
                    let frame = frames.pop().expect("the frame that is done");
                    self.leave(&frame)?;
                    self.restore(frame.binder, frame.hidden);
                }
            }
        }
    }

    fn key(&self, binder: u32, free: Axes) -> Key {
        (binder, free.iter().map(|axis| self.axes[axis.index()].0).collect())
    }

    /// By how much a form grows from round to round of the loop that is kept.
    fn growth(&self, form: &Index, node: NodeId) -> Result<i64, UnrollError> {
        let Some(lane) = self.lane else { return Ok(0) };
        let next = |symbol| match symbol {
            Symbol::Axis(axis) => self.axes[axis.index()].0 + i64::from(axis.index() == lane),
            Symbol::Size(size) => self.sizes[size as usize],
            Symbol::Datum(_) => unreachable!("where there are data no loop is kept"),
        };
        let next = form.evaluate(next).ok_or(UnrollError::Overflow { node })?;
        next.checked_sub(self.form(form, node)?).ok_or(UnrollError::Overflow { node })
    }

    fn charge(&mut self, times: u64, nodes: usize) -> Result<(), UnrollError> {
        self.used = self.used.saturating_add(times.saturating_mul(nodes as u64));
        let (needed, budget) = (self.used, self.budget);
        if needed > budget { Err(UnrollError::TooLarge { needed, budget }) } else { Ok(()) }
    }

    /// What a node is, if that is known.
    fn known(&self, id: NodeId) -> Option<Value<S>> {
        let array = self.arrays.get(id.index()).cloned().flatten();
        array.or_else(|| self.slots[id.index()].clone().map(Value::One))
    }

    /// What a node is, array or not.
    fn whole(&self, id: NodeId) -> Value<S> {
        self.known(id).expect("children are computed before their parents")
    }

    fn keep(&mut self, id: NodeId, value: Value<S>) {
        match value {
            Value::One(value) => {
                if let Some(array) = self.arrays.get_mut(id.index()) {
                    *array = None;
                }
                self.slots[id.index()] = Some(value);
            }
            array => self.arrays[id.index()] = Some(array),
        }
    }

    fn slot(&self, id: NodeId) -> &S {
        self.slots[id.index()].as_ref().expect("children are computed before their parents")
    }

    fn integer(&self, value: i64) -> S {
        S::lift(self.context, &Constant::shortest(value as f64))
    }

    /// Whether indices decide a condition, as they are now: not when it is another thing in every round of a loop that is kept.
    fn decides(&self, condition: NodeId) -> bool {
        self.branches.decides(condition)
            && self.lane.is_none_or(|lane| !self.free[condition.index()].contains(Axis(lane as u32)))
    }

    /// Whether anything needs a read or a loop, as indices are now.
    fn needs(&self, id: NodeId) -> bool {
        self.branches.needs(id, |condition| self.decides(condition).then(|| self.holds(condition)))
    }

    fn holds(&self, condition: NodeId) -> bool {
        let symbol = |symbol| match symbol {
            Symbol::Axis(axis) => self.axes[axis.index()].0,
            Symbol::Size(size) => self.sizes[size as usize],
            Symbol::Datum(_) => unreachable!("a datum by itself is a read"),
        };
        self.branches.holds(self.function.graph(), condition, symbol, |id| self.known_datum(id))
    }

    /// What a node is that binds no axis.
    fn value(&mut self, id: NodeId, visitor: &mut impl Visitor<S>) -> Result<Value<S>, UnrollError> {
        let graph = self.function.graph();
        Ok(match graph.node(id) {
            Node::Project([all], k) => self.results[self.binder_of[all.index()] as usize][k as usize].clone(),
            Node::State(axis, k) => self.axes[axis.index()].1[k as usize].clone(),
            // Of a branch that is not taken: nobody looks at it.
            Node::Element(..) | Node::Scatter(_) if !self.needs(id) => Value::One(self.integer(0)),
            Node::Element([array], position) => {
                let mut value = self.whole(array);
                for form in graph.position(position) {
                    let index = self.form(form, id)?;
                    value = match &value {
                        Value::Many(many) => {
                            let (low, count) = (many.low, many.items.len() as i64);
                            let outside = || {
                                let high = low + count - 1;
                                let error = UnrollError::OutsideArray { index, low, high, node: id };
                                self.because_of_data(error, std::slice::from_ref(form))
                            };
                            many.get(index).cloned().ok_or_else(outside)?
                        }
                        Value::One(_) => panic!("a number has no elements"),
                        // Its elements are not looked at before it is known how many there are.
                        Value::Unknown => Value::One(self.integer(0)),
                    };
                    if let Value::One(_) = value {
                        break;
                    }
                }
                value
            }
            Node::Scatter(scatter) => self.scatter(id, graph.scatter(scatter), visitor)?,
            _ => Value::One(self.number(id, visitor)?),
        })
    }

    fn number(&mut self, id: NodeId, visitor: &mut impl Visitor<S>) -> Result<S, UnrollError> {
        let graph = self.function.graph();
        Ok(match graph.node(id) {
            Node::Input(block, _) | Node::Read(block, _) if self.is_data(block) => {
                if !self.needs(id) {
                    return Ok(self.integer(0));
                }
                self.datum(id)?
            }
            Node::Input(block, offset) => {
                let indices = graph.block(block).indices(offset);
                visitor.read(block, &indices, &[], id)?
            }
            Node::Ternary(Op::Select, [condition, a, b]) if self.decides(condition) => {
                self.slot(if self.holds(condition) { a } else { b }).clone()
            }
            Node::Symbol(Symbol::Axis(axis)) if self.lane == Some(axis.index()) => visitor.counter(),
            Node::Symbol(Symbol::Axis(axis)) => self.integer(self.axes[axis.index()].0),
            Node::Symbol(Symbol::Size(size)) => self.integer(self.sizes[size as usize]),
            Node::Symbol(Symbol::Datum(_)) => unreachable!("a datum by itself is a read"),
            // Of a branch that is not taken: its value is not used.
            Node::Read(..) if !self.needs(id) => self.integer(0),
            Node::Read(block, position) => {
                let mut indices = Vec::with_capacity(graph.block(block).rank);
                let mut steps = Vec::new();
                for form in graph.position(position) {
                    indices.push(self.form(form, id)?);
                    if self.lane.is_some() {
                        steps.push(self.growth(form, id)?);
                    }
                }
                let read = visitor.read(block, &indices, &steps, id);
                read.map_err(|error| self.because_of_data(error, graph.position(position)))?
            }
            Node::Reduce(..) | Node::Iterate(_) | Node::Array(..) => {
                unreachable!("binders are entered, not computed")
            }
            Node::Project(..) | Node::State(..) | Node::Element(..) | Node::Scatter(_) => {
                unreachable!("these may be arrays")
            }
            _ => graph.value(id, self.context, |child| self.slot(child).clone()),
        })
    }
}

/// Which blocks any node reads.
fn read_blocks(graph: &Graph) -> Vec<bool> {
    let mut read = vec![false; graph.blocks().len()];
    for node in graph.nodes() {
        if let Node::Read(block, _) | Node::Input(block, _) = node {
            read[block.index()] = true;
        }
    }
    read
}
