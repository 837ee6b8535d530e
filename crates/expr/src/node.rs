//! One layer of an expression: an operator and its operands, of any kind.
//!
//! With node ids in the operands it is a row of the arena; with e-class ids it is an e-node; with slots it is a step.

pub(crate) use crate::ids::{
    Axis, BlockId, ConstantId, IterationId, ListId, NodeId, PositionId, RangeId, ScatterId,
};
use crate::index::Symbol;
use crate::{Fold, Op};

/// One layer of an expression, its fixed children as operands of type `C`.
///
/// The first five kinds make *flat* functions. The others speak of axes, and
/// [`Function::unroll`](crate::Function::unroll) removes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node<C> {
    /// A constant.
    Const(ConstantId),
    /// One scalar of a block of inputs, counted from 0 in row-major order.
    Input(BlockId, u32),
    /// An operator of one argument.
    Unary(Op, [C; 1]),
    /// An operator of two arguments.
    Binary(Op, [C; 2]),
    /// An operator of three arguments.
    Ternary(Op, [C; 3]),
    /// A sum, product or extreme of a list of terms, in the canonical order of [`fold`](crate::fold).
    Fold(Fold, ListId),
    /// The value of an index variable or a size.
    Symbol(Symbol),
    /// A read of an indexed input at a position that depends on axes or sizes.
    Read(BlockId, PositionId),
    /// A sum, product or extreme of the body over a range of an axis.
    Reduce(Fold, RangeId, [C; 1]),
    /// All results of an iteration; [`Node::Project`] picks one.
    Iterate(IterationId),
    /// One result of an iteration, counted from 0: the last states, then what is kept of each step, as arrays.
    Project([C; 1], u32),
    /// One carried state inside the body of the iteration that binds the axis, counted from 0.
    State(Axis, u32),
    /// The array of the body over a range of an axis.
    Array(RangeId, [C; 1]),
    /// An element of an array; with fewer index forms than it has indices, an array of the rest.
    Element([C; 1], PositionId),
    /// The transpose of reading: an array that is 0 but for what its parts contribute.
    Scatter(ScatterId),
}

impl<C: Copy> Node<C> {
    /// The operator applied to its arguments.
    ///
    /// # Panics
    /// When their number is not the operator's arity.
    #[inline]
    pub fn apply(op: Op, arguments: &[C]) -> Node<C> {
        assert_eq!(arguments.len(), op.arity(), "{} takes {} arguments", op.name(), op.arity());
        match *arguments {
            [a] => Node::Unary(op, [a]),
            [a, b] => Node::Binary(op, [a, b]),
            [a, b, c] => Node::Ternary(op, [a, b, c]),
            _ => unreachable!("no operator takes more than three arguments"),
        }
    }

    /// The operator of the table, if it is one.
    #[inline]
    pub fn op(&self) -> Option<Op> {
        match *self {
            Node::Unary(op, _) | Node::Binary(op, _) | Node::Ternary(op, _) => Some(op),
            _ => None,
        }
    }

    /// The fixed children; those in lists are the graph's ([`Graph::children`](crate::Graph::children)).
    #[inline]
    pub fn operands(&self) -> &[C] {
        match self {
            Node::Unary(_, a)
            | Node::Reduce(_, _, a)
            | Node::Project(a, _)
            | Node::Array(_, a)
            | Node::Element(a, _) => a,
            Node::Binary(_, ab) => ab,
            Node::Ternary(_, abc) => abc,
            _ => &[],
        }
    }

    /// The same, to be changed in place.
    #[inline]
    pub fn operands_mut(&mut self) -> &mut [C] {
        match self {
            Node::Unary(_, a)
            | Node::Reduce(_, _, a)
            | Node::Project(a, _)
            | Node::Array(_, a)
            | Node::Element(a, _) => a,
            Node::Binary(_, ab) => ab,
            Node::Ternary(_, abc) => abc,
            _ => &mut [],
        }
    }

    /// The same layer over other children: the bridge between arena, e-graph and program.
    #[inline]
    pub fn map<D>(self, f: impl FnMut(C) -> D) -> Node<D> {
        match self {
            Node::Const(id) => Node::Const(id),
            Node::Input(block, offset) => Node::Input(block, offset),
            Node::Unary(op, a) => Node::Unary(op, a.map(f)),
            Node::Binary(op, ab) => Node::Binary(op, ab.map(f)),
            Node::Ternary(op, abc) => Node::Ternary(op, abc.map(f)),
            Node::Fold(fold, list) => Node::Fold(fold, list),
            Node::Symbol(symbol) => Node::Symbol(symbol),
            Node::Read(block, position) => Node::Read(block, position),
            Node::Reduce(fold, range, a) => Node::Reduce(fold, range, a.map(f)),
            Node::Iterate(iteration) => Node::Iterate(iteration),
            Node::Project(a, k) => Node::Project(a.map(f), k),
            Node::State(axis, k) => Node::State(axis, k),
            Node::Array(range, a) => Node::Array(range, a.map(f)),
            Node::Element(a, position) => Node::Element(a.map(f), position),
            Node::Scatter(scatter) => Node::Scatter(scatter),
        }
    }
}

const _: () = assert!(size_of::<Node<NodeId>>() == 16, "a node is 16 bytes");
