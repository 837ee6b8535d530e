//! Which axes a node is free in, as machine words.

use crate::graph::{Graph, Scope};
use crate::index::{Index, Symbol};
use crate::node::{Node, NodeId};

/// A set of axes.
pub type Axes = u64;

/// For every node the axes that occur free in it.
pub fn free_axes(graph: &Graph) -> Vec<Axes> {
    let mut free = Vec::with_capacity(graph.len());
    extend(graph, &mut free);
    free
}

/// The same for the nodes beyond those that are known.
pub fn extend(graph: &Graph, free: &mut Vec<Axes>) {
    for id in graph.ids().skip(free.len()) {
        let within = |children: &[NodeId]| children.iter().fold(0, |axes, child| axes | free[child.index()]);
        let axes = match (graph.node(id), graph.scope(id)) {
            (Node::Symbol(Symbol::Axis(axis)) | Node::State(axis, _), _) => 1 << axis.index(),
            (Node::Read(_, position), _) => of_forms(graph.position(position)),
            (_, Some(Scope { range, outside, inside })) => {
                let bounds = of_forms([&range.low, &range.high]);
                within(outside) | within(inside) & !(1 << range.axis.index()) | bounds
            }
            _ => within(graph.children(id)),
        };
        free.push(axes);
    }
}

fn of_forms<'a>(forms: impl IntoIterator<Item = &'a Index>) -> Axes {
    forms.into_iter().flat_map(Index::symbols).fold(0, |axes, symbol| match symbol {
        Symbol::Axis(axis) => axes | 1 << axis.index(),
        Symbol::Size(_) => axes,
    })
}
