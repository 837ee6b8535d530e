//! From the nest of loops to steps.

mod arrays;
mod loops;

use std::rc::Rc;

use expr::index::Symbol;
use expr::{Axis, Fold, Function, Graph, Node, NodeId, Op, Shape};
use rustc_hash::FxHashMap;

use super::NotPlanned;
use super::axes::AxisTable;
use super::form::Tables;
use super::place::{Address, Place};
use super::regions::{Item, Nest, Region};
use super::step::{Lanewise, Step};
use crate::number::LANES;
use crate::rows::{self, Operand, Term};

/// Where the value of a node is.
#[derive(Clone, Debug)]
pub(super) enum Val {
    Nowhere,
    Number(u32),
    Row(u32),
    Array(Rc<Place>),
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
    vals: Vec<Val>,
    /// Arrays for which it is known where they are to be made.
    homes: FxHashMap<NodeId, Rc<Place>>,
    /// Kept nodes, for each value of their axes.
    keeps: FxHashMap<NodeId, Rc<Place>>,
    states: FxHashMap<(Axis, u32), Val>,
    results: FxHashMap<(NodeId, u32), Val>,
    pub(super) numbers: Vec<f64>,
    constants: FxHashMap<u64, u32>,
    pub(super) terms: Vec<Term>,
    /// Values of the block that is at hand, each in a row of its own.
    rows: u32,
    /// How many rows there are at most.
    pub(super) most_rows: usize,
    /// Rows for partial results of a list.
    pub(super) partials: usize,
    pub(super) folds: u32,
    pub(super) row_folds: u32,
    /// The axis of the loop that is run in blocks.
    lane: Option<Axis>,
    pub(super) block: usize,
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
        Lowering {
            graph,
            axes,
            tables,
            extents,
            nest,
            state_shapes: graph.state_shapes(),
            blocks,
            vals: vec![Val::Nowhere; graph.len()],
            homes: FxHashMap::default(),
            keeps: FxHashMap::default(),
            states: FxHashMap::default(),
            results: FxHashMap::default(),
            numbers: Vec::new(),
            constants: FxHashMap::default(),
            terms: Vec::new(),
            rows: 0,
            most_rows: 0,
            partials: 0,
            folds: 0,
            row_folds: 0,
            lane: None,
            block,
            memory,
            most_memory,
        }
    }

    pub(super) fn value(&self, id: NodeId) -> &Val {
        &self.vals[id.index()]
    }

    pub(super) fn region(&mut self, region: &Region, steps: &mut Vec<Step>) -> Result<(), NotPlanned> {
        for item in &region.items {
            match item {
                Item::Value(id) => self.vals[id.index()] = self.compute(*id, steps)?,
                Item::Load(id) => {
                    let place = self.at_axes(&self.keeps[id], self.nest.kept_axes(*id));
                    self.vals[id.index()] = self.load(place, steps);
                }
                Item::Loop(inner) => self.one_loop(inner, steps)?,
            }
        }
        Ok(())
    }

    fn number(&mut self) -> u32 {
        self.numbers.push(0.0);
        self.numbers.len() as u32 - 1
    }

    fn row(&mut self) -> u32 {
        self.rows += 1;
        self.rows - 1
    }

    fn constant(&mut self, value: f64) -> u32 {
        let numbers = &mut self.numbers;
        *self.constants.entry(value.to_bits()).or_insert_with(|| {
            numbers.push(value);
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

    fn compute(&mut self, id: NodeId, steps: &mut Vec<Step>) -> Result<Val, NotPlanned> {
        let graph = self.graph;
        Ok(match graph.node(id) {
            Node::Const(constant) => Val::Number(self.constant(graph.constant(constant).to_f64())),
            Node::Symbol(Symbol::Size(size)) => Val::Number(self.constant(self.tables.size(size) as f64)),
            Node::Symbol(Symbol::Axis(axis)) => {
                let number = axis.index() as u32;
                if self.lane == Some(axis) {
                    let into = self.row();
                    steps.push(Step::CounterRow { axis: number, into });
                    Val::Row(into)
                } else {
                    let into = self.number();
                    steps.push(Step::Counter { axis: number, into });
                    Val::Number(into)
                }
            }
            Node::Symbol(Symbol::Datum(_)) => unreachable!("a datum by itself is a read"),
            Node::Input(block, offset) => {
                let mut place = Place { base: self.blocks[block.index()].base.clone(), dims: Vec::new() };
                place.base.form.constant += i64::from(offset);
                self.load(place, steps)
            }
            Node::Read(block, position) => {
                let place = self.blocks[block.index()].clone();
                self.element(&place, graph.position(position), steps)
            }
            Node::Element([array], position) => {
                let Val::Array(place) = self.vals[array.index()].clone() else { unreachable!("an array") };
                self.element(&place, graph.position(position), steps)
            }
            Node::State(axis, k) => self.states[&(axis, k)].clone(),
            Node::Project([all], k) => self.results[&(all, k)].clone(),
            Node::Scatter(scatter) => self.scatter(id, graph.scatter(scatter), steps)?,
            Node::Fold(fold, list) => self.list(fold, graph.list(list), steps),
            Node::Unary(op, a) => self.apply(op, &a, steps),
            Node::Binary(op, ab) => self.apply(op, &ab, steps),
            Node::Ternary(op, abc) => self.apply(op, &abc, steps),
            Node::Reduce(..) | Node::Array(..) | Node::Iterate(_) => unreachable!("loops are no values"),
        })
    }

    fn element(&mut self, place: &Place, forms: &[expr::index::Index], steps: &mut Vec<Step>) -> Val {
        let mut place = place.clone();
        for form in forms {
            place = place.at_index(form, self.axes, self.tables);
        }
        self.load(place, steps)
    }

    /// What is at a place: a number, one for each lane, or an array.
    fn load(&mut self, place: Place, steps: &mut Vec<Step>) -> Val {
        if !place.dims.is_empty() {
            return Val::Array(Rc::new(place));
        }
        match self.lane {
            Some(axis) if self.differs(&place.base, axis) => {
                let into = self.row();
                steps.push(Step::LoadRow { from: Box::new(Lanewise::new(place.base, axis)), into });
                Val::Row(into)
            }
            _ => {
                let into = self.number();
                steps.push(Step::Load { from: Box::new(place.base), into });
                Val::Number(into)
            }
        }
    }

    /// Whether a place is another one in every lane.
    fn differs(&self, address: &Address, axis: Axis) -> bool {
        let depends = |form: &super::form::Form| form.slope(axis) != Some(0);
        address.lanes || depends(&address.form) || address.checks.iter().any(|check| depends(&check.form))
    }

    fn apply(&mut self, op: Op, arguments: &[NodeId], steps: &mut Vec<Step>) -> Val {
        if op == Op::Powi
            && let Node::Const(exponent) = self.graph.node(arguments[1])
            && let Some(power) = self.power(arguments[0], self.graph.constant(exponent).to_f64(), steps)
        {
            return power;
        }
        let operand = |k: usize| self.operand(arguments[if k < arguments.len() { k } else { 0 }]);
        let operands = [operand(0), operand(1), operand(2)];
        self.operator(op, operands, steps)
    }

    fn operator(&mut self, op: Op, operands: [Operand; 3], steps: &mut Vec<Step>) -> Val {
        let is_row = |operand: &Operand| matches!(operand, Operand::Row(_));
        let in_rows = operands.iter().any(is_row);
        let into = if in_rows { self.row() } else { self.number() };
        push(steps, rows::Step::Apply { op, into, operands }, in_rows);
        if in_rows { Val::Row(into) } else { Val::Number(into) }
    }

    /// What the operator does for these exponents, without asking in every lane.
    fn power(&mut self, base: NodeId, exponent: f64, steps: &mut Vec<Step>) -> Option<Val> {
        let base = self.operand(base);
        if !matches!(base, Operand::Row(_)) {
            return None;
        }
        if exponent == 2.0 {
            return Some(self.operator(Op::Mul, [base; 3], steps));
        }
        if exponent == 3.0 {
            let Val::Row(square) = self.operator(Op::Mul, [base; 3], steps) else { return None };
            return Some(self.operator(Op::Mul, [Operand::Row(square), base, base], steps));
        }
        if exponent == -1.0 {
            let one = Operand::Uniform(self.constant(1.0));
            return Some(self.operator(Op::Div, [one, base, one], steps));
        }
        None
    }

    fn list(&mut self, fold: Fold, list: &[NodeId], steps: &mut Vec<Step>) -> Val {
        if list.is_empty() {
            let neutral = fold.neutral().map_or(f64::NAN, |constant| constant.to_f64());
            return Val::Number(self.constant(neutral));
        }
        let start = self.terms.len() as u32;
        for &term in list {
            let term = Term { first: self.operand(term), second: None };
            self.terms.push(term);
        }
        let terms = start..self.terms.len() as u32;
        let in_rows = self.terms[start as usize..].iter().any(|term| matches!(term.first, Operand::Row(_)));
        let into = if in_rows { self.row() } else { self.number() };
        if in_rows {
            self.partials = self.partials.max(rows::fold::partial_rows(list.len()));
        }
        push(steps, rows::Step::Fold { fold, canonical: true, into, terms }, in_rows);
        if in_rows { Val::Row(into) } else { Val::Number(into) }
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

/// One more operator, beside those before it.
fn push(steps: &mut Vec<Step>, step: rows::Step, in_rows: bool) {
    if let (Some(Step::Rows(all)), true) = (steps.last_mut(), in_rows)
        && joins_a_pair(all, &step)
    {
        return;
    }
    match (steps.last_mut(), in_rows) {
        (Some(Step::Rows(all)), true) | (Some(Step::Numbers(all)), false) => all.push(step),
        (_, true) => steps.push(Step::Rows(vec![step])),
        (_, false) => steps.push(Step::Numbers(vec![step])),
    }
}

/// Sine and cosine of one row have nearly all of their work in common: says whether the other one is there, and now both are.
fn joins_a_pair(steps: &mut [rows::Step], step: &rows::Step) -> bool {
    let &rows::Step::Apply { op, into, operands: [Operand::Row(angle), ..] } = step else { return false };
    let [sine, cosine] = expr::PAIR;
    if op != sine && op != cosine {
        return false;
    }
    let other = if op == sine { cosine } else { sine };
    for known in steps.iter_mut().rev() {
        match *known {
            rows::Step::Apply { op, into: own, operands: [first, ..] }
                if op == other && first == Operand::Row(angle) =>
            {
                let into = if other == sine { [own, into] } else { [into, own] };
                *known = rows::Step::SinCos { into, angle };
                return true;
            }
            _ => {}
        }
    }
    false
}

const _: () = assert!(LANES == 8, "blocks are so many times eight numbers");
