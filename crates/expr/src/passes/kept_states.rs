//! Iterations that keep the states which a pass over their body needs.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::builder::{Builder, Expr};
use crate::node::{Node, NodeId};
use crate::rewrite::Style;
use crate::{Function, Rebuild};

/// Where among the results of each iteration its states before every step are.
pub(super) type Kept = FxHashMap<NodeId, Rc<[usize]>>;

/// The same function, whose iterations also keep their states before each step, once each; and where.
pub(super) fn kept_states(f: &Function) -> (Function, Kept) {
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
        let mut eaches = children[2 * states..].to_vec();
        for k in 0..states {
            let before = builder.state(range.axis, k);
            if eaches.iter().all(|each| each.id() != before.id()) {
                eaches.push(before);
            }
        }
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
    let places = graph.ids().filter_map(|id| {
        let Node::Iterate(iteration) = graph.node(id) else { return None };
        let (axis, states) = (graph.iteration_range(iteration).axis, graph.state_count(iteration));
        let place = |k: usize| {
            let is_state = |each: &NodeId| graph.node(*each) == Node::State(axis, k as u32);
            let at = graph.children(id)[2 * states..].iter().position(is_state);
            states + at.expect("every state is kept")
        };
        Some((id, (0..states).map(place).collect()))
    });
    let kept = places.collect();
    (g, kept)
}
