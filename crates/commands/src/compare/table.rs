//! The table that people see first: briefly, or with everything that is known.

use std::fmt::Write;

use chainrule::{Refusal, Remark};
use comfy_table::{Cell, CellAlignment, Table};
use harness::{Comparison, Entry, Outcome, Point};
use syntax::Words;

use super::cells::{self, Digits};
use super::{advice, formulas};
use crate::ParsedFunction;
use crate::Points;
use crate::output::number::{brief, count, number, time};
use crate::output::table::{fitting, ruled, wrap, wrap_behind};
use crate::output::terminal;
use crate::parsed::near_miss_of_a_family;

/// So many components are shown; of longer gradients the first ones and the worst.
const COMPONENTS: usize = 8;
/// More lines than this of what is run are left out.
const STEPS: usize = 200;
/// After so many points only a line each.
pub(super) const FULL_POINTS: usize = 4;

/// How a comparison is shown.
#[derive(Clone, Copy)]
pub struct Style {
    /// For a terminal that has colours.
    pub colour: bool,
    /// Everything that is known, instead of values, digits, times and verdicts.
    pub all: bool,
    /// The programs that strategies run.
    pub explain: bool,
    /// What the caller's program calls what can be set.
    pub words: Words,
}

/// Everything `compare` shows of a comparison.
pub fn render(given: &ParsedFunction, points: &Points, comparison: &Comparison, style: Style) -> String {
    let mut out = String::new();
    let name = given.name();
    let _ = writeln!(out, "{}", wrap_behind(&given.title(), "  "));
    if let Some(asked) = near_miss_of_a_family(&given.text).filter(|_| given.family.is_none()) {
        let _ = writeln!(out, "{}", wrap_behind(&format!("note: an input of this name; {asked}"), "      "));
    }
    if style.all {
        let _ = writeln!(out, "{}", size(comparison));
    }
    for (k, point) in comparison.points.iter().enumerate() {
        if style.all && k < FULL_POINTS {
            out.push('\n');
        }
        let at = format!("at {}{}", place(comparison, point), points.origin(k));
        if k >= FULL_POINTS {
            let _ = writeln!(out, "{at}: {}", point.verdict.word());
            continue;
        }
        let line = format!("{at}: {name} = {}", cells::values(point));
        let _ = writeln!(out, "{}", wrap_behind(&line, "  "));
        for note in &point.notes {
            let _ = writeln!(out, "{}", wrap_behind(&format!("note: {note}"), "      "));
        }
        let components = shown_components(point);
        let more = comparison.outputs * comparison.inputs.len() - components.len();
        let label = |component: usize| (component, cells::derivative(comparison, &name, component));
        let rows: Vec<(usize, String)> = components.into_iter().map(label).collect();
        let shown = Shown { rows: &rows, more, timed: k == 0, per: "per gradient" };
        let data_table = |digits: Digits| data_table(comparison, point, &shown, style, digits);
        let _ = writeln!(out, "{}", fitting(Digits::descending().map(data_table)));
    }
    formulas::formulas(&mut out, comparison, &name, style.all);
    if style.explain {
        explain_steps(&mut out, comparison);
    }
    out.push('\n');
    let sentence = advice::sentence(comparison, style.all, style.words);
    let _ = writeln!(out, "{}", paint(&wrap(&sentence), comparison.verdict(), style.colour));
    out
}

/// How large the function is, and how long it takes.
fn size(comparison: &Comparison) -> String {
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let inputs = comparison.inputs.len();
    let times = comparison.function_times;
    let nodes = comparison.nodes.map_or(", not unrolled".to_owned(), |nodes| {
        format!(", {} node{}", count(nodes as u64), plural(nodes))
    });
    format!(
        "{} input{}{nodes}{}",
        count(inputs as u64),
        plural(inputs),
        times.map_or(String::new(), |times| format!("; one evaluation takes {}", time(times.min)))
    )
}

/// The components that are shown, with what they are called.
pub(super) struct Shown<'a> {
    pub(super) rows: &'a [(usize, String)],
    /// How many are not.
    pub(super) more: usize,
    pub(super) timed: bool,
    /// What a time is that of.
    pub(super) per: &'static str,
}

/// One point: a column per strategy, a row per component and per cost.
pub(super) fn data_table(
    comparison: &Comparison,
    point: &Point,
    of: &Shown<'_>,
    style: Style,
    shown: Digits,
) -> Table {
    let mut table = ruled();
    let header = |text: String| match style.colour {
        true => terminal::bold(text),
        false => Cell::new(text),
    };
    let mut top = vec![header(String::new())];
    let has_certified = point.reference.is_some() || !point.sampled.is_empty();
    let bits = point.reference.as_ref().map(|reference| reference.bits).filter(|_| style.all);
    top.extend(has_certified.then(|| match bits {
        Some(bits) => header(format!("certified\n{bits} bits")),
        None => header("certified".to_owned()),
    }));
    top.extend(
        point.entries.iter().map(|entry| header(format!("{}\n{}", entry.spec.name(), entry.spec.variant()))),
    );
    table.set_header(top);
    for (component, label) in of.rows {
        let component = *component;
        let known = match &point.reference {
            Some(reference) => {
                let width = reference.gradients[0].len();
                Some(&reference.gradients[component / width][component % width])
            }
            None => point.sampled(component),
        };
        let known = known.map_or(String::new(), |known| cells::certified(known, shown.certified));
        let certified = has_certified.then(|| Cell::new(known));
        let cells = point
            .entries
            .iter()
            .map(|entry| cells::component(entry, component, shown.strategies, style.colour));
        table.add_row([Cell::new(label)].into_iter().chain(certified).chain(cells));
    }
    if of.more > 0 {
        table.add_row([Cell::new(format!("… {} more", count(of.more as u64)))]);
    }
    if style.all && point.conditions.is_some() {
        table.add_row(["condition number".to_owned(), cells::condition(point)]);
    }
    rows(&mut table, comparison, point, of, style.all);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// What is said of each strategy, row by row.
fn rows(
    table: &mut Table,
    comparison: &Comparison,
    point: &Point,
    &Shown { timed, per, .. }: &Shown<'_>,
    all: bool,
) {
    let mut row = |label: &str, cell: &dyn Fn(&Entry) -> String| {
        let cells: Vec<String> = point.entries.iter().map(cell).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            let has_certified = point.reference.is_some() || !point.sampled.is_empty();
            let beside = has_certified.then(String::new);
            table.add_row([label.to_owned()].into_iter().chain(beside).chain(cells));
        }
    };
    let digits = if point.reference.is_some() { "right digits" } else { "digits in common" };
    let answers = point.entries.iter().filter(|entry| entry.answer.is_some()).count();
    if answers > 1 || point.reference.is_some() || !point.sampled.is_empty() {
        row(digits, &cells::digits);
    }
    if all && point.reference.is_some() {
        row("off by, ULP", &cells::worst_ulp);
        row("  bits of error", &cells::bits_of_error);
    }
    if all {
        row("own error estimate", &cells::estimate);
    }
    row("refused", &|entry| match &entry.refusal {
        Some(Refusal::OverBudget { needed, budget, unit }) => {
            format!("needs {} {unit},\nbudget {}", brief(*needed), count(*budget))
        }
        Some(refusal) => refusal.to_string(),
        None => String::new(),
    });
    if timed && all {
        row("prepare", &|entry| entry.prepare.filter(|_| entry.answer.is_some()).map_or(String::new(), time));
    }
    if timed {
        let label = if all { per } else { "time" };
        row(label, &|entry| entry.gradient_times.map_or(String::new(), |times| time(times.min)));
    }
    if timed && all {
        row("  median", &|entry| entry.gradient_times.map_or(String::new(), |times| time(times.median)));
        row("÷ one f", &|entry| match (entry.gradient_times, comparison.function_times) {
            (Some(gradient), Some(f)) => format!("{}×", brief(gradient.min / f.min)),
            _ => String::new(),
        });
    }
    if all {
        let answered =
            |entry: &Entry, figure: u64| entry.answer.as_ref().map_or(String::new(), |_| count(figure));
        row("evaluations of f", &|entry| answered(entry, entry.cost.evaluations));
        row("graph nodes", &|entry| answered(entry, entry.cost.nodes));
    }
    row("verdict", &|entry| entry.outcome.word().to_owned());
}

/// The components to show: all of a short gradient; else those that are not like the others or certified, and the first.
pub(super) fn shown_components(point: &Point) -> Vec<usize> {
    let total = point.entries.iter().map(|entry| entry.components.len()).max().unwrap_or(0);
    if total <= COMPONENTS {
        return (0..total).collect();
    }
    let mut chosen: Vec<usize> = (0..total)
        .filter(|&k| {
            point
                .entries
                .iter()
                .any(|entry| entry.components.get(k).is_some_and(|(word, _)| *word == Outcome::Disagree))
        })
        .take(COMPONENTS / 2)
        .collect();
    let sampled = point.sampled.iter().map(|one| one.component).filter(|k| !chosen.contains(k));
    let sampled: Vec<usize> = sampled.take(COMPONENTS - chosen.len()).collect();
    chosen.extend(sampled);
    chosen.extend(
        (0..total).filter(|k| !chosen.contains(k)).take(COMPONENTS - chosen.len()).collect::<Vec<_>>(),
    );
    chosen.sort_unstable();
    chosen
}

/// What the strategies run, as far as they say.
fn explain_steps(out: &mut String, comparison: &Comparison) {
    let Some(point) = comparison.points.first() else { return };
    for entry in &point.entries {
        let mut lines = entry.listing.clone();
        lines.extend(entry.remarks.iter().filter_map(simplifier_figures).flatten());
        if lines.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\nwhat {} runs:", entry.spec.label());
        lines.iter().take(STEPS).for_each(|step| {
            let _ = writeln!(out, "  {step}");
        });
        if lines.len() > STEPS {
            let _ = writeln!(out, "  … {} more lines", count((lines.len() - STEPS) as u64));
        }
    }
}

/// How simplification went, in figures.
fn simplifier_figures(remark: &Remark) -> Option<Vec<String>> {
    match remark {
        Remark::Simplification(told) => Some(told.found.to_string().lines().map(str::to_owned).collect()),
        _ => None,
    }
}

/// The point in a line.
pub fn place(comparison: &Comparison, point: &Point) -> String {
    let shown = point.at.iter().take(COMPONENTS).enumerate();
    let mut parts: Vec<String> =
        shown.map(|(k, x)| format!("{} = {}", comparison.inputs.name(k), number(*x))).collect();
    if point.at.len() > COMPONENTS {
        parts.push("…".to_owned());
    }
    if parts.is_empty() { "this point".to_owned() } else { parts.join(", ") }
}

pub(super) fn paint(text: &str, outcome: Outcome, colour: bool) -> String {
    let code = match outcome {
        Outcome::Agree => 32,
        Outcome::Disagree => 31,
        _ => 33,
    };
    match text.split_once([':', ';']) {
        Some((word, rest)) if colour => format!("\x1b[1;{code}m{word}\x1b[0m:{rest}"),
        _ => text.to_owned(),
    }
}
