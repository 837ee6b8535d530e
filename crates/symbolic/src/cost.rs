//! What one evaluation of a graph costs.

use expr::{Function, Graph, Node, NodeId, Op};

/// What x^2 costs: it is one multiplication, and reads better than x*x.
pub(crate) const SQUARE: u64 = 1;

/// What one evaluation of the graph costs, in additions; every node once, constants and quotients of integers free.
pub fn cost(f: &Function) -> u64 {
    f.graph().ids().map(|id| node_cost(f.graph(), id)).sum()
}

/// What one node costs.
pub(crate) fn node_cost(graph: &Graph, id: NodeId) -> u64 {
    let integer = |id| match graph.node(id) {
        Node::Const(constant) => graph.constant(constant).as_integer(),
        _ => None,
    };
    match graph.node(id) {
        Node::Binary(Op::Powi, [_, exponent]) if integer(exponent) == Some(2) => SQUARE,
        Node::Binary(Op::Div, [a, b]) if integer(a).is_some() && integer(b).is_some() => 0,
        Node::Fold(fold, list) => {
            (graph.list(list).len() as u64).saturating_sub(1) * u64::from(fold.op().cost())
        }
        node => node.op().map_or(0, |op| u64::from(op.cost())),
    }
}
