//! From the nest of loops to steps.

mod arrays;
mod contraction;
mod dead;
mod frames;
mod iterations;
mod loops;
mod operators;
mod unrolled;

use std::rc::Rc;

use expr::index::Symbol;
use expr::{Axis, Fold, Function, Graph, Node, NodeId, Op, Shape};
use rustc_hash::FxHashMap;

use super::NotPlanned;
use super::axes::AxisTable;
use super::form::Tables;
use super::matrix::Panels;
use super::place::{Address, Place};
use super::regions::{Item, Nest, Region};
use super::step::{Lanewise, Step};
use crate::number::LANES;
use crate::rows::{Operand, Term};
pub(super) use dead::remove_stores;
use frames::{Frame, Section};
use operators::factored;

/// Where the value of a node is.
#[derive(Clone, Debug)]
pub(super) enum Val {
    Nowhere,
    Number(u32),
    Row(u32),
    Array(Rc<Place>),
}

impl Val {
    /// Whether both are one number or row.
    fn is_same(&self, other: &Val) -> bool {
        match (self, other) {
            (Val::Number(a), Val::Number(b)) | (Val::Row(a), Val::Row(b)) => a == b,
            _ => false,
        }
    }
}

/// What steps are made of, as far as they are.
pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph,
    pub(super) axes: &'a AxisTable,
    pub(super) tables: &'a Tables,
    pub(super) extents: &'a [Vec<usize>],
    pub(super) nest: &'a Nest<'a>,
    pub(super) state_shapes: FxHashMap<(Axis, u32), Shape>,
    /// Per block, where it is in memory.
    pub(super) blocks: Vec<Rc<Place>>,
    /// Per node, what it is where that is asked for.
    vals: Vec<Val>,
    /// Per node, the body that its value stands in.
    levels: Vec<usize>,
    frames: Vec<Frame>,
    /// Per axis of an open loop, its body.
    level_of_axis: Vec<usize>,
    /// The body of the innermost loop that may be skipped: what it computes stays there.
    floor: usize,
    /// Per axis of an unrolled loop, its value.
    fixed: Vec<Option<i64>>,
    /// Per axis, the least and the largest value that it takes here.
    intervals: Vec<(i64, i64)>,
    is_unrolling: bool,
    /// Which values lanes are, where these are all of an axis.
    section: Option<Section>,
    /// Per array, whether it is written again and again.
    is_replaced: Vec<bool>,
    /// Arrays for which it is known where they are to be made.
    homes: FxHashMap<NodeId, Rc<Place>>,
    /// Kept nodes, for each value of their axes.
    keeps: FxHashMap<NodeId, (Rc<Place>, usize)>,
    /// Where the folds of reductions are that are run around other loops.
    totals: FxHashMap<NodeId, Rc<Place>>,
    /// Arrays that are being made by loops.
    arrays: FxHashMap<NodeId, Rc<Place>>,
    /// Per node, whether it is a product that is a term of one sum, which multiplies as it adds.
    factored: Vec<bool>,
    states: FxHashMap<(Axis, u32), (Val, usize)>,
    results: FxHashMap<(NodeId, u32), Val>,
    pub(super) numbers: Vec<f64>,
    constants: FxHashMap<u64, u32>,
    /// The numbers that are constants.
    known_numbers: FxHashMap<u32, f64>,
    pub(super) terms: Vec<Term>,
    /// Values in lanes, each in a row of its own so far.
    pub(super) rows: u32,
    /// Rows for partial results of a list.
    pub(super) partials: usize,
    pub(super) folds: u32,
    pub(super) row_folds: u32,
    /// The axis of the loop that is run in blocks.
    lane: Option<Axis>,
    pub(super) block: usize,
    pub(super) panels: Panels,
    pub(super) memory: usize,
    pub(super) most_memory: usize,
}

impl<'a> Lowering<'a> {
    #[allow(clippy::too_many_arguments)] // made in one place
    pub(super) fn new(
        f: &'a Function,
        axes: &'a AxisTable,
        tables: &'a Tables,
        extents: &'a [Vec<usize>],
        nest: &'a Nest<'a>,
        blocks: Vec<Rc<Place>>,
        memory: usize,
        most_memory: usize,
        block: usize,
    ) -> Lowering<'a> {
        let graph = f.graph();
        let mut uses = vec![0; graph.len()];
        let conditions = nest.conditional.values().flatten().flatten().map(|(condition, _)| condition);
        conditions.chain(f.outputs()).for_each(|id| uses[id.index()] += 2);
        graph.ids().flat_map(|id| graph.children(id)).for_each(|child| uses[child.index()] += 1);
        let factored = factored(graph, axes, nest, &uses);
        Lowering {
            graph,
            axes,
            tables,
            extents,
            nest,
            state_shapes: graph.state_shapes(),
            blocks,
            vals: vec![Val::Nowhere; graph.len()],
            levels: vec![0; graph.len()],
            frames: vec![Frame::default()],
            level_of_axis: vec![0; graph.axis_count()],
            floor: 0,
            fixed: vec![None; graph.axis_count()],
            intervals: axes.intervals.clone(),
            is_unrolling: false,
            section: None,
            is_replaced: vec![false],
            homes: FxHashMap::default(),
            keeps: FxHashMap::default(),
            totals: FxHashMap::default(),
            arrays: FxHashMap::default(),
            factored,
            states: FxHashMap::default(),
            results: FxHashMap::default(),
            numbers: Vec::new(),
            constants: FxHashMap::default(),
            known_numbers: FxHashMap::default(),
            terms: Vec::new(),
            rows: 0,
            partials: 0,
            folds: 0,
            row_folds: 0,
            lane: None,
            block,
            panels: Panels::default(),
            memory,
            most_memory,
        }
    }

    pub(super) fn value(&self, id: NodeId) -> &Val {
        &self.vals[id.index()]
    }

    /// The steps of all that the nest does.
    pub(super) fn all(&mut self, root: &Region) -> Result<Vec<Step>, NotPlanned> {
        self.region(root)?;
        Ok(std::mem::take(&mut self.frames[0].steps))
    }

    fn region(&mut self, region: &Region) -> Result<(), NotPlanned> {
        for item in &region.items {
            match item {
                Item::Value(id) if self.is_factored(*id) => self.levels[id.index()] = self.level(*id),
                Item::Value(id) => {
                    let level = match self.graph.node(*id) {
                        Node::Scatter(_) => self.top(),
                        Node::State(axis, k) => self.states[&(axis, k)].1,
                        _ => self.level(*id),
                    };
                    let val = match self.known(*id, level) {
                        Some(val) => val.clone(),
                        None => self.compute(*id, level)?,
                    };
                    self.set(*id, val, level);
                }
                Item::Load(id) => {
                    let level = self.level_of_axes(*id);
                    let (kept, own) = self.keeps[id].clone();
                    let place = self.at_axes(&kept, self.nest.kept_axes(*id));
                    let level = level.max(own);
                    let val = self.load(place, level);
                    self.set(*id, val, level);
                }
                Item::Contraction(id) => self.contraction(*id)?,
                Item::Loop(inner) => self.one_loop(inner)?,
            }
        }
        Ok(())
    }

    fn is_factored(&self, id: NodeId) -> bool {
        self.factored[id.index()]
    }

    fn number(&mut self) -> u32 {
        self.numbers.push(0.0);
        self.numbers.len() as u32 - 1
    }

    fn row(&mut self) -> u32 {
        self.rows += 1;
        self.rows - 1
    }

    pub(super) fn constant(&mut self, value: f64) -> u32 {
        let (numbers, known) = (&mut self.numbers, &mut self.known_numbers);
        *self.constants.entry(value.to_bits()).or_insert_with(|| {
            numbers.push(value);
            known.insert(numbers.len() as u32 - 1, value);
            numbers.len() as u32 - 1
        })
    }

    /// An operand; of arrays there is none.
    fn operand(&self, id: NodeId) -> Operand {
        match self.vals[id.index()] {
            Val::Number(number) => Operand::Uniform(number),
            Val::Row(row) => Operand::Row(row),
            Val::Array(_) | Val::Nowhere => unreachable!("a number"),
        }
    }

    fn compute(&mut self, id: NodeId, level: usize) -> Result<Val, NotPlanned> {
        let graph = self.graph;
        Ok(match graph.node(id) {
            Node::Const(constant) => Val::Number(self.constant(graph.constant(constant).to_f64())),
            Node::Symbol(Symbol::Size(size)) => Val::Number(self.constant(self.tables.size(size) as f64)),
            Node::Symbol(Symbol::Axis(axis)) => {
                let number = axis.index() as u32;
                if let Some(value) = self.fixed[axis.index()] {
                    Val::Number(self.constant(value as f64))
                } else if self.lane == Some(axis) {
                    let into = self.row();
                    self.emit(level, Step::CounterRow { axis: number, into });
                    Val::Row(into)
                } else {
                    let into = self.number();
                    self.emit(level, Step::Counter { axis: number, into });
                    Val::Number(into)
                }
            }
            Node::Symbol(Symbol::Datum(_)) => unreachable!("a datum by itself is a read"),
            Node::Input(block, offset) => {
                let mut place = Place { base: self.blocks[block.index()].base.clone(), dims: Vec::new() };
                place.base.form.constant += i64::from(offset);
                self.load(place, level)
            }
            Node::Read(block, position) => {
                let place = self.blocks[block.index()].clone();
                self.element(&place, graph.position(position), level)
            }
            Node::Element([array], position) => {
                let Val::Array(place) = self.vals[array.index()].clone() else { unreachable!("an array") };
                self.element(&place, graph.position(position), level)
            }
            Node::State(axis, k) => self.states[&(axis, k)].0.clone(),
            Node::Project([all], k) => self.results[&(all, k)].clone(),
            Node::Scatter(scatter) => self.scatter(id, graph.scatter(scatter))?,
            Node::Fold(fold, list) => {
                let terms = graph.list(list).iter().map(|&term| self.term(term)).collect();
                self.list(fold, terms, level)
            }
            Node::Binary(Op::Add, ab) if ab.iter().any(|&term| self.is_factored(term)) => {
                let terms = ab.iter().map(|&term| self.term(term)).collect();
                self.list(Fold::Sum, terms, level)
            }
            Node::Unary(op, a) => self.apply(op, &a, level),
            Node::Binary(op, ab) => self.apply(op, &ab, level),
            Node::Ternary(op, abc) => self.apply(op, &abc, level),
            Node::Reduce(..) | Node::Array(..) | Node::Iterate(_) => unreachable!("loops are no values"),
        })
    }

    fn element(&mut self, place: &Place, forms: &[expr::index::Index], level: usize) -> Val {
        let mut place = place.clone();
        for form in forms {
            place = self.at_index(&place, form);
        }
        self.load(place, level)
    }

    /// What is at a place: a number, one for each lane, or an array.
    fn load(&mut self, place: Place, level: usize) -> Val {
        if !place.dims.is_empty() {
            return Val::Array(Rc::new(place));
        }
        if let Some(known) = self.in_memory(&place.base, level) {
            return known.clone();
        }
        let base = place.base.clone();
        let val = match self.lane {
            Some(axis) if self.differs(&place.base, axis) => {
                let into = self.row();
                self.emit(level, Step::LoadRow { from: Box::new(Lanewise::new(place.base, axis)), into });
                Val::Row(into)
            }
            _ => {
                let into = self.number();
                self.emit(level, Step::Load { from: Box::new(place.base), into });
                Val::Number(into)
            }
        };
        self.remember(&base, &val, level);
        val
    }

    /// Whether a place is another one in every lane.
    fn differs(&self, address: &Address, axis: Axis) -> bool {
        let depends = |form: &super::form::Form| form.slope(axis) != Some(0);
        address.lanes || depends(&address.form) || address.checks.iter().any(|check| depends(&check.form))
    }

    /// So many numbers of memory, one next to the other.
    pub(super) fn allocate(&mut self, size: usize) -> Result<usize, NotPlanned> {
        let start = self.memory;
        self.memory = start.checked_add(size).filter(|end| *end <= self.most_memory).ok_or_else(|| {
            NotPlanned::Memory { bytes: (start as u64).saturating_add(size as u64).saturating_mul(8) }
        })?;
        Ok(start)
    }

    /// How many numbers an element of a new array has.
    fn width(&self, lanes: bool) -> usize {
        if lanes { self.block } else { 1 }
    }
}

const _: () = assert!(LANES == 8, "blocks are so many times eight numbers");
