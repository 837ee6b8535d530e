//! Which axes a node is free in, as machine words.

use crate::graph::{AxisRange, Graph};
use crate::index::{Index, Symbol};
use crate::node::{Node, NodeId};

/// A set of axes.
pub(crate) type Axes = u64;

/// For every node the axes that occur free in it.
pub(crate) fn free_axes(graph: &Graph) -> Vec<Axes> {
    let mut free = Vec::with_capacity(graph.len());
    extend(graph, &mut free);
    free
}

/// The same for the nodes beyond those that are known.
pub(crate) fn extend(graph: &Graph, free: &mut Vec<Axes>) {
    for id in graph.ids().skip(free.len()) {
        let within = |children: &[NodeId]| children.iter().fold(0, |axes, child| axes | free[child.index()]);
        let bounds = |range: &AxisRange| of_forms([&range.low, &range.high]);
        let children = graph.children(id);
        let axes = match graph.node(id) {
            Node::Symbol(Symbol::Axis(axis)) | Node::State(axis, _) => 1 << axis.index(),
            Node::Read(_, position) => of_forms(graph.position(position)),
            Node::Reduce(_, range, _) => {
                let range = graph.range(range);
                within(children) & !(1 << range.axis.index()) | bounds(range)
            }
            Node::Iterate(iteration) => {
                let range = graph.iteration_range(iteration);
                let (inits, nexts) = children.split_at(children.len() / 2);
                within(inits) | within(nexts) & !(1 << range.axis.index()) | bounds(range)
            }
            _ => within(children),
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
