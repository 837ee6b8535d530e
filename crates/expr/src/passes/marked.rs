//! Which nodes something holds of, or of a node that they are made of: through loops, where states carry it from step to step.

use rustc_hash::FxHashSet;

use crate::graph::{Graph, Role};
use crate::node::{Axis, IterationId, Node, NodeId};

/// What is known of nodes, and of the states of axes.
#[derive(Default)]
pub(super) struct Marked {
    nodes: Vec<bool>,
    pub(super) states: FxHashSet<(Axis, u32)>,
}

impl Marked {
    /// Marks nodes until nothing changes: a state where its start or its next is, a node where `own` says so or a child is.
    pub(super) fn of(graph: &Graph, own: impl Fn(NodeId) -> bool) -> Marked {
        let mut marked = Marked { nodes: vec![false; graph.len()], states: FxHashSet::default() };
        loop {
            let before = marked.states.len();
            for id in graph.ids() {
                let of_child = || graph.children(id).iter().any(|child| marked.nodes[child.index()]);
                marked.nodes[id.index()] = own(id)
                    || match graph.node(id) {
                        Node::State(axis, k) => marked.states.contains(&(axis, k)),
                        Node::Project([all], k) => match graph.node(all) {
                            Node::Iterate(iteration) => {
                                let (axis, states) = states_of(graph, iteration);
                                match (k as usize) < states {
                                    true => marked.states.contains(&(axis, k)),
                                    false => marked.nodes[graph.children(all)[states + k as usize].index()],
                                }
                            }
                            _ => unreachable!("results are those of iterations"),
                        },
                        _ => of_child(),
                    };
                if let Node::Iterate(iteration) = graph.node(id) {
                    let (axis, states) = states_of(graph, iteration);
                    let children = graph.children(id);
                    let is_marked = |k: &usize| {
                        marked.nodes[children[*k].index()] || marked.nodes[children[states + k].index()]
                    };
                    let found: Vec<u32> = (0..states).filter(is_marked).map(|k| k as u32).collect();
                    marked.states.extend(found.into_iter().map(|k| (axis, k)));
                }
            }
            if marked.states.len() == before {
                return marked;
            }
        }
    }

    pub(super) fn has(&self, id: NodeId) -> bool {
        self.nodes[id.index()]
    }
}

pub(super) fn states_of(graph: &Graph, iteration: IterationId) -> (Axis, usize) {
    (graph.iteration_range(iteration).axis, graph.state_count(iteration))
}

/// Which nodes depend on an input.
pub(super) fn varying(graph: &Graph) -> Marked {
    Marked::of(graph, |id| match graph.node(id) {
        Node::Read(block, _) | Node::Input(block, _) => graph.block(block).role != Role::Data,
        _ => false,
    })
}
