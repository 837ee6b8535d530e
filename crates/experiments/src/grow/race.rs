//! All variants at one size: first every answer is held against the reference, then those that pass are timed.

use std::time::Duration;

use chainrule::{AccurateBackprop, CompiledFunction, Derivative, Prepared, Refusal, Strategy, Want};
use expr::Function;

use super::Options;
use super::row::{Errors, Reference, Row};
use super::variant::{Run, Sized, Variant, tree_size};
use harness::Entry;
use harness::examine::{GroundTruth, examine};
use harness::measure::{Times, time};
use harness::{Outcome, Stopwatch, Subject};

/// Preparing is repeated so often where that is quick, and the fastest counts.
const PREPARING: usize = 3;

/// A variant made ready, and the answer it gave.
struct Started {
    variant: usize,
    prepare: f64,
    prepared: Result<Box<dyn Prepared>, Refusal>,
    /// The time of the first gradient.
    first: Duration,
}

/// All variants at one size.
pub(super) fn at_size(
    n: usize,
    size: &Sized<'_>,
    at: &[f64],
    variants: &[Variant],
    options: &Options,
    watch: &mut dyn FnMut(&str),
) -> Vec<Row> {
    let flat = size.flat;
    let subject = Subject::of(size.written, flat);
    let (known, reference) = known(&subject, flat, at, options);
    let slopes = known.slopes(flat.outputs().len() * at.len());
    let mut value = CompiledFunction::of(size.written, flat);
    let mut outputs = vec![0.0; flat.outputs().len()];
    let function = options.patience.map(|patience| time(patience, || value.run(at, &mut outputs)));
    let row = |variant: usize| Row::new(n, variant, at.len(), flat.graph().len(), function, reference);

    let mut rows = Vec::new();
    let mut entries = Vec::new();
    let mut started = Vec::new();
    for (k, variant) in variants.iter().enumerate() {
        if !variant.applies(size) || variant.is_whole() && size.cones.is_none() {
            continue;
        }
        let strategy = match (&variant.run, (variant.check)(size, options)) {
            (_, Err(refusal)) => {
                rows.push(Row { refusal: Some(refusal), ..row(k) });
                continue;
            }
            (Run::Tree, Ok(())) => {
                rows.push(Row { outcome: None, log10_nodes: Some(tree_size(flat)), ..row(k) });
                continue;
            }
            (Run::Written(strategy) | Run::Flat(strategy), Ok(())) => strategy,
        };
        watch(&format!("{}: gradient", variant.spec.label()));
        let f = if matches!(variant.run, Run::Written(_)) { size.written } else { flat };
        let (entry, ready) = start(k, strategy.as_ref(), f, at, options);
        entries.push(entry);
        started.push(ready);
    }

    // First the answers, then the times.
    let entries = examine(&subject, &mut value, at, entries, known).point.entries;
    for (entry, started) in entries.iter().zip(started) {
        let mut row =
            Row { outcome: Some(entry.outcome), refusal: entry.refusal.clone(), ..row(started.variant) };
        if let Ok(mut prepared) = started.prepared {
            let variant = &variants[started.variant];
            watch(&format!("{}: time", variant.spec.label()));
            let cost = prepared.cost();
            row.nodes(cost.nodes);
            row.bytes = Some(cost.bytes);
            row.evaluations = entry.answer.as_ref().map(|_| cost.evaluations);
            row.errors = entry.answer.as_ref().and_then(|answer| Errors::of(&answer.gradient, &slopes));
            if let Some(answer) = passing(entry, &slopes) {
                row.outcome = Some(Outcome::Agree);
                if let Some(patience) = options.patience {
                    row.gradient = steady(patience, started.first, prepared.as_mut(), at, answer);
                    row.prepare = row.gradient.map(|_| started.prepare);
                }
            }
        }
        rows.push(row);
    }
    // Without cones to spare, evaluating all of f is what finite differences do anyway.
    if size.cones.is_none()
        && let Some(whole) = variants.iter().position(Variant::is_whole)
        && let Some(same) =
            rows.iter().find(|row| variants[row.variant].spec.strategy() == variants[whole].spec.strategy())
    {
        rows.push(Row { variant: whole, ..same.clone() });
    }
    rows.sort_by_key(|row| row.variant);
    rows
}

/// Prepares a variant, a few times where that is quick, and asks for one gradient.
fn start(
    variant: usize,
    strategy: &dyn Strategy,
    f: &Function,
    at: &[f64],
    options: &Options,
) -> (Entry, Started) {
    let begin = Stopwatch::start();
    let mut prepare = f64::INFINITY;
    let mut prepared = None;
    for _ in 0..PREPARING {
        let begin_one = Stopwatch::start();
        prepared = Some(strategy.prepare(f, Want::Gradient, &options.budget));
        prepare = prepare.min(begin_one.elapsed().as_nanos() as f64);
        if options.patience.is_none_or(|patience| begin.elapsed() > patience) {
            break;
        }
    }
    let mut prepared = prepared.expect("prepared at least once");
    let mut entry = Entry::new(strategy.spec());
    let mut answer = Derivative::default();
    let begin = Stopwatch::start();
    let result = match &mut prepared {
        Ok(prepared) => prepared.run(at, &mut answer),
        Err(refusal) => Err(refusal.clone()),
    };
    let first = begin.elapsed();
    match result {
        Ok(()) => entry.answer = Some(answer),
        Err(refusal) => entry.refusal = Some(refusal),
    }
    (entry, Started { variant, prepare, prepared, first })
}

/// What answers are held against, and its name.
fn known(subject: &Subject, flat: &Function, at: &[f64], options: &Options) -> (GroundTruth, Reference) {
    let nodes = flat.graph().len();
    if nodes <= options.reference_nodes {
        return (GroundTruth::certified(subject, at, options.reference_nodes), Reference::Certified);
    }
    let accurate = || {
        let mut out = Derivative::default();
        AccurateBackprop.prepare(flat, Want::Gradient, &options.budget).ok()?.run(at, &mut out).ok()?;
        Some(out.gradient)
    };
    match (nodes <= options.accurate_nodes).then(accurate).flatten() {
        Some(slopes) => (GroundTruth::Slopes(slopes), Reference::Accurate),
        None => (GroundTruth::Nothing, Reference::None),
    }
}

/// A component without three right digits, and off by more than this fraction of the largest, is a miss, whatever its
/// own estimate says.
const MISS: f64 = 0.01;

/// The answer, if the comparator lets every component of it pass.
fn passing<'a>(entry: &'a Entry, slopes: &[Option<f64>]) -> Option<&'a Derivative> {
    let answer = entry.answer.as_ref().filter(|_| entry.agrees_or_is_silent())?;
    let size = slopes.iter().flatten().fold(0.0, |size: f64, slope| size.max(slope.abs()));
    let pass = |((g, slope), (word, _)): ((&f64, &Option<f64>), &(Outcome, f64))| {
        let near = slope.is_none_or(|slope| (g - slope).abs() <= MISS * size);
        *word != Outcome::Disagree && (*word != Outcome::Unchecked || near)
    };
    answer.gradient.iter().zip(slopes).zip(&entry.components).all(pass).then_some(answer)
}

/// The times of a gradient; the first one was run already, and is not run again where it used up the patience. Nothing
/// where what is timed answers otherwise than what was examined.
fn steady(
    patience: Duration,
    first: Duration,
    prepared: &mut dyn Prepared,
    at: &[f64],
    answer: &Derivative,
) -> Option<Times> {
    let nanoseconds = first.as_nanos() as f64;
    if first >= patience {
        return Some(Times { first: nanoseconds, min: nanoseconds, median: nanoseconds });
    }
    let mut out = Derivative::default();
    let mut ran = Ok(());
    let times = time(patience, || ran = prepared.run(at, &mut out));
    let bits = |gradient: &[f64]| gradient.iter().map(|g| g.to_bits()).collect::<Vec<_>>();
    let same = ran.is_ok() && bits(&out.gradient) == bits(&answer.gradient);
    same.then_some(Times { first: nanoseconds, ..times })
}
