//! Which node it is.

use std::collections::BTreeSet;

use chainrule::{Budget, Derivative, Strategy, Want};
use expr::reverse_sweep::{at_inputs, by_the_table, reverse_sweep};
use expr::{Analysis, Fold, Function, Node, NodeId, Op};
use reference::{Component, Limits, certify};

use super::Kind;
use super::anatomy::{Anatomy, CERTIFIED};
use super::piece::Piece;
use crate::taylor_test::{Claimed, Remainder, Work, check};

/// The first node whose result is too large or too small for a double although its arguments are not, and which of these.
pub(super) fn out_of_range(anatomy: &Anatomy<'_>, work: &mut Work) -> Option<(Kind, NodeId)> {
    let graph = anatomy.f.graph();
    anatomy.used.iter().find_map(|&id| {
        let arguments = anatomy.arguments(id);
        let value = anatomy.values[id.index()];
        let node = graph.node(id);
        let singular = node.op().is_some_and(|op| op.undefined_at(&arguments).is_some());
        if arguments.is_empty() || singular || arguments.iter().any(|argument| !argument.is_finite()) {
            return None;
        }
        if !value.is_finite() {
            return Some((Kind::Overflow, id));
        }
        // What a sum loses is another matter; a step or a choice is exactly 0.
        let sums = matches!(node.op(), Some(Op::Add | Op::Sub | Op::Neg | Op::Select))
            || matches!(node, Node::Fold(Fold::Sum, _));
        let small = value.is_subnormal() || value == 0.0;
        let vanishes = small && !sums && arguments.iter().all(|argument| *argument != 0.0 || value != 0.0);
        (vanishes && (value != 0.0 || anatomy.is_not_zero(id, work))).then_some((Kind::Underflow, id))
    })
}

/// The first node, from the output down, whose gradient is too large for a double; of an input, the node that passes it
/// on.
pub(super) fn gradient_overflows(anatomy: &mut Anatomy<'_>) -> Option<NodeId> {
    let flows = anatomy.flows().clone();
    let graph = anatomy.f.graph();
    let found = anatomy.used.iter().rev().copied().find(|id| !flows.sum[id.index()].is_finite())?;
    match graph.node(found) {
        Node::Input(..) => graph.ids().rev().find(|&id| graph.children(id).contains(&found)),
        _ => Some(found),
    }
}

/// Nodes that are looked at alone for a slope that vanishes.
const MOST_SLOPES: usize = 16;

/// The first node, from the output down, that passes 0 on to an argument though neither its slope nor what it receives is 0.
pub(super) fn slope_vanishes(anatomy: &mut Anatomy<'_>, work: &mut Work) -> Option<NodeId> {
    let flows = anatomy.flows().clone();
    let graph = anatomy.f.graph();
    let zero = |id: &NodeId| flows.size[id.index()] < f64::MIN_POSITIVE;
    let passes_zero = |id: &NodeId| {
        let received = *id == anatomy.root() || !zero(id);
        let op = graph.node(*id).op();
        received
            && op.is_some_and(|op| (0..op.arity()).any(|k| op.has_slope(k) && zero(&graph.children(*id)[k])))
    };
    anatomy.used.iter().rev().copied().filter(passes_zero).take(MOST_SLOPES).find(|&id| {
        let piece = anatomy.alone(id);
        work.take(CERTIFIED) && {
            let found = certify(&piece.function, &piece.at, &Limits::quick());
            let tiny = |g: f64| g == 0.0 || g.abs() < f64::MIN_POSITIVE;
            let vanishes = |component: &Component| matches!(component, Component::Certified { gradient, .. } if !tiny(*gradient));
            // A slope that a double holds, times what the node receives, does not; or a slope that none holds.
            found.gradients[0].iter().any(vanishes) || below_range(&piece, work)
        }
    })
}

/// Whether a derivative that is certified to round to 0 is not 0.
fn below_range(piece: &Piece, work: &mut Work) -> bool {
    (0..piece.at.len()).any(|input| rounds_to_zero(&piece.function, 0, &piece.at, input, work))
}

/// Whether a derivative that is certified to be 0, as a double, is not 0: that of 2^1000 times the function is none.
pub(super) fn rounds_to_zero(f: &Function, output: usize, at: &[f64], input: usize, work: &mut Work) -> bool {
    if !work.take(CERTIFIED * f.graph().len() as u64) {
        return false;
    }
    let names = f.input_names();
    let large = Function::build(|g| {
        let inputs: Vec<_> = (0..names.len()).map(|k| g.input(&format!("x{k}"))).collect();
        let mut value = f.evaluate(g, &inputs)[output];
        for _ in 0..4 {
            value = value * 2f64.powi(1000);
        }
        vec![value]
    });
    let found = certify(&large, at, &Limits::quick());
    matches!(found.gradients[0][input], Component::Certified { gradient, .. } if gradient != 0.0)
}

/// A value that has lost so many bits has lost digits, and is not only rounded.
const LOST: f64 = 1024.0 * f64::EPSILON;

/// Smaller errors of values than this fraction of the answer's are not what it is off by.
const MATTERS: f64 = 1e-10;

/// The node whose value loses the most digits, where that accounts for an answer that is off by this fraction: f itself
/// loses them.
pub(super) fn value_that_cancels(anatomy: &mut Anatomy<'_>, off: f64, work: &mut Work) -> Option<NodeId> {
    let sizes = anatomy.flows().size.clone();
    let exact = anatomy.exact(work)?.to_vec();
    let graph = anatomy.f.graph();
    let error = |id: NodeId| Anatomy::error(anatomy.values[id.index()], exact[id.index()]);
    let matters = |id: &&NodeId| {
        (**id == anatomy.root() || sizes[id.index()] != 0.0) && !matches!(graph.node(**id), Node::Const(_))
    };
    let lost = anatomy.used.iter().filter(matters).map(|&id| error(id)).filter(|error| !error.is_nan());
    let most = lost.fold(0.0, f64::max);
    if most < LOST || most < MATTERS * off.min(1.0) {
        return None;
    }
    // Where it begins: what is made of a wrong number is wrong as well.
    let begins =
        |id: &NodeId| graph.children(*id).iter().all(|&child| error(child).is_nan() || error(child) < LOST);
    let first = anatomy.used.iter().filter(matters).copied().filter(begins).filter(|&id| error(id) >= LOST);
    first_of_largest(first, error).or_else(|| {
        let growth = |id: NodeId| {
            let before = graph.children(id).iter().map(|&child| error(child)).fold(f64::EPSILON, f64::max);
            error(id) / before
        };
        first_of_largest(anatomy.used.iter().filter(matters).copied(), growth)
    })
}

/// The node where upstream gradients cancel most.
pub(super) fn gradients_that_cancel(anatomy: &mut Anatomy<'_>) -> Option<NodeId> {
    let flows = anatomy.flows().clone();
    let lost = |id: NodeId| {
        let (sum, size) = (flows.sum[id.index()].abs(), flows.size[id.index()]);
        if size == 0.0 { 0.0 } else { size / sum }
    };
    let graph = anatomy.f.graph();
    let nodes = anatomy.used.iter().copied().filter(|&id| !matches!(graph.node(id), Node::Const(_)));
    first_of_largest(nodes, lost)
}

fn first_of_largest(nodes: impl Iterator<Item = NodeId>, of: impl Fn(NodeId) -> f64) -> Option<NodeId> {
    let all = nodes.map(|id| (of(id), id)).filter(|(size, _)| !size.is_nan());
    let larger = |best: (f64, NodeId), next: (f64, NodeId)| if best.0 >= next.0 { best } else { next };
    all.reduce(larger).map(|(_, id)| id)
}

/// Distinct operators at their arguments, from the inputs on: each is asked about once.
fn operators(anatomy: &Anatomy<'_>) -> Vec<NodeId> {
    let graph = anatomy.f.graph();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let fresh = |id: &NodeId| {
        let what = match graph.node(*id) {
            Node::Input(..) | Node::Const(_) => return false,
            Node::Fold(fold, list) => format!("{fold:?} {}", graph.list(list).len()),
            node => format!("{:?} {:?}", node.op(), anatomy.arguments(*id)),
        };
        seen.insert(what)
    };
    anatomy.used.iter().copied().filter(fresh).collect()
}

/// A rule is wrong when it is off by more than this fraction where the operator is alone.
const WRONG: f64 = 1e-9;

/// The first node that the strategy differentiates wrongly even when it is alone.
pub(super) fn wrong_rule(anatomy: &Anatomy<'_>, strategy: &dyn Strategy, work: &mut Work) -> Option<NodeId> {
    operators(anatomy).into_iter().find(|&id| {
        let piece = anatomy.alone(id);
        if piece.at.iter().any(|x| !x.is_finite()) || !work.take(2 * CERTIFIED) {
            return false;
        }
        let Some(answer) = ask(strategy, &piece) else { return false };
        let truth = certify(&piece.function, &piece.at, &Limits::quick());
        answer.gradient.iter().zip(&truth.gradients[0]).any(|(&claim, truth)| match *truth {
            // Below the normal numbers there are fewer digits to be right.
            Component::Certified { gradient, .. } if gradient == 0.0 || gradient.is_normal() => {
                let off = (claim - gradient).abs();
                off.is_nan() || off > WRONG * gradient.abs() && off > f64::MIN_POSITIVE
            }
            _ => false,
        })
    })
}

/// The first node whose row of the table is contradicted by the values of the operator alone.
pub(super) fn contradicted_rule(anatomy: &Anatomy<'_>, work: &mut Work) -> Option<NodeId> {
    operators(anatomy).into_iter().find(|&id| {
        let piece = anatomy.alone(id);
        if piece.at.iter().any(|x| !x.is_finite()) || !work.take(2 * CERTIFIED) {
            return false;
        }
        let values = piece.function.values((), &piece.at);
        let (f, seed) = (&piece.function, (piece.root(), 1.0));
        let received = reverse_sweep(f, &Analysis::of(f), &values, seed, by_the_table);
        at_inputs(f, received).into_iter().map(Option::unwrap_or_default).enumerate().any(|(input, slope)| {
            let (at, rounding) = (&piece.at[..], WRONG * slope.abs());
            slope.is_finite()
                && check(
                    Claimed { f, nodes: f.graph().len() as u64, output: 0, at, input, slope, rounding },
                    true,
                    work,
                ) == Remainder::Contradicts
        })
    })
}

/// What a strategy answers, unless it refuses.
pub(super) fn ask(strategy: &dyn Strategy, piece: &Piece) -> Option<Derivative> {
    let mut out = Derivative::default();
    let mut prepared = strategy.prepare(&piece.function, Want::Gradient, &Budget::default()).ok()?;
    prepared.run(&piece.at, &mut out).ok()?;
    Some(out)
}

/// The first node without a finite slope at its arguments, which are not only rounded to a place that has none.
pub(super) fn singular(anatomy: &mut Anatomy<'_>, work: &mut Work) -> Option<NodeId> {
    let exact = anatomy.exact(work)?.to_vec();
    let graph = anatomy.f.graph();
    anatomy.used.iter().copied().find(|&id| {
        let exact: Vec<f64> = graph.children(id).iter().map(|child| exact[child.index()].hi).collect();
        let at =
            |arguments: &[f64]| graph.node(id).op().is_some_and(|op| op.undefined_at(arguments).is_some());
        at(&anatomy.arguments(id)) && at(&exact)
    })
}

/// What lies between the point and another, by the values at both, with its node.
pub(super) fn between(anatomy: &Anatomy<'_>, there: &[f64]) -> Option<(Kind, NodeId)> {
    let graph = anatomy.f.graph();
    anatomy.used.iter().find_map(|&id| {
        let op = graph.node(id).op()?;
        let here = anatomy.arguments(id);
        let there: Vec<f64> = graph.children(id).iter().map(|child| there[child.index()]).collect();
        let lost = op.value(&there).is_nan() && !op.value(&here).is_nan();
        if lost || op.undefined_at(&there).is_some() && op.undefined_at(&here).is_none() {
            return Some((Kind::Singular, id));
        }
        op.kinks().iter().any(|kink| kink.lies_between(&here, &there)).then_some((Kind::Kink, id))
    })
}
