//! Nodes taken out of one graph and put into another one, or into the same over other axes.

use crate::graph::{AxisRange, Graph, Iteration};
use crate::index::{Index, Symbol};
use crate::node::{Axis, BlockId, Node, NodeId};
use crate::scatter::{Part, Scatter, Shape};
use crate::{Constant, Fold};

/// What a node says, its children apart, without a place in any graph's tables.
enum Layer {
    /// What says all itself.
    Plain(Node<NodeId>),
    Constant(Constant),
    Fold(Fold),
    Read(BlockId, Vec<Index>),
    Element(Vec<Index>),
    Reduce(Fold, AxisRange),
    Array(AxisRange),
    Iterate {
        range: AxisRange,
        falling: bool,
        states: u32,
    },
    Scatter {
        shape: LayerShape,
        parts: Vec<(Vec<Axis>, Vec<Index>, bool)>,
    },
}

enum LayerShape {
    Block(BlockId),
    Ranges(Vec<AxisRange>),
}

impl Layer {
    /// The same over other axes: `bound` says what the axis is called that the node itself binds.
    fn renamed(self, axis: &impl Fn(Axis) -> Axis, bound: &impl Fn(Axis) -> Axis) -> Layer {
        let forms =
            |forms: Vec<Index>| -> Vec<Index> { forms.iter().map(|form| form.with_axes(axis)).collect() };
        let range = |AxisRange { axis: own, low, high }| AxisRange {
            axis: bound(own),
            low: low.with_axes(axis),
            high: high.with_axes(axis),
        };
        match self {
            Layer::Plain(Node::Symbol(Symbol::Axis(own))) => {
                Layer::Plain(Node::Symbol(Symbol::Axis(axis(own))))
            }
            Layer::Plain(Node::State(own, k)) => Layer::Plain(Node::State(axis(own), k)),
            Layer::Read(block, position) => Layer::Read(block, forms(position)),
            Layer::Element(position) => Layer::Element(forms(position)),
            Layer::Reduce(fold, over) => Layer::Reduce(fold, range(over)),
            Layer::Array(over) => Layer::Array(range(over)),
            Layer::Iterate { range: over, falling, states } => {
                Layer::Iterate { range: range(over), falling, states }
            }
            Layer::Scatter { shape, parts } => Layer::Scatter {
                shape: match shape {
                    LayerShape::Ranges(ranges) => LayerShape::Ranges(ranges.into_iter().map(range).collect()),
                    block => block,
                },
                parts: parts
                    .into_iter()
                    .map(|(axes, position, guarded)| {
                        (axes.into_iter().map(axis).collect(), forms(position), guarded)
                    })
                    .collect(),
            },
            same => same,
        }
    }
}

impl Graph {
    fn layer(&self, id: NodeId) -> Layer {
        let range = |id| self.range(id).clone();
        match self.node(id) {
            Node::Const(constant) => Layer::Constant(self.constant(constant).clone()),
            Node::Fold(fold, _) => Layer::Fold(fold),
            Node::Read(block, position) => Layer::Read(block, self.position(position).to_vec()),
            Node::Element(_, position) => Layer::Element(self.position(position).to_vec()),
            Node::Reduce(fold, over, _) => Layer::Reduce(fold, range(over)),
            Node::Array(over, _) => Layer::Array(range(over)),
            Node::Iterate(iteration) => {
                let Iteration { range: over, falling, states, .. } = self.iteration(iteration);
                Layer::Iterate { range: range(over), falling, states }
            }
            Node::Scatter(scatter) => {
                let Scatter { shape, parts, .. } = self.scatter(scatter);
                let part =
                    |part: &Part| (part.axes.to_vec(), self.position(part.position).to_vec(), part.guarded);
                Layer::Scatter {
                    shape: match shape {
                        Shape::Block(block) => LayerShape::Block(*block),
                        Shape::Ranges(ranges) => {
                            LayerShape::Ranges(ranges.iter().map(|id| range(*id)).collect())
                        }
                    },
                    parts: parts.iter().map(part).collect(),
                }
            }
            node => Layer::Plain(node),
        }
    }

    /// The node that says this over these children.
    fn over(&mut self, layer: Layer, children: &[NodeId]) -> Node<NodeId> {
        match layer {
            Layer::Plain(mut node) => {
                node.operands_mut().copy_from_slice(children);
                node
            }
            Layer::Constant(constant) => Node::Const(self.push_constant(constant)),
            Layer::Fold(fold) => Node::Fold(fold, self.push_list(children)),
            Layer::Read(block, position) => Node::Read(block, self.push_position(&position)),
            Layer::Element(position) => Node::Element([children[0]], self.push_position(&position)),
            Layer::Reduce(fold, range) => Node::Reduce(fold, self.push_range(range), [children[0]]),
            Layer::Array(range) => Node::Array(self.push_range(range), [children[0]]),
            Layer::Iterate { range, falling, states } => {
                let (range, children) = (self.push_range(range), self.push_list(children));
                Node::Iterate(self.push_iteration(Iteration { range, falling, states, children }))
            }
            Layer::Scatter { shape, parts } => {
                let shape = match shape {
                    LayerShape::Block(block) => Shape::Block(block),
                    LayerShape::Ranges(ranges) => {
                        Shape::Ranges(ranges.into_iter().map(|range| self.push_range(range)).collect())
                    }
                };
                let part = |(axes, position, guarded): (Vec<Axis>, Vec<Index>, bool)| Part {
                    axes: axes.into(),
                    position: self.push_position(&position),
                    guarded,
                };
                let parts = parts.into_iter().map(part).collect();
                let children = self.push_list(children);
                Node::Scatter(self.push_scatter(Scatter { shape, parts, children }))
            }
        }
    }

    /// A node of another graph, whose blocks, axes and sizes have the same numbers, over other children.
    pub(crate) fn translated(
        &mut self,
        from: &Graph,
        id: NodeId,
        child: impl Fn(NodeId) -> NodeId,
    ) -> Node<NodeId> {
        let node = from.node(id);
        if node.op().is_some() {
            return node.map(child);
        }
        match from.layer(id) {
            Layer::Plain(node) => node.map(child),
            layer => {
                let children: Vec<NodeId> = from.children(id).iter().map(|&id| child(id)).collect();
                self.over(layer, &children)
            }
        }
    }

    /// A node of this graph over other children and axes: `bound` says what the axis is called that the node itself binds.
    pub(crate) fn renamed(
        &mut self,
        id: NodeId,
        child: impl Fn(NodeId) -> NodeId,
        axis: impl Fn(Axis) -> Axis,
        bound: impl Fn(Axis) -> Axis,
    ) -> Node<NodeId> {
        let children: Vec<NodeId> = self.children(id).iter().map(|&id| child(id)).collect();
        let layer = self.layer(id).renamed(&axis, &bound);
        self.over(layer, &children)
    }
}
