//! The table that people see first.

use std::fmt::Write;

use chainrule::Refusal;
use chainrule::reference::{Certificate, Component, How, KinkKind};
use comfy_table::{Attribute, Cell, CellAlignment, Color, Table};
use harness::{Comparison, Entry, Outcome, Point};

use crate::input::Given;
use crate::output::number::{brief, count, number, time};
use crate::output::table::{ruled, wrap};
use crate::points::Points;

use super::advice;

/// So many components are shown; of longer gradients the first ones and the worst.
const COMPONENTS: usize = 8;
/// Longer formulas are cut.
const FORMULA: usize = 300;
/// More lines than this of what is run are left out.
const STEPS: usize = 200;
/// After so many points only a line each.
const FULL_POINTS: usize = 4;

/// Everything `compare` shows of a comparison.
pub(crate) fn render(
    given: &Given,
    points: &Points,
    comparison: &Comparison,
    colour: bool,
    explain: bool,
) -> String {
    let mut out = String::new();
    let inputs = comparison.inputs.len();
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let _ = writeln!(out, "{}", given.title());
    let _ = write!(
        out,
        "{} input{}, {} node{}",
        count(inputs as u64),
        plural(inputs),
        count(comparison.nodes as u64),
        plural(comparison.nodes)
    );
    if let Some(times) = comparison.function_times {
        let _ = write!(out, "; one evaluation takes {}", time(times.min));
    }
    out.push('\n');
    for (k, point) in comparison.points.iter().enumerate() {
        if k < FULL_POINTS {
            out.push('\n');
            let _ = writeln!(out, "at {}{}", place(comparison, point), points.origin(k));
            let _ = writeln!(out, "f = {}{}", list(&point.values), limits(point));
            for note in &point.notes {
                let _ = writeln!(out, "note: {note}");
            }
            let _ = writeln!(out, "{}", sheet(comparison, point, k == 0, colour));
        } else {
            let _ = writeln!(out, "at {}: {}", place(comparison, point), point.verdict.word());
        }
    }
    formulas(&mut out, comparison);
    if explain {
        explain_steps(&mut out, comparison);
    }
    out.push('\n');
    let sentence = advice::sentence(comparison);
    let _ = writeln!(out, "{}", paint(&wrap(&sentence), comparison.verdict(), colour));
    out
}

/// One point: a column per strategy, a row per component and per cost.
fn sheet(comparison: &Comparison, point: &Point, timed: bool, colour: bool) -> Table {
    let mut table = ruled();
    let header =
        |text: String| if colour { Cell::new(text).add_attribute(Attribute::Bold) } else { Cell::new(text) };
    let mut top = vec![header(String::new())];
    top.extend(
        point.reference.as_ref().map(|reference| header(format!("certified\n{} bits", reference.bits))),
    );
    top.extend(point.entries.iter().map(|entry| header(format!("{}\n{}", entry.strategy, entry.variant))));
    table.set_header(top);
    let width = comparison.inputs.len();
    for component in shown(point) {
        let label = derivative_name(comparison, component, width);
        let certified = point.reference.as_ref().map(|reference| certified_cell(reference, component, width));
        let cells = point.entries.iter().map(|entry| component_cell(entry, component, colour));
        table.add_row([Cell::new(label)].into_iter().chain(certified).chain(cells));
    }
    let total = comparison.outputs * width;
    if total > COMPONENTS {
        table.add_row([Cell::new(format!("… {} more", count((total - shown(point).len()) as u64)))]);
    }
    if point.conditions.is_some() {
        table.add_row(["condition number".to_owned(), condition(point)]);
    }
    let mut row = |label: &str, cell: &dyn Fn(&Entry) -> String| {
        let cells: Vec<String> = point.entries.iter().map(cell).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            let beside = point.reference.as_ref().map(|_| String::new());
            table.add_row([label.to_owned()].into_iter().chain(beside).chain(cells));
        }
    };
    row("verdict", &|entry| entry.outcome.word().to_owned());
    match &point.reference {
        Some(_) => {
            row("right digits", &|entry| digits(entry));
            row("off by, ULP", &|entry| worst_ulp(entry));
            row("  bits of error", &|entry| bits_of_error(entry));
        }
        None => row("digits in common", &|entry| digits(entry)),
    }
    row("own error estimate", &|entry| estimate(entry));
    row("refused", &|entry| match &entry.refusal {
        Some(Refusal::OverBudget { needed, budget, unit }) => {
            format!("needs {} {unit},\nbudget {}", brief(*needed), count(*budget))
        }
        Some(refusal) => refusal.to_string(),
        None => String::new(),
    });
    if timed {
        row("prepare", &|entry| entry.prepare.filter(|_| entry.answer.is_some()).map_or(String::new(), time));
        row("per gradient", &|entry| entry.gradient_times.map_or(String::new(), |times| time(times.min)));
        row("  median", &|entry| entry.gradient_times.map_or(String::new(), |times| time(times.median)));
        row("÷ one f", &|entry| match (entry.gradient_times, comparison.function_times) {
            (Some(gradient), Some(f)) => format!("{}×", brief(gradient.min / f.min)),
            _ => String::new(),
        });
    }
    row("evaluations of f", &|entry| {
        entry.answer.as_ref().map_or(String::new(), |_| count(entry.cost.evaluations))
    });
    row("graph nodes", &|entry| entry.answer.as_ref().map_or(String::new(), |_| count(entry.cost.nodes)));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The certified number, or the word for why there is none.
fn certified_cell(reference: &Certificate, component: usize, width: usize) -> Cell {
    Cell::new(match &reference.gradients[component / width][component % width] {
        Component::Certified { gradient, .. } => number(*gradient),
        Component::Kink { kind: KinkKind::Partial, .. } => "kink, partial".to_owned(),
        Component::Kink { hull: [low, high], .. } if low.is_finite() && high.is_finite() => {
            format!("kink, {} to {}", number(*low), number(*high))
        }
        Component::Kink { kind: KinkKind::Jump, .. } => "jump".to_owned(),
        Component::Removable { gradient, how: How::Proved, .. } => {
            format!("{}\nremovable, proved", number(*gradient))
        }
        Component::Removable { gradient, how: How::Digits(digits), .. } => {
            format!("{}\nremovable, {digits} digits", number(*gradient))
        }
        Component::Overflow { mantissa, exponent } => format!("{mantissa:.2}e{exponent}"),
        other => other.word().to_owned(),
    })
}

/// The largest of all components.
fn condition(point: &Point) -> String {
    let known = point.conditions.iter().flatten().copied().filter(|number| !number.is_nan());
    known.reduce(f64::max).map_or(String::new(), |worst| match worst.is_infinite() {
        true => "∞".to_owned(),
        false => brief(worst),
    })
}

/// The bits of the worst component that are wrong, as Herbie counts them: log2(ULP + 1).
fn bits_of_error(entry: &Entry) -> String {
    let known = entry.ulp.iter().flatten().copied().filter(|ulp| !ulp.is_nan());
    // Everything is wrong with an answer that is no number.
    known.reduce(f64::max).map_or(String::new(), |worst| format!("{:.1}", (worst + 1.0).log2().min(64.0)))
}

/// How many doubles the worst component is from the certified one.
fn worst_ulp(entry: &Entry) -> String {
    let known = entry.ulp.iter().flatten().copied().filter(|ulp| !ulp.is_nan());
    known.reduce(f64::max).map_or(String::new(), |worst| match worst {
        0.0 => "0".to_owned(),
        worst if worst.is_infinite() => "∞".to_owned(),
        worst => brief(worst),
    })
}

fn component_cell(entry: &Entry, component: usize, colour: bool) -> Cell {
    let Some(answer) = &entry.answer else { return Cell::new("–") };
    let estimate = answer.error_estimate.as_ref().map(|errors| errors[component]);
    let value = estimated(answer.gradient[component], estimate);
    let (word, _) = entry.components[component];
    let text = match word {
        Outcome::Disagree => format!("✗ {value}"),
        word if word.is_of_the_function() => format!("({}) {value}", word.word()),
        _ => value,
    };
    match word {
        Outcome::Disagree if colour => Cell::new(text).fg(Color::Red),
        word if word.is_of_the_function() && colour => Cell::new(text).fg(Color::Yellow),
        _ => Cell::new(text),
    }
}

/// A number to the digits that its own error estimate leaves standing.
fn estimated(value: f64, estimate: Option<f64>) -> String {
    match estimate {
        Some(error) if error > 0.0 && error < value.abs() && value.is_finite() => {
            // A claimed error may be too small by a factor of ten.
            let digits =
                (value.abs().log10().floor() - (10.0 * error).log10().floor()).clamp(0.0, 17.0) as usize;
            let rounded: f64 = format!("{value:.digits$e}").parse().unwrap_or(value);
            number(rounded)
        }
        _ => number(value),
    }
}

/// The components to show: all of a short gradient; else the first, and those that are not like the others.
fn shown(point: &Point) -> Vec<usize> {
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
    chosen.extend(
        (0..total).filter(|k| !chosen.contains(k)).take(COMPONENTS - chosen.len()).collect::<Vec<_>>(),
    );
    chosen.sort_unstable();
    chosen
}

pub(crate) fn derivative_name(comparison: &Comparison, component: usize, width: usize) -> String {
    let input = &comparison.inputs[component % width];
    match comparison.outputs {
        1 => format!("∂f/∂{input}"),
        _ => format!("∂f[{}]/∂{input}", component / width + 1),
    }
}

fn digits(entry: &Entry) -> String {
    let numbers = [Outcome::Agree, Outcome::Disagree, Outcome::Unchecked];
    let compared =
        entry.components.iter().filter(|(word, _)| entry.answer.is_some() && numbers.contains(word));
    match compared.map(|(_, digits)| *digits).reduce(f64::min) {
        Some(17.0) => "all".to_owned(),
        Some(digits) => format!("{digits:.1}"),
        None => String::new(),
    }
}

/// The largest estimate over the components.
fn estimate(entry: &Entry) -> String {
    let Some(answer) = &entry.answer else { return String::new() };
    match &answer.error_estimate {
        Some(errors) => {
            let worst = errors.iter().copied().fold(0.0, |a: f64, b| if a.is_nan() || a > b { a } else { b });
            if worst.is_nan() { "no answer".to_owned() } else { format!("± {}", brief(worst)) }
        }
        None if entry.is_finite_difference() => "none".to_owned(),
        None => "rounding only".to_owned(),
    }
}

fn formulas(out: &mut String, comparison: &Comparison) {
    let Some(point) = comparison.points.first() else { return };
    for entry in &point.entries {
        let Some(formulas) = &entry.formulas else { continue };
        let _ = write!(out, "\nderivatives ({})", entry.variant);
        if !entry.remarks.is_empty() {
            let _ = write!(out, ": {}", entry.remarks.join("; "));
        }
        out.push('\n');
        let width = comparison.inputs.len();
        for (component, formula) in formulas.iter().enumerate().take(COMPONENTS) {
            let name = derivative_name(comparison, component, width);
            let _ = writeln!(out, "  {name} = {}", cut(formula));
        }
        if formulas.len() > COMPONENTS {
            let _ = writeln!(out, "  … {} more", count((formulas.len() - COMPONENTS) as u64));
        }
    }
}

/// What the strategies run, as far as they say.
fn explain_steps(out: &mut String, comparison: &Comparison) {
    let Some(point) = comparison.points.first() else { return };
    for entry in point.entries.iter().filter(|entry| !entry.steps.is_empty()) {
        let _ = writeln!(out, "\nwhat {} ({}) runs:", entry.strategy, entry.variant);
        entry.steps.iter().take(STEPS).for_each(|step| {
            let _ = writeln!(out, "  {step}");
        });
        if entry.steps.len() > STEPS {
            let _ = writeln!(out, "  … {} more lines", count((entry.steps.len() - STEPS) as u64));
        }
    }
}

fn cut(formula: &str) -> String {
    match formula.char_indices().nth(FORMULA) {
        Some((end, _)) => {
            format!("{}… ({} characters)", &formula[..end], count(formula.chars().count() as u64))
        }
        None => formula.to_owned(),
    }
}

fn place(comparison: &Comparison, point: &Point) -> String {
    let mut parts: Vec<String> = comparison
        .inputs
        .iter()
        .zip(&point.at)
        .take(COMPONENTS)
        .map(|(name, x)| format!("{name} = {}", number(*x)))
        .collect();
    if point.at.len() > COMPONENTS {
        parts.push("…".to_owned());
    }
    if parts.is_empty() { "the only point there is".to_owned() } else { parts.join(", ") }
}

/// What the function tends to, where it has no value as written.
fn limits(point: &Point) -> String {
    let limits = point.reference.iter().flat_map(|reference| &reference.value_limits);
    let told: Vec<String> = limits
        .zip(&point.values)
        .filter(|(_, value)| !value.is_finite())
        .filter_map(|(limit, _)| limit.map(number))
        .collect();
    if told.is_empty() { String::new() } else { format!(" as written, {} in the limit", told.join(", ")) }
}

fn list(values: &[f64]) -> String {
    match values {
        [value] => number(*value),
        values => format!("[{}]", values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", ")),
    }
}

fn paint(text: &str, outcome: Outcome, colour: bool) -> String {
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
