//! Positions in the tables of a graph.

/// A node of a graph, by its position in the arena. Children always have smaller ids than their parents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The position in the arena.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $Id:ident;)*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Id(pub(crate) u32);

        impl $Id {
            /// The position in the graph's table.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

ids! {
    /// A constant of a graph.
    ConstantId;
    /// A list of children of a graph.
    ListId;
    /// A list of index forms of a graph.
    PositionId;
    /// A range of an axis of a graph.
    RangeId;
    /// An iteration of a graph.
    IterationId;
    /// A scatter of a graph.
    ScatterId;
    /// A block of inputs of a graph.
    BlockId;
    /// An axis of a graph: what an index variable, or the step of an iteration, runs over.
    Axis;
}

impl Axis {
    /// The axis at this position in the graph's table.
    pub fn at(position: u32) -> Axis {
        Axis(position)
    }
}
