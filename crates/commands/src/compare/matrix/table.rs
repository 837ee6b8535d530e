//! A matrix in the terminal: entry by entry where it is small, and what there is to know of it where it is large.

use std::fmt::Write;

use chainrule::Want;
use harness::{Comparison, MatrixComparison, Outcome, Point};

use super::Labels;
use crate::compare::cells::{self, Digits};
use crate::compare::formulas::with_where;
use crate::compare::table::{FULL_POINTS, Shown, Style, data_table, paint, place};
use crate::output::number::{brief, count};
use crate::output::table::{fitting, wrap, wrap_behind};
use crate::{ParsedFunction, Points};

/// So many entries are shown.
const ENTRIES: usize = 10;
/// Longer formulas are left out.
const LONGEST: usize = 200;

/// Everything `compare --want` shows of a comparison.
pub fn render(
    given: &ParsedFunction,
    points: &Points,
    comparison: &MatrixComparison,
    style: Style,
) -> String {
    let mut out = String::new();
    let name = given.name();
    let labels = Labels::new(comparison, &name);
    let [rows, columns] = comparison.shape;
    let _ = writeln!(out, "{}", wrap_behind(&given.title(), "  "));
    let _ = writeln!(out, "{}, {} by {}", comparison.want, count(rows as u64), count(columns as u64));
    let as_gradients = as_gradients(comparison);
    for (k, point) in as_gradients.points.iter().enumerate() {
        let at = format!("at {}{}", place(&as_gradients, point), points.origin(k));
        if k >= FULL_POINTS {
            let _ = writeln!(out, "{at}: {}", point.verdict.word());
            continue;
        }
        let line = format!("{at}: {name} = {}", cells::values(point));
        let _ = writeln!(out, "{}", wrap_behind(&line, "  "));
        for note in &point.notes {
            let _ = writeln!(out, "{}", wrap_behind(&format!("note: {note}"), "      "));
        }
        let (shown, more) = shown(comparison, point);
        let shown: Vec<(usize, String)> =
            shown.into_iter().map(|entry| (entry, labels.entry(entry))).collect();
        let shown = Shown { rows: &shown, more, timed: k == 0, per: "per matrix" };
        let table = |digits: Digits| data_table(&as_gradients, point, &shown, style, digits);
        let _ = writeln!(out, "{}", fitting(Digits::descending().map(table)));
        if more > 0 && !point.entries.is_empty() {
            summary(&mut out, comparison, point);
        }
    }
    formulas(&mut out, comparison, &labels);
    let _ = writeln!(out, "\n{}", paint(&wrap(&sentence(comparison)), comparison.verdict(), style.colour));
    out
}

/// Entries stand where components of gradients stand elsewhere.
fn as_gradients(comparison: &MatrixComparison) -> Comparison {
    let mut points = comparison.points.clone();
    for answer in
        points.iter_mut().flat_map(|point| &mut point.entries).filter_map(|entry| entry.answer.as_mut())
    {
        answer.gradient = std::mem::take(&mut answer.entries);
    }
    let MatrixComparison { inputs, outputs, function_times, .. } = comparison;
    Comparison {
        inputs: inputs.clone(),
        outputs: *outputs,
        nodes: None,
        function_times: *function_times,
        points,
    }
}

/// The entries to show: of a Hessian each pair once; those that disagree first. And how many more there are.
fn shown(comparison: &MatrixComparison, point: &Point) -> (Vec<usize>, usize) {
    let [_, columns] = comparison.shape;
    let once = |entry: &usize| comparison.want != Want::Hessian || entry % columns <= entry / columns;
    let all: Vec<usize> = (0..point.components.len()).filter(once).collect();
    if all.len() <= ENTRIES {
        return (all, 0);
    }
    let wrong = all.iter().copied().filter(|entry| point.components[*entry] == Outcome::Disagree);
    let mut chosen: Vec<usize> = wrong.take(ENTRIES / 2).collect();
    // What is not 0 says more.
    let answer = point.entries.iter().rev().find_map(|entry| entry.answer.as_ref());
    let counts = |entry: &usize| answer.is_none_or(|answer| answer.gradient[*entry] != 0.0);
    let others: Vec<usize> =
        all.iter().copied().filter(|entry| !chosen.contains(entry) && counts(entry)).collect();
    chosen.extend(others.into_iter().take(ENTRIES - chosen.len()));
    chosen.sort_unstable();
    let more = all.len() - chosen.len();
    (chosen, more)
}

/// How many entries are not 0, how far from the diagonal, and how many have which word.
fn summary(out: &mut String, comparison: &MatrixComparison, point: &Point) {
    let [_, columns] = comparison.shape;
    let analytic = point.entries.iter().rev().find(|entry| !entry.spec.is_finite_difference());
    let Some(entry) = analytic.or(point.entries.last()) else { return };
    let Some(answer) = &entry.answer else { return };
    let set: Vec<usize> = (0..answer.gradient.len()).filter(|&k| answer.gradient[k] != 0.0).collect();
    let total = count(answer.gradient.len() as u64);
    let mut line =
        format!("{} of {total} entries are not 0 by {}", count(set.len() as u64), entry.spec.name());
    if matches!(comparison.want, Want::Hessian | Want::Jacobian) {
        let width = set.iter().map(|k| (k / columns).abs_diff(k % columns)).max().unwrap_or(0);
        let _ = write!(line, ", none further than {} from the diagonal", count(width as u64));
    }
    let _ = writeln!(out, "{}", wrap(&line));
}

/// The formulas of few entries.
fn formulas(out: &mut String, comparison: &MatrixComparison, labels: &Labels<'_>) {
    let Some(point) = comparison.points.first() else { return };
    let [rows, columns] = comparison.shape;
    // Of a product with several vectors there is one formula for all.
    let one = match comparison.want {
        Want::Jvp | Want::Hvp if columns != 1 => return,
        Want::Vjp if rows != 1 => return,
        Want::Hessian => {
            (0..rows).flat_map(|row| (0..=row).map(move |column| row * columns + column)).collect()
        }
        _ => (0..rows * columns).collect::<Vec<usize>>(),
    };
    for entry in &point.entries {
        let Some(formulas) = entry.formulas.as_ref().map(|formulas| formulas.text()) else { continue };
        let lines = one.iter().zip(formulas).map(|(&entry, formula)| (entry, with_where(formula)));
        let lines: Vec<(usize, String)> =
            lines.filter(|(_, formula)| formula.chars().count() <= LONGEST).collect();
        if lines.is_empty() || formulas.len() > ENTRIES {
            continue;
        }
        out.push('\n');
        for (entry, formula) in lines {
            let _ = writeln!(out, "{}", wrap_behind(&format!("{} = {formula}", labels.entry(entry)), "    "));
        }
    }
}

/// What came of it.
fn sentence(comparison: &MatrixComparison) -> String {
    let MatrixComparison { want, inputs, points, .. } = comparison;
    let all = points.iter().flat_map(|point| point.components.iter().copied());
    let counts = Outcome::counts(all);
    let total: usize = counts.values().sum();
    let told: Vec<String> =
        counts.iter().map(|(word, of)| format!("{} {}", count(*of as u64), word.word())).collect();
    let verdict = comparison.verdict().word();
    let plural = if total == 1 { "entry" } else { "entries" };
    let mut sentence = match counts.len() {
        0 => format!("{verdict}; there are no entries"),
        1 => format!("{verdict}: of {} {plural}, all", count(total as u64)),
        _ => format!("{verdict}: of {} entries {}", count(total as u64), told.join(", ")),
    };
    let certified = points.iter().all(|point| point.reference.is_some());
    sentence += if certified { ", against certified ones." } else { ", held against each other." };
    let differences = points.first().and_then(|point| {
        let entry =
            point.entries.iter().find(|entry| entry.spec.is_finite_difference() && entry.answer.is_some());
        entry.map(|entry| entry.cost.evaluations)
    });
    if let Some(evaluations) = differences.filter(|_| *want == Want::Hessian) {
        let n = inputs.len() as f64;
        let least = 1.0 + 2.0 * n + n * (n - 1.0);
        let _ = write!(
            sentence,
            " Differences of values took {} evaluations of f; {} are the least for {} inputs, at one length of step, and colouring \
             cannot help: each value is that of the whole function.",
            count(evaluations),
            if least < 1e15 { count(least as u64) } else { brief(least) },
            count(inputs.len() as u64)
        );
    }
    sentence
}
