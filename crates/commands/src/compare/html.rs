//! A comparison as a table for notebooks and pages: HTML by itself, without scripts.

use std::fmt::Write;

use harness::{Comparison, Entry, Point};

use super::cells::{self, Digits};
use super::{Style, advice, table};
use crate::markup::escape;
use crate::output::number::time;
use crate::{ParsedFunction, Points};

/// Inherits colours and fonts of what it is shown in.
const STYLE: &str = "border-collapse: collapse; font-variant-numeric: tabular-nums; text-align: right";
const HEAD: &str =
    "padding: 2px 10px; border-bottom: 1px solid currentColor; text-align: right; vertical-align: bottom";
const CELL: &str = "padding: 2px 10px; text-align: right; white-space: pre-line";

/// The function, a table for each point, and the verdict in a sentence.
pub fn render(given: &ParsedFunction, points: &Points, comparison: &Comparison, style: Style) -> String {
    let mut out = format!("<p><code>{}</code></p>\n", escape(&given.title()));
    let name = given.name();
    for (k, point) in comparison.points.iter().enumerate() {
        let at = format!("at {}{}", table::place(comparison, point), points.origin(k));
        let _ =
            writeln!(out, "<p>{}: {} = {}</p>", escape(&at), escape(&name), escape(&cells::values(point)));
        for note in &point.notes {
            let _ = writeln!(out, "<p>note: {}</p>", escape(note));
        }
        one(&mut out, comparison, point, &name);
    }
    let sentence = advice::sentence(comparison, style.all, style.words);
    let (word, rest) = sentence.split_once(':').unwrap_or((&sentence, ""));
    let colon = if rest.is_empty() { "" } else { ":" };
    let _ = writeln!(out, "<p><strong>{}</strong>{colon}{}</p>", escape(word), escape(rest));
    out
}

/// The table of a point: a row per component, then what is said of each strategy.
fn one(out: &mut String, comparison: &Comparison, point: &Point, name: &str) {
    let is_certified = point.reference.is_some() || !point.sampled.is_empty();
    let certified = is_certified.then(|| ("certified".to_owned(), String::new())).into_iter();
    let strategies =
        point.entries.iter().map(|entry| (entry.spec.name().to_string(), entry.spec.variant().to_string()));
    let heads: String = certified
        .chain(strategies)
        .map(|(name, variant)| {
            format!(
                "<th scope=\"col\" style=\"{HEAD}\">{}<br><small>{}</small></th>",
                escape(&name),
                escape(&variant)
            )
        })
        .collect();
    let _ = writeln!(out, "<table style=\"{STYLE}\">\n<thead><tr><td></td>{heads}</tr></thead>\n<tbody>");
    let width = comparison.inputs.len();
    let digits = Digits { certified: 17, strategies: 17 };
    let components = table::shown_components(point);
    for &component in &components {
        let known = match &point.reference {
            Some(reference) => Some(&reference.gradients[component / width][component % width]),
            None => point.sampled(component),
        };
        let known = known.map_or(String::new(), |known| cells::certified(known, digits.certified));
        let found =
            point.entries.iter().map(|entry| cells::component_text(entry, component, digits.strategies));
        row(out, &cells::derivative(comparison, name, component), is_certified.then_some(known), found);
    }
    let total = comparison.outputs * width;
    if total > components.len() {
        row(out, &format!("… {} more", total - components.len()), None, [].into_iter());
    }
    let beside = || is_certified.then(String::new);
    let mut said = |label: &str, cell: &dyn Fn(&Entry) -> String| {
        let cells: Vec<String> = point.entries.iter().map(cell).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            row(out, label, beside(), cells.into_iter());
        }
    };
    said(if point.reference.is_some() { "right digits" } else { "digits in common" }, &cells::digits);
    said("time", &|entry| entry.gradient_times.map_or(String::new(), |times| time(times.min)));
    said("verdict", &|entry| entry.outcome.word().to_owned());
    out.push_str("</tbody></table>\n");
}

fn row(out: &mut String, label: &str, certified: Option<String>, cells: impl Iterator<Item = String>) {
    let cells: String = certified
        .into_iter()
        .chain(cells)
        .map(|cell| format!("<td style=\"{CELL}\">{}</td>", escape(&cell)))
        .collect();
    let _ = writeln!(out, "<tr><th scope=\"row\" style=\"{CELL}\">{}</th>{cells}</tr>", escape(label));
}
