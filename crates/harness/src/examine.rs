//! What the strategies answered at one point, held against the certified gradient, or against each other without one.

use chainrule::Value;
use chainrule::expr::{Function, NodeId};
use chainrule::numerical::{Remainder, remainder};
use chainrule::reference::{Certificate, Component, Limits, certify};

use crate::comparison::{Entry, Outcome, Point};
use crate::condition::condition_numbers;
use crate::judge::{Claim, Verdict, judge, shared_digits, ulp_distance};
use crate::rounding::rounding_error;
use crate::status::{Status, Statuses, statuses};

/// A point looked at.
pub(crate) struct Examined {
    pub(crate) point: Point,
    /// Why there is no gradient, in words.
    pub(crate) reason: Option<String>,
    pub(crate) troubles: Vec<Trouble>,
}

/// What asks for a diagnosis: an entry that is off for an output, or any at a place without a gradient.
pub(crate) struct Trouble {
    pub(crate) output: usize,
    pub(crate) entry: usize,
}

/// What the answers are held against.
pub(crate) enum Known {
    /// The certified gradients.
    Certified(Certificate),
    /// Slopes in more digits than a double has, row after row: of functions too large for certificates.
    Slopes(Vec<f64>),
    /// Each other.
    Nothing,
}

impl Known {
    /// Certified, of a function with no more than so many nodes.
    pub(crate) fn certified(f: &Function, at: &[f64], most_nodes: usize) -> Known {
        match f.graph().len() <= most_nodes {
            true => Known::Certified(certify(f, at, &Limits::default())),
            false => Known::Nothing,
        }
    }

    /// Every slope that is known, row after row.
    pub(crate) fn slopes(&self, components: usize) -> Vec<Option<f64>> {
        match self {
            Known::Certified(certificate) => certificate.gradients.iter().flatten().map(certified).collect(),
            Known::Slopes(slopes) => slopes.iter().map(|&slope| slope.is_finite().then_some(slope)).collect(),
            Known::Nothing => vec![None; components],
        }
    }
}

/// Compares the answers of all entries at a point.
pub(crate) fn examine(
    f: &Function,
    value: &mut Value,
    at: &[f64],
    mut entries: Vec<Entry>,
    known: Known,
) -> Examined {
    let mut troubles = Vec::new();
    let slopes = known.slopes(f.outputs().len() * at.len());
    let nothing_known = matches!(known, Known::Nothing);
    let reference = match known {
        Known::Certified(certificate) => Some(certificate),
        Known::Slopes(_) | Known::Nothing => None,
    };
    let status = settled(f, statuses(f, at), reference.as_ref());
    let mut notes: Vec<String> = Vec::new();
    let rough = status.components.iter().any(|&status| status != Status::Smooth);
    let reason = status.reason.filter(|_| rough);
    let mut values = vec![0.0; f.outputs().len()];
    value.run(at, &mut values);
    let width = at.len();
    for (output, &value_here) in values.iter().enumerate() {
        let row = output * width..(output + 1) * width;
        let rounding = rounding_error(f, output, at);
        let truths = &slopes[row.clone()];
        let place = Place {
            f,
            at,
            output,
            value: value_here,
            scale: scale(row.clone(), truths, &entries, value_here),
        };
        let mut misses = Misses::default();
        for input in 0..width {
            let component = row.start + input;
            let words = match status.components[component] {
                Status::Kink => vec![(Outcome::Kink, 0.0); entries.len()],
                Status::Undefined => vec![(Outcome::Undefined, 0.0); entries.len()],
                Status::Smooth => {
                    // Two computations are compared, and neither is one of those that were shaken.
                    let rounding = rounding.as_ref().map_or(0.0, |bounds| 4.0 * bounds[input]);
                    let claims: Vec<Option<Claim>> =
                        entries.iter().map(|entry| place.claim(entry, component, input)).collect();
                    match truths[input] {
                        Some(truth) => against_truth(&place, &entries, &claims, truth, rounding, &mut misses),
                        None => by_majority(&place, &entries, &claims, rounding, input, value, &mut misses),
                    }
                }
            };
            for (entry, word) in entries.iter_mut().zip(words) {
                entry.components.push(word);
            }
        }
        notes.extend(misses.notes(f, output));
        let word =
            |entry: &Entry, of: Outcome| entry.components[row.clone()].iter().any(|(word, _)| *word == of);
        // Rounding left nothing of what is known.
        let lost = |entry: &Entry| {
            let words = entry.components[row.clone()].iter().zip(truths);
            !entry.is_finite_difference()
                && words.into_iter().any(|(&(word, _), truth)| word == Outcome::Unchecked && truth.is_some())
        };
        let wrong = (0..entries.len()).filter(|&k| {
            word(&entries[k], Outcome::Disagree) || lost(&entries[k]) || misses.known.contains(&k)
        });
        troubles.extend(wrong.map(|entry| Trouble { output, entry }));
        let nowhere = |entry: &Entry| word(entry, Outcome::Kink) || word(entry, Outcome::Undefined);
        // The same for every strategy.
        troubles.extend(entries.iter().position(nowhere).map(|entry| Trouble { output, entry }));
    }
    if !nothing_known {
        for entry in &mut entries {
            let ulps = |answer: &chainrule::Derivative| {
                let claims = answer.gradient.iter().zip(&slopes);
                claims
                    .map(|(&claim, truth)| truth.map_or(f64::NAN, |truth| ulp_distance(claim, truth)))
                    .collect()
            };
            entry.ulp = entry.answer.as_ref().map(ulps);
        }
    }
    for entry in entries.iter_mut().filter(|entry| entry.answer.is_some()) {
        entry.outcome = match entry.components.as_slice() {
            // Nothing to differentiate with respect to: nothing can be wrong.
            [] => Outcome::Agree,
            words => Outcome::first(words.iter().map(|(word, _)| *word)),
        };
    }
    // One strategy alone, without a reference, is not checked by anything; a word for the point stands all the same.
    let alone = nothing_known && entries.iter().filter(|entry| entry.answer.is_some()).count() < 2;
    for entry in entries.iter_mut().filter(|entry| alone && entry.outcome == Outcome::Agree) {
        entry.outcome = Outcome::Unchecked;
    }
    let verdict = Outcome::first(entries.iter().map(|entry| entry.outcome));
    let conditions = reference.as_ref().map(|_| condition_numbers(f, at));
    let point = Point { at: at.to_vec(), values, verdict, reference, conditions, notes, entries };
    Examined { point, reason, troubles }
}

/// The certified number, where there is one that a double can hold.
fn certified(component: &Component) -> Option<f64> {
    match component {
        Component::Certified { gradient, .. } => Some(*gradient),
        _ => None,
    }
}

/// The reference knows better than doubles what is a tie and what only rounds to one; where it cannot decide, doubles do.
fn settled(f: &Function, mut found: Statuses, reference: Option<&Certificate>) -> Statuses {
    let Some(certificate) = reference else { return found };
    let mut reason = None;
    for (status, component) in found.components.iter_mut().zip(certificate.gradients.iter().flatten()) {
        let (settled, node): (Status, Option<NodeId>) = match component {
            Component::Certified { .. } | Component::Removable { .. } => (Status::Smooth, None),
            Component::Overflow { .. } => {
                reason = Some("the derivative is beyond the largest double".to_owned());
                (Status::Undefined, None)
            }
            Component::Kink { node, .. } => (Status::Kink, Some(*node)),
            Component::Undefined { node } => (Status::Undefined, *node),
            Component::Undecided { .. } => (*status, None),
        };
        *status = settled;
        if let Some(op) = node.and_then(|node| f.graph().node(node).op()) {
            reason.get_or_insert_with(|| format!("trouble at a node {}", op.name()));
        }
    }
    found.reason = found.reason.or(reason);
    found
}

/// One output at a point.
struct Place<'a> {
    f: &'a Function,
    at: &'a [f64],
    output: usize,
    value: f64,
    scale: f64,
}

impl Place<'_> {
    /// What an entry claims of a component, and how sure it is.
    fn claim(&self, entry: &Entry, component: usize, input: usize) -> Option<Claim> {
        let answer = entry.answer.as_ref()?;
        let value = answer.gradient[component];
        let radius = match &answer.error_estimate {
            Some(estimate) if estimate[component].is_nan() => 0.0,
            Some(estimate) => estimate[component],
            None if entry.is_finite_difference() => self.unestimated_radius(value, &entry.variant, input),
            None => 0.0,
        };
        Some(Claim { value, radius })
    }

    /// What a scheme without an estimate of its own should reach: ten times the error of its order at its best step.
    fn unestimated_radius(&self, slope: f64, variant: &str, input: usize) -> f64 {
        let order = match variant {
            "forward" => 1.0,
            "central-2" => 2.0,
            "central-4" => 4.0,
            _ => 6.0,
        };
        let x = self.at[input].abs();
        let per_step = self.value.abs() / if x == 0.0 { 1.0 } else { x };
        10.0 * f64::EPSILON.powf(order / (order + 1.0)) * slope.abs().max(per_step)
    }

    /// The Taylor remainder of a slope along an input.
    fn remainder(&self, slope: f64, input: usize, value: &mut Value) -> Remainder {
        let x = self.at[input];
        let scale = if x == 0.0 { 1.0 } else { x.abs() };
        let mut moved = self.at.to_vec();
        let mut outputs = vec![0.0; self.f.outputs().len()];
        remainder(x, scale, slope, |x| {
            moved[input] = x;
            value.run(&moved, &mut outputs);
            outputs[self.output]
        })
    }
}

/// Finite differences outside their own estimate.
#[derive(Default)]
struct Misses {
    /// Beside a slope that is known: by which entry.
    known: Vec<usize>,
    /// Inputs where the Taylor remainder confirms the other answer, and where it does not.
    optimistic: Vec<usize>,
    wrong: Vec<usize>,
}

impl Misses {
    fn notes(&self, f: &Function, output: usize) -> Vec<String> {
        let names = f.input_names();
        let say = |inputs: &[usize], what: &str| {
            let [first, ..] = inputs else { return None };
            let of =
                if f.outputs().len() == 1 { String::new() } else { format!(" of output {}", output + 1) };
            let more =
                if inputs.len() > 1 { format!(" and {} more", inputs.len() - 1) } else { String::new() };
            Some(format!("finite differences by {}{more}{of}: {what}", names[*first]))
        };
        [
            say(
                &self.optimistic,
                "off by more than their own estimate; the Taylor remainder confirms the other answer",
            ),
            say(
                &self.wrong,
                "they find another slope, and the Taylor remainder does not confirm the other answer",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The word for each strategy where the true slope is known. Finite differences that miss it are not a disagreement
/// about the derivative: they say nothing, or less than they think, and a note says why.
fn against_truth(
    place: &Place<'_>,
    entries: &[Entry],
    claims: &[Option<Claim>],
    truth: f64,
    rounding: f64,
    misses: &mut Misses,
) -> Vec<(Outcome, f64)> {
    let word = |k: usize| {
        let Some(claim) = claims[k] else { return (Outcome::Refused, 0.0) };
        let digits = shared_digits(claim.value, truth);
        let word = match judge(claim, truth, rounding, place.scale) {
            Verdict::Agrees { .. } => Outcome::Agree,
            Verdict::TooCoarse { .. } => Outcome::Unchecked,
            Verdict::Disagrees { .. } if entries[k].is_finite_difference() => {
                misses.known.push(k);
                if digits >= 3.0 { Outcome::Agree } else { Outcome::Unchecked }
            }
            Verdict::Disagrees { .. } => Outcome::Disagree,
        };
        (word, digits)
    };
    (0..entries.len()).map(word).collect()
}

/// The word for each strategy without a reference: who differs from the others while these agree is the outlier.
fn by_majority(
    place: &Place<'_>,
    entries: &[Entry],
    claims: &[Option<Claim>],
    rounding: f64,
    input: usize,
    value: &mut Value,
    misses: &mut Misses,
) -> Vec<(Outcome, f64)> {
    let verdict = |i: usize, j: usize| -> Option<Verdict> {
        let (a, b) = (claims[i]?, claims[j]?);
        // The wider claim is judged against the narrower number.
        let (wide, narrow) = if a.radius >= b.radius { (a, b) } else { (b, a) };
        Some(judge(wide, narrow.value, rounding, place.scale))
    };
    let mut words: Vec<(Outcome, f64)> = (0..entries.len())
        .map(|i| {
            let others: Vec<Verdict> =
                (0..entries.len()).filter(|&j| j != i).filter_map(|j| verdict(i, j)).collect();
            let digits = others.iter().map(|other| other.digits()).fold(0.0, f64::max);
            let word = match others.as_slice() {
                _ if claims[i].is_none() => Outcome::Refused,
                [] => Outcome::Unchecked,
                others if others.iter().any(|other| other.agrees()) => Outcome::Agree,
                others if others.iter().any(|other| other.disagrees()) => Outcome::Disagree,
                _ => Outcome::Unchecked,
            };
            (word, digits)
        })
        .collect();
    // A finite difference outside its own radius is wrong only if the slope that the others found is: their Taylor
    // remainder decides.
    for i in 0..entries.len() {
        if !entries[i].is_finite_difference() || words[i].0 != Outcome::Disagree {
            continue;
        }
        let others = || (0..entries.len()).filter(|&j| j != i && claims[j].is_some());
        // With no third voice both are marked; the one analytic answer is then the slope to examine.
        let Some(peer) = others().find(|&j| words[j].0 == Outcome::Agree).or_else(|| others().next()) else {
            continue;
        };
        let Some(slope) = claims[peer].map(|claim| claim.value) else { continue };
        if place.remainder(slope, input, value).confirms() {
            words[i].0 = if words[i].1 >= 3.0 { Outcome::Agree } else { Outcome::Unchecked };
            words[peer].0 = Outcome::Agree;
            misses.optimistic.push(input);
        } else {
            misses.wrong.push(input);
        }
    }
    words
}

/// The size of the gradient of one output: the certified one, else as the analytic strategies see it, else as any does.
fn scale(row: std::ops::Range<usize>, truths: &[Option<f64>], entries: &[Entry], value: f64) -> f64 {
    let largest = |numbers: &mut dyn Iterator<Item = f64>| {
        numbers.map(f64::abs).filter(|size| size.is_finite()).fold(0.0, f64::max)
    };
    let of = |entry: &Entry| {
        entry.answer.as_ref().map(|answer| largest(&mut answer.gradient[row.clone()].iter().copied()))
    };
    let analytic = entries.iter().filter(|entry| !entry.is_finite_difference()).find_map(of);
    let known = truths.iter().any(Option::is_some).then(|| largest(&mut truths.iter().flatten().copied()));
    let scale = known.or(analytic).or_else(|| entries.iter().find_map(of)).unwrap_or(0.0);
    // A constant function has a gradient of zero, and a size all the same.
    if scale > 0.0 { scale } else { value.abs() }
}
