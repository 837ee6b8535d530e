//! A comparison of a matrix as JSON: schema `chainrule/compare-matrix/1`.

use std::collections::BTreeMap;

use chainrule::Formulas;
use harness::measure::Times;
use harness::{Entry, MatrixComparison, Outcome, Point};
use serde::Serialize;

use crate::ParsedFunction;
use crate::compare::document::{
    FunctionTimes, GradientTimes, Refused, Value, counts, numbers, reference, refused,
};
use crate::output::json::Number;

/// A comparison, to be serialised as `chainrule/compare-matrix/1`.
#[derive(Serialize)]
pub struct MatrixDocument<'a> {
    schema: &'static str,
    expression: &'a str,
    inputs: Vec<String>,
    outputs: usize,
    want: &'static str,
    shape: [usize; 2],
    /// Of sparse matrices: none is yet.
    pattern: Option<()>,
    verdict: &'static str,
    counts: BTreeMap<&'static str, usize>,
    points: Vec<PointRow<'a>>,
}

#[derive(Serialize)]
struct PointRow<'a> {
    at: Vec<Number>,
    value: Value,
    value_limit: Option<()>,
    verdict: &'static str,
    counts: BTreeMap<&'static str, usize>,
    components: Vec<&'static str>,
    note: Option<String>,
    causes: [(); 0],
    reference: Option<Reference>,
    strategies: Vec<StrategyRow<'a>>,
}

/// As that of gradients, with entries.
#[derive(Serialize)]
struct Reference {
    entries: Vec<Number>,
    #[serde(flatten)]
    of: crate::compare::document::Statuses,
}

#[derive(Serialize)]
struct StrategyRow<'a> {
    strategy: &'static str,
    variant: String,
    outcome: &'static str,
    components: Vec<&'static str>,
    entries: Option<Vec<Number>>,
    error_estimate: Option<Vec<Number>>,
    ulp: Option<Vec<Number>>,
    refused: Option<Refused>,
    prepare_ns: Option<Number>,
    derivative_ns: Option<GradientTimes>,
    function_ns: Option<FunctionTimes>,
    evaluations: u64,
    colours: Option<u64>,
    sweeps: u64,
    nodes: u64,
    bytes: u64,
    derivative: Option<&'a [String]>,
}

/// A comparison as `chainrule/compare-matrix/1`.
pub fn matrix_document<'a>(
    given: &'a ParsedFunction,
    comparison: &'a MatrixComparison,
) -> MatrixDocument<'a> {
    let points = comparison.points.iter().enumerate();
    MatrixDocument {
        schema: "chainrule/compare-matrix/1",
        expression: &given.text,
        inputs: comparison.inputs.all(),
        outputs: comparison.outputs,
        want: comparison.want.as_str(),
        shape: comparison.shape,
        pattern: None,
        verdict: comparison.verdict().word(),
        counts: counts(comparison.points.iter().flat_map(|point| &point.components)),
        points: points.map(|(k, of)| point(of, comparison.function_times.filter(|_| k == 0))).collect(),
    }
}

fn point(point: &Point, function_times: Option<Times>) -> PointRow<'_> {
    let mut notes = point.notes.clone();
    if point.reference.is_none() {
        let what = "no certified reference: the derivative has more nodes than the reference may sweep";
        notes.push(what.to_owned());
    }
    PointRow {
        at: numbers(&point.at),
        value: Value::of(&point.values),
        value_limit: None,
        verdict: point.verdict.word(),
        counts: counts(point.components.iter()),
        components: point.components.iter().copied().map(Outcome::word).collect(),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        causes: [],
        reference: point.reference.as_ref().map(|certificate| {
            let (entries, of) = reference(certificate, point);
            Reference { entries, of }
        }),
        strategies: point.entries.iter().map(|entry| strategy(entry, function_times)).collect(),
    }
}

fn strategy(entry: &Entry, function_times: Option<Times>) -> StrategyRow<'_> {
    let answer = entry.answer.as_ref();
    StrategyRow {
        strategy: entry.spec.name().as_str(),
        variant: entry.spec.variant(),
        outcome: entry.outcome.word(),
        components: entry.components.iter().map(|(word, _)| word.word()).collect(),
        entries: answer.map(|answer| numbers(&answer.entries)),
        error_estimate: answer.and_then(|answer| answer.error_estimate.as_deref()).map(numbers),
        ulp: entry.ulp.as_deref().map(numbers),
        refused: refused(entry),
        prepare_ns: entry.prepare.map(Number),
        derivative_ns: entry.gradient_times.map(GradientTimes::of),
        function_ns: function_times.map(FunctionTimes::of),
        evaluations: entry.cost.evaluations,
        colours: None,
        sweeps: entry.cost.evaluations,
        nodes: entry.cost.nodes,
        bytes: entry.cost.bytes,
        derivative: entry.formulas.as_deref().map(Formulas::text),
    }
}
