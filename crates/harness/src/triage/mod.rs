//! Why a strategy's answer is not the certified gradient: one of seven causes, with the node to blame and the smallest
//! piece of the function that still shows it.

mod blame;
mod piece;
mod shrink;

use std::fmt;

use blame::Between;
use chainrule::expr::{DoubleDouble, NodeId};
use chainrule::numerical::{Scheme, gradient};
use chainrule::reference::{Component, Limits, certify};
use chainrule::{AccurateBackprop, Strategy, strategy};

use crate::judge::{Claim, judge, shared_digits};
use crate::rounding::{rounding_error, value_noise};
pub use piece::Piece;
use piece::number;

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// Finite differences: their steps are too long, or too short, for this function.
    Noise,
    /// The slopes to both sides differ, or the function jumps.
    Kink {
        /// The slope to the left.
        left: f64,
        /// The slope to the right.
        right: f64,
        /// Whether the function jumps.
        jumps: bool,
    },
    /// The point is outside the domain, at its edge, or nearer to it than the steps are long.
    DomainEdge,
    /// A number on the way is too large, or too small, for a double.
    Overflow,
    /// The function itself loses digits in double precision.
    Cancellation,
    /// The derivative is right before it is simplified, and not after.
    Rewrite,
    /// An operator is differentiated wrongly.
    WrongRule,
}

impl Cause {
    /// Its name, as it is shown.
    pub fn word(self) -> &'static str {
        match self {
            Cause::Noise => "finite-difference noise",
            Cause::Kink { jumps: false, .. } => "kink",
            Cause::Kink { jumps: true, .. } => "jump",
            Cause::DomainEdge => "domain edge",
            Cause::Overflow => "overflow",
            Cause::Cancellation => "cancellation in f itself",
            Cause::Rewrite => "rewrite outside its domain",
            Cause::WrongRule => "wrong rule",
        }
    }

    fn same_kind(self, other: Cause) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// A cause with its place.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// What is the matter.
    pub cause: Cause,
    /// The input whose component shows it most.
    pub input: String,
    /// The node to blame, by itself: an operator over numbers; nothing where no single one is.
    pub blamed: Option<Piece>,
    /// The smallest piece found that still shows it.
    pub shrunk: Piece,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.cause.word(), self.input)?;
        if let Cause::Kink { left, right, jumps: false } = self.cause {
            // Beside the other slope the last digits of this one are noise.
            let shown =
                |slope: f64, other: f64| number(if slope.abs() < 1e-12 * other.abs() { 0.0 } else { slope });
            match left == right {
                true => write!(f, ": slope {} to both sides", number(left))?,
                false => write!(
                    f,
                    ": slope {} to the left, {} to the right",
                    shown(left, right),
                    shown(right, left)
                )?,
            }
        }
        match &self.blamed {
            Some(blamed) if blamed.same_but_for_names(&self.shrunk) => {
                write!(f, "; to blame is {}", self.shrunk)
            }
            Some(blamed) => write!(f, "; to blame is {blamed}; shown by {}", self.shrunk),
            None => write!(f, "; shown by {}", self.shrunk),
        }
    }
}

/// What is found of one piece.
struct Finding {
    cause: Cause,
    input: usize,
    node: Option<NodeId>,
    /// The digits that are right all the same.
    digits: f64,
}

/// Smaller pieces that may be tried; fewer where each is simplified by egg.
const TRIALS: [usize; 2] = [300, 60];
/// Nodes that all trials together may have: shrinking is for reading, and nobody reads what is still long after that.
const WORK: [usize; 2] = [20_000, 3_000];

/// Diagnoses what a strategy answers for one output of a flat function at a point; nothing where nothing is wrong, or
/// nothing is known of the truth.
pub fn diagnose(piece: &Piece, strategy: &dyn Strategy) -> Option<Diagnosis> {
    let found = find(piece, strategy)?;
    let input = piece.function.input_names().swap_remove(found.input);
    let egg = usize::from(strategy.variant().ends_with("+egg"));
    let trials = TRIALS[egg].min(WORK[egg] / piece.function.graph().len());
    let alone = found.node.map(|node| piece.alone(node));
    let still = |smaller: &Piece| {
        find(smaller, strategy)
            .is_some_and(|other| other.cause.same_kind(found.cause) && other.digits <= found.digits + 1.0)
    };
    let shrunk = match &alone {
        // Nothing is smaller than a wrong rule alone.
        Some(alone) if found.cause == Cause::WrongRule => alone.clone(),
        _ => shrink::shrink(piece.clone(), trials, still),
    };
    Some(Diagnosis { cause: found.cause, input, blamed: alone, shrunk })
}

fn find(piece: &Piece, asked: &dyn Strategy) -> Option<Finding> {
    let f = &piece.function;
    let certificate = certify(f, &piece.at, &Limits::default());
    let row = &certificate.gradients[0];
    for (input, component) in row.iter().enumerate() {
        let (cause, node) = match *component {
            Component::Undefined { node } => (Cause::DomainEdge, node),
            Component::Kink { node, .. } => {
                let ([left, right], jumps) = blame::one_sided(piece, input);
                (Cause::Kink { left, right, jumps }, Some(node))
            }
            Component::Overflow { .. } => {
                let values = piece.values();
                let of_values = blame::out_of_range(piece, &values);
                (Cause::Overflow, of_values.or_else(|| blame::gradient_out_of_range(piece, &values)))
            }
            _ => continue,
        };
        return Some(Finding { cause, input, node, digits: 0.0 });
    }
    let answer = blame::ask(asked, piece)?;
    let (input, truth) = worst(&answer, row)?;
    let claim = answer.gradient[input];
    let values = piece.values();
    let digits = shared_digits(claim, truth);
    let finding = |cause: Cause, node: Option<NodeId>| Some(Finding { cause, input, node, digits });
    let near = |claim: f64| (claim - truth).abs() <= 1e-9 * truth.abs();
    // More digits in the same range: what these do not mend is the range.
    let accurate = blame::ask(&AccurateBackprop, piece)?.gradient[input];
    if !near(accurate)
        && let Some(node) =
            blame::out_of_range(piece, &values).or_else(|| blame::gradient_out_of_range(piece, &values))
    {
        return finding(Cause::Overflow, Some(node));
    }
    if let Some(scheme) = scheme(asked) {
        let (cause, node) = of_difference(piece, &values, input, scheme, shared_digits(claim, truth), truth);
        return finding(cause, node);
    }
    let rounding = rounding_error(f, 0, &piece.at).map_or(0.0, |bounds| bounds[input]);
    if (claim - truth).abs() <= 8.0 * rounding {
        return finding(Cause::Cancellation, blame::cancellation(piece, &values));
    }
    if let Some(variant) = asked.variant().strip_suffix("+egg")
        && let Ok(unsimplified) = strategy(asked.name(), Some(variant))
        && blame::ask(unsimplified.as_ref(), piece).is_some_and(|answer| near(answer.gradient[input]))
    {
        return finding(Cause::Rewrite, None);
    }
    finding(Cause::WrongRule, blame::wrong_rule(piece, &values, asked))
}

/// The difference scheme that a strategy is, if it is one.
fn scheme(strategy: &dyn Strategy) -> Option<Scheme> {
    (strategy.name() == "numerical").then(|| strategy.variant().parse().ok())?
}

/// The component that is furthest off, beyond what is claimed for it, and its true value.
fn worst(answer: &chainrule::Derivative, truths: &[Component]) -> Option<(usize, f64)> {
    let certified = truths.iter().enumerate().filter_map(|(k, component)| match *component {
        Component::Certified { gradient, .. } => Some((k, gradient)),
        _ => None,
    });
    let scale = certified.clone().map(|(_, truth)| truth.abs()).fold(0.0, f64::max);
    let off = certified.filter_map(|(k, truth)| {
        let value = answer.gradient[k];
        let radius = answer.error_estimate.as_ref().map_or(0.0, |estimate| estimate[k]);
        let claim = Claim { value, radius: if radius.is_nan() { 0.0 } else { radius } };
        let verdict = judge(claim, truth, 0.0, scale);
        (!verdict.agrees()).then_some((verdict.digits(), k, truth))
    });
    off.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, k, truth)| (k, truth))
}

/// Steps of differences, as fractions of the input's size, within which trouble is theirs.
const REACH: [f64; 4] = [1e-8, 1e-6, 1e-4, 1e-2];

/// Units in the last place by which rounding may move a value that has not lost digits yet.
const NOISY: f64 = 16.0;

/// Why finite differences have no more than these digits of a slope that exists.
fn of_difference(
    piece: &Piece,
    values: &[f64],
    input: usize,
    scheme: Scheme,
    digits: f64,
    truth: f64,
) -> (Cause, Option<NodeId>) {
    // The same differences of values that have lost no digits.
    let exact = gradient(scheme, &piece.at, |x| {
        let point: Vec<DoubleDouble> = x.iter().map(|&x| x.into()).collect();
        piece.function.evaluate((), &point)[0].hi
    });
    let noise = value_noise(&piece.function, 0, &piece.at);
    let loses = noise > NOISY * f64::EPSILON * values[piece.root().index()].abs();
    if loses && shared_digits(exact.derivative[input], truth) > digits + 1.0 {
        return (Cause::Cancellation, blame::cancellation(piece, values));
    }
    let x = piece.at[input];
    let scale = if x == 0.0 { 1.0 } else { x.abs() };
    for reach in REACH {
        for side in [-1.0, 1.0] {
            let mut moved = piece.clone();
            moved.at[input] = x + side * reach * scale;
            match blame::between(piece, values, &moved.values()) {
                Some((Between::Edge, node)) => return (Cause::DomainEdge, Some(node)),
                Some((Between::Kink, node)) => {
                    let slope = |piece: &Piece, k: usize| blame::one_sided(piece, input).0[k];
                    let (left, right) = match side < 0.0 {
                        true => (slope(&moved, 1), slope(piece, 0)),
                        false => (slope(piece, 1), slope(&moved, 0)),
                    };
                    let there = moved.values()[piece.root().index()];
                    let rise = (there - values[piece.root().index()]).abs();
                    let jumps = rise > 4.0 * reach * scale * (left.abs() + right.abs()) + noise;
                    return (Cause::Kink { left, right, jumps }, Some(node));
                }
                None => {}
            }
        }
    }
    (Cause::Noise, None)
}
