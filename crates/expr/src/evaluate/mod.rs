//! Evaluation over any number, axes included. Over the handles of a graph this is unrolling, or, where loops are kept,
//! the staging of [`crate::stages`].

mod scatter;
mod value;
mod visitor;

use rustc_hash::FxHashMap;

use crate::fold;
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

    fn form(&self, form: &Index, node: NodeId) -> Result<i64, UnrollError> {
        let value = |symbol| match symbol {
            Symbol::Axis(axis) => self.axes[axis.index()].0,
            Symbol::Size(size) => self.sizes[size as usize],
        };
        form.evaluate(value).ok_or(UnrollError::Overflow { node })
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
        };
        let next = form.evaluate(next).ok_or(UnrollError::Overflow { node })?;
        next.checked_sub(self.form(form, node)?).ok_or(UnrollError::Overflow { node })
    }

    fn charge(&mut self, times: u64, nodes: usize) -> Result<(), UnrollError> {
        self.used = self.used.saturating_add(times.saturating_mul(nodes as u64));
        let (needed, budget) = (self.used, self.budget);
        if needed > budget { Err(UnrollError::TooLarge { needed, budget }) } else { Ok(()) }
    }

    /// Begins a binder; nothing to do when its range is empty, or its result is known.
    fn enter(
        &mut self,
        binder: usize,
        hides: bool,
        key: Option<Key>,
        visitor: &mut impl Visitor<S>,
    ) -> Result<Option<Frame<S>>, UnrollError> {
        let graph = self.function.graph();
        if let Some(result) = key.as_ref().and_then(|key| self.memo.get(key)) {
            let result = result.clone();
            self.put(binder, result);
            return Ok(None);
        }
        let node = self.binders[binder].node;
        let range = &self.binders[binder].range;
        let (low, high, axis) =
            (self.form(&range.low, node)?, self.form(&range.high, node)?, range.axis.index());
        let hidden = hides.then(|| ShadowedBinding {
            axis: self.axes[axis].clone(),
            slots: self.binders[binder].schedule.iter().map(|id| self.known(*id)).collect(),
        });
        let mut falling = false;
        if let Node::Iterate(iteration) = graph.node(node) {
            falling = graph.is_falling(iteration);
            let inits = &graph.children(node)[..graph.state_count(iteration)];
            self.axes[axis].1 = inits.iter().map(|&init| self.whole(init)).collect();
        }
        let (first, last) = if falling { (high, low) } else { (low, high) };
        let mut frame = Frame { binder, next: 0, last, falling, terms: Vec::new(), kept: false, key, hidden };
        if high < low {
            self.leave(&frame)?;
            self.restore(binder, frame.hidden);
            return Ok(None);
        }
        let mut times = high.abs_diff(low).saturating_add(1);
        let count = matches!(graph.node(node), Node::Iterate(_)).then(|| self.axes[axis].1.len());
        if self.lane.is_none() && self.binders[binder].regular && visitor.keeps(times, count.unwrap_or(0)) {
            let states = &mut self.axes[axis].1;
            let kept = visitor.begin(Rounds { low, count: times }, count).into_iter().map(Value::One);
            frame.terms = std::mem::replace(states, kept.collect());
            frame.last = low;
            frame.kept = true;
            self.lane = Some(axis);
            // What was found for one value of this axis is not what it is for all.
            self.memo.clear();
            times = 1;
        }
        self.charge(times, self.binders[binder].schedule.len() + 1)?;
        self.axes[axis].0 = first;
        Ok(Some(frame))
    }

    /// Ends one value of the axis; says whether it was the last.
    fn step(&mut self, frame: &mut Frame<S>, visitor: &mut impl Visitor<S>) -> bool {
        let graph = self.function.graph();
        let binder = &self.binders[frame.binder];
        let axis = binder.range.axis.index();
        let children = graph.children(binder.node);
        match graph.node(binder.node) {
            Node::Iterate(iteration) => {
                let (nexts, eaches) =
                    children[graph.state_count(iteration)..].split_at(graph.state_count(iteration));
                frame.terms.extend(eaches.iter().map(|&each| self.whole(each)));
                self.axes[axis].1 = nexts.iter().map(|&next| self.whole(next)).collect();
            }
            _ => frame.terms.push(self.whole(children[0])),
        }
        if frame.kept {
            let fold = match graph.node(binder.node) {
                Node::Reduce(fold, ..) => Some(fold),
                _ => None,
            };
            frame.terms.append(&mut self.axes[axis].1);
            let bodies: Vec<S> = std::mem::take(&mut frame.terms).into_iter().map(Value::one).collect();
            frame.terms = visitor.end(fold, &bodies).into_iter().map(Value::One).collect();
            self.lane = None;
            self.memo.clear();
            return true;
        }
        if self.axes[axis].0 == frame.last {
            return true;
        }
        self.axes[axis].0 += if frame.falling { -1 } else { 1 };
        frame.next = 0;
        false
    }

    /// Ends a binder.
    fn leave(&mut self, frame: &Frame<S>) -> Result<(), UnrollError> {
        let Binder { node, range, .. } = &self.binders[frame.binder];
        let graph = self.function.graph();
        let numbers = || -> Vec<S> { frame.terms.iter().cloned().map(Value::one).collect() };
        let result = match graph.node(*node) {
            _ if frame.kept => frame.terms.clone(),
            Node::Reduce(joined, ..) => vec![Value::One(fold::whole(joined, self.context, &numbers()))],
            Node::Extreme(op, ..) => {
                let extreme = numbers().into_iter().reduce(|a, b| S::apply(op, &[a, b]));
                vec![Value::One(extreme.ok_or(UnrollError::NoExtreme { node: *node })?)]
            }
            Node::Array(..) => vec![Value::array(self.form(&range.low, *node)?, frame.terms.clone())],
            _ => {
                let low = self.form(&range.low, *node)?;
                let mut results = std::mem::take(&mut self.axes[range.axis.index()].1);
                let eaches = graph.children(*node).len() - 2 * results.len();
                for k in 0..eaches {
                    let mut steps: Vec<Value<S>> =
                        frame.terms.iter().skip(k).step_by(eaches).cloned().collect();
                    if frame.falling {
                        steps.reverse();
                    }
                    results.push(Value::array(low, steps));
                }
                results
            }
        };
        if let Some(key) = &frame.key {
            self.memo.insert(key.clone(), result.clone());
        }
        self.put(frame.binder, result);
        Ok(())
    }

    /// Leaves a binder out that nothing needs.
    fn skip(&mut self, binder: usize) {
        let graph = self.function.graph();
        let node = self.binders[binder].node;
        let results = match graph.node(node) {
            Node::Iterate(iteration) => graph.children(node).len() - graph.state_count(iteration),
            _ => 1,
        };
        self.put(binder, vec![Value::One(self.integer(0)); results]);
    }

    /// Puts the result of a binder in place: a fold in its slot, the states of an iteration where they are projected
    /// from.
    fn put(&mut self, binder: usize, mut result: Vec<Value<S>>) {
        let node = self.binders[binder].node;
        match self.function.graph().node(node) {
            Node::Iterate(_) => self.results[binder] = result,
            _ => self.keep(node, result.pop().expect("one result")),
        }
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

    /// Brings an outer binding of the axis back.
    fn restore(&mut self, binder: usize, hidden: Option<ShadowedBinding<S>>) {
        let Some(hidden) = hidden else { return };
        self.axes[self.binders[binder].range.axis.index()] = hidden.axis;
        for (k, slot) in hidden.slots.into_iter().enumerate() {
            let id = self.binders[binder].schedule[k];
            match slot {
                Some(value) => self.keep(id, value),
                None => self.slots[id.index()] = None,
            }
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
        self.branches.holds(self.function.graph(), condition, |symbol| match symbol {
            Symbol::Axis(axis) => self.axes[axis.index()].0,
            Symbol::Size(size) => self.sizes[size as usize],
        })
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
                            let outside =
                                || UnrollError::OutsideArray { index, low, high: low + count - 1, node: id };
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
                visitor.read(block, &indices, &steps, id)?
            }
            Node::Reduce(..) | Node::Iterate(_) | Node::Array(..) | Node::Extreme(..) => {
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
