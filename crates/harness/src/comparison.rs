//! Strategies side by side on one function: answers, verdicts, times and costs.

use std::time::Duration;

use chainrule::{Budget, Derivative, Prepared, Refusal, Seeds, Strategy, StrategySpec, Want};

use crate::Stopwatch;
use crate::causes::Search;
use crate::examine::{GroundTruth, examine};
use crate::measure::{Times, time};
use crate::outcome::Outcome;
use crate::point::{Entry, Point};
use crate::subject::{Names, Subject};

/// A function compared at some points.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Names of the scalar inputs.
    pub inputs: Names,
    /// How many outputs there are.
    pub outputs: usize,
    /// Nodes of the unrolled function, where it was unrolled.
    pub nodes: Option<usize>,
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
        self.points.iter_mut().for_each(Point::count_contradictions);
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
    /// Whether derivatives are written as formulas, which is more than most comparisons need.
    pub formulas: bool,
    /// Whether of functions that get no certified reference some components are certified.
    pub samples: bool,
}

/// What is done next in a comparison, told to whoever watches.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Evaluations of single nodes that the strategies take at most for all points.
    pub most_work: f64,
    /// How many parts there are: for every point, its strategies and the verdicts.
    pub parts: usize,
    /// How many are done.
    pub done: usize,
    /// The strategy that is asked next; at the end of a point, none.
    pub next: Option<StrategySpec>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            budget: Budget::default(),
            patience: None,
            reference_nodes: 20_000,
            formulas: false,
            samples: true,
        }
    }
}

/// A strategy made ready for the function, or why not.
pub(crate) struct Contender {
    spec: StrategySpec,
    nanoseconds: f64,
    prepared: Result<Box<dyn Prepared>, Refusal>,
}

impl Contender {
    pub(crate) fn new(
        strategy: &dyn Strategy,
        subject: &Subject,
        want: Want,
        options: &Options,
    ) -> Contender {
        let begin = Stopwatch::start();
        let prepared = strategy.prepare(subject.written(), want, &options.budget);
        let nanoseconds = begin.elapsed().as_nanos() as f64;
        Contender { spec: strategy.spec(), nanoseconds, prepared }
    }
}

/// Compares strategies on a function at points, each with one number per scalar input.
///
/// # Panics
/// When a point has another length.
pub fn compare(
    subject: &Subject,
    points: &[Vec<f64>],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
) -> Comparison {
    compare_watched(subject, points, strategies, options, &mut |_| {})
}

/// The same; what is done next is told to `watch`.
///
/// # Panics
/// When a point has another length.
pub fn compare_watched(
    subject: &Subject,
    points: &[Vec<f64>],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
    watch: &mut dyn FnMut(Progress),
) -> Comparison {
    let mut contenders: Vec<Contender> = { strategies.iter() }
        .map(|strategy| Contender::new(&**strategy, subject, Want::Gradient, options))
        .collect();
    let mut value = subject.compiled();
    let outputs = value.outputs();
    let function_times = options.patience.zip(points.first()).map(|(patience, point)| {
        let mut out = vec![0.0; outputs];
        time(patience, || value.run(point, &mut out))
    });
    let mut search = Search::new(subject, strategies);
    let works = contenders.iter().filter_map(|contender| Some(contender.prepared.as_ref().ok()?.most_work()));
    let most_work = works.sum::<f64>() * points.len() as f64;
    let parts = points.len() * (strategies.len() + 1);
    let mut done = 0;
    let mut tell = |next: Option<StrategySpec>| {
        watch(Progress { most_work, parts, done, next });
        done += 1;
    };
    let points: Vec<Point> = points
        .iter()
        .enumerate()
        .map(|(k, at)| {
            let patience = options.patience.filter(|_| k == 0);
            let entries = contenders
                .iter_mut()
                .map(|contender| {
                    tell(Some(contender.spec));
                    enter(contender, at, Seeds::NONE, patience, options.formulas)
                })
                .collect();
            tell(None);
            let most = options.reference_nodes;
            let known = match options.samples {
                true => GroundTruth::certified_or_sampled(subject, outputs, at, most),
                false => GroundTruth::certified(subject, at, most),
            };
            search.explain(examine(subject, &mut value, at, entries, known))
        })
        .collect();
    Comparison {
        inputs: subject.names().clone(),
        outputs,
        nodes: subject.at_hand().map(|f| f.graph().len()),
        function_times,
        points,
    }
}

/// Asks one strategy at one point.
pub(crate) fn enter(
    contender: &mut Contender,
    at: &[f64],
    seeds: Seeds<'_>,
    patience: Option<Duration>,
    formulas: bool,
) -> Entry {
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
            entry.gradient_times =
                Some(time(patience, || result = prepared.run_with(at, seeds, &mut answer)));
        }
        None => result = prepared.run_with(at, seeds, &mut answer),
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
