//! Which nodes are conditions: comparisons, and what `and`, `or` and `not` make of them.

use super::parser::Logic;
use expr::Op;
use expr::graph::Graph;
use expr::{Node, NodeId};

/// Adds, for every node that nothing is said of yet, whether it is a condition, and so 0 or 1.
pub(super) fn extend(graph: &Graph, truths: &mut Vec<bool>) {
    for id in graph.ids_from(truths.len()) {
        let compares = |op: Op| matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne);
        let truth = graph.node(id).op().is_some_and(compares) || joined(graph, truths, id).is_some();
        truths.push(truth);
    }
}

/// What joins conditions in this node, if that is what it does, and which.
pub(super) fn joined(graph: &Graph, truths: &[bool], id: NodeId) -> Option<(Logic, NodeId, NodeId)> {
    let Node::Ternary(Op::Select, [first, a, b]) = graph.node(id) else { return None };
    let is = |id: NodeId| truths[id.index()];
    let integer = |id: NodeId| match graph.node(id) {
        Node::Const(constant) => graph.constant(constant).as_integer(),
        _ => None,
    };
    if !is(first) {
        return None;
    }
    match (integer(a), integer(b)) {
        (Some(0), Some(1)) => Some((Logic::Not, first, first)),
        (None, Some(0)) if is(a) => Some((Logic::And, first, a)),
        (Some(1), None) if is(b) => Some((Logic::Or, first, b)),
        _ => None,
    }
}
