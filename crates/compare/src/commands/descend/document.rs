//! A descent as `chainrule/descend/1`, for programs.

use commands::output::json::Number;
use experiments::descend::{End, Run};
use serde::Serialize;

use super::Method;
use super::shown::Shown;

impl Shown<'_> {
    /// All of it.
    pub(super) fn document(&self) -> Document<'_> {
        let numbers = |values: &[f64]| values.iter().copied().map(Number).collect::<Vec<_>>();
        let strategy = |run| -> Row {
            let run: &Run = run;
            Row {
                strategy: run.spec.name().as_str(),
                variant: run.spec.variant(),
                outcome: run.outcome.word(),
                ended: match run.end {
                    End::Finished => "finished",
                    End::Converged => "converged",
                    End::Diverged => "diverged",
                    End::Measured => "measured",
                    End::Refused(_) => "refused",
                },
                refused: match &run.end {
                    End::Refused(refusal) => Some(refusal.to_string()),
                    _ => None,
                },
                steps: run.steps(),
                losses: numbers(&run.losses),
                at: numbers(&run.at),
                difference: self.found.difference(run).map(|(most, _)| Number(most)),
                evaluations: run.evaluations,
                prepare_ns: Number(run.prepare),
                step_ns: run.step_time().map(Number),
                all_ns: run.whole_time(self.iterations()).map(Number),
                extrapolated: run.steps() < self.iterations() && run.end != End::Converged,
            }
        };
        Document {
            schema: "chainrule/descend/1",
            expression: &self.task.given.text,
            verdict: self.found.outcome.word(),
            loss: &self.task.about,
            method: match self.args.method {
                Method::Plain => "plain",
                Method::Momentum => "momentum",
                Method::Adam => "adam",
            },
            rate: Number(self.args.rate),
            iterations: self.iterations(),
            rows: self.task.data.as_ref().map(|data| data.rows),
            right: self.accuracy,
            weights: &self.task.weights,
            start: numbers(self.start),
            strategies: self.found.runs.iter().map(strategy).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    expression: &'a str,
    verdict: &'static str,
    loss: &'a str,
    method: &'static str,
    rate: Number,
    iterations: usize,
    rows: Option<usize>,
    right: Option<usize>,
    weights: &'a [String],
    start: Vec<Number>,
    strategies: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    strategy: &'static str,
    variant: String,
    outcome: &'static str,
    ended: &'static str,
    refused: Option<String>,
    steps: usize,
    losses: Vec<Number>,
    at: Vec<Number>,
    difference: Option<Number>,
    evaluations: u64,
    prepare_ns: Number,
    step_ns: Option<Number>,
    all_ns: Option<Number>,
    extrapolated: bool,
}
