//! The transpose of reading: arrays made of contributions to their elements.

use crate::graph::Graph;
use crate::ids::{Axis, BlockId, ListId, NodeId, PositionId, RangeId};
use crate::node::Node;

/// Which indices an array has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Those of an input.
    Block(BlockId),
    /// Ranges, from the first index to the last; a range may depend on the axes of those before it.
    Ranges(Box<[RangeId]>),
}

impl Shape {
    /// That of a number: no index.
    pub fn number() -> Shape {
        Shape::Ranges([].into())
    }
}

/// What contributes to the elements of an array. Its source is a child of the scatter: a scalar, or a nest of arrays over the axes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// The axes over which the source has a value, outermost first.
    pub axes: Box<[Axis]>,
    /// Where its values go, in these axes.
    pub position: PositionId,
    /// Whether a second child says where it contributes at all: a condition made of indices.
    pub guarded: bool,
}

/// A scatter: its children are the source of each part, followed by its guard where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scatter {
    /// The indices of the array.
    pub shape: Shape,
    /// What contributes, in order.
    pub parts: Box<[Part]>,
    /// Sources and guards.
    pub(crate) children: ListId,
}

impl Graph {
    /// The indices of an array; none of a number. `state` says those of a state of an iteration that is not entered on the way, where
    /// it is an array.
    ///
    /// ```
    /// use expr::Shape;
    /// let f = syntax::parse("iterate(k, 1, 3, y[i: 1..n], x[i], y[i]^2)").unwrap();
    /// let Shape::Ranges(ranges) = f.graph().shape(f.outputs()[0], &|_, _| None) else { unreachable!() };
    /// assert_eq!(ranges.len(), 1);
    /// ```
    pub fn shape(&self, mut id: NodeId, state: &dyn Fn(Axis, u32) -> Option<Shape>) -> Shape {
        enum Step {
            Over(RangeId),
            Element(usize),
        }
        let mut steps = Vec::new();
        // The iterations whose bodies are entered: a state has the indices that it starts with there.
        let mut entered: Vec<(Axis, NodeId)> = Vec::new();
        let leaf = loop {
            match self.node(id) {
                Node::Array(range, [body]) => {
                    steps.push(Step::Over(range));
                    id = body;
                }
                Node::Element([array], position) => {
                    steps.push(Step::Element(self.position(position).len()));
                    id = array;
                }
                Node::Project([all], k) => {
                    let Node::Iterate(iteration) = self.node(all) else {
                        unreachable!("a result of an iteration")
                    };
                    let (states, k) = (self.state_count(iteration), k as usize);
                    entered.push((self.iteration_range(iteration).axis, all));
                    if k >= states {
                        steps.push(Step::Over(self.iteration_range_id(iteration)));
                    }
                    id = self.children(all)[if k < states { k } else { k + states }];
                }
                Node::State(axis, k) => match entered.iter().rev().find(|(own, _)| *own == axis) {
                    Some((_, all)) => id = self.children(*all)[k as usize],
                    None => break state(axis, k).unwrap_or_else(Shape::number),
                },
                Node::Scatter(scatter) => break self.scatter(scatter).shape.clone(),
                _ => break Shape::number(),
            }
        };
        let outward = steps.into_iter().rev();
        outward.fold(leaf, |shape, step| match (step, shape) {
            (Step::Over(range), Shape::Ranges(inner)) => {
                Shape::Ranges([range].into_iter().chain(inner).collect())
            }
            (Step::Element(given), Shape::Ranges(ranges)) => {
                Shape::Ranges(ranges.get(given..).unwrap_or_default().into())
            }
            (Step::Element(given), Shape::Block(block)) if given == self.block(block).rank => Shape::number(),
            (_, shape) => shape,
        })
    }
}
