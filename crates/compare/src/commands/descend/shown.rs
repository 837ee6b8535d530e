//! A descent as a table, as tables, and as a picture.

use std::fmt::Write;

use commands::output::number::{brief, count, number, rounded, time};
use commands::output::table::{fitting, ruled, wrap, wrap_behind};
use experiments::descend::{Descent, End, FEW, Run};
use harness::Outcome;

use crate::output::data_table::DataTable;
use crate::pictures::curves::{self, Curve};

use super::{DescendArgs, Method, Task};

/// More weights are not listed in a table.
const LISTED: usize = 24;

/// A descent, to be shown.
pub(super) struct Shown<'a> {
    pub(super) task: &'a Task,
    pub(super) args: &'a DescendArgs,
    pub(super) found: &'a Descent,
    pub(super) origin: String,
    pub(super) start: &'a [f64],
    /// Rows that are classified correctly.
    pub(super) accuracy: Option<usize>,
}

impl Shown<'_> {
    pub(super) fn iterations(&self) -> usize {
        self.args.iterations as usize
    }

    /// `adam, rate 0.05, 300 steps`.
    fn way(&self) -> String {
        let method = match self.args.method {
            Method::Plain => "plain gradient descent",
            Method::Momentum => "descent with momentum 0.9",
            Method::Adam => "Adam",
        };
        format!("{method}, rate {}, at most {}", number(self.args.rate), steps(self.iterations()))
    }

    /// Per row a label, and a cell per strategy; losses in at most so many digits.
    fn rows(&self, digits: usize) -> Vec<(&'static str, Vec<String>)> {
        let iterations = self.iterations();
        let mut rows: Vec<(&'static str, Vec<String>)> = Vec::new();
        let mut row = |label: &'static str, cell: &dyn Fn(&Run) -> String| {
            rows.push((label, self.found.runs.iter().map(cell).collect()));
        };
        row("gradient", &|run| run.outcome.word().to_owned());
        row("descent", &|run| match &run.end {
            End::Finished => "finished".to_owned(),
            End::Converged => "converged".to_owned(),
            End::Diverged if run.steps() == 0 => "no step".to_owned(),
            End::Diverged => "diverged".to_owned(),
            End::Measured => format!("{FEW} steps only"),
            End::Refused(_) => "refused".to_owned(),
        });
        row("loss at the start", &|run| {
            run.losses.first().map_or(String::new(), |loss| rounded(*loss, digits))
        });
        row("loss at the end", &|run| match (&run.end, run.losses.last()) {
            (End::Measured, _) | (_, None) => String::new(),
            (_, Some(loss)) => rounded(*loss, digits),
        });
        row("steps", &|run| count(run.steps() as u64));
        row("losses differ by", &|run| match self.found.difference(run) {
            None => String::new(),
            Some((0.0, _)) => "0".to_owned(),
            Some((most, step)) => format!("{most:.1e} at step {step}"),
        });
        row("evaluations a step", &|run| match run.losses.len() {
            0 => String::new(),
            _ => {
                let each = brief(run.evaluations_per_step());
                // 1.00 is 1, and 100 stays 100.
                match each.contains('.') {
                    true => each.trim_end_matches('0').trim_end_matches('.').to_owned(),
                    false => each,
                }
            }
        });
        if self.args.strategies.no_times {
            return rows;
        }
        row("prepare", &|run| if run.losses.is_empty() { String::new() } else { time(run.prepare) });
        row("per step", &|run| run.step_time().map_or(String::new(), time));
        row("all steps", &|run| match (run.whole_time(iterations), &run.end) {
            (Some(whole), End::Measured) => format!("about {}", time(whole)),
            (Some(_), End::Finished | End::Converged) => time(run.nanoseconds),
            _ => String::new(),
        });
        rows
    }

    /// What the table cannot say.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        for run in &self.found.runs {
            match &run.end {
                End::Measured => {
                    let all = run.evaluations_per_step() * (self.iterations() + 1) as f64;
                    remarks.push(format!(
                        "{}: all steps would take about {} evaluations of the loss, more than --evaluations {}; \
                         {FEW} steps were taken, and the time for all is extrapolated from them",
                        run.spec.name(),
                        count(all as u64),
                        self.args.evaluations
                    ));
                }
                End::Refused(refusal) => remarks.push(format!("{}: {refusal}", run.spec.name())),
                End::Diverged => remarks.push(format!("{}: {}", run.spec.name(), divergence(run))),
                End::Converged if run.steps() == 0 => remarks.push(format!(
                    "{}: the gradient is within --tolerance {} where the descent starts",
                    run.spec.name(),
                    number(self.args.tolerance)
                )),
                End::Finished | End::Converged => {}
            }
            if run.outcome == Outcome::Disagree {
                remarks.push(format!(
                    "{}: its gradient is wrong where the descent starts or ends, so no time is shown",
                    run.spec.name()
                ));
            }
        }
        remarks
    }

    fn heads(&self) -> Vec<String> {
        self.found.runs.iter().map(|run| format!("{}\n{}", run.spec.name(), run.spec.variant())).collect()
    }

    pub(super) fn table(&self) -> String {
        let mut out = format!("{}\n", wrap_behind(&self.task.given.title(), "  "));
        if !self.task.about.is_empty() {
            let _ = writeln!(out, "{}", wrap(&self.task.about));
        }
        let weights = self.task.weights.iter().zip(self.start).take(LISTED);
        let mut from: Vec<String> = weights.map(|(name, x)| format!("{name} = {}", brief(*x))).collect();
        if self.task.weights.len() > LISTED {
            from = vec![format!("{} weights", self.task.weights.len())];
        }
        let start = format!("{}, from {}{}", self.way(), from.join(", "), self.origin);
        let _ = writeln!(out, "{}\n", wrap(&start));
        let table = |digits: usize| {
            let mut table = ruled();
            table.set_header([String::new()].into_iter().chain(self.heads()));
            for (label, cells) in self.rows(digits) {
                table.add_row([label.to_owned()].into_iter().chain(cells));
            }
            table
        };
        let _ = writeln!(out, "{}", fitting((6..=17).rev().map(table)));
        let Some(leader) = self.found.leader() else {
            self.notes(&mut out);
            return out;
        };
        let all: Vec<String> = milestones(leader.losses.len())
            .into_iter()
            .map(|step| format!("{step} → {}", brief(leader.losses[step])))
            .collect();
        let by_step = format!("loss by step ({}): {}", leader.spec.name(), all.join(", "));
        let _ = writeln!(out, "\n{}", wrap(&by_step));
        let found = self.task.weights.iter().zip(&leader.at);
        if self.task.weights.len() <= LISTED {
            let found: Vec<String> = found.map(|(name, x)| format!("{name} = {}", number(*x))).collect();
            let _ = writeln!(out, "{}", wrap(&format!("at the end: {}", found.join(", "))));
        }
        if let (Some(right), Some(data)) = (self.accuracy, &self.task.data) {
            let share = 100.0 * right as f64 / data.rows as f64;
            let _ = writeln!(
                out,
                "accuracy: {share:.1}% of rows classified correctly ({right} of {})",
                data.rows
            );
        }
        self.notes(&mut out);
        out
    }

    fn notes(&self, out: &mut String) {
        for remark in self.remarks() {
            let _ = writeln!(out, "{}", wrap(&format!("note: {remark}")));
        }
    }

    /// The table for documents.
    pub(super) fn summary(&self) -> DataTable {
        let strategies: Vec<&'static str> =
            self.found.runs.iter().map(|run| run.spec.name().as_str()).collect();
        let mut data_table = DataTable::new(&[&["descent"], &strategies[..]].concat());
        let variants = self.found.runs.iter().map(|run| run.spec.variant()).collect();
        for (label, cells) in [("variant", variants)].into_iter().chain(self.rows(17)) {
            data_table.push([label.to_owned()].into_iter().chain(cells).collect());
        }
        data_table
    }

    /// Step by step.
    pub(super) fn losses(&self) -> DataTable {
        let strategies: Vec<&'static str> =
            self.found.runs.iter().map(|run| run.spec.name().as_str()).collect();
        let mut data_table = DataTable::new(&[&["step"], &strategies[..]].concat());
        let most = self.found.runs.iter().map(|run| run.losses.len()).max().unwrap_or(0);
        for step in 0..most {
            let losses = self.found.runs.iter();
            let losses = losses.map(|run| run.losses.get(step).map_or(String::new(), |loss| number(*loss)));
            data_table.push([step.to_string()].into_iter().chain(losses).collect());
        }
        data_table
    }

    pub(super) fn picture(&self) -> String {
        let curve = |run: &Run| {
            let name = match run.end {
                End::Measured => format!("{} ({FEW} steps)", run.spec.name()),
                _ => run.spec.name().to_string(),
            };
            Curve { name, numbers: run.losses.clone() }
        };
        let curves: Vec<Curve> = self.found.runs.iter().map(curve).collect();
        let about = commands::stepper::short(&self.task.given.title(), 96);
        curves::svg(&format!("Loss by step: {}", self.way()), &about, "loss", &curves)
    }
}

/// Why a descent leads nowhere, and what may help.
fn divergence(run: &Run) -> String {
    let (first, step) = (run.losses[0], run.steps());
    let last = run.losses[step];
    let grew = run.losses[..step].last().is_some_and(|before| *before > first);
    match (step, last.is_finite()) {
        (0, false) => format!("the loss is {} where the descent starts: choose another start", number(last)),
        (0, true) => "the gradient is not finite where the descent starts: choose another start".to_owned(),
        (_, true) if last > first => format!(
            "the loss grows, from {} to {} in {}: try a smaller --rate",
            brief(first),
            brief(last),
            steps(step)
        ),
        (_, true) => format!("the gradient is not finite at step {step}, where the loss is {}", brief(last)),
        (_, false) if grew => {
            format!("the loss grows until it is {} at step {step}: try a smaller --rate", number(last))
        }
        (_, false) => format!(
            "the loss is {} at step {step}: that step leaves the domain of the function; a smaller --rate or another start \
             may help",
            number(last)
        ),
    }
}

fn steps(number: usize) -> String {
    format!("{} step{}", count(number as u64), if number == 1 { "" } else { "s" })
}

/// Steps to be shown of so many losses: 0, 1, 2, 5, 10 and so on, and the last.
fn milestones(losses: usize) -> Vec<usize> {
    let round = (0..19).flat_map(|decade| [1, 2, 5].map(|k| k * 10usize.pow(decade)));
    let mut steps: Vec<usize> = [0].into_iter().chain(round).take_while(|&step| step + 1 < losses).collect();
    steps.extend(losses.checked_sub(1));
    steps
}
