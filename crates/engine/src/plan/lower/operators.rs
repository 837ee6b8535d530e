//! Operators, and lists of terms.

use expr::{Fold, Graph, Node, NodeId, Op};

use super::{Lowering, Val};
use crate::plan::axes::AxisTable;
use crate::plan::interchange::own_axis;
use crate::plan::regions::Nest;
use crate::plan::step::Step;
use crate::rows::{self, Operand, Term};

impl Lowering<'_> {
    pub(super) fn apply(&mut self, op: Op, arguments: &[NodeId], level: usize) -> Val {
        if op == Op::Powi
            && let Node::Const(exponent) = self.graph.node(arguments[1])
            && let Some(power) = self.power(arguments[0], self.graph.constant(exponent).to_f64(), level)
        {
            return power;
        }
        let operand = |k: usize| self.operand(arguments[if k < arguments.len() { k } else { 0 }]);
        let operands = [operand(0), operand(1), operand(2)];
        self.operator(op, operands, level)
    }

    fn known_number(&self, operand: Operand) -> Option<f64> {
        match operand {
            Operand::Uniform(number) => self.known_numbers.get(&number).copied(),
            Operand::Row(_) => None,
        }
    }

    fn operator(&mut self, op: Op, operands: [Operand; 3], level: usize) -> Val {
        let [a, b, c] = operands.map(|operand| self.known_number(operand));
        match (op, a, b, c) {
            (Op::Select, Some(condition), ..) => {
                return match operands[if condition != 0.0 { 1 } else { 2 }] {
                    Operand::Row(row) => Val::Row(row),
                    Operand::Uniform(number) => Val::Number(number),
                };
            }
            (op, Some(a), Some(b), Some(c)) => return Val::Number(self.constant(op.value(&[a, b, c]))),
            _ => {}
        }
        let is_row = |operand: &Operand| matches!(operand, Operand::Row(_));
        let in_rows = operands.iter().any(is_row);
        let into = if in_rows { self.row() } else { self.number() };
        push(&mut self.frames[level].steps, rows::Step::Apply { op, into, operands }, in_rows);
        if in_rows { Val::Row(into) } else { Val::Number(into) }
    }

    /// What the operator does for these exponents, without asking in every lane.
    fn power(&mut self, base: NodeId, exponent: f64, level: usize) -> Option<Val> {
        let base = self.operand(base);
        if exponent == 2.0 {
            return Some(self.operator(Op::Mul, [base; 3], level));
        }
        if exponent == 3.0 {
            let square = match self.operator(Op::Mul, [base; 3], level) {
                Val::Row(square) => Operand::Row(square),
                Val::Number(square) => Operand::Uniform(square),
                _ => return None,
            };
            return Some(self.operator(Op::Mul, [square, base, base], level));
        }
        if exponent == -1.0 {
            let one = Operand::Uniform(self.constant(1.0));
            return Some(self.operator(Op::Div, [one, base, one], level));
        }
        None
    }

    /// A term of a fold.
    pub(super) fn term(&self, id: NodeId) -> Term {
        match self.graph.node(id) {
            Node::Binary(Op::Mul, [a, b]) if self.is_factored(id) => {
                Term { first: self.operand(a), second: Some(self.operand(b)) }
            }
            _ => Term { first: self.operand(id), second: None },
        }
    }

    pub(super) fn list(&mut self, fold: Fold, terms: Vec<Term>, level: usize) -> Val {
        if terms.is_empty() {
            let neutral = fold.neutral().map_or(f64::NAN, |constant| constant.to_f64());
            return Val::Number(self.constant(neutral));
        }
        let in_rows = terms.iter().any(Term::has_row);
        let start = self.terms.len() as u32;
        let into = if in_rows { self.row() } else { self.number() };
        if in_rows {
            self.partials = self.partials.max(rows::fold::partial_rows(terms.len()));
        }
        self.terms.extend(terms);
        let terms = start..self.terms.len() as u32;
        let step = rows::Step::Fold { fold, canonical: true, into, terms };
        push(&mut self.frames[level].steps, step, in_rows);
        if in_rows { Val::Row(into) } else { Val::Number(into) }
    }
}

/// Which products are terms of one sum and nothing else, computed where that is.
pub(super) fn factored(graph: &Graph, axes: &AxisTable, nest: &Nest<'_>, uses: &[u32]) -> Vec<bool> {
    let mut all = vec![false; graph.len()];
    let is_lone = |id: NodeId| {
        matches!(graph.node(id), Node::Binary(Op::Mul, _))
            && uses[id.index()] == 1
            && !nest.kept.contains(&id)
    };
    for id in graph.ids() {
        match graph.node(id) {
            Node::Reduce(Fold::Sum, _, [term]) => {
                all[term.index()] |= is_lone(term) && axes.free[term.index()].contains(own_axis(graph, id));
            }
            Node::Fold(Fold::Sum, _) | Node::Binary(Op::Add, _) => {
                for &term in graph.children(id) {
                    all[term.index()] |= is_lone(term) && axes.free[term.index()] == axes.free[id.index()];
                }
            }
            _ => {}
        }
    }
    all
}

/// One more operator, beside those before it.
fn push(steps: &mut Vec<Step>, step: rows::Step, in_rows: bool) {
    if let (Some(Step::Rows(all)), true) = (steps.last_mut(), in_rows)
        && joins_a_pair(all, &step)
    {
        return;
    }
    match (steps.last_mut(), in_rows) {
        (Some(Step::Rows(all)), true) | (Some(Step::Operators(all)), false) => all.push(step),
        (_, true) => steps.push(Step::Rows(vec![step])),
        (_, false) => steps.push(Step::Operators(vec![step])),
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
