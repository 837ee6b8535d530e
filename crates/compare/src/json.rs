//! The JSON that programs read: schema `chainrule/compare/1` and its kin.

use chainrule::Refusal;
use chainrule::reference::{Certificate, Component};
use harness::measure::Times;
use harness::{Comparison, Entry, Point};
use serde::{Serialize, Serializer};

use crate::input::Given;

/// A double that round-trips; JSON has no infinities and no NaN, so those are strings.
#[derive(Clone, Copy)]
pub(crate) struct Number(pub(crate) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

fn numbers(values: &[f64]) -> Vec<Number> {
    values.iter().copied().map(Number).collect()
}

/// One number for one output, else a list.
#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    One(Number),
    Many(Vec<Number>),
}

#[derive(Serialize)]
pub(crate) struct Document<'a> {
    schema: &'static str,
    /// Its name, in a list of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    core: Option<&'a str>,
    expression: &'a str,
    inputs: &'a [String],
    outputs: usize,
    verdict: &'static str,
    points: Vec<PointRow<'a>>,
}

/// One of several cores: compared, or the reason why not.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Core<'a> {
    Read(Document<'a>),
    Refused { core: &'a str, error: &'a str },
}

#[derive(Serialize)]
struct PointRow<'a> {
    at: Vec<Number>,
    value: Value,
    verdict: &'static str,
    note: Option<String>,
    reference: Option<Reference>,
    strategies: Vec<StrategyRow<'a>>,
}

#[derive(Serialize)]
struct Reference {
    gradient: Vec<Number>,
    status: Vec<&'static str>,
    hull: Vec<Option<[Number; 2]>>,
    bits: usize,
}

#[derive(Serialize)]
struct StrategyRow<'a> {
    strategy: &'static str,
    variant: &'a str,
    outcome: &'static str,
    gradient: Option<Vec<Number>>,
    error_estimate: Option<Vec<Number>>,
    ulp: Option<Vec<Number>>,
    refused: Option<Refused>,
    prepare_ns: Option<Number>,
    gradient_ns: Option<GradientTimes>,
    function_ns: Option<FunctionTimes>,
    evaluations: u64,
    nodes: u64,
    bytes: u64,
    derivative: Option<&'a [String]>,
}

#[derive(Serialize)]
struct Refused {
    needed: Number,
    budget: u64,
    unit: String,
}

#[derive(Serialize)]
struct GradientTimes {
    first: Number,
    min: Number,
    median: Number,
}

#[derive(Serialize)]
struct FunctionTimes {
    min: Number,
    median: Number,
}

/// A comparison as `chainrule/compare/1`.
pub(crate) fn document<'a>(given: &'a Given, comparison: &'a Comparison) -> Document<'a> {
    Document {
        schema: "chainrule/compare/1",
        core: given.core.as_ref().map(|(name, _)| name.as_str()),
        expression: &given.text,
        inputs: &comparison.inputs,
        outputs: comparison.outputs,
        verdict: comparison.verdict().word(),
        points: comparison.points.iter().enumerate().map(|(k, p)| point(p, comparison, k == 0)).collect(),
    }
}

/// Any document, as one line of JSON.
pub(crate) fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("documents have string keys and finite numbers") + "\n"
}

fn point<'a>(point: &'a Point, comparison: &'a Comparison, timed: bool) -> PointRow<'a> {
    let mut notes = point.notes.clone();
    if point.reference.is_none() {
        notes.push("no certified reference: the function has more nodes than --reference-nodes".to_owned());
    }
    PointRow {
        at: numbers(&point.at),
        value: match point.values.as_slice() {
            [value] => Value::One(Number(*value)),
            values => Value::Many(numbers(values)),
        },
        verdict: point.verdict.word(),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        reference: point.reference.as_ref().map(reference),
        strategies: point
            .entries
            .iter()
            .map(|entry| strategy(entry, comparison.function_times.filter(|_| timed)))
            .collect(),
    }
}

fn reference(certificate: &Certificate) -> Reference {
    let rows = || certificate.gradients.iter().flatten();
    Reference {
        gradient: rows().map(|component| Number(component.known().unwrap_or(f64::NAN))).collect(),
        status: rows().map(Component::word).collect(),
        hull: rows()
            .map(|component| match component {
                Component::Kink { hull, .. } | Component::Undecided { hull, .. } => Some(hull.map(Number)),
                _ => None,
            })
            .collect(),
        bits: certificate.bits,
    }
}

fn strategy(entry: &Entry, function_times: Option<Times>) -> StrategyRow<'_> {
    let answer = entry.answer.as_ref();
    StrategyRow {
        strategy: entry.strategy,
        variant: &entry.variant,
        outcome: entry.outcome.word(),
        gradient: answer.map(|answer| numbers(&answer.gradient)),
        error_estimate: answer.and_then(|answer| answer.error_estimate.as_deref()).map(numbers),
        ulp: entry.ulp.as_deref().map(numbers),
        refused: entry.refusal.as_ref().and_then(|refusal| match refusal {
            Refusal::OverBudget { needed, budget, unit } => {
                Some(Refused { needed: Number(*needed), budget: *budget, unit: unit.to_string() })
            }
            Refusal::Unroll(_) | Refusal::NoComplexValue { .. } => None,
        }),
        prepare_ns: entry.prepare.map(Number),
        gradient_ns: entry.gradient_times.map(|times| GradientTimes {
            first: Number(times.first),
            min: Number(times.min),
            median: Number(times.median),
        }),
        function_ns: function_times
            .map(|times| FunctionTimes { min: Number(times.min), median: Number(times.median) }),
        evaluations: entry.cost.evaluations,
        nodes: entry.cost.nodes,
        bytes: entry.cost.bytes,
        derivative: entry.formulas.as_deref(),
    }
}
