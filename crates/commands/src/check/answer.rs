//! What `compare check` answers: as text, as a table of rows, as JSON.

use std::fmt::Write;

use harness::claims::{Place, Status};
use prove::Step;
use serde::Serialize;
use syntax::{Setting, Words};

use super::{CheckRequest, ClaimText, Line, Written};
use crate::output::json::Number;
use crate::output::number::number;
use crate::output::table::wrap_behind;

/// The word for a status.
pub fn word(status: &Status) -> &'static str {
    match status {
        Status::Proved(_) => "proved",
        Status::Refuted(_) => "refuted",
        Status::Unknown { .. } => "unknown",
    }
}

/// What there is to say about a line besides its status.
pub fn detail(line: &Line) -> String {
    match &line.checked.status {
        Status::Proved(_) => {
            let indices = line.indices.iter().map(|name| format!("every {name}"));
            let sizes = line.sizes.iter().map(|name| format!("every {name} >= 1"));
            let names: Vec<String> = indices.chain(sizes).collect();
            match names.is_empty() {
                true => "wherever both sides are defined".to_owned(),
                false => format!("for {}, wherever both sides are defined", names.join(" and ")),
            }
        }
        Status::Refuted(point) => {
            let place = place(&point.at, 6);
            let actual = number(point.actual);
            match &point.undefined {
                Some(why) => format!("at {place} it is not defined, since {why}; the derivative is {actual}"),
                None if point.claimed == point.actual => format!(
                    "at {place} it says {}, which the derivative is to the nearest double, but for {}",
                    number(point.claimed),
                    number(point.difference)
                ),
                None => format!("at {place} it says {}, the derivative is {actual}", number(point.claimed)),
            }
        }
        Status::Unknown { agreeing: 0, why } => why.to_string(),
        Status::Unknown { agreeing, why } => format!("right at {agreeing} points; {why}"),
    }
}

/// The first numbers of a place.
pub fn place(place: &Place, most: usize) -> String {
    let mut words: Vec<String> =
        { place.iter().take(most) }.map(|(name, value)| format!("{name} = {}", number(*value))).collect();
    if place.len() > most {
        words.push("…".to_owned());
    }
    words.join(", ")
}

/// For people.
pub fn words(given: &ClaimText, lines: &[Line], args: &CheckRequest, told: Words) -> String {
    let mut out = format!("{}\n\n", given.text.trim());
    for line in lines {
        let Written { input, formula, .. } = &line.written;
        let verdict = format!("  {}: {}", word(&line.checked.status), detail(line));
        let _ = writeln!(out, "d/d{input} = {formula}\n{}", wrap_behind(&verdict, "    "));
        for condition in &line.checked.only_where {
            let _ = writeln!(out, "  only where {condition}: the claim needs it, the derivative does not");
        }
        for point in &line.checked.except {
            let _ = writeln!(out, "  except at {}: there the claim is defined and wrong", place(point, 6));
        }
        if let (true, Status::Proved(found)) = (args.steps, &line.checked.status) {
            for step in found {
                write_step(&mut out, step);
            }
        }
        out.push('\n');
    }
    if lines.iter().any(|line| line.has_decimals) {
        let otherwise = told(&Setting::ExactDecimals).map_or(String::new(), |words| format!("; {words}"));
        let _ = match args.exact_decimals {
            true => writeln!(out, "Decimals are the numbers that are printed.\n"),
            false => writeln!(out, "Decimals are the nearest doubles{otherwise}.\n"),
        };
    }
    let wrong = lines.iter().find(|line| matches!(line.checked.status, Status::Refuted(_)));
    if let Some(wrong) = wrong.filter(|_| lines.len() > 1) {
        let _ = writeln!(
            out,
            "The first wrong claim: d/d{} = {} ({})",
            wrong.written.input, wrong.written.formula, wrong.written.origin
        );
    }
    out.trim_end().to_owned() + "\n"
}

fn write_step(out: &mut String, step: &Step) {
    if step.before.is_empty() && step.after.is_empty() {
        let _ = writeln!(out, "    {}", step.rule);
        return;
    }
    let at = if step.path.is_empty() { String::new() } else { format!(" at {}", step.path) };
    let conditions = match step.conditions.is_empty() {
        true => String::new(),
        false => format!("   [{}]", step.conditions.join(" and ")),
    };
    let _ = writeln!(out, "    {}{at}: {}\n      = {}{conditions}", step.rule, step.before, step.after);
}

/// Claims with their verdicts, to be serialised as `chainrule/check/2`.
#[derive(Serialize)]
pub struct Document<'a> {
    schema: &'static str,
    expression: &'a str,
    /// What decimals mean.
    literals: &'static str,
    claims: Vec<ClaimRow<'a>>,
}

#[derive(Serialize)]
struct ClaimRow<'a> {
    input: &'a str,
    claim: &'a str,
    status: &'static str,
    detail: String,
    only_where: &'a [String],
    except: Vec<serde_json::Map<String, serde_json::Value>>,
    counterexample: Option<PointRow>,
    steps: Vec<StepRow<'a>>,
}

#[derive(Serialize)]
struct StepRow<'a> {
    rule: &'a str,
    path: &'a str,
    before: &'a str,
    after: &'a str,
    conditions: &'a [String],
}

#[derive(Serialize)]
struct PointRow {
    at: serde_json::Map<String, serde_json::Value>,
    claimed: Number,
    actual: Number,
    difference: Number,
}

/// Claims with their verdicts, as `chainrule/check/2`.
pub fn document<'a>(given: &'a ClaimText, lines: &'a [Line], args: &CheckRequest) -> Document<'a> {
    let map = |place: &Place| place.iter().map(|(name, value)| (name.clone(), (*value).into())).collect();
    let claims = lines.iter().map(|line| ClaimRow {
        input: &line.written.input,
        claim: &line.written.formula,
        status: word(&line.checked.status),
        detail: detail(line),
        only_where: &line.checked.only_where,
        except: line.checked.except.iter().map(map).collect(),
        counterexample: match &line.checked.status {
            Status::Refuted(point) => Some(PointRow {
                at: map(&point.at),
                claimed: Number(point.claimed),
                actual: Number(point.actual),
                difference: Number(point.difference),
            }),
            _ => None,
        },
        steps: match &line.checked.status {
            Status::Proved(steps) => steps
                .iter()
                .map(|step| StepRow {
                    rule: &step.rule,
                    path: &step.path,
                    before: &step.before,
                    after: &step.after,
                    conditions: &step.conditions,
                })
                .collect(),
            _ => Vec::new(),
        },
    });
    Document {
        schema: "chainrule/check/2",
        expression: &given.text,
        literals: if args.exact_decimals { "exact" } else { "nearest" },
        claims: claims.collect(),
    }
}
