//! What a node receives: numbers, or what comes to the elements of an array; and where it counts.

use super::scopes::Scopes;
use crate::array_builder::Contribution;
use crate::builder::{Builder, Expr};
use crate::fold::Fold;
use crate::index::Index;
use crate::node::{Axis, BlockId, Node, NodeId};
use crate::scatter::Shape;
use crate::{Calculus, Constant, Op, Scalar};

/// The branches under which something counts: both conditions must hold, where there are any.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Live<'g> {
    /// Made of indices, so that it is known before anything is read.
    pub(super) indices: Option<Expr<'g>>,
    /// Of any numbers.
    pub(super) others: Option<Expr<'g>>,
}

fn constant<'g>(builder: &'g Builder, value: i64) -> Expr<'g> {
    builder.lift(&Constant::Integer(value))
}

fn and<'g>(a: Option<Expr<'g>>, b: Option<Expr<'g>>) -> Option<Expr<'g>> {
    match (a, b) {
        // What need not be read is not read.
        (Some(a), Some(b)) if a.id() != b.id() => Some(a.select(b, constant(a.context(), 0))),
        (a, b) => a.or(b),
    }
}

/// What both conditions need besides one of which they have the opposite values: where that holds one of them does.
fn opposite<'g>(a: Expr<'g>, b: Expr<'g>) -> Option<Option<Expr<'g>>> {
    let builder = a.context();
    let zero = constant(builder, 0).id();
    let graph = builder.graph();
    let negates = |a: NodeId, b: NodeId| matches!(graph.node(a), Node::Binary(Op::Eq, [c, none]) if c == b && none == zero);
    if negates(a.id(), b.id()) || negates(b.id(), a.id()) {
        return Some(None);
    }
    let both = |id: NodeId| match graph.node(id) {
        Node::Ternary(Op::Select, [outer, inner, none]) if none == zero => Some((outer, inner)),
        _ => None,
    };
    let ((outer, x), (other, y)) = (both(a.id())?, both(b.id())?);
    (outer == other && (negates(x, y) || negates(y, x))).then(|| Some(builder.handle(outer)))
}

fn or<'g>(a: Expr<'g>, b: Expr<'g>) -> Expr<'g> {
    if a.id() == b.id() { a } else { a.select(constant(a.context(), 1), b) }
}

impl<'g> Live<'g> {
    pub(super) fn is_always(&self) -> bool {
        self.indices.is_none() && self.others.is_none()
    }

    /// Under this, and where a condition holds.
    pub(super) fn within(self, condition: Expr<'g>, taken: bool, of_indices: bool) -> Live<'g> {
        let zero = constant(condition.context(), 0);
        let holds = if taken { condition.ne(zero) } else { condition.eq(zero) };
        if of_indices {
            Live { indices: and(self.indices, Some(holds)), others: self.others }
        } else {
            Live { indices: self.indices, others: and(self.others, Some(holds)) }
        }
    }

    /// Where either counts.
    pub(super) fn either(self, other: Live<'g>) -> Live<'g> {
        if self.is_always() || other.is_always() {
            return Live::default();
        }
        match (self.indices, other.indices, self.others, other.others) {
            (Some(a), Some(b), None, None) => {
                if let Some(indices) = opposite(a, b) {
                    return Live { indices, others: None };
                }
            }
            (a, b, Some(x), Some(y)) if a.map(Expr::id) == b.map(Expr::id) => {
                if let Some(others) = opposite(x, y) {
                    return Live { indices: a, others };
                }
            }
            _ => {}
        }
        let indices = self.indices.zip(other.indices).map(|(a, b)| or(a, b));
        let whole = |live: Live<'g>| and(live.indices, live.others).expect("it is not always");
        let others = match (self.others, other.others) {
            (None, None) if indices.is_some() => None,
            _ => Some(or(whole(self), whole(other))),
        };
        Live { indices, others }
    }

    /// A number, or 0 where it does not count.
    pub(super) fn of(&self, number: Expr<'g>) -> Expr<'g> {
        let conditions = [self.others, self.indices].into_iter().flatten();
        conditions.fold(number, |number, holds| holds.select(number, constant(number.context(), 0)))
    }

    /// The number of which this is `of`, if it is one: what is passed on from it is put under the conditions again.
    pub(super) fn inside(&self, number: Expr<'g>) -> Expr<'g> {
        let conditions = [self.indices, self.others].into_iter().flatten();
        conditions.fold(number, |number, holds| {
            let builder = number.context();
            let zero = constant(builder, 0);
            let graph = builder.graph();
            let Node::Ternary(Op::Select, [condition, a, b]) = graph.node(number.id()) else { return number };
            if condition == holds.id() && b == zero.id() {
                return builder.handle(a);
            }
            // A condition that must not hold chooses the other branch.
            match graph.node(holds.id()) {
                Node::Binary(Op::Eq, [x, none]) if x == condition && none == zero.id() && a == zero.id() => {
                    builder.handle(b)
                }
                _ => number,
            }
        })
    }

    /// The one condition, if it is not always.
    pub(super) fn whole(self) -> Option<Expr<'g>> {
        and(self.indices, self.others)
    }
}

/// An array, or the sub-array of it at some indices.
#[derive(Clone, Debug)]
pub(super) struct Whole<'g> {
    pub(super) of: Source<'g>,
    pub(super) prefix: Vec<Index>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'g> {
    Block(BlockId),
    Node(Expr<'g>),
}

impl<'g> Source<'g> {
    pub(super) fn node(self) -> Option<Expr<'g>> {
        match self {
            Source::Block(_) => None,
            Source::Node(node) => Some(node),
        }
    }
}

impl<'g> Whole<'g> {
    pub(super) fn node(node: Expr<'g>) -> Whole<'g> {
        Whole { of: Source::Node(node), prefix: Vec::new() }
    }

    /// The sub-array, or the element.
    pub(super) fn at(&self, position: &[Index]) -> Whole<'g> {
        Whole { of: self.of, prefix: [&self.prefix[..], position].concat() }
    }

    pub(super) fn element(&self, builder: &'g Builder, position: &[Index]) -> Expr<'g> {
        let position = [&self.prefix[..], position].concat();
        match self.of {
            Source::Block(block) if position.is_empty() => builder.element(block, 0),
            Source::Block(block) => builder.read(block, &position),
            Source::Node(node) if position.is_empty() => node,
            Source::Node(node) => builder.at(node, &position),
        }
    }
}

/// What one user of a node passes to it.
#[derive(Clone, Debug)]
pub(super) enum What<'g> {
    /// To a number.
    Number(Expr<'g>),
    /// To every element of an array.
    Whole(Box<Whole<'g>>),
    /// To some elements.
    Part(Box<Contribution<'g>>),
    /// To one result of an iteration.
    Result(u32, Box<What<'g>>),
}

impl<'g> What<'g> {
    /// The expression that is passed, if it is one.
    pub(super) fn expression(&mut self) -> Option<&mut Expr<'g>> {
        match self {
            What::Number(expr) => Some(expr),
            What::Whole(whole) => match &mut whole.of {
                Source::Node(expr) => Some(expr),
                Source::Block(_) => None,
            },
            What::Part(part) => Some(&mut part.source),
            What::Result(..) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Share<'g> {
    pub(super) live: Live<'g>,
    pub(super) what: What<'g>,
}

/// All that an array receives.
#[derive(Clone, Debug)]
pub(super) struct Received<'g> {
    pub(super) wholes: Vec<(Live<'g>, Whole<'g>)>,
}

impl<'g> Received<'g> {
    /// Puts the parts into one scatter.
    pub(super) fn of(builder: &'g Builder, shape: &Shape, shares: Vec<Share<'g>>) -> Received<'g> {
        let mut wholes = Vec::new();
        let mut parts = Vec::new();
        for share in shares {
            match share.what {
                What::Whole(whole) => wholes.push((share.live, *whole)),
                What::Part(part) => parts.push(*part),
                What::Number(_) | What::Result(..) => unreachable!("an array receives arrays"),
            }
        }
        if !parts.is_empty() {
            let scatter = builder.scatter(shape.clone(), &parts);
            wholes.push((Live::default(), Whole::node(scatter)));
        }
        Received { wholes }
    }

    /// What comes to an element.
    pub(super) fn element(&self, builder: &'g Builder, position: &[Index]) -> Expr<'g> {
        let element = |(live, whole): &(Live<'g>, Whole<'g>)| live.of(whole.element(builder, position));
        sum(builder, self.wholes.iter().map(element))
    }
}

/// The sum of what users pass, without zeros; what is passed under one condition or its opposite is one choice.
pub(super) fn sum<'g>(builder: &'g Builder, terms: impl Iterator<Item = Expr<'g>>) -> Expr<'g> {
    let zero = constant(builder, 0);
    let mut terms: Vec<Expr<'g>> = terms.filter(|term| term.id() != zero.id()).collect();
    if terms.len() < 2 {
        return builder.fold(Fold::Sum, &terms);
    }
    let choice = |term: &Expr<'g>| match builder.graph().node(term.id()) {
        Node::Ternary(Op::Select, [c, a, b]) if a == zero.id() || b == zero.id() => Some((c, a, b)),
        _ => None,
    };
    let mut choices: Vec<(NodeId, usize)> = Vec::new();
    for at in 0..terms.len() {
        let Some((condition, a, b)) = choice(&terms[at]) else { continue };
        // Few conditions: a node that many users pass to under conditions of their own is rare.
        match choices.iter().rev().take(16).find(|(known, _)| *known == condition) {
            Some(&(_, first)) => {
                // What was one choice is none any more where both branches came to the same, which may be a choice by something else.
                let [x, y] = match builder.graph().node(terms[first].id()) {
                    Node::Ternary(Op::Select, [own, x, y]) if own == condition => [x, y],
                    _ => [terms[first].id(); 2],
                };
                let [a, b, x, y] = [a, b, x, y].map(|id| builder.handle(id));
                terms[first] = builder.handle(condition).select(x + a, y + b);
                terms[at] = zero;
            }
            None => choices.push((condition, at)),
        }
    }
    terms.retain(|term| term.id() != zero.id());
    builder.fold(Fold::Sum, &terms)
}

/// The arrays of a body over axes, the first the outermost.
pub(super) fn nest<'g>(builder: &'g Builder, scopes: &Scopes, axes: &[Axis], body: Expr<'g>) -> Expr<'g> {
    axes.iter().rev().fold(body, |body, axis| builder.array(scopes.range(*axis).clone(), body))
}

/// The sum of a body over axes, the first the outermost.
pub(super) fn summed<'g>(builder: &'g Builder, scopes: &Scopes, axes: &[Axis], body: Expr<'g>) -> Expr<'g> {
    axes.iter().rev().fold(body, |body, axis| builder.reduce(Fold::Sum, scopes.range(*axis).clone(), body))
}
