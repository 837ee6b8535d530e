//! Strategies side by side on one function: answers, verdicts, times and costs.

use std::time::{Duration, Instant};

use chainrule::expr::Function;
use chainrule::reference::Certificate;
use chainrule::{Budget, Cost, Derivative, Prepared, Refusal, Strategy, Value, Want};

use crate::examine::{Examined, Known, Trouble, examine};
use crate::measure::{Times, time};
use crate::triage::{Cause, Diagnosis, Piece, diagnose};

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
    /// Per component: the word, and the digits shared with the certified gradient, or with the others without one.
    pub components: Vec<(Outcome, f64)>,
    /// Per component: how many doubles from the certified one; NaN where there is none.
    pub ulp: Option<Vec<f64>>,
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
    /// What it runs.
    pub steps: Vec<String>,
}

impl Entry {
    /// What is known before a strategy is asked: nothing.
    pub(crate) fn new(strategy: &'static str, variant: String) -> Entry {
        Entry {
            strategy,
            variant,
            outcome: Outcome::Refused,
            answer: None,
            components: Vec::new(),
            ulp: None,
            refusal: None,
            prepare: None,
            gradient_times: None,
            cost: Cost::default(),
            formulas: None,
            remarks: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Whether it is an approximation with a step, rather than exact up to rounding: the complex step is exact.
    pub fn is_finite_difference(&self) -> bool {
        self.strategy == "numerical" && self.variant != "complex-step"
    }
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
    /// The certified values and gradients, unless the function was too large for them.
    pub reference: Option<Certificate>,
    /// The condition number of every component, row after row, where there is a reference; see
    /// [`condition_numbers`](crate::condition::condition_numbers).
    pub conditions: Option<Vec<f64>>,
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
    /// Functions with more nodes than this get no certified reference; 0 switches it off.
    pub reference_nodes: usize,
}

/// A strategy made ready for the function, or why not.
struct Contender {
    name: &'static str,
    variant: String,
    nanoseconds: f64,
    prepared: Result<Box<dyn Prepared>, Refusal>,
}

/// Compares strategies on a function at points, each with one number per scalar input. `f` is the function unrolled,
/// `written` the same with its axes, for those that can do with them: it may be the same function.
///
/// # Panics
/// When the function is not flat or a point has another length.
pub fn compare(
    written: &Function,
    f: &Function,
    points: &[Vec<f64>],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
) -> Comparison {
    let mut contenders: Vec<Contender> = strategies
        .iter()
        .map(|strategy| {
            let begin = Instant::now();
            let prepared = strategy.prepare(written, Want::Gradient, &options.budget);
            let nanoseconds = begin.elapsed().as_nanos() as f64;
            Contender { name: strategy.name(), variant: strategy.variant(), nanoseconds, prepared }
        })
        .collect();
    let mut value = Value::of(written, f);
    let function_times = options.patience.zip(points.first()).map(|(patience, point)| {
        let mut out = vec![0.0; f.outputs().len()];
        time(patience, || value.run(point, &mut out))
    });
    let mut diagnoses = MOST_DIAGNOSES;
    let points: Vec<Point> = points
        .iter()
        .enumerate()
        .map(|(k, at)| {
            let patience = options.patience.filter(|_| k == 0);
            let entries = contenders.iter_mut().map(|contender| enter(contender, at, patience)).collect();
            let known = Known::certified(f, at, options.reference_nodes);
            let examined = examine(f, &mut value, at, entries, known);
            explained(f, examined, strategies, &mut diagnoses)
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

/// More are not made in one comparison: a reader has enough to do with these.
const MOST_DIAGNOSES: usize = 8;

/// The point with notes of what is the matter, as far as there are diagnoses left to make.
fn explained(
    f: &Function,
    examined: Examined,
    strategies: &[Box<dyn Strategy>],
    diagnoses: &mut usize,
) -> Point {
    let Examined { mut point, mut reason, troubles } = examined;
    let mut notes: Vec<(Vec<&str>, String)> = Vec::new();
    // Without a certified gradient nothing is known to be wrong.
    let asked = if point.reference.is_some() { troubles.len().min(*diagnoses) } else { 0 };
    *diagnoses -= asked;
    for Trouble { output, entry } in troubles.into_iter().take(asked) {
        let Some(found) = diagnose(&Piece::of(f, output, &point.at), strategies[entry].as_ref()) else {
            continue;
        };
        // The slopes to both sides say more than where they meet.
        if let Cause::Kink { .. } = found.cause {
            reason = None;
        }
        let (who, what) = note(f, output, &point.entries[entry], &found);
        // The same of several strategies is said once.
        match notes.iter_mut().find(|(_, said)| *said == what) {
            Some((strategies, _)) => strategies.extend(who),
            None => notes.push((who.into_iter().collect(), what)),
        }
    }
    let told = notes.into_iter().map(|(who, what)| match who.as_slice() {
        [] => what,
        who => format!("{}: {what}", who.join(" and ")),
    });
    point.notes.splice(0..0, reason.into_iter().chain(told));
    point
}

/// Whose trouble it is, unless the function's own, and what it is.
fn note<'a>(f: &Function, output: usize, entry: &Entry, found: &Diagnosis) -> (Option<&'a str>, String) {
    let of = if f.outputs().len() == 1 { String::new() } else { format!("output {}, ", output + 1) };
    let functions_own = match found.cause {
        Cause::Kink { .. } | Cause::DomainEdge => entry.outcome != Outcome::Disagree,
        _ => entry.outcome == Outcome::Undefined,
    };
    ((!functions_own).then_some(entry.strategy), format!("{of}{found}"))
}

/// Asks one strategy at one point.
fn enter(contender: &mut Contender, at: &[f64], patience: Option<Duration>) -> Entry {
    let mut entry = Entry {
        prepare: patience.map(|_| contender.nanoseconds),
        ..Entry::new(contender.name, contender.variant.clone())
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
    entry.steps = prepared.steps();
    entry
}
