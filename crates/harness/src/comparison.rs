//! Strategies side by side on one function: answers, verdicts, times and costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chainrule::{
    Budget, CompiledFunction, Cost, Derivative, Formulas, Prepared, Refusal, Remark, Strategy, StrategySpec,
    Want,
};
use expr::Function;
use reference::Certificate;

use crate::causes::{Cause, Search};
use crate::examine::{GroundTruth, examine};
use crate::measure::{Times, time};
use crate::outcome::Outcome;

/// What one strategy did at one point.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The strategy and its variant.
    pub spec: StrategySpec,
    /// Over all components.
    pub outcome: Outcome,
    /// Value, gradient and error estimate, unless refused.
    pub answer: Option<Derivative>,
    /// Per component: the word, and the digits shared with the certified gradient, or with the others without one.
    pub components: Vec<(Outcome, f64)>,
    /// Components for which a finite difference contradicts its own error estimate.
    pub contradictions: Vec<usize>,
    /// Components that disagree, and by no more than rounding does to them.
    pub lost_to_rounding: Vec<usize>,
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
    pub formulas: Option<Arc<Formulas>>,
    /// What was chosen on the way.
    pub remarks: Vec<Remark>,
    /// The program that it runs.
    pub listing: Vec<String>,
}

impl Entry {
    /// What is known before a strategy is asked: nothing.
    pub fn new(spec: StrategySpec) -> Entry {
        Entry {
            spec,
            outcome: Outcome::Refused,
            answer: None,
            components: Vec::new(),
            contradictions: Vec::new(),
            lost_to_rounding: Vec::new(),
            ulp: None,
            refusal: None,
            prepare: None,
            gradient_times: None,
            cost: Cost::default(),
            formulas: None,
            remarks: Vec::new(),
            listing: Vec::new(),
        }
    }

    /// Whether no component disagrees and some component agrees: of the others nothing can be said.
    pub fn agrees_or_is_silent(&self) -> bool {
        let any = |wanted: Outcome| self.components.iter().any(|(word, _)| *word == wanted);
        self.answer.is_some()
            && !any(Outcome::Disagree)
            && (any(Outcome::Agree) || self.components.is_empty())
    }
}

/// All strategies at one point.
#[derive(Clone, Debug)]
pub struct Point {
    /// One number per scalar input.
    pub at: Vec<f64>,
    /// The outputs.
    pub values: Vec<f64>,
    /// The worst of all components.
    pub verdict: Outcome,
    /// The verdict of every component over the strategies, row after row.
    pub components: Vec<Outcome>,
    /// The certified values and gradients, unless the function was too large for them.
    pub reference: Option<Certificate>,
    /// The condition number of every component, row after row, where there is a reference; see
    /// [`with_literals`](crate::condition::with_literals).
    pub conditions: Option<Vec<f64>>,
    /// What a reader should know: why there is no gradient, whose estimate was too small.
    pub notes: Vec<String>,
    /// Why a component is not certified, or a strategy's answer not the derivative.
    pub causes: Vec<Cause>,
    /// One per strategy, in the order given.
    pub entries: Vec<Entry>,
}

impl Point {
    /// Draws the words of entries and of the point from those of their components.
    pub(crate) fn conclude(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.answer.is_some()) {
            // Without a component nothing can be wrong.
            let words = entry.components.iter().map(|(word, _)| *word);
            entry.outcome = Outcome::worst(words).unwrap_or(Outcome::Agree);
        }
        self.verdict = Outcome::worst(self.components.iter().copied()).unwrap_or(Outcome::Agree);
    }
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
    /// The worst of all points; nothing is checked at none.
    pub fn verdict(&self) -> Outcome {
        Outcome::worst(self.points.iter().map(|point| point.verdict)).unwrap_or(Outcome::Unchecked)
    }

    /// Takes every finite difference that contradicts its own estimate for a disagreement.
    pub fn strictly(mut self) -> Comparison {
        for point in &mut self.points {
            for entry in &mut point.entries {
                for &component in &entry.contradictions {
                    entry.components[component].0 = Outcome::Disagree;
                    point.components[component] = Outcome::Disagree;
                }
            }
            point.conclude();
        }
        self
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
    spec: StrategySpec,
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
    compared(written, f, points, strategies, options, false)
}

/// The same, with the derivatives as formulas, which is more than most comparisons need.
///
/// # Panics
/// When the function is not flat or a point has another length.
pub fn compare_with_formulas(
    written: &Function,
    f: &Function,
    points: &[Vec<f64>],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
) -> Comparison {
    compared(written, f, points, strategies, options, true)
}

fn compared(
    written: &Function,
    f: &Function,
    points: &[Vec<f64>],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
    formulas: bool,
) -> Comparison {
    let mut contenders: Vec<Contender> = strategies
        .iter()
        .map(|strategy| {
            let begin = Instant::now();
            let prepared = strategy.prepare(written, Want::Gradient, &options.budget);
            let nanoseconds = begin.elapsed().as_nanos() as f64;
            Contender { spec: strategy.spec(), nanoseconds, prepared }
        })
        .collect();
    let mut value = CompiledFunction::of(written, f);
    let function_times = options.patience.zip(points.first()).map(|(patience, point)| {
        let mut out = vec![0.0; f.outputs().len()];
        time(patience, || value.run(point, &mut out))
    });
    let mut search = Search::new(f, strategies);
    let points: Vec<Point> = points
        .iter()
        .enumerate()
        .map(|(k, at)| {
            let patience = options.patience.filter(|_| k == 0);
            let entries =
                contenders.iter_mut().map(|contender| enter(contender, at, patience, formulas)).collect();
            let known = GroundTruth::certified(f, at, options.reference_nodes);
            search.explain(examine(f, &mut value, at, entries, known))
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
fn enter(contender: &mut Contender, at: &[f64], patience: Option<Duration>, formulas: bool) -> Entry {
    let mut entry = Entry { prepare: patience.map(|_| contender.nanoseconds), ..Entry::new(contender.spec) };
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
    entry.formulas = if formulas { prepared.formulas() } else { None };
    entry.remarks = prepared.remarks();
    entry.listing = prepared.listing();
    entry
}
