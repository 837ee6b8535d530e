//! Nodes of one graph in another one.

use crate::graph::{Graph, Iteration};
use crate::node::{Node, NodeId, RangeId};
use crate::scatter::{Part, Scatter, Shape};

impl Graph {
    /// A node of another graph, whose blocks, axes and sizes have the same numbers, over other children.
    pub(crate) fn translated(
        &mut self,
        from: &Graph,
        id: NodeId,
        child: impl Fn(NodeId) -> NodeId,
    ) -> Node<NodeId> {
        let list = |graph: &mut Graph| {
            let children: Vec<NodeId> = from.children(id).iter().map(|&id| child(id)).collect();
            graph.push_list(&children)
        };
        match from.node(id) {
            Node::Const(constant) => Node::Const(self.push_constant(from.constant(constant).clone())),
            Node::Fold(fold, _) => Node::Fold(fold, list(self)),
            Node::Read(block, position) => Node::Read(block, self.push_position(from.position(position))),
            Node::Reduce(fold, range, [body]) => {
                Node::Reduce(fold, self.push_range(from.range(range).clone()), [child(body)])
            }
            Node::Extreme(op, range, [body]) => {
                Node::Extreme(op, self.push_range(from.range(range).clone()), [child(body)])
            }
            Node::Array(range, [body]) => {
                Node::Array(self.push_range(from.range(range).clone()), [child(body)])
            }
            Node::Element([array], position) => {
                Node::Element([child(array)], self.push_position(from.position(position)))
            }
            Node::Iterate(iteration) => {
                let children = list(self);
                let range = self.push_range(from.iteration_range(iteration).clone());
                let Iteration { falling, states, .. } = from.iteration(iteration);
                Node::Iterate(self.push_iteration(Iteration { range, falling, states, children }))
            }
            Node::Scatter(scatter) => {
                let children = list(self);
                let Scatter { shape, parts, .. } = from.scatter(scatter);
                let mut range = |range: &RangeId| self.push_range(from.range(*range).clone());
                let shape = match shape {
                    Shape::Block(block) => Shape::Block(*block),
                    Shape::Ranges(ranges) => Shape::Ranges(ranges.iter().map(&mut range).collect()),
                };
                let mut part = |part: &Part| Part {
                    position: self.push_position(from.position(part.position)),
                    ..part.clone()
                };
                let parts = parts.iter().map(&mut part).collect();
                Node::Scatter(self.push_scatter(Scatter { shape, parts, children }))
            }
            node => node.map(child),
        }
    }
}
