//! Which node is to blame.

use std::collections::BTreeMap;

use chainrule::backprop::Adjoint;
use chainrule::expr::{Calculus, DoubleDouble, Fact, Node, NodeId, Taken};
use chainrule::reference::{Component, Limits, certify, values};
use chainrule::{Budget, Derivative, Strategy, Want};

use super::piece::Piece;
use crate::sweep::sweep;

/// Nodes that the value is made of, arguments first: none of a branch that is not taken.
pub(crate) fn used(piece: &Piece, values: &[f64]) -> Vec<NodeId> {
    let graph = piece.function.graph();
    let taken = Taken::mark(&piece.function);
    let masks = taken.values((), |id| values[id.index()]);
    graph.ids().filter(|&id| masks[taken.of(id).index()] != 0.0).collect()
}

/// The first node whose result is too large or too small for a double although its arguments are not.
pub(crate) fn out_of_range(piece: &Piece, numbers: &[f64]) -> Option<NodeId> {
    let graph = piece.function.graph();
    used(piece, numbers).into_iter().find(|&id| {
        let value = numbers[id.index()];
        let arguments: Vec<f64> = graph.children(id).iter().map(|child| numbers[child.index()]).collect();
        !arguments.is_empty() && (overflows(value, &arguments) || vanishes(piece, id, value))
    })
}

fn overflows(value: f64, arguments: &[f64]) -> bool {
    !value.is_finite() && arguments.iter().all(|argument| argument.is_finite())
}

/// A result that is not 0 and has come out as 0, or has lost its last digits on the way there.
fn vanishes(piece: &Piece, id: NodeId, value: f64) -> bool {
    value.is_subnormal()
        || value == 0.0 && {
            let sign = piece.alone(id).then(|value| value.sign());
            matches!(values(&sign.function, &sign.at, &Limits::default())[0], Some(sign) if sign != 0.0)
        }
}

/// The first node, from the output down, whose gradient is too large for a double; of an input, the node that passes it
/// on.
pub(crate) fn gradient_out_of_range(piece: &Piece, values: &[f64]) -> Option<NodeId> {
    let graph = piece.function.graph();
    let flows = Flows::of(piece, values);
    let found = graph.ids().rev().find(|id| !flows.sum[id.index()].is_finite())?;
    match graph.node(found) {
        Node::Input(..) => graph.ids().rev().find(|&id| graph.children(id).contains(&found)),
        _ => Some(found),
    }
}

/// The node that loses the digits: where the relative error of the value, against double-double numbers, grows most; or
/// where upstream gradients cancel most.
pub(crate) fn cancellation(piece: &Piece, values: &[f64]) -> Option<NodeId> {
    let graph = piece.function.graph();
    let point: Vec<DoubleDouble> = piece.at.iter().map(|&x| x.into()).collect();
    let exact = piece.function.values((), &point);
    let error = |id: NodeId| {
        let (value, exact) = (values[id.index()], exact[id.index()]);
        let off = ((value - exact.hi) - exact.lo).abs();
        if off == 0.0 { 0.0 } else { off / exact.hi.abs() }
    };
    let growth = |id: NodeId| {
        let before = graph.children(id).iter().map(|&child| error(child)).fold(f64::EPSILON, f64::max);
        error(id) / before
    };
    let flows = Flows::of(piece, values);
    let lost = |id: NodeId| {
        let (sum, size) = (flows.sum[id.index()].abs(), flows.size[id.index()]);
        if size == 0.0 { 0.0 } else { size / sum }
    };
    let mut nodes = used(piece, values);
    nodes.retain(|&id| !matches!(graph.node(id), Node::Const(_)));
    let worst = |measure: &dyn Fn(NodeId) -> f64| {
        let all = nodes.iter().map(|&id| (measure(id), id));
        all.filter(|(size, _)| !size.is_nan()).fold(None, |best: Option<(f64, NodeId)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        })
    };
    [worst(&growth), worst(&lost)].into_iter().flatten().max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
}

/// The upstream gradients of every node: their sum, and the sum of their sizes.
struct Flows {
    sum: Vec<f64>,
    size: Vec<f64>,
}

impl Flows {
    fn of(piece: &Piece, values: &[f64]) -> Flows {
        let mut size = vec![0.0; values.len()];
        let arrive = |id: NodeId, _: &f64, gradient: f64| {
            size[id.index()] += gradient.abs();
            gradient
        };
        let received = sweep(&piece.function, piece.root(), (), values, arrive);
        Flows { sum: received.into_iter().map(|received| received.unwrap_or(0.0)).collect(), size }
    }
}

/// The first node that the strategy differentiates wrongly even when it is alone.
pub(crate) fn wrong_rule(piece: &Piece, values: &[f64], strategy: &dyn Strategy) -> Option<NodeId> {
    let graph = piece.function.graph();
    let mut tried: BTreeMap<String, bool> = BTreeMap::new();
    used(piece, values).into_iter().find(|&id| {
        let kind = match graph.node(id) {
            Node::Input(..) | Node::Const(_) => return false,
            Node::Fold(fold, list) => format!("{fold:?} {}", graph.list(list).len()),
            node => format!(
                "{:?} {:?}",
                node.op(),
                graph.children(id).iter().map(|c| values[c.index()]).collect::<Vec<_>>()
            ),
        };
        *tried.entry(kind).or_insert_with(|| is_wrong(&piece.alone(id), strategy))
    })
}

fn is_wrong(piece: &Piece, strategy: &dyn Strategy) -> bool {
    let Some(answer) = ask(strategy, piece) else { return false };
    let truth = certify(&piece.function, &piece.at, &Limits::default());
    answer.gradient.iter().zip(&truth.gradients[0]).any(|(&claim, truth)| match *truth {
        Component::Certified { gradient, .. } => {
            let off = (claim - gradient).abs();
            off.is_nan() || off > 1e-9 * gradient.abs()
        }
        _ => false,
    })
}

/// What a strategy answers, unless it refuses.
pub(crate) fn ask(strategy: &dyn Strategy, piece: &Piece) -> Option<Derivative> {
    let mut out = Derivative::default();
    let mut prepared = strategy.prepare(&piece.function, Want::Gradient, &Budget::default()).ok()?;
    prepared.run(&piece.at, &mut out).ok()?;
    Some(out)
}

/// The slopes to the left and to the right of a point along an input, and whether the function jumps there: gradients in
/// double-double numbers, as near to the point as these can tell.
pub(crate) fn one_sided(piece: &Piece, input: usize) -> ([f64; 2], bool) {
    let adjoint = Adjoint::compile(&piece.function);
    let mut workspace = adjoint.workspace_in::<DoubleDouble>(&piece.function);
    let x = piece.at[input];
    let distance = if x == 0.0 { 1.0 } else { x.abs() } * 2f64.powi(-75);
    let mut side = |sign: f64| {
        let mut point: Vec<DoubleDouble> = piece.at.iter().map(|&x| x.into()).collect();
        point[input] = match x {
            0.0 => (sign * distance).into(),
            hi => DoubleDouble { hi, lo: sign * distance },
        };
        let (mut value, mut gradient) = ([0.0.into()], vec![0.0.into(); point.len()]);
        adjoint.run(&mut workspace, &point, &mut value, &mut gradient);
        (value[0], gradient[input].hi)
    };
    let ((below, left), (above, right)) = (side(-1.0), side(1.0));
    let rise = (above - below).hi.abs();
    // What is continuous rises by its slopes, and by the last digits of the numbers on the way.
    let largest =
        piece.values().iter().map(|value| value.abs()).filter(|size| size.is_finite()).fold(0.0, f64::max);
    let jumps = rise > 16.0 * distance * (left.abs() + right.abs()) + 1e-27 * largest;
    ([left, right], jumps)
}

/// What lies between two points.
pub(crate) enum Between {
    /// The edge of a domain.
    Edge,
    /// A kink, or a jump.
    Kink,
}

/// The first node for which trouble lies between the point of a piece and another, by the values at both.
pub(crate) fn between(piece: &Piece, here: &[f64], there: &[f64]) -> Option<(Between, NodeId)> {
    let graph = piece.function.graph();
    used(piece, here).into_iter().find_map(|id| {
        let op = graph.node(id).op()?;
        let arguments = |values: &[f64]| -> Vec<f64> {
            graph.children(id).iter().map(|child| values[child.index()]).collect()
        };
        let (here, there) = (arguments(here), arguments(there));
        if op.undefined_at(&there).is_some() {
            return Some((Between::Edge, id));
        }
        op.kinks().iter().any(|&kink| crosses(kink, &here, &there)).then_some((Between::Kink, id))
    })
}

/// Whether a kink lies between two places.
fn crosses(kink: Fact, here: &[f64], there: &[f64]) -> bool {
    let differ = |of: &dyn Fn(&[f64]) -> f64| of(here) != of(there);
    let sign = |a: f64| if a == 0.0 { 0.0 } else { a.signum() };
    match kink {
        Fact::Zero(k) => differ(&|a| sign(a[k])),
        Fact::Tie(i, j) => differ(&|a| sign(a[i] - a[j])),
        Fact::Integer(k) | Fact::NonZeroInteger(k) => differ(&|a| a[k].floor()),
        Fact::HalfInteger(k) => differ(&|a| a[k].round()),
        Fact::Cut(i, j) => here[j] < 0.0 && differ(&|a| sign(a[i])),
        _ => false,
    }
}
