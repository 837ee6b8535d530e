//! Why finite differences have too few digits of a slope that exists.

use chainrule::{Numerical, Strategy, StrategySpec};
use expr::DoubleDouble;
use numerical::gradient;

use super::anatomy::{Anatomy, DOUBLE_DOUBLE};
use super::{Found, Kind, culprit};
use crate::judge::shared_digits;
use crate::point::Point;
use crate::rounding::value_noise;
use crate::suspect::Suspect;
use crate::taylor_test::Work;

/// Steps of differences, as fractions of the input's size, within which a singularity is theirs.
const REACH: [f64; 4] = [1e-8, 1e-6, 1e-4, 1e-2];
/// Units in the last place by which rounding may move a value that has not lost digits yet.
const NOISY: f64 = 16.0;
/// Evaluations that a scheme takes for one input, about.
const EVALUATIONS: u64 = 100;

/// The reason, where there is a number to hold the differences against.
pub(super) fn cause(
    point: &Point,
    anatomy: &mut Anatomy<'_>,
    suspect: Suspect,
    entry: usize,
    asked: &dyn Strategy,
    work: &mut Work,
) -> Option<Found> {
    let nodes = anatomy.f.graph().len() as u64;
    let component = suspect.output * point.at.len() + suspect.input;
    let value = anatomy.values[anatomy.root().index()];
    if !value.is_finite() || value == 0.0 {
        let found = culprit::out_of_range(anatomy, work);
        if let Some((kind, node)) = found {
            return Some(Found::of(kind, Some(node)));
        }
    }
    let truth = match &point.reference {
        Some(reference) => reference.gradients[suspect.output][suspect.input].known(),
        // The slope that the Taylor remainder confirmed.
        None => analytic(point, component),
    }?;
    let claim = point.entries[entry].answer.as_ref()?.gradient[component];
    let digits = if claim.is_finite() { shared_digits(claim, truth) } else { 0.0 };
    let StrategySpec::Numerical(Numerical { scheme, .. }) = asked.spec() else { return None };
    let noise = value_noise(anatomy.f, suspect.output, &anatomy.at);
    let loses = noise > NOISY * f64::EPSILON * value.abs();
    if loses && work.take(EVALUATIONS * DOUBLE_DOUBLE * nodes) {
        // The same differences of values that have lost no digits.
        let mut at: Vec<DoubleDouble> = anatomy.at.iter().map(|&x| x.into()).collect();
        let exact = gradient(scheme, &[anatomy.at[suspect.input]], |x| {
            at[suspect.input] = x[0].into();
            anatomy.f.evaluate((), &at)[suspect.output].hi
        });
        if shared_digits(exact.derivative[0], truth) > digits + 1.0 {
            let node = culprit::value_that_cancels(anatomy, 1.0, work);
            return Some(Found::of(Kind::Cancellation, node));
        }
    }
    let x = anatomy.at[suspect.input];
    let scale = if x == 0.0 { 1.0 } else { x.abs() };
    for reach in REACH {
        for side in [-1.0, 1.0] {
            if !work.take(nodes) {
                return None;
            }
            let mut moved = anatomy.at.clone();
            moved[suspect.input] = x + side * reach * scale;
            let there = anatomy.f.values((), &moved);
            if let Some((kind, node)) = culprit::between(anatomy, &there) {
                return Some(Found::of(kind, Some(node)));
            }
        }
    }
    Some(Found::of(Kind::Step, None))
}

fn analytic(point: &Point, component: usize) -> Option<f64> {
    let other = point.entries.iter().find(|entry| !entry.spec.is_finite_difference())?;
    other.answer.as_ref().map(|answer| answer.gradient[component]).filter(|slope| slope.is_finite())
}
