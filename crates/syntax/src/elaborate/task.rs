//! What remains to be done while a tree is read: no nesting is too deep for a stack of our own.

use super::arrays::Header;
use super::{Binding, CallKey, Frame};
use crate::jet::Levels;
use crate::name_resolution::{Derivative, Iteration, Reduction, Whole};
use crate::parser::{AstId, Logic};
use expr::graph::AxisRange;
use expr::{Axis, Expr, Fold, Op};

pub(super) enum Task<'p, 'g> {
    Visit(AstId),
    Apply(Op, AstId),
    Join(Logic, AstId),
    Whole(Whole, &'p str, AstId),
    Call(&'p str, AstId),
    List(Fold, &'p [AstId]),
    Subscript(AstId),
    /// An element of what a `let` defines.
    Element(AstId),
    Pick(AstId),
    /// The bounds are there: bind the axis and go on to the body.
    /// The bounds of an index variable of an array are there.
    Header(Header<'p>),
    /// The body of an array is there, and these are its ranges.
    LeaveArray(AstId, AstId, Vec<AxisRange>),
    /// An array begins: what has its header, and its body.
    Begin(AstId, AstId),
    EnterReduction(AstId, &'p Reduction<'p>),
    LeaveReduction(AstId, &'p Reduction<'p>, Axis),
    /// The body of a product depends on what a derivative is taken by: it is gone through as an iteration.
    LeaveProduct(&'p Reduction<'p>, Axis, Levels, Expr<'g>),
    EnterIteration(AstId, &'p Iteration<'p>),
    LeaveIteration(AstId, &'p Iteration<'p>, Axis, Vec<Levels>),
    EnterDefinition(usize, AstId),
    Leave(CallKey, Frame),
    EnterDerivative(AstId, &'p Derivative<'p>),
    /// The argument of `f'` is there.
    EnterPrime(usize, u32, AstId),
    LeaveDerivative {
        level: u32,
        order: u32,
        binding: Binding,
        id: AstId,
    },
}
