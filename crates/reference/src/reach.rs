//! What an output takes from each argument of a node.

use expr::{Node, NodeId, Op};

use crate::interval::Interval;

/// What an output takes from a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    Nothing,
    /// On which side of something else its value is.
    Side,
    /// Its value.
    Value,
}

/// What a node that is reached takes from its argument `k`.
pub(crate) fn reach_of_argument(node: Node<NodeId>, k: usize, arguments: &[Interval<'_>]) -> Reach {
    let side = node.op().is_some_and(|op| match op {
        Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne => true,
        op => is_inactive(op, k, arguments),
    });
    match (taken(node, k, &arguments[0]), side) {
        (false, _) => Reach::Nothing,
        (true, true) => Reach::Side,
        (true, false) => Reach::Value,
    }
}

/// Whether argument `k` is on the side that max, min, clamp or relu does not take, and not at the border.
pub(crate) fn is_inactive(op: Op, k: usize, arguments: &[Interval<'_>]) -> bool {
    let below = |i: usize, j: usize| arguments[i].high < arguments[j].low;
    match op {
        Op::Max => below(k, 1 - k),
        Op::Min => below(1 - k, k),
        Op::Relu => arguments[0].is_negative(),
        Op::Clamp => {
            let inner = arguments[0].max_with(&arguments[1]);
            let capped = arguments[2].high < inner.low;
            match k {
                0 => capped || below(0, 1),
                1 => capped || below(1, 0),
                _ => inner.high < arguments[2].low,
            }
        }
        _ => false,
    }
}

/// Whether argument `k` counts, given the first one: only the branch that is taken does, or may be.
pub(crate) fn taken(node: Node<NodeId>, k: usize, first: &Interval<'_>) -> bool {
    match (node.op(), k) {
        (Some(Op::Select), 1) => !first.is_zero(),
        (Some(Op::Select), 2) => first.contains_zero(),
        _ => true,
    }
}
