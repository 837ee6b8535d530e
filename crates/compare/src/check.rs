//! `compare check`: derivatives worked out by hand, line by line.

use std::fmt::Write;

use chainrule::expr::{Diagnostic, Function, Reader};
use chainrule::symbolic::Step;
use harness::Family;
use harness::claims::{self, Claim, EveryError, Options, Status, check_every};
use harness::families::Form;
use serde::Serialize;

use crate::args::{CheckArgs, Format};
use crate::input::{self, Problem};
use crate::json::{self, Number};
use crate::number::number;
use crate::sheet::Sheet;

/// The function that is spoken of.
struct Given {
    text: String,
    /// With its axes; sizes that `--size` gives are bound, others stay open.
    function: Function,
    sizes: Vec<(String, i64)>,
}

/// A claim as it was written: `x = formula`, and where it came from.
struct Written {
    input: String,
    formula: String,
    origin: String,
}

/// A claim with its verdict.
struct Line {
    written: Written,
    status: Status,
    domain: Vec<String>,
    at: Option<String>,
    /// Names for the numbers of a counterexample.
    names: Vec<String>,
}

/// Checks all claims.
pub(crate) fn render(args: &CheckArgs) -> Result<(String, Vec<&'static str>), Problem> {
    let (given, written) = read(args)?;
    if written.is_empty() {
        return Err(Problem::text("nothing is claimed: say what a derivative is with --claim x='…'"));
    }
    let lines: Vec<Line> =
        written.into_iter().map(|claim| examine(args, &given, claim)).collect::<Result<_, _>>()?;
    let text = match args.format {
        Format::Table => words(&given, &lines, args.steps),
        Format::Json => json::text(&document(&given, &lines)),
        Format::Csv => sheet(&lines).csv(),
        Format::Markdown => sheet(&lines).markdown(),
    };
    Ok((text, lines.iter().map(|line| word(&line.status)).collect()))
}

/// The function and what is claimed of it. A file has the function first, then lines `d/dx = …`, each of which may go on
/// in lines that begin with `=`.
fn read(args: &CheckArgs) -> Result<(Given, Vec<Written>), Problem> {
    let mut written = Vec::new();
    for (k, text) in args.claim.iter().enumerate() {
        let (input, formula) = text.split_once('=').ok_or_else(|| {
            let place =
                Diagnostic::at(text.len()..text.len(), "a claim says what a derivative is", "= expected");
            Problem::place(&place.help("write it as x='2*x'"), text, "--claim")
        })?;
        let origin =
            if args.claim.len() == 1 { "--claim".to_owned() } else { format!("--claim, the {}.", k + 1) };
        written.push(Written { input: input.trim().to_owned(), formula: formula.trim().to_owned(), origin });
    }
    let Some(path) = &args.function.file else {
        let (text, origin) = input::text(&args.function)?;
        return Ok((given(args, text, &origin)?, written));
    };
    let (mut function, mut current) = (String::new(), None::<String>);
    for (k, line) in input::contents(path)?.lines().enumerate() {
        let trimmed = line.trim();
        let origin = format!("{}, line {}", path.display(), k + 1);
        let claim = trimmed.strip_prefix("d/d").and_then(|rest| rest.split_once('='));
        match (claim, &current, trimmed.strip_prefix('=')) {
            (Some((input, formula)), _, _) => {
                let input = input.trim().to_owned();
                written.push(Written { input: input.clone(), formula: formula.trim().to_owned(), origin });
                current = Some(input);
            }
            (None, Some(input), Some(formula)) => {
                written.push(Written { input: input.clone(), formula: formula.trim().to_owned(), origin });
            }
            (None, Some(_), None) if trimmed.is_empty() || trimmed.starts_with('#') => {}
            (None, Some(_), None) => {
                let place =
                    Diagnostic::at(0..line.len(), "not a claim", "d/dx = …, or = … to go on, expected");
                return Err(Problem::place(&place, line, &origin));
            }
            (None, None, _) => {
                function += line;
                function.push('\n');
            }
        }
    }
    Ok((given(args, function, &path.display().to_string())?, written))
}

/// Reads the function, or takes a family by its name.
fn given(args: &CheckArgs, text: String, origin: &str) -> Result<Given, Problem> {
    let text = match Family::named(text.trim()).map(|family| family.form) {
        Some(Form::Text(text)) if args.function.file.is_none() => text.to_owned(),
        _ => text,
    };
    let sizes = input::sizes(&args.function)?;
    let function = input::rolled(&text, origin, &sizes, args.function.max_nodes, false)?;
    match function.outputs().len() {
        1 => Ok(Given { text, function, sizes }),
        _ => Err(Problem::text("check looks at one output; give it a function with one")),
    }
}

fn examine(args: &CheckArgs, given: &Given, written: Written) -> Result<Line, Problem> {
    let options = Options { seed: args.seed, nodes: args.function.max_nodes, ..Options::default() };
    let unknown = |names: &[String]| {
        let text = format!("{}={}", written.input, written.formula);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Problem::place(
            &Diagnostic::unknown_input(&written.input, 0..written.input.len(), &names),
            &text,
            &written.origin,
        )
    };
    let sizes: Vec<String> = given.function.graph().sizes().to_vec();
    let index = written
        .input
        .split_once('[')
        .and_then(|(block, rest)| Some((block, rest.strip_suffix(']')?)))
        .filter(|(_, index)| index.parse::<i64>().is_err() && !index.contains(','));
    if let Some((block, index)) = index {
        let function = &given.function;
        if function.graph().block_named(block).is_none() {
            let names: Vec<String> =
                function.graph().blocks().iter().map(|block| block.name.clone()).collect();
            return Err(unknown(&names));
        }
        let formula = formula(&written, sizes.into_iter().chain([index.to_owned()]).collect())?;
        let formula = bind(&formula, &given.sizes)?;
        let blocks = || function.graph().blocks().iter().map(|block| block.name.as_str());
        known(
            &written,
            formula.graph().blocks().iter().map(|block| block.name.clone()),
            &blocks().collect::<Vec<_>>(),
        )?;
        let found = check_every(function, block, index, &formula, &options).map_err(|error| {
            Problem::text(match error {
                EveryError::NotIndexed => format!("{block} has no elements to claim anything of"),
                EveryError::Unroll(error) => error.to_string(),
                EveryError::TooLarge(error) => error.to_string(),
            })
        })?;
        let names = match &found.status {
            Status::Refuted(point) => (1..=point.at.len()).map(|k| format!("{block}[{k}]")).collect(),
            _ => Vec::new(),
        };
        return Ok(Line { written, status: found.status, domain: found.domain, at: found.at, names });
    }
    let flat = given.function.unroll(args.function.max_nodes).map_err(|error| {
        Problem::place(&Diagnostic::unroll(&error, &given.function, &given.text), &given.text, "expression")
    })?;
    let names = flat.input_names();
    let Some(input) = names.iter().position(|name| *name == written.input) else {
        if names.iter().any(|name| name.starts_with(&format!("{}[", written.input))) {
            return Err(Problem::text(format!(
                "{} has several elements: claim one of them, {}[1], or every one, {}[j]",
                written.input, written.input, written.input
            )));
        }
        return Err(unknown(&names));
    };
    let formula = bind(&formula(&written, sizes)?, &given.sizes)?;
    let formula =
        formula.unroll(args.function.max_nodes).map_err(|error| Problem::text(error.to_string()))?;
    known(
        &written,
        formula.input_names().into_iter(),
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
    )?;
    let checked = claims::check(&flat, &[Claim { input, formula }], &options)
        .map_err(|error| Problem::text(error.to_string()))?
        .remove(0);
    Ok(Line { written, status: checked.status, domain: checked.domain, at: None, names })
}

fn formula(written: &Written, sizes: Vec<String>) -> Result<Function, Problem> {
    let reader = Reader { sizes, ..Reader::default() };
    let function = reader
        .parse(&written.formula)
        .map_err(|diagnostic| Problem::place(&diagnostic, &written.formula, &written.origin))?;
    match function.outputs().len() {
        1 => Ok(function),
        _ => Err(Problem::text(format!("{}: a claim is one formula", written.origin))),
    }
}

fn bind(formula: &Function, sizes: &[(String, i64)]) -> Result<Function, Problem> {
    let mut bound = formula.clone();
    for (name, value) in sizes {
        if bound.graph().sizes().contains(name) {
            bound = bound.with_sizes(&[(name, *value)]).map_err(|error| Problem::text(error.to_string()))?;
        }
    }
    Ok(bound)
}

/// Refuses names that the function does not have.
fn known(written: &Written, mut used: impl Iterator<Item = String>, names: &[&str]) -> Result<(), Problem> {
    let Some(stranger) = used.find(|name| !names.contains(&name.as_str())) else { return Ok(()) };
    let text = &written.formula;
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '\'';
    let base = stranger.split('[').next().unwrap_or(&stranger);
    let place = text
        .match_indices(base)
        .map(|(start, found)| start..start + found.len())
        .find(|place| !text[..place.start].ends_with(word) && !text[place.end..].starts_with(word));
    let place = place.unwrap_or(0..text.len());
    Err(Problem::place(&Diagnostic::unknown_input(&stranger, place, names), text, &written.origin))
}

/// The word for a status.
fn word(status: &Status) -> &'static str {
    match status {
        Status::Proved(_) => "proved",
        Status::Refuted(_) => "refuted",
        Status::Unknown { .. } => "unknown",
    }
}

/// What there is to say about a line besides its status.
fn detail(line: &Line) -> String {
    let at = line.at.as_ref().map_or(String::new(), |at| format!(" ({at})"));
    match &line.status {
        Status::Proved(steps) => match steps.iter().find(|step| step.rule == "translation") {
            Some(step) => format!("for {}", step.after),
            None => "wherever both sides are defined".to_owned(),
        },
        Status::Refuted(point) => {
            let place = line.names.iter().zip(&point.at).map(|(name, x)| format!("{name} = {}", number(*x)));
            let place: Vec<String> = place.take(6).collect();
            format!(
                "at {}{at} it says {}, the derivative is {}",
                place.join(", "),
                number(point.claimed),
                number(point.actual)
            )
        }
        Status::Unknown { agreeing: 0, why } => format!("{why}{at}"),
        Status::Unknown { agreeing, why } => format!("right at {agreeing} points; {why}{at}"),
    }
}

fn words(given: &Given, lines: &[Line], steps: bool) -> String {
    let mut out = format!("{}\n\n", given.text.trim());
    for line in lines {
        let Written { input, formula, .. } = &line.written;
        let _ = writeln!(out, "d/d{input} = {formula}\n  {}: {}", word(&line.status), detail(line));
        for condition in &line.domain {
            let _ = writeln!(out, "  only where {condition}: the claim needs it, the derivative does not");
        }
        if let (true, Status::Proved(found)) = (steps, &line.status) {
            for step in found {
                write_step(&mut out, step);
            }
        }
        out.push('\n');
    }
    let wrong = lines.iter().find(|line| matches!(line.status, Status::Refuted(_)));
    if let Some(wrong) = wrong.filter(|_| lines.len() > 1) {
        let _ = writeln!(
            out,
            "The first wrong line: d/d{} = {} ({})",
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
    let condition = match step.conditions.as_slice() {
        [] => String::new(),
        conditions => format!("   [{}]", conditions.join(" and ")),
    };
    let _ = writeln!(out, "    {}: {}\n      = {}{condition}", step.rule, step.before, step.after);
}

fn sheet(lines: &[Line]) -> Sheet {
    let mut sheet = Sheet::new(&["input", "claim", "status", "detail", "domain"]);
    for line in lines {
        sheet.push(vec![
            line.written.input.clone(),
            line.written.formula.clone(),
            word(&line.status).to_owned(),
            detail(line),
            line.domain.join("; "),
        ]);
    }
    sheet
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    expression: &'a str,
    claims: Vec<ClaimRow<'a>>,
}

#[derive(Serialize)]
struct ClaimRow<'a> {
    input: &'a str,
    claim: &'a str,
    status: &'static str,
    detail: String,
    counterexample: Option<PointRow>,
    steps: Vec<StepRow<'a>>,
    domain: &'a [String],
}

#[derive(Serialize)]
struct PointRow {
    at: serde_json::Map<String, serde_json::Value>,
    claimed: Number,
    actual: Number,
}

#[derive(Serialize)]
struct StepRow<'a> {
    rule: &'a str,
    before: &'a str,
    after: &'a str,
    path: &'a str,
    conditions: &'a [String],
}

fn document<'a>(given: &'a Given, lines: &'a [Line]) -> Document<'a> {
    let claims = lines.iter().map(|line| ClaimRow {
        input: &line.written.input,
        claim: &line.written.formula,
        status: word(&line.status),
        detail: detail(line),
        counterexample: match &line.status {
            Status::Refuted(point) => Some(PointRow {
                at: line.names.iter().cloned().zip(point.at.iter().map(|&x| x.into())).collect(),
                claimed: Number(point.claimed),
                actual: Number(point.actual),
            }),
            _ => None,
        },
        steps: match &line.status {
            Status::Proved(steps) => steps
                .iter()
                .map(|step| StepRow {
                    rule: &step.rule,
                    before: &step.before,
                    after: &step.after,
                    path: &step.path,
                    conditions: &step.conditions,
                })
                .collect(),
            _ => Vec::new(),
        },
        domain: &line.domain,
    });
    Document { schema: "chainrule/check/1", expression: &given.text, claims: claims.collect() }
}
