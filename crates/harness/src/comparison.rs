//! Strategies side by side on one function: answers, verdicts, times and costs.

use std::time::{Duration, Instant};

use chainrule::expr::Function;
use chainrule::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Value, Want};

use crate::condition::condition;
use crate::judge::{Claim, Verdict, judge};
use crate::measure::{Times, time};
use crate::status::{Status, statuses};
use crate::taylor::remainder;

/// The word for a strategy, a point or a whole comparison; in the order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Not the same number as the others.
    Disagree,
    /// The same numbers.
    Agree,
    /// One-sided slopes differ there, so there is nothing to compare.
    Kink,
    /// The function is not defined or has no finite derivative there.
    Undefined,
    /// Over budget.
    Refused,
    /// Nothing to compare with.
    Unchecked,
}

impl Outcome {
    /// The word itself.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Disagree => "disagree",
            Outcome::Agree => "agree",
            Outcome::Kink => "kink",
            Outcome::Undefined => "undefined",
            Outcome::Refused => "refused",
            Outcome::Unchecked => "unchecked",
        }
    }

    /// The first of all outcomes in the order of precedence.
    pub fn first(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
        outcomes.into_iter().min().unwrap_or(Outcome::Unchecked)
    }
}

/// What one strategy did at one point.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `numerical`, `symbolic` or `backprop`.
    pub strategy: &'static str,
    /// Which form of it.
    pub variant: String,
    /// Over all components.
    pub outcome: Outcome,
    /// Value, gradient and error estimate, unless refused.
    pub answer: Option<Derivative>,
    /// Per component: the word, and the digits shared with the others.
    pub components: Vec<(Outcome, f64)>,
    /// Why there is no answer.
    pub refusal: Option<Refusal>,
    /// Nanoseconds to prepare; at the first point.
    pub prepare: Option<f64>,
    /// Per gradient; at the first point.
    pub gradient_times: Option<Times>,
    /// What one gradient takes.
    pub cost: Cost,
    /// Formulas of the partial derivatives, where the strategy has them.
    pub formulas: Option<Vec<String>>,
    /// What was chosen on the way.
    pub remarks: Vec<String>,
}

/// All strategies at one point.
#[derive(Clone, Debug)]
pub struct Point {
    /// One number per scalar input.
    pub at: Vec<f64>,
    /// The outputs.
    pub values: Vec<f64>,
    /// Over the strategies.
    pub verdict: Outcome,
    /// What a reader should know: why there is no gradient, whose estimate was too small.
    pub notes: Vec<String>,
    /// One per strategy, in the order given.
    pub entries: Vec<Entry>,
}

/// A function compared at some points.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Names of the scalar inputs.
    pub inputs: Vec<String>,
    /// How many outputs there are.
    pub outputs: usize,
    /// Nodes of the unrolled function.
    pub nodes: usize,
    /// Nanoseconds for one evaluation of the function.
    pub function_times: Option<Times>,
    /// One per point given.
    pub points: Vec<Point>,
}

impl Comparison {
    /// Over all points.
    pub fn verdict(&self) -> Outcome {
        Outcome::first(self.points.iter().map(|point| point.verdict))
    }
}

/// How to compare.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// For each strategy.
    pub budget: Budget,
    /// How long one thing may be timed; none for no times at all.
    pub patience: Option<Duration>,
}

/// A strategy made ready for the function, or why not.
struct Contender {
    name: &'static str,
    variant: String,
    nanoseconds: f64,
    prepared: Result<Box<dyn Prepared>, Refusal>,
}

/// Compares strategies on a flat function at points, each with one number per scalar input.
///
/// # Panics
/// When the function is not flat or a point has another length.
pub fn compare(
    f: &Function,
    points: &[Vec<f64>],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
) -> Comparison {
    let mut contenders: Vec<Contender> = strategies
        .iter()
        .map(|strategy| {
            let begin = Instant::now();
            let prepared = strategy.prepare(f, Want::Gradient, &options.budget);
            let nanoseconds = begin.elapsed().as_nanos() as f64;
            Contender { name: strategy.name(), variant: strategy.variant(), nanoseconds, prepared }
        })
        .collect();
    let mut value = Value::new(f);
    let function_times = options.patience.zip(points.first()).map(|(patience, point)| {
        let mut out = vec![0.0; f.outputs().len()];
        time(patience, || value.run(point, &mut out))
    });
    let points: Vec<Point> = points
        .iter()
        .enumerate()
        .map(|(k, at)| {
            let patience = options.patience.filter(|_| k == 0);
            let entries = contenders.iter_mut().map(|contender| enter(contender, at, patience)).collect();
            examine(f, &mut value, at, entries)
        })
        .collect();
    Comparison {
        inputs: f.input_names(),
        outputs: f.outputs().len(),
        nodes: f.graph().len(),
        function_times,
        points,
    }
}

/// Asks one strategy at one point.
fn enter(contender: &mut Contender, at: &[f64], patience: Option<Duration>) -> Entry {
    let mut entry = Entry {
        strategy: contender.name,
        variant: contender.variant.clone(),
        outcome: Outcome::Refused,
        answer: None,
        components: Vec::new(),
        refusal: None,
        prepare: patience.map(|_| contender.nanoseconds),
        gradient_times: None,
        cost: Cost::default(),
        formulas: None,
        remarks: Vec::new(),
    };
    let prepared = match &mut contender.prepared {
        Ok(prepared) => prepared,
        Err(refusal) => {
            entry.refusal = Some(refusal.clone());
            return entry;
        }
    };
    let mut answer = Derivative::default();
    let mut result = Ok(());
    match patience {
        Some(patience) => {
            entry.gradient_times = Some(time(patience, || result = prepared.run(at, &mut answer)));
        }
        None => result = prepared.run(at, &mut answer),
    }
    match result {
        Ok(()) => entry.answer = Some(answer),
        Err(refusal) => entry.refusal = Some(refusal),
    }
    entry.cost = prepared.cost();
    entry.formulas = prepared.formulas();
    entry.remarks = prepared.remarks();
    entry
}

/// Compares what the strategies answered.
fn examine(f: &Function, value: &mut Value, at: &[f64], mut entries: Vec<Entry>) -> Point {
    let status = statuses(f, at);
    let mut notes: Vec<String> = Vec::new();
    if status.components.iter().any(|&status| status != Status::Smooth) {
        notes.extend(status.reason);
    }
    let mut values = vec![0.0; f.outputs().len()];
    value.run(at, &mut values);
    let width = at.len();
    for (output, &at_output) in values.iter().enumerate() {
        let rounding = condition(f, output, at);
        for input in 0..width {
            let component = output * width + input;
            let words = match status.components[component] {
                Status::Kink => vec![(Outcome::Kink, 0.0); entries.len()],
                Status::Undefined => vec![(Outcome::Undefined, 0.0); entries.len()],
                Status::Smooth => {
                    // First order: a bound for one computation; two are compared, and neither is the one analysed.
                    let rounding = rounding.as_ref().map_or(0.0, |bounds| 4.0 * bounds[input]);
                    let place = Place { f, at, output, input, width, value: at_output, rounding };
                    compare_component(&place, value, &entries, &mut notes)
                }
            };
            for (entry, word) in entries.iter_mut().zip(words) {
                entry.components.push(word);
            }
        }
    }
    for entry in &mut entries {
        if entry.answer.is_some() {
            entry.outcome = match entry.components.as_slice() {
                // Nothing to differentiate with respect to: nothing can be wrong.
                [] => Outcome::Agree,
                words => Outcome::first(words.iter().map(|(word, _)| *word)),
            };
        }
    }
    // One strategy alone is not checked by anything; at a kink or outside the domain the word stands all the same.
    if entries.iter().filter(|entry| entry.answer.is_some()).count() < 2 {
        for entry in entries.iter_mut().filter(|entry| entry.outcome == Outcome::Agree) {
            entry.outcome = Outcome::Unchecked;
        }
    }
    let verdict = Outcome::first(entries.iter().map(|entry| entry.outcome));
    Point { at: at.to_vec(), values, verdict, notes, entries }
}

/// One component of the gradients at a point.
struct Place<'a> {
    f: &'a Function,
    at: &'a [f64],
    output: usize,
    input: usize,
    width: usize,
    value: f64,
    rounding: f64,
}

/// The word for each strategy, by majority: who differs from the others while these agree is the outlier.
fn compare_component(
    place: &Place<'_>,
    value: &mut Value,
    entries: &[Entry],
    notes: &mut Vec<String>,
) -> Vec<(Outcome, f64)> {
    let component = place.output * place.width + place.input;
    let claims: Vec<Option<Claim>> = entries.iter().map(|entry| claim(place, entry, component)).collect();
    let scale = scale(place, entries);
    let verdict = |i: usize, j: usize| -> Option<Verdict> {
        let (a, b) = (claims[i]?, claims[j]?);
        // The wider claim is judged against the narrower number.
        let (wide, narrow) = if a.radius >= b.radius { (a, b) } else { (b, a) };
        Some(judge(wide, narrow.value, place.rounding, scale))
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
    reconsider(place, value, entries, &mut words, notes);
    words
}

/// A finite difference outside its own radius is wrong only if the slope that the others found is: their Taylor
/// remainder decides.
fn reconsider(
    place: &Place<'_>,
    value: &mut Value,
    entries: &[Entry],
    words: &mut [(Outcome, f64)],
    notes: &mut Vec<String>,
) {
    let component = place.output * place.width + place.input;
    let analytic =
        (0..entries.len()).find(|&j| entries[j].strategy != "numerical" && words[j].0 == Outcome::Agree);
    for i in 0..entries.len() {
        if entries[i].strategy != "numerical" || words[i].0 != Outcome::Disagree {
            continue;
        }
        // With no third voice both are marked; the one analytic answer is then the slope to examine.
        let peer = analytic.or_else(|| (0..entries.len()).find(|&j| j != i && entries[j].answer.is_some()));
        let Some(slope) = peer.and_then(|j| Some(entries[j].answer.as_ref()?.gradient[component])) else {
            continue;
        };
        let x = place.at[place.input];
        let name = &place.f.input_names()[place.input];
        let scale = if x == 0.0 { 1.0 } else { x.abs() };
        let mut moved = place.at.to_vec();
        let mut outputs = vec![0.0; place.f.outputs().len()];
        let found = remainder(x, scale, slope, |x| {
            moved[place.input] = x;
            value.run(&moved, &mut outputs);
            outputs[place.output]
        });
        if found.confirms() {
            let digits = words[i].1;
            words[i].0 = if digits >= 3.0 { Outcome::Agree } else { Outcome::Unchecked };
            if let Some(peer) = peer {
                words[peer].0 = Outcome::Agree;
            }
            notes.push(format!(
                "d/d{name}: the finite difference is off by more than its own estimate; \
                 the Taylor remainder confirms the other answer"
            ));
        } else {
            notes.push(format!(
                "d/d{name}: finite differences find another slope ({found:?} for the others' answer)"
            ));
        }
    }
}

/// What an entry claims of a component, and how sure it is.
fn claim(place: &Place<'_>, entry: &Entry, component: usize) -> Option<Claim> {
    let answer = entry.answer.as_ref()?;
    let value = answer.gradient[component];
    let radius = match &answer.error_estimate {
        Some(estimate) if estimate[component].is_nan() => 0.0,
        Some(estimate) => estimate[component],
        None if entry.strategy == "numerical" => unestimated_radius(place, value, &entry.variant),
        None => 0.0,
    };
    Some(Claim { value, radius })
}

/// What a scheme without an estimate of its own should reach: ten times the error of its order at its best step.
fn unestimated_radius(place: &Place<'_>, slope: f64, variant: &str) -> f64 {
    let order = match variant {
        "forward" => 1.0,
        "central-2" => 2.0,
        "central-4" => 4.0,
        _ => 6.0,
    };
    let x = place.at[place.input].abs();
    let per_step = place.value.abs() / if x == 0.0 { 1.0 } else { x };
    10.0 * f64::EPSILON.powf(order / (order + 1.0)) * slope.abs().max(per_step)
}

/// The size of the gradient at the point, as the analytic strategies see it, else as any does.
fn scale(place: &Place<'_>, entries: &[Entry]) -> f64 {
    let row = place.output * place.width..(place.output + 1) * place.width;
    let size = |entry: &Entry| {
        let answer = entry.answer.as_ref()?;
        Some(
            answer.gradient[row.clone()]
                .iter()
                .map(|g| g.abs())
                .filter(|g| g.is_finite())
                .fold(0.0, f64::max),
        )
    };
    let analytic = entries.iter().filter(|entry| entry.strategy != "numerical").find_map(size);
    let scale = analytic.or_else(|| entries.iter().find_map(size)).unwrap_or(0.0);
    // A constant function has a gradient of zero, and a size all the same.
    if scale > 0.0 { scale } else { place.value.abs() }
}
