//! What is simplified while a node is put into a graph: nothing that changes a bit of a user's function, and of a
//! derivative only the zeros and ones that the chain rule leaves behind.

use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::{Constant, Op, index_branches};

/// What a builder may simplify while nodes are put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// A user's function: kept as written, but for what changes no bit of any result.
    Written,
    /// A function without its axes: branches that integers decide are taken too, as when it is read.
    Unrolled,
    /// A derivative: the zeros and ones that the chain rule leaves behind are removed as well.
    Derived,
}

/// Puts the node in, or what it is certainly equal to.
pub(crate) fn insert(graph: &mut Graph, node: Node<NodeId>, style: Style) -> NodeId {
    if let Some(id) = exact(graph, node) {
        return id;
    }
    if style == Style::Unrolled
        && let Node::Ternary(Op::Select, [condition, a, b]) = node
        && let Some(holds) = index_branches::decided(graph, condition)
    {
        return if holds { a } else { b };
    }
    if style == Style::Derived
        && let Some(id) = structural(graph, node)
    {
        return id;
    }
    graph.push(node)
}

fn literal(graph: &Graph, id: NodeId) -> Option<&Constant> {
    match graph.node(id) {
        Node::Const(constant) => Some(graph.constant(constant)),
        _ => None,
    }
}

fn integer(graph: &Graph, id: NodeId) -> Option<i64> {
    literal(graph, id)?.as_integer()
}

fn constant(graph: &mut Graph, constant: Constant) -> NodeId {
    let id = graph.push_constant(constant);
    graph.push(Node::Const(id))
}

/// Rewrites that hold in every bit, for every argument, NaN included.
fn exact(graph: &mut Graph, node: Node<NodeId>) -> Option<NodeId> {
    match node {
        Node::Unary(Op::Neg, [a]) => match graph.node(a) {
            Node::Unary(Op::Neg, [b]) => Some(b),
            Node::Const(id) => {
                let negated = graph.constant(id).negated()?;
                Some(constant(graph, negated))
            }
            _ => None,
        },
        Node::Binary(op @ (Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Powi), [a, b]) => {
            match (op, integer(graph, a), integer(graph, b)) {
                (Op::Mul | Op::Div, _, Some(1)) | (Op::Sub, _, Some(0)) => return Some(a),
                (Op::Mul, Some(1), _) => return Some(b),
                _ => {}
            }
            let result = fold(op, literal(graph, a)?, literal(graph, b)?)?;
            Some(constant(graph, result))
        }
        _ => None,
    }
}

/// The result of an operation on literals, when both are `f64`s as they stand and so is the result.
fn fold(op: Op, a: &Constant, b: &Constant) -> Option<Constant> {
    let (a, b) = (a.as_exact_f64()?, b.as_exact_f64()?);
    let value = op.value(&[a, b]);
    // Error-free transformations (Knuth; Dekker) need room below for the error: refuse anything near underflow.
    let roomy = |v: f64| v == 0.0 || (1e-140..1e140).contains(&v.abs());
    if ![a, b, value].into_iter().all(roomy) {
        return None;
    }
    let exact = match op {
        Op::Add | Op::Sub => {
            let b = if op == Op::Sub { -b } else { b };
            let t = value - a;
            (a - (value - t)) + (b - t) == 0.0
        }
        Op::Mul => a.mul_add(b, -value) == 0.0,
        Op::Div => b != 0.0 && value.mul_add(b, -a) == 0.0,
        // Powers by repeated multiplication, so that each product can be seen to be exact.
        Op::Powi => {
            let exponent = Some(b).filter(|b| (0.0..=64.0).contains(b))?;
            let mut power = 1.0f64;
            for _ in 0..exponent as u32 {
                let next = power * a;
                if power.mul_add(a, -next) != 0.0 {
                    return None;
                }
                power = next;
            }
            power == value
        }
        _ => false,
    };
    // A decimal of hundreds of digits would be exact too, but nobody wants to read it.
    let result = Constant::exact(value).filter(|_| exact)?;
    (result.to_string().len() <= 20).then_some(result)
}

/// Rewrites that are right where everything is finite: a derivative's structural zeros and ones.
fn structural(graph: &mut Graph, node: Node<NodeId>) -> Option<NodeId> {
    let negated = |graph: &Graph, id| match graph.node(id) {
        Node::Unary(Op::Neg, [a]) => Some(a),
        _ => None,
    };
    let put = |graph: &mut Graph, op, arguments: &[NodeId]| {
        Some(insert(graph, Node::apply(op, arguments), Style::Derived))
    };
    match node {
        Node::Binary(op, [a, b]) => {
            let (m, n) = (integer(graph, a), integer(graph, b));
            match (op, m, n) {
                (Op::Add, Some(0), _) => Some(b),
                (Op::Add, _, Some(0)) | (Op::Powi | Op::Pow, _, Some(1)) => Some(a),
                (Op::Sub, Some(0), _) => put(graph, Op::Neg, &[b]),
                (Op::Mul | Op::Div, Some(0), _) => Some(a),
                (Op::Mul, _, Some(0)) => Some(b),
                (Op::Mul, Some(-1), _) => put(graph, Op::Neg, &[b]),
                (Op::Mul, _, Some(-1)) => put(graph, Op::Neg, &[a]),
                (Op::Powi | Op::Pow, _, Some(0)) => Some(constant(graph, Constant::Integer(1))),
                (Op::Ne, _, Some(0)) if is_truth(graph, a) => Some(a),
                (Op::Eq, Some(m), Some(n)) => Some(constant(graph, Constant::Integer((m == n).into()))),
                (Op::Eq, None, None | Some(_)) | (Op::Eq, Some(_), None)
                    if literal(graph, a).is_some() && literal(graph, b).is_some() =>
                {
                    let equal = literal(graph, a) == literal(graph, b);
                    Some(constant(graph, Constant::Integer(equal.into())))
                }
                _ => match (op, negated(graph, a), negated(graph, b)) {
                    (Op::Add, _, Some(b)) => put(graph, Op::Sub, &[a, b]),
                    (Op::Add, Some(a), _) => put(graph, Op::Sub, &[b, a]),
                    (Op::Sub, _, Some(b)) => put(graph, Op::Add, &[a, b]),
                    (Op::Mul | Op::Div, Some(a), Some(b)) => put(graph, op, &[a, b]),
                    (Op::Mul | Op::Div, Some(a), None) | (Op::Mul | Op::Div, None, Some(a)) => {
                        let other = if negated(graph, node.operands()[0]).is_some() {
                            [a, b]
                        } else {
                            [node.operands()[0], a]
                        };
                        let positive = put(graph, op, &other)?;
                        put(graph, Op::Neg, &[positive])
                    }
                    _ => None,
                },
            }
        }
        Node::Ternary(Op::Select, [condition, a, b]) => select(graph, condition, a, b),
        _ => None,
    }
}

/// Whether a node is 0 or 1: a comparison.
fn is_truth(graph: &Graph, id: NodeId) -> bool {
    matches!(graph.node(id), Node::Binary(Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge, _))
}

/// A choice by a condition rather than by its opposite, and one choice for two by the same condition.
fn select(graph: &mut Graph, condition: NodeId, a: NodeId, b: NodeId) -> Option<NodeId> {
    match integer(graph, condition) {
        Some(0) => return Some(b),
        Some(_) => return Some(a),
        None if a == b => return Some(a),
        None => {}
    }
    let again = |condition, a, b| Node::Ternary(Op::Select, [condition, a, b]);
    let chosen = |graph: &Graph, id: NodeId, taken: usize| match graph.node(id) {
        Node::Ternary(Op::Select, all) if all[0] == condition => all[taken],
        _ => id,
    };
    let node = match graph.node(condition) {
        Node::Binary(Op::Eq, [x, zero]) if integer(graph, zero) == Some(0) && is_truth(graph, x) => {
            again(x, b, a)
        }
        _ => match (chosen(graph, a, 1), chosen(graph, b, 2)) {
            (x, y) if (x, y) == (a, b) => return None,
            (x, y) => again(condition, x, y),
        },
    };
    Some(insert(graph, node, Style::Derived))
}
