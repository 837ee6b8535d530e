//! The transpose of reading: arrays made of contributions to their elements.

use crate::ids::{Axis, BlockId, ListId, PositionId, RangeId};

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
