//! A comparison as JSON: schema `chainrule/compare/2`.

use chainrule::{Formulas, Refusal, StrategyName};
use std::collections::BTreeMap;

use harness::measure::Times;
use harness::{Cause, Comparison, Entry, Outcome, Point, Sampled};
use reference::{Certificate, Component, How, KinkKind, Side, Total};
use serde::Serialize;

use crate::ParsedFunction;
use crate::output::json::Number;

pub(super) fn numbers(values: &[f64]) -> Vec<Number> {
    values.iter().copied().map(Number).collect()
}

/// One number for one output, else a list.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Value {
    One(Number),
    Many(Vec<Number>),
}

impl Value {
    pub(super) fn of(values: &[f64]) -> Value {
        match values {
            [value] => Value::One(Number(*value)),
            values => Value::Many(numbers(values)),
        }
    }
}

/// A comparison, to be serialised as `chainrule/compare/2`.
#[derive(Serialize)]
pub struct Document<'a> {
    schema: &'static str,
    /// Its name, in a list of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    core: Option<&'a str>,
    expression: &'a str,
    inputs: Vec<String>,
    outputs: usize,
    verdict: &'static str,
    counts: BTreeMap<&'static str, usize>,
    points: Vec<PointRow<'a>>,
}

/// One of several cores: compared, or the reason why not.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Core<'a> {
    /// Compared.
    Read(Document<'a>),
    /// Refused.
    Refused {
        /// Its name.
        core: &'a str,
        /// Why.
        error: String,
    },
}

#[derive(Serialize)]
struct PointRow<'a> {
    at: Vec<Number>,
    value: Value,
    value_limit: Option<Limit>,
    verdict: &'static str,
    counts: BTreeMap<&'static str, usize>,
    components: Vec<&'static str>,
    note: Option<String>,
    causes: Vec<CauseRow<'a>>,
    reference: Option<Reference>,
    /// Components that are certified by themselves, where there is no reference of the whole gradient.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sampled: Vec<SampledRow>,
    strategies: Vec<StrategyRow<'a>>,
}

#[derive(Serialize)]
struct SampledRow {
    component: String,
    gradient: Number,
    status: &'static str,
}

#[derive(Serialize)]
struct CauseRow<'a> {
    kind: &'static str,
    node: &'a str,
    component: &'a str,
    strategy: Option<&'static str>,
}

/// Of several outputs a list, with nothing where the function as written has a value.
#[derive(Serialize)]
#[serde(untagged)]
enum Limit {
    One(Number),
    Many(Vec<Option<Number>>),
}

#[derive(Serialize)]
struct Reference {
    gradient: Vec<Number>,
    #[serde(flatten)]
    of: Statuses,
}

/// What the reference says beside numbers.
#[derive(Serialize)]
pub(super) struct Statuses {
    status: Vec<&'static str>,
    how: Vec<Option<String>>,
    side: Vec<&'static str>,
    kind: Vec<Option<&'static str>>,
    hull: Vec<Option<[Number; 2]>>,
    total: &'static str,
    condition: Vec<Number>,
    bits: usize,
}

#[derive(Serialize)]
struct StrategyRow<'a> {
    strategy: &'static str,
    variant: String,
    outcome: &'static str,
    components: Vec<&'static str>,
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
pub(super) struct Refused {
    needed: Number,
    budget: u64,
    unit: String,
}

#[derive(Serialize)]
pub(super) struct GradientTimes {
    first: Number,
    min: Number,
    median: Number,
}

#[derive(Serialize)]
pub(super) struct FunctionTimes {
    min: Number,
    median: Number,
}

impl GradientTimes {
    pub(super) fn of(times: Times) -> GradientTimes {
        GradientTimes { first: Number(times.first), min: Number(times.min), median: Number(times.median) }
    }
}

impl FunctionTimes {
    pub(super) fn of(times: Times) -> FunctionTimes {
        FunctionTimes { min: Number(times.min), median: Number(times.median) }
    }
}

/// A comparison as `chainrule/compare/2`.
pub fn document<'a>(given: &'a ParsedFunction, comparison: &'a Comparison) -> Document<'a> {
    Document {
        schema: "chainrule/compare/2",
        core: given.core.as_ref().map(|(name, _)| name.as_str()),
        expression: &given.text,
        inputs: comparison.inputs.all(),
        outputs: comparison.outputs,
        verdict: comparison.verdict().word(),
        counts: counts(comparison.points.iter().flat_map(|point| &point.components)),
        points: comparison.points.iter().enumerate().map(|(k, p)| point(p, comparison, k == 0)).collect(),
    }
}

pub(super) fn counts<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> BTreeMap<&'static str, usize> {
    Outcome::counts(outcomes.copied()).into_iter().map(|(outcome, count)| (outcome.word(), count)).collect()
}

fn point<'a>(point: &'a Point, comparison: &'a Comparison, timed: bool) -> PointRow<'a> {
    let mut notes = point.notes.clone();
    if point.reference.is_none() {
        notes.push(
            "no certified reference: the function has more nodes than the reference may sweep".to_owned(),
        );
    }
    PointRow {
        at: numbers(&point.at),
        value: Value::of(&point.values),
        value_limit: limit(point),
        verdict: point.verdict.word(),
        counts: counts(point.components.iter()),
        components: point.components.iter().map(|word| word.word()).collect(),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        causes: point.causes.iter().map(cause).collect(),
        reference: point.reference.as_ref().map(|certificate| {
            let (gradient, of) = reference(certificate, point);
            Reference { gradient, of }
        }),
        sampled: point.sampled.iter().map(|one| sampled(one, comparison)).collect(),
        strategies: point
            .entries
            .iter()
            .map(|entry| strategy(entry, comparison.function_times.filter(|_| timed)))
            .collect(),
    }
}

/// Named as in causes: with several outputs behind the output's number.
fn sampled(one: &Sampled, comparison: &Comparison) -> SampledRow {
    let width = comparison.inputs.len();
    let input = comparison.inputs.name(one.component % width);
    SampledRow {
        component: match comparison.outputs {
            1 => input,
            _ => format!("{},{input}", one.component / width + 1),
        },
        gradient: Number(gradient(&one.found)),
        status: one.found.word(),
    }
}

fn cause(cause: &Cause) -> CauseRow<'_> {
    CauseRow {
        kind: cause.kind.word(),
        node: &cause.node,
        component: &cause.component,
        strategy: cause.strategy.map(StrategyName::as_str),
    }
}

/// What the function tends to, where it has no value as written.
fn limit(point: &Point) -> Option<Limit> {
    let limits = &point.reference.as_ref()?.value_limits;
    match limits.as_slice() {
        [limit] => limit.map(|limit| Limit::One(Number(limit))),
        limits if limits.iter().all(Option::is_none) => None,
        limits => Some(Limit::Many(limits.iter().map(|limit| limit.map(Number)).collect())),
    }
}

/// What the reference says of each component, row after row.
pub(super) fn reference(certificate: &Certificate, point: &Point) -> (Vec<Number>, Statuses) {
    let rows = || certificate.gradients.iter().flatten();
    let gradient = rows().map(|component| Number(gradient(component))).collect();
    let of = Statuses {
        status: rows().map(Component::word).collect(),
        how: rows().map(how).collect(),
        side: rows().map(side).collect(),
        kind: rows().map(kind).collect(),
        hull: rows()
            .map(|component| match component {
                Component::Kink { hull, .. } | Component::Undecided { hull, .. } => Some(hull.map(Number)),
                _ => None,
            })
            .collect(),
        total: total(&certificate.totals),
        condition: point.conditions.as_deref().map_or(Vec::new(), numbers),
        bits: certificate.bits,
    };
    (gradient, of)
}

/// What a strategy would have needed.
pub(super) fn refused(entry: &Entry) -> Option<Refused> {
    entry.refusal.as_ref().and_then(|refusal| match refusal {
        Refusal::OverBudget { needed, budget, unit } => {
            Some(Refused { needed: Number(*needed), budget: *budget, unit: unit.to_string() })
        }
        Refusal::Unroll(_) | Refusal::NoComplexValue { .. } | Refusal::NotOffered { .. } => None,
    })
}

/// The derivative as a double; beyond the largest an infinity, none where there is none.
fn gradient(component: &Component) -> f64 {
    match component {
        Component::Overflow { mantissa, .. } => mantissa.signum() * f64::INFINITY,
        component => component.known().unwrap_or(f64::NAN),
    }
}

fn how(component: &Component) -> Option<String> {
    match component {
        Component::Removable { how: How::Proved, .. } => Some("proved".to_owned()),
        Component::Removable { how: How::Digits(digits), .. } => Some(format!("{digits} digits")),
        _ => None,
    }
}

fn side(component: &Component) -> &'static str {
    match component {
        Component::Certified { side: Side::Left, .. } | Component::Removable { side: Side::Left, .. } => {
            "left"
        }
        Component::Certified { side: Side::Right, .. } | Component::Removable { side: Side::Right, .. } => {
            "right"
        }
        _ => "both",
    }
}

fn kind(component: &Component) -> Option<&'static str> {
    match component {
        Component::Kink { kind, .. } => Some(match kind {
            KinkKind::Corner => "corner",
            KinkKind::Jump => "jump",
            KinkKind::Tie => "tie",
            KinkKind::Partial => "partial",
        }),
        _ => None,
    }
}

/// Over all outputs.
fn total(totals: &[Total]) -> &'static str {
    let any = |wanted: Total| totals.contains(&wanted);
    match (any(Total::No), any(Total::Unknown)) {
        (true, _) => "no",
        (false, true) => "unknown",
        (false, false) => "yes",
    }
}

fn strategy(entry: &Entry, function_times: Option<Times>) -> StrategyRow<'_> {
    let answer = entry.answer.as_ref();
    StrategyRow {
        strategy: entry.spec.name().as_str(),
        variant: entry.spec.variant(),
        outcome: entry.outcome.word(),
        components: entry.components.iter().map(|(word, _)| word.word()).collect(),
        gradient: answer.map(|answer| numbers(&answer.gradient)),
        error_estimate: answer.and_then(|answer| answer.error_estimate.as_deref()).map(numbers),
        ulp: entry.ulp.as_deref().map(numbers),
        refused: refused(entry),
        prepare_ns: entry.prepare.map(Number),
        gradient_ns: entry.gradient_times.map(GradientTimes::of),
        function_ns: function_times.map(FunctionTimes::of),
        evaluations: entry.cost.evaluations,
        nodes: entry.cost.nodes,
        bytes: entry.cost.bytes,
        derivative: entry.formulas.as_deref().map(Formulas::text),
    }
}
