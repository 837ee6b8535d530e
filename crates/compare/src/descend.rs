//! `compare descend`: gradient descent by each strategy, as a table, for programs, and as a picture.

use std::fmt::Write;

use chainrule::Value;
use chainrule::expr::Function;
use harness::Outcome;
use harness::descend::{self, Descent, End, FEW, Loss, Run, descend};
use serde::Serialize;

use crate::args::{DescendArgs, Format, Method};
use crate::curves::{self, Curve};
use crate::data::{self, Data};
use crate::input::{self, Given, Problem};
use crate::json::{self, Number};
use crate::number::{brief, count, number, time};
use crate::points::{Points, points_beside};
use crate::sheet::Sheet;
use crate::table::wrap;

/// More weights are not listed in a table.
const LISTED: usize = 24;

/// The function as a loss, and what it is made of.
struct Task {
    given: Given,
    /// What the given function is to meet, if it is no loss itself.
    error: Option<Function>,
    /// Beside the inputs of the loss, if there is data.
    data: Option<Data>,
    /// Names of the weights.
    weights: Vec<String>,
    /// In a line.
    about: String,
}

/// Descends; says what came of it, and whether any strategy's gradient is wrong.
pub(crate) fn render(args: &DescendArgs) -> Result<(String, Outcome), Problem> {
    if !(args.rate > 0.0 && args.rate.is_finite()) {
        return Err(Problem::text(format!("--rate {}: a learning rate is a positive number", args.rate)));
    }
    let task = task(args)?;
    let (start, points) = start(&task, args)?;
    let strategies = args.strategies.build()?;
    let comparing = args.strategies.options();
    let options = descend::Options {
        method: match args.method {
            Method::Plain => descend::Method::Plain,
            Method::Momentum => descend::Method::Momentum,
            Method::Adam => descend::Method::Adam,
        },
        rate: args.rate,
        iterations: args.iterations as usize,
        budget: comparing.budget,
        evaluations: args.evaluations,
        reference_nodes: comparing.reference_nodes,
    };
    let none = vec![None; task.weights.len()];
    let (columns, rows) = task.data.as_ref().map_or((&none, 0), |data| (&data.columns, data.rows));
    let flat = task.error.as_ref().unwrap_or(&task.given.flat);
    let written = task.error.as_ref().unwrap_or(&task.given.function);
    let loss = Loss { written, flat, columns, rows };
    // One thread, so that times are those of one.
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.strategies.threads.unwrap_or(1).clamp(1, most);
    let found = chainrule::on_threads(threads, || descend(&loss, &start, &strategies, &options));
    let accuracy = found.leader().and_then(|leader| accuracy(&task, &leader.at));
    let shown = Shown { task: &task, args, found: &found, origin: points.origin(0), start: &start, accuracy };
    if let Some(path) = &args.svg {
        crate::output::write(&[(path, shown.picture())])?;
    }
    let text = match args.format {
        Format::Table => shown.table(),
        Format::Json => json::text(&shown.document()),
        Format::Csv => shown.losses().csv(),
        Format::Markdown => shown.summary().markdown(),
    };
    Ok((text, found.outcome))
}

/// Reads the function and the data.
fn task(args: &DescendArgs) -> Result<Task, Problem> {
    let given = input::function(&args.function)?;
    if given.flat.outputs().len() > 1 {
        return Err(Problem::text("descend goes down one output; give it a function with one"));
    }
    let (mut names, mut error, mut read) = (given.flat.input_names(), None, None);
    let mut about = String::new();
    if let (Some(path), Some(target)) = (&args.data, &args.target) {
        let own = names.contains(target);
        if !own {
            names.push(target.clone());
            error = Some(descend::squared_error(&given.flat, target));
        }
        let data = data::read(path, &names, target)?;
        let of = if own { "the function".to_owned() } else { format!("(f - {target})^2") };
        let among: Vec<&str> = names
            .iter()
            .zip(&data.columns)
            .filter(|(_, column)| column.is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        about = format!(
            "the loss is the mean of {of} over {} rows of {}; columns used: {}",
            count(data.rows as u64),
            path.display(),
            among.join(", ")
        );
        read = Some(data);
    }
    let is_weight = |k: usize| read.as_ref().is_none_or(|data: &Data| data.columns[k].is_none());
    let weights: Vec<String> =
        names.iter().enumerate().filter(|(k, _)| is_weight(*k)).map(|(_, name)| name.clone()).collect();
    if weights.is_empty() {
        return Err(Problem::text(match read {
            Some(_) => "every input is a column of the data: no weights are left to fit",
            None => "the function has no inputs: there is nothing to descend along",
        }));
    }
    Ok(Task { given, error, data: read, weights, about })
}

/// The weights at the start.
fn start(task: &Task, args: &DescendArgs) -> Result<(Vec<f64>, Points), Problem> {
    let inputs = task.given.flat.input_count();
    let first = |data: &Data| data.columns[..inputs].iter().map(|column| Some(column.as_ref()?[0])).collect();
    let known: Vec<Option<f64>> = task.data.as_ref().map_or(vec![None; inputs], first);
    let points = points_beside(&task.given, &args.points, &known)?;
    let [point] = &points.all[..] else {
        return Err(Problem::text("a descent has one start; several points are given"));
    };
    let start = point.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(x, _)| *x).collect();
    Ok((start, points))
}

/// Of a function between 0 and 1 that is to meet a target of 0 or 1: on how many rows it is on the right side of 1/2.
fn accuracy(task: &Task, weights: &[f64]) -> Option<usize> {
    let (Some(data), Some(_)) = (&task.data, &task.error) else { return None };
    let (target, columns) = data.columns.split_last()?;
    let target = target.as_ref()?;
    if target.iter().any(|&target| target != 0.0 && target != 1.0) {
        return None;
    }
    let mut value = Value::new(&task.given.flat);
    let mut right = 0;
    for (row, target) in target.iter().enumerate() {
        let mut weights = weights.iter();
        let number = |column: &Option<Vec<f64>>| match column {
            Some(column) => Some(column[row]),
            None => weights.next().copied(),
        };
        let x: Option<Vec<f64>> = columns.iter().map(number).collect();
        let mut found = [0.0];
        value.run(&x?, &mut found);
        if !(0.0..=1.0).contains(&found[0]) {
            return None;
        }
        right += usize::from((found[0] > 0.5) == (*target == 1.0));
    }
    Some(right)
}

/// A descent, to be shown.
struct Shown<'a> {
    task: &'a Task,
    args: &'a DescendArgs,
    found: &'a Descent,
    origin: String,
    start: &'a [f64],
    /// Rows that are told right.
    accuracy: Option<usize>,
}

impl Shown<'_> {
    fn iterations(&self) -> usize {
        self.args.iterations as usize
    }

    /// `adam, rate 0.05, 300 steps`.
    fn way(&self) -> String {
        let method = match self.args.method {
            Method::Plain => "plain gradient descent",
            Method::Momentum => "descent with momentum 0.9",
            Method::Adam => "Adam",
        };
        format!("{method}, rate {}, {} steps", number(self.args.rate), count(self.args.iterations.into()))
    }

    /// Per row a label, and a cell per strategy.
    fn rows(&self) -> Vec<(&'static str, Vec<String>)> {
        let iterations = self.iterations();
        let mut rows: Vec<(&'static str, Vec<String>)> = Vec::new();
        let mut row = |label: &'static str, cell: &dyn Fn(&Run) -> String| {
            rows.push((label, self.found.runs.iter().map(cell).collect()));
        };
        row("gradient", &|run| run.outcome.word().to_owned());
        row("descent", &|run| match &run.end {
            End::Finished => "finished".to_owned(),
            End::Diverged => format!("diverged at step {}", run.steps()),
            End::Measured => format!("measured over {FEW} steps"),
            End::Refused(_) => "refused".to_owned(),
        });
        row("loss at the start", &|run| run.losses.first().map_or(String::new(), |loss| number(*loss)));
        row("loss at the end", &|run| match (&run.end, run.losses.last()) {
            (End::Measured, _) | (_, None) => String::new(),
            (_, Some(loss)) => number(*loss),
        });
        row("steps", &|run| count(run.steps() as u64));
        row("losses differ by", &|run| match self.found.difference(run) {
            None => String::new(),
            Some((0.0, _)) => "0".to_owned(),
            Some((most, step)) => format!("{most:.1e} at step {step}"),
        });
        row("evaluations per step", &|run| match run.losses.len() {
            0 => String::new(),
            _ => brief(run.evaluations_per_step()).trim_end_matches('0').trim_end_matches('.').to_owned(),
        });
        row("prepare", &|run| if run.losses.is_empty() { String::new() } else { time(run.prepare) });
        row("per step", &|run| run.step_time().map_or(String::new(), time));
        row("all steps", &|run| match (run.whole_time(iterations), &run.end) {
            (Some(whole), End::Measured) => format!("about {}", time(whole)),
            (Some(_), End::Finished) => time(run.nanoseconds),
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
                        "{}: all steps would take some {} evaluations of the loss, more than --evaluations {}; it \
                         took {FEW}, and the time for all is extrapolated from them",
                        run.strategy,
                        count(all as u64),
                        self.args.evaluations
                    ));
                }
                End::Refused(refusal) => remarks.push(format!("{}: {refusal}", run.strategy)),
                End::Diverged => remarks.push(format!(
                    "{}: the loss or its gradient is no longer finite at step {}; try a smaller --rate",
                    run.strategy,
                    run.steps()
                )),
                End::Finished => {}
            }
            if run.outcome == Outcome::Disagree {
                remarks.push(format!(
                    "{}: its gradient is wrong where the descent starts or ends, so no time is shown",
                    run.strategy
                ));
            }
        }
        remarks
    }

    fn heads(&self) -> Vec<String> {
        self.found.runs.iter().map(|run| format!("{}\n{}", run.strategy, run.variant)).collect()
    }

    fn table(&self) -> String {
        let mut out = format!("{}\n", self.task.given.title());
        if !self.task.about.is_empty() {
            let _ = writeln!(out, "{}", self.task.about);
        }
        let weights = self.task.weights.iter().zip(self.start).take(LISTED);
        let mut from: Vec<String> = weights.map(|(name, x)| format!("{name} = {}", brief(*x))).collect();
        if self.task.weights.len() > LISTED {
            from = vec![format!("{} weights", self.task.weights.len())];
        }
        let _ = writeln!(out, "{}, from {}{}\n", self.way(), from.join(", "), self.origin);
        let mut table = crate::table::ruled();
        table.set_header([String::new()].into_iter().chain(self.heads()));
        for (label, cells) in self.rows() {
            table.add_row([label.to_owned()].into_iter().chain(cells));
        }
        let _ = writeln!(out, "{table}");
        let Some(leader) = self.found.leader() else {
            self.notes(&mut out);
            return out;
        };
        let all: Vec<String> = milestones(leader.losses.len())
            .into_iter()
            .map(|step| format!("{step} → {}", brief(leader.losses[step])))
            .collect();
        let by_step = format!("loss by step ({}): {}", leader.strategy, all.join(", "));
        let _ = writeln!(out, "\n{}", wrap(&by_step));
        let found = self.task.weights.iter().zip(&leader.at);
        if self.task.weights.len() <= LISTED {
            let found: Vec<String> = found.map(|(name, x)| format!("{name} = {}", number(*x))).collect();
            let _ = writeln!(out, "{}", wrap(&format!("at the end: {}", found.join(", "))));
        }
        if let (Some(right), Some(data)) = (self.accuracy, &self.task.data) {
            let share = 100.0 * right as f64 / data.rows as f64;
            let _ = writeln!(out, "accuracy: {share:.1}% of rows told right ({right} of {})", data.rows);
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
    fn summary(&self) -> Sheet {
        let strategies: Vec<&'static str> = self.found.runs.iter().map(|run| run.strategy).collect();
        let mut sheet = Sheet::new(&[&["descent"], &strategies[..]].concat());
        let variants = self.found.runs.iter().map(|run| run.variant.clone()).collect();
        for (label, cells) in [("variant", variants)].into_iter().chain(self.rows()) {
            sheet.push([label.to_owned()].into_iter().chain(cells).collect());
        }
        sheet
    }

    /// Step by step.
    fn losses(&self) -> Sheet {
        let strategies: Vec<&'static str> = self.found.runs.iter().map(|run| run.strategy).collect();
        let mut sheet = Sheet::new(&[&["step"], &strategies[..]].concat());
        let most = self.found.runs.iter().map(|run| run.losses.len()).max().unwrap_or(0);
        for step in 0..most {
            let losses = self.found.runs.iter();
            let losses = losses.map(|run| run.losses.get(step).map_or(String::new(), |loss| number(*loss)));
            sheet.push([step.to_string()].into_iter().chain(losses).collect());
        }
        sheet
    }

    fn picture(&self) -> String {
        let curve = |run: &Run| {
            let name = match run.end {
                End::Measured => format!("{} ({FEW} steps)", run.strategy),
                _ => run.strategy.to_owned(),
            };
            Curve { name, numbers: run.losses.clone() }
        };
        let curves: Vec<Curve> = self.found.runs.iter().map(curve).collect();
        let about = crate::stepper::short(&self.task.given.title(), 96);
        curves::svg(&format!("Loss by step: {}", self.way()), &about, "loss", &curves)
    }

    fn document(&self) -> Document<'_> {
        let numbers = |values: &[f64]| values.iter().copied().map(Number).collect::<Vec<_>>();
        let strategy = |run| -> Row<'_> {
            let run: &Run = run;
            Row {
                strategy: run.strategy,
                variant: &run.variant,
                outcome: run.outcome.word(),
                ended: match run.end {
                    End::Finished => "finished",
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
                extrapolated: run.steps() < self.iterations(),
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

/// Steps to be shown of so many losses: 0, 1, 2, 5, 10 and so on, and the last.
fn milestones(losses: usize) -> Vec<usize> {
    let round = (0..19).flat_map(|decade| [1, 2, 5].map(|k| k * 10usize.pow(decade)));
    let mut steps: Vec<usize> = [0].into_iter().chain(round).take_while(|&step| step + 1 < losses).collect();
    steps.extend(losses.checked_sub(1));
    steps
}

#[derive(Serialize)]
struct Document<'a> {
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
    strategies: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    strategy: &'static str,
    variant: &'a str,
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
