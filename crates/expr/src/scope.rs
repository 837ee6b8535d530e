//! Which axes a node is free in, as machine words.

use crate::graph::Graph;
use crate::index::{Index, Symbol};
use crate::node::Node;

/// A set of axes.
pub(crate) type Axes = u64;

/// For every node the axes that occur free in it, and those that are bound somewhere inside it.
pub(crate) fn axes(graph: &Graph) -> (Vec<Axes>, Vec<Axes>) {
    let mut free = Vec::with_capacity(graph.len());
    let mut bound = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let children = graph.children(id);
        let within = |all: &[Axes], children: &[crate::NodeId]| {
            children.iter().fold(0, |axes, child| axes | all[child.index()])
        };
        let inner_bound = within(&bound, children);
        let (own_free, own_bound) = match graph.node(id) {
            Node::Symbol(Symbol::Axis(axis)) | Node::State(axis, _) => (1 << axis.index(), 0),
            Node::Read(_, position) => (of_forms(graph.position(position)), 0),
            Node::Reduce(_, range, _) => {
                let range = graph.range(range);
                let axis = 1 << range.axis.index();
                let bounds = of_forms([&range.low, &range.high]);
                (within(&free, children) & !axis | bounds, axis)
            }
            Node::Iterate(iteration) => {
                let range = graph.iteration_range(iteration);
                let axis = 1 << range.axis.index();
                let (inits, nexts) = children.split_at(children.len() / 2);
                let bounds = of_forms([&range.low, &range.high]);
                (within(&free, inits) | within(&free, nexts) & !axis | bounds, axis)
            }
            _ => (within(&free, children), 0),
        };
        free.push(own_free);
        bound.push(inner_bound | own_bound);
    }
    (free, bound)
}

fn of_forms<'a>(forms: impl IntoIterator<Item = &'a Index>) -> Axes {
    forms.into_iter().flat_map(Index::symbols).fold(0, |axes, symbol| match symbol {
        Symbol::Axis(axis) => axes | 1 << axis.index(),
        Symbol::Size(_) => axes,
    })
}

/// # Panics
/// When an axis is bound again inside its own body, which building code must avoid by another name.
pub(crate) fn check(graph: &Graph) {
    let (_, bound) = axes(graph);
    for id in graph.ids() {
        let (axis, body) = match graph.node(id) {
            Node::Reduce(_, range, _) => (graph.range(range).axis, graph.children(id)),
            Node::Iterate(iteration) => {
                let children = graph.children(id);
                (graph.iteration_range(iteration).axis, &children[children.len() / 2..])
            }
            _ => continue,
        };
        let again = body.iter().any(|child| bound[child.index()] & 1 << axis.index() != 0);
        assert!(!again, "the axis {} is bound inside its own body", graph.axis_names(axis).index);
    }
}
