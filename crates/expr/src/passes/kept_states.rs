//! Iterations that keep the states which a pass over their body needs.

use rustc_hash::FxHashMap;

use crate::builder::{Builder, Expr};
use crate::node::{Node, NodeId};
use crate::rewrite::Style;
use crate::{Function, Rebuild};

/// The same function, whose iterations also keep their states before each step; and where, per iteration, the first of them is
/// among its results.
pub(super) fn kept_states(f: &Function) -> (Function, FxHashMap<NodeId, usize>) {
    let graph = f.graph();
    if !graph.nodes().iter().any(|node| matches!(node, Node::Iterate(_))) {
        return (f.clone(), FxHashMap::default());
    }
    let builder = Builder::new(Style::Written);
    builder.copy_names(graph);
    let mut made = Rebuild::new(graph, &builder);
    made.run(graph.ids(), |made, id| {
        let Node::Iterate(iteration) = graph.node(id) else { return None };
        let range = graph.iteration_range(iteration).clone();
        let states = graph.state_count(iteration);
        let children: Vec<Expr<'_>> = graph.children(id).iter().map(|&child| made.of(child)).collect();
        let before = (0..states).map(|k| builder.state(range.axis, k));
        let eaches: Vec<Expr<'_>> = children[2 * states..].iter().copied().chain(before).collect();
        let results = builder.scan(
            range,
            graph.is_falling(iteration),
            &children[..states],
            &children[states..2 * states],
            &eaches,
        );
        builder.parent_of(*results.first()?)
    });
    let outputs = made.ids(f.outputs());
    drop(made);
    let g = f.with_same_bindings(builder.finish(outputs));
    let graph = g.graph();
    let first = graph.ids().filter_map(|id| match graph.node(id) {
        Node::Iterate(iteration) => Some((id, graph.children(id).len() - 2 * graph.state_count(iteration))),
        _ => None,
    });
    let kept = first.collect();
    (g, kept)
}
