//! How long a formula is: operators and names, with everything that is shared written out.

use expr::{Graph, Node, NodeId};

/// Lengths of the nodes of a graph that grows.
#[derive(Debug, Default)]
pub(super) struct Lengths(Vec<u64>);

impl Lengths {
    /// The length of a node: one for every operator, function, number and name in its text.
    pub(super) fn of(&mut self, graph: &Graph, id: NodeId) -> u64 {
        for next in graph.ids_from(self.0.len()) {
            let children = graph.children(next);
            let below = children.iter().fold(0, |sum: u64, child| sum.saturating_add(self.0[child.index()]));
            let own = match graph.node(next) {
                // Terms of a list are joined by one operator less than there are.
                Node::Fold(..) => children.len().saturating_sub(1) as u64,
                // Written with what it is projected by.
                Node::Iterate(_) => 0,
                _ => 1,
            };
            self.0.push(below.saturating_add(own));
        }
        self.0[id.index()]
    }
}
