//! The commands that Python has, from a function to a document.

use std::time::Duration;

use chainrule::{Budget, Strategy, StrategyName, StrategySpec};
use commands::chart::Chart;
use commands::compare::{CompareRequest, Style, compare, document, html, table};
use commands::derive::{DeriveRequest, derive, derive_every};
use commands::output::json;
use commands::stepper::{Part, Stepper};
use commands::{Failure, ParsedFunction, Points, check, trace};
use export::Target;
use expr::Function;
use harness::Options;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{ParseError, Refused, unroll_error, value_error};
use crate::interruptible::interruptible;
use crate::report::{Claims, Report, Steps, Trace};
use crate::words;

const ORIGIN: &str = "function";
/// For each thing that is timed, as in the program.
const PATIENCE: Duration = Duration::from_millis(100);

fn parsed(text: &str, function: &Function, nodes: u64) -> PyResult<ParsedFunction> {
    ParsedFunction::of(text.to_owned(), ORIGIN.to_owned(), function.clone(), nodes)
        .map_err(|error| unroll_error(&error))
}

fn refused(failure: &Failure) -> PyErr {
    Refused::new_err(failure.message(words::of_functions))
}

/// The strategies side by side.
pub(crate) fn compared(text: &str, function: &Function, budget: &Budget, at: Vec<f64>) -> PyResult<Report> {
    let given = parsed(text, function, budget.nodes)?;
    let points = Points::one(at);
    let specs = StrategyName::ALL.map(StrategySpec::from);
    let strategies: Vec<Box<dyn Strategy>> =
        specs.into_iter().map(|spec| Box::new(spec) as Box<dyn Strategy>).collect();
    let options = Options { formulas: true, patience: Some(PATIENCE), budget: *budget, ..Options::default() };
    let request =
        CompareRequest { function: &given, points: &points, strategies: &strategies, options, strict: false };
    // On one thread, so that times are those of one.
    let found = chainrule::on_threads(1, || compare(&request, &mut |_| {})).map_err(|f| refused(&f))?;
    let style = Style { colour: false, all: false, explain: false, words: words::of_functions };
    Ok(Report {
        verdict: found.verdict().word(),
        table: table::render(&given, &points, &found, style),
        html: html::render(&given, &points, &found, style),
        json: json::text(&document(&given, &found)),
    })
}

/// Both passes.
pub(crate) fn traced(text: &str, function: &Function, budget: &Budget, at: &[f64]) -> PyResult<Trace> {
    let given = parsed(text, function, budget.nodes)?;
    let flat =
        trace::one_output(&given).map_err(|failure| value_error(failure.message(words::of_functions)))?;
    let found = trace::trace(flat, at);
    let mut words = String::new();
    trace::words(&mut words, flat, &found, &given, "");
    let title = given.title();
    let page = Stepper::new(&found, Part::of(&found, None), &title, "").page();
    Ok(Trace { text: words, json: json::text(&trace::Document::new(&found)), page })
}

/// Errors of difference quotients by their steps, along the input of this name; the first where none is named.
pub(crate) fn stepped(
    text: &str,
    function: &Function,
    budget: &Budget,
    at: &[f64],
    by: Option<&str>,
) -> PyResult<Steps> {
    let given = parsed(text, function, budget.nodes)?;
    let flat = given.flat().map_err(|failure| refused(&failure))?;
    let input = commands::steps::input(&given, by);
    let input = input.map_err(|failure| value_error(failure.message(words::of_functions)))?;
    let found = experiments::steps::steps(flat, at, input).map_err(value_error)?;
    Ok(Steps { svg: Chart::of_steps(&found, &given.title()).svg(), found })
}

/// The derivative in a language.
pub(crate) fn derived(text: &str, function: &Function, budget: &Budget, kind: &str) -> PyResult<String> {
    let targets =
        [Target::Text, Target::Latex, Target::Rust, Target::C, Target::Python, Target::Fpcore, Target::Dot];
    let target = targets.into_iter().find(|target| target.name() == kind).ok_or_else(|| {
        let known: Vec<&str> = targets.iter().map(|target| target.name()).collect();
        value_error(format!("{kind} is none of {}", known.join(", ")))
    })?;
    let request = DeriveRequest { max_nodes: budget.nodes, ..DeriveRequest::to(target) };
    let open = !function.unbound_sizes().is_empty() || !function.unbound_data().is_empty();
    match open {
        true => derive_every(&request, function, text).map(|found| found.into_text()),
        false => derive(&request, &parsed(text, function, budget.nodes)?).map(|found| found.into_text()),
    }
    .map_err(|failure| refused(&failure))
}

/// Checks derivatives worked out by hand, at every size.
///
/// >>> import chainrule as cr
/// >>> cr.check("x^x", x="x^x*(ln(x) + 1)").status
/// 'proved'
#[pyfunction]
#[pyo3(name = "check", signature = (text, /, **claims))]
pub(crate) fn checked(py: Python<'_>, text: &str, claims: Option<&Bound<'_, PyDict>>) -> PyResult<Claims> {
    let mut written = Vec::new();
    for (input, formula) in claims.into_iter().flatten() {
        let (input, formula): (String, String) = (input.extract()?, formula.extract()?);
        written.push(check::Written { origin: format!("claim for {input}"), input, formula });
    }
    if written.is_empty() {
        return Err(value_error("nothing is claimed: say what a derivative is, check(\"x^2\", x=\"2*x\")"));
    }
    interruptible(py, || {
        let failed = |failure: Failure| match failure {
            Failure::Place(_) => ParseError::new_err(failure.shown(words::of_texts, false)),
            failure => value_error(failure.message(words::of_texts)),
        };
        let function = syntax::parse(text)
            .map_err(|diagnostic| crate::errors::parse_error(&diagnostic, text, ORIGIN))?;
        let given = check::ClaimText::new(text.to_owned(), function, Vec::new()).map_err(failed)?;
        let request = check::CheckRequest::default();
        let lines = written.into_iter().map(|claim| check::examine(&request, &given, claim));
        let lines = lines.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let words: Vec<&str> = lines.iter().map(|line| check::word(&line.checked.status)).collect();
        let status = match () {
            () if words.contains(&"refuted") => "refuted",
            () if words.contains(&"unknown") => "unknown",
            () => "proved",
        };
        Ok(Claims {
            status,
            text: check::words(&given, &lines, &request, words::of_texts),
            json: json::text(&check::document(&given, &lines, &request)),
        })
    })
}
