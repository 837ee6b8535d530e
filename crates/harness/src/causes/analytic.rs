//! Why an answer that should be exact up to rounding is not the derivative.

use chainrule::{Budget, Derivative, Strategy, StrategySpec, Symbolic, Want};
use reference::{Component, Limits, certify};

use super::anatomy::{Anatomy, CERTIFIED, DOUBLE_DOUBLE};
use super::{Found, Kind, better, culprit};
use crate::judge::shared_digits;
use crate::point::Point;
use crate::suspect::Suspect;
use crate::taylor_test::Work;

/// An answer is ill-conditioned when its error is no more than this many times what a last bit of every input makes.
const ILL_CONDITIONED: f64 = 64.0;
/// More digits help where so many are right with them.
const HELPS: f64 = 6.0;
/// Half a unit in the last place.
const HALF_ULP: f64 = f64::EPSILON / 2.0;
/// Two numbers are the same for experiments when they are this near to each other.
const NEAR: f64 = 1e-9;

/// The cause, by experiments in this order: whatever is established first accounts for the answer.
pub(super) fn cause(
    point: &Point,
    anatomy: &mut Anatomy<'_>,
    suspect: Suspect,
    entry: usize,
    asked: &dyn Strategy,
    work: &mut Work,
) -> Option<Found> {
    let width = point.at.len();
    let component = suspect.output * width + suspect.input;
    let reference = &point.reference.as_ref()?.gradients[suspect.output][suspect.input];
    let truth = reference.known()?;
    let claim = point.entries[entry].answer.as_ref()?.gradient[component];
    let off = (claim - truth).abs();
    let near = |claim: f64| (claim - truth).abs() <= NEAR * truth.abs();
    if let Component::Removable { node, .. } = *reference {
        return Some(Found::of(Kind::Removable, Some(node)));
    }
    if unsimplified(anatomy, asked, component, work).is_some_and(near) {
        return Some(Found::of(Kind::Rewrite, None));
    }
    let condition = point.conditions.as_ref().map_or(f64::NAN, |numbers| numbers[component]);
    let moved = match condition.is_finite() {
        true => condition * HALF_ULP * truth.abs(),
        // Beyond the range of double-double numbers.
        false if claim.is_finite() => last_bits(anatomy, suspect, truth, work),
        false => 0.0,
    };
    if off <= ILL_CONDITIONED * moved {
        return Some(Found::of(Kind::IllConditioned, None));
    }
    // More digits in the same range: what these do not mend is the range.
    let accurate = anatomy.accurate(work).map(|gradient| gradient[suspect.input]);
    let helps = accurate.is_some_and(|accurate| shared_digits(accurate, truth) >= HELPS);
    if !helps {
        if let Some((kind, node)) = culprit::out_of_range(anatomy, work) {
            return Some(Found::of(kind, Some(node)));
        }
        if let Some(node) = culprit::singular(anatomy, work).filter(|_| !claim.is_finite()) {
            return Some(Found::of(Kind::Singular, Some(node)));
        }
        if !claim.is_finite()
            && let Some(node) = culprit::gradient_overflows(anatomy)
        {
            return Some(Found::of(Kind::Overflow, Some(node)));
        }
        if (claim == 0.0 || claim.is_subnormal())
            && let Some(node) = culprit::slope_vanishes(anatomy, work)
        {
            return Some(Found::of(Kind::Underflow, Some(node)));
        }
    }
    let relative = if truth == 0.0 { 1.0 } else { off / truth.abs() };
    let relative = if relative.is_finite() { relative } else { 1.0 };
    if let Some(node) = culprit::value_that_cancels(anatomy, relative, work) {
        let found = Found::of(Kind::Cancellation, Some(node));
        return Some(Found { accurate_helps: helps, ..found });
    }
    // Only where no digits are lost on the way: then a rule that is off alone is to blame.
    let plain = plain(asked);
    let asked = plain.as_ref().map_or(asked, |plain| plain);
    if let Some(node) = culprit::wrong_rule(anatomy, asked, work) {
        return Some(Found::of(Kind::Rule, Some(node)));
    }
    // Every value on the way is as exact as it can be, and more digits mend the answer, or rounding accounts for it: the
    // formula loses them.
    let lost = point.entries[entry].lost_to_rounding.contains(&component);
    (helps || lost).then(|| Found {
        kind: Kind::Formula,
        node: culprit::gradients_that_cancel(anatomy),
        better: better::partial(anatomy, suspect.input, truth, work),
        accurate_helps: helps,
    })
}

/// The same component before it was simplified, where it was.
fn unsimplified(
    anatomy: &Anatomy<'_>,
    asked: &dyn Strategy,
    component: usize,
    work: &mut Work,
) -> Option<f64> {
    let plain = plain(asked)?;
    if !work.take(DOUBLE_DOUBLE * anatomy.f.graph().len() as u64) {
        return None;
    }
    let mut out = Derivative::default();
    let mut prepared = plain.prepare(anatomy.f, Want::Gradient, &Budget::default()).ok()?;
    prepared.run(&anatomy.at, &mut out).ok()?;
    Some(out.gradient[component])
}

/// Inputs whose last bit is moved.
const MOST_INPUTS: usize = 8;

/// How far the certified derivative moves, altogether, as the last bit of every input does.
fn last_bits(anatomy: &Anatomy<'_>, suspect: Suspect, truth: f64, work: &mut Work) -> f64 {
    let cost = CERTIFIED * anatomy.f.graph().len() as u64;
    let moved = |input: usize| {
        let mut at = anatomy.at.clone();
        at[input] = at[input].next_up();
        let found = work.take(cost).then(|| certify(anatomy.f, &at, &Limits::quick()));
        let slope = found.and_then(|found| found.gradients[suspect.output][suspect.input].known());
        slope.map_or(0.0, |slope| (slope - truth).abs())
    };
    (0..anatomy.at.len().min(MOST_INPUTS)).map(moved).sum()
}

/// A strategy without its simplification, where it has one.
fn plain(asked: &dyn Strategy) -> Option<Symbolic> {
    match asked.spec() {
        StrategySpec::Symbolic(symbolic) if symbolic.egg => Some(Symbolic { egg: false, ..symbolic }),
        _ => None,
    }
}
