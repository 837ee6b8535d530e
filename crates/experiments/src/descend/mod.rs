//! Gradient descent driven by each strategy: the same losses, at different prices.

mod drive;
mod method;

use chainrule::{Budget, Refusal, Strategy, StrategySpec};
use expr::{Calculus, Function};
use harness::{Outcome, Stopwatch};

use drive::drive;
use harness::comparison::{Options as Comparing, compare};
use harness::{Entry, Subject};
pub use method::Method;
use method::Mover;

/// What is descended: a function of weights, or the mean over rows of data of a function of both.
#[derive(Clone, Copy, Debug)]
pub struct Loss<'a> {
    /// With its axes; one output.
    pub written: &'a Function,
    /// The same without axes.
    pub flat: &'a Function,
    /// Per scalar input its numbers, one per row; nothing for a weight.
    pub columns: &'a [Option<Vec<f64>>],
    /// How many rows there are; 0 without data.
    pub rows: usize,
}

impl Loss<'_> {
    /// How many inputs are weights.
    pub fn weights(&self) -> usize {
        self.columns.iter().filter(|column| column.is_none()).count()
    }

    /// Panics where lengths do not fit.
    fn expect(&self, start: &[f64]) {
        assert_eq!(self.flat.outputs().len(), 1, "a loss is one number");
        assert_eq!(self.columns.len(), self.flat.input_count(), "a column or a weight per input");
        assert_eq!(start.len(), self.weights(), "a number per weight");
    }

    /// A point at which the strategies are compared: the weights, and the first row.
    fn point(&self, weights: &[f64]) -> Vec<f64> {
        let mut weights = weights.iter();
        let number = |column: &Option<Vec<f64>>| match column {
            Some(column) => column[0],
            None => *weights.next().expect("a number per weight"),
        };
        self.columns.iter().map(number).collect()
    }
}

/// How to descend.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How a gradient becomes a step.
    pub method: Method,
    /// The learning rate.
    pub rate: f64,
    /// How many steps at most.
    pub iterations: usize,
    /// A descent stops where no component of the gradient is larger than this, times 1 + |loss|; 0 for all steps.
    pub tolerance: f64,
    /// For each gradient.
    pub budget: Budget,
    /// A strategy that takes several evaluations of the loss per gradient, and would take more than this for all
    /// steps, is measured over [`FEW`] of them.
    pub evaluations: u64,
    /// Functions with more nodes than this get no certified reference.
    pub reference_nodes: usize,
}

/// The steps that a strategy is measured over when all would be too many.
pub const FEW: usize = 5;

/// How a descent ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// All steps were taken.
    Finished,
    /// The gradient was within the tolerance.
    Converged,
    /// A loss or a gradient was not finite, or the last step led up and beyond the loss at the start.
    Diverged,
    /// [`FEW`] steps were taken: all would have gone over the evaluations that there are.
    Measured,
    /// The strategy refused.
    Refused(Refusal),
}

/// One strategy's descent.
#[derive(Clone, Debug)]
pub struct Run {
    /// The strategy and its variant.
    pub spec: StrategySpec,
    /// Whether its gradient is that of the others and of the reference, where the descent starts and where it ends.
    pub outcome: Outcome,
    /// How it ended.
    pub end: End,
    /// The loss at the start, and after every step.
    pub losses: Vec<f64>,
    /// Where it ended: a number per weight.
    pub at: Vec<f64>,
    /// Evaluations of the loss, for all gradients.
    pub evaluations: u64,
    /// Nanoseconds to prepare.
    pub prepare: f64,
    /// Nanoseconds for all steps that were taken.
    pub nanoseconds: f64,
}

impl Run {
    /// Steps that were taken.
    pub fn steps(&self) -> usize {
        self.losses.len().saturating_sub(1)
    }

    /// Nanoseconds per step; none of a strategy whose gradient is wrong, or that took no step.
    pub fn step_time(&self) -> Option<f64> {
        let timed = self.outcome != Outcome::Disagree && self.steps() > 0;
        timed.then(|| self.nanoseconds / self.steps() as f64)
    }

    /// Nanoseconds for so many steps: measured where it took them or needed no more, else extrapolated from those it took.
    pub fn whole_time(&self, iterations: usize) -> Option<f64> {
        let steps = if self.end == End::Converged { self.steps() } else { iterations };
        self.step_time().map(|step| step * steps as f64)
    }

    /// Whether the loss after the last step is larger than before it and than at the start.
    fn grows(&self) -> bool {
        match self.losses.as_slice() {
            [first, .., before, last] => last > first && last > before,
            _ => false,
        }
    }

    /// Evaluations of the loss per gradient.
    pub fn evaluations_per_step(&self) -> f64 {
        self.evaluations as f64 / self.losses.len().max(1) as f64
    }
}

/// Descents from the same start.
#[derive(Clone, Debug)]
pub struct Descent {
    /// One per strategy, in the order given.
    pub runs: Vec<Run>,
    /// What the strategies' outcomes come to.
    pub outcome: Outcome,
}

impl Descent {
    /// The run that others are measured by: the last of those that went furthest, by a gradient that is not wrong if there is one.
    pub fn leader(&self) -> Option<&Run> {
        let went = self.runs.iter().filter(|run| !run.losses.is_empty());
        went.max_by_key(|run| (run.outcome != Outcome::Disagree, run.losses.len()))
    }

    /// By how much a run's losses differ from those of the [leader](Self::leader), relative to these: the largest
    /// difference, and the step that it is at.
    pub fn difference(&self, run: &Run) -> Option<(f64, usize)> {
        let pairs = run.losses.iter().zip(&self.leader()?.losses);
        let relative =
            |(a, b): (&f64, &f64)| if a == b || a.is_nan() && b.is_nan() { 0.0 } else { ((a - b) / b).abs() };
        let all = pairs.map(relative).zip(0..);
        // The first of the largest; NaN is larger than any.
        all.reduce(|most, next| if next.0.total_cmp(&most.0).is_gt() { next } else { most })
    }
}

/// Descends from `start`, which has a number per weight, with each strategy; the strategy and its step are told to `watch`
/// before each step.
///
/// # Panics
/// When lengths do not fit, or the function has several outputs.
pub fn descend(
    loss: &Loss<'_>,
    start: &[f64],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
    watch: &mut (dyn FnMut(usize, usize) + Send),
) -> Descent {
    loss.expect(start);
    let mut runs = Vec::new();
    for (k, strategy) in strategies.iter().enumerate() {
        runs.push(run(loss, start, strategy.as_ref(), options, &mut |step, _| watch(k, step)));
    }
    let mut descent = Descent { runs, outcome: Outcome::Unchecked };
    let ends = descent.leader().map(|leader| leader.at.clone());
    let points: Vec<Vec<f64>> =
        [Some(start.to_vec()), ends].iter().flatten().map(|weights| loss.point(weights)).collect();
    let comparing = Comparing {
        budget: options.budget,
        reference_nodes: options.reference_nodes,
        ..Comparing::default()
    };
    let compared = compare(&Subject::of(loss.written, loss.flat), &points, strategies, &comparing);
    for (k, run) in descent.runs.iter_mut().enumerate() {
        let entries = compared.points.iter().map(|point| &point.entries[k]);
        run.outcome = Outcome::worst(entries.filter_map(beside_rounding)).unwrap_or(Outcome::Unchecked);
    }
    descent.outcome =
        Outcome::worst(descent.runs.iter().map(|run| run.outcome)).unwrap_or(Outcome::Unchecked);
    descent
}

/// One strategy's descent, and the weights at the start and after every step: nothing is compared.
///
/// # Panics
/// As [`descend`].
pub fn path(
    loss: &Loss<'_>,
    start: &[f64],
    strategy: &dyn Strategy,
    options: &Options,
) -> (Run, Vec<Vec<f64>>) {
    loss.expect(start);
    let mut path = Vec::new();
    let run = run(loss, start, strategy, options, &mut |_, at| path.push(at.to_vec()));
    (run, path)
}

/// The word for a gradient, whatever rounding leaves of it: where a descent ends it is next to nothing, and finite differences
/// say nothing of it.
fn beside_rounding(entry: &Entry) -> Option<Outcome> {
    let lost = |component: usize| entry.lost_to_rounding.contains(&component);
    let words = (0..entry.components.len()).map(|component| match entry.components[component].0 {
        Outcome::Disagree if lost(component) => Outcome::Agree,
        // What finite differences cannot say of some components is said by the others.
        Outcome::Unchecked if entry.agrees_or_is_silent() => Outcome::Agree,
        word => word,
    });
    let silent = entry.spec.is_finite_difference()
        && entry.outcome == Outcome::Unchecked
        && !entry.agrees_or_is_silent();
    let word = Outcome::worst(words).unwrap_or(Outcome::Agree);
    if entry.answer.is_none() { Some(Outcome::Refused) } else { (!silent).then_some(word) }
}

fn run(
    loss: &Loss<'_>,
    start: &[f64],
    strategy: &dyn Strategy,
    options: &Options,
    watch: &mut dyn FnMut(usize, &[f64]),
) -> Run {
    let mut run = Run {
        spec: strategy.spec(),
        outcome: Outcome::Unchecked,
        end: End::Finished,
        losses: Vec::new(),
        at: start.to_vec(),
        evaluations: 0,
        prepare: 0.0,
        nanoseconds: 0.0,
    };
    let begin = Stopwatch::start();
    let drive = drive(loss, strategy, &options.budget);
    run.prepare = begin.elapsed().as_nanos() as f64;
    let mut drive = match drive {
        Ok(drive) => drive,
        Err(refusal) => return Run { end: End::Refused(refusal), ..run },
    };
    let mut mover = Mover::new(options.method, options.rate, start.len());
    let mut gradient = vec![0.0; start.len()];
    let mut most = options.iterations;
    loop {
        watch(run.losses.len(), &run.at);
        let begin = Stopwatch::start();
        let (value, evaluations) = match drive.run(&run.at, &mut gradient) {
            Ok(found) => found,
            Err(refusal) => return Run { end: End::Refused(refusal), ..run },
        };
        run.losses.push(value);
        run.evaluations += evaluations;
        if !value.is_finite() || gradient.iter().any(|slope| !slope.is_finite()) {
            run.end = End::Diverged;
            return run;
        }
        let steepest = gradient.iter().fold(0.0, |most: f64, slope| most.max(slope.abs()));
        if steepest <= options.tolerance * (1.0 + value.abs()) {
            // Beside a loss that has grown very large, any gradient is small.
            run.end = if run.grows() { End::Diverged } else { End::Converged };
            return run;
        }
        if run.steps() == most {
            if run.end == End::Finished && run.grows() {
                run.end = End::Diverged;
            }
            return run;
        }
        mover.advance(&mut run.at, &gradient);
        run.nanoseconds += begin.elapsed().as_nanos() as f64;
        // The first gradient tells what all will take.
        let all = evaluations.saturating_mul(options.iterations as u64 + 1);
        if run.steps() == 0 && evaluations > 1 && all > options.evaluations && options.iterations > FEW {
            (most, run.end) = (FEW, End::Measured);
        }
    }
}

/// The squared error of a function of one output: `(f - target)^2`, the target as a further input behind the others.
/// Its inputs are scalars, named as those of `f`.
///
/// # Panics
/// When `f` is not flat or has several outputs.
pub fn squared_error(f: &Function, target: &str) -> Function {
    assert_eq!(f.outputs().len(), 1, "one output is to meet the target");
    Function::build(|g| {
        let inputs: Vec<_> = f.input_names().iter().map(|name| g.input(name)).collect();
        let found = f.evaluate(g, &inputs)[0];
        let two = g.constant(2.0);
        vec![(found - g.input(target)).powi(two)]
    })
}

#[cfg(test)]
mod tests;
