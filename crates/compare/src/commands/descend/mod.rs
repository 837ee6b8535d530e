//! `compare descend`: gradient descent by each strategy, as a table, for programs, and as a picture.

mod document;
mod shown;

use std::path::PathBuf;

use chainrule::CompiledFunction;
use clap::{Args, ValueEnum};
use commands::output::json;
use commands::output::number::count;
use commands::points::points_beside;
use commands::{Failure, ParsedFunction, Points};
use experiments::descend::{self, End, Loss};
use expr::Function;

use crate::args::{Format, FunctionArgs, PointArgs, StrategyArgs, default_failing};
use crate::data::{self, Data};
use crate::input::{self};
use crate::output::Output;
use crate::output::progress;

use shown::Shown;

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    Plain,
    Momentum,
    Adam,
}

const EXAMPLES: &str = "\
Examples:
  compare descend \"(x - 1)^2 + 10*(y - x^2)^2\" --at x=-1,y=1 --iterations 1000
  compare descend \"a*x + b\" --data points.csv --target y --rate 0.1";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DescendArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    #[command(flatten)]
    pub(crate) strategies: StrategyArgs,
    /// How a step follows from the gradient
    #[arg(long, value_enum, default_value = "plain")]
    pub(crate) method: Method,
    /// Learning rate
    #[arg(long, value_name = "R", default_value_t = 0.01, allow_hyphen_values = true)]
    pub(crate) rate: f64,
    /// Largest number of steps
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) iterations: u32,
    /// Stop where no component of the gradient is larger than this, times 1 + |loss|; 0: take all steps
    #[arg(long, value_name = "T", default_value_t = 1e-10, allow_hyphen_values = true)]
    pub(crate) tolerance: f64,
    /// CSV file with a header: inputs named by a column are data, the others are weights
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) data: Option<PathBuf>,
    /// Column that the function should predict; a function that uses it by name is the loss itself
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub(crate) target: Option<String>,
    /// Measure a strategy over a few steps if all would take more evaluations of the loss
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) evaluations: u64,
    /// Output format; csv has the losses step by step
    #[arg(long, value_enum, default_value = "table", help_heading = "Output")]
    pub(crate) format: Format,
    /// Draw the losses into an SVG file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) svg: Option<PathBuf>,
}

/// The function as a loss, and what it is made of.
struct Task {
    given: ParsedFunction,
    /// What the given function is to meet, if it is no loss itself.
    error: Option<Function>,
    /// Beside the inputs of the loss, if there is data.
    data: Option<Data>,
    /// Names of the weights.
    weights: Vec<String>,
    /// In a line.
    about: String,
}

/// Between two looks at the progress, so that they cost nothing beside the steps.
const WATCHED_STEPS: usize = 64;

/// The word for a descent that leads nowhere; it makes the exit status 1, as a wrong gradient does.
const DIVERGED: &str = "diverged";

/// Descends; says what came of it.
pub(crate) fn render(args: &DescendArgs) -> Result<Output, Failure> {
    if !(args.tolerance >= 0.0 && args.tolerance.is_finite()) {
        return Err(Failure::text(format!("--tolerance {}: write 0 or a positive number", args.tolerance)));
    }
    if !(args.rate > 0.0 && args.rate.is_finite()) {
        return Err(Failure::text(format!("--rate {}: a learning rate is a positive number", args.rate)));
    }
    let task = task(args)?;
    let (start, points) = start(&task, args)?;
    let strategies = args.strategies.build()?;
    let comparing = args.strategies.options(args.function.max_nodes);
    let options = descend::Options {
        method: match args.method {
            Method::Plain => descend::Method::Plain,
            Method::Momentum => descend::Method::Momentum,
            Method::Adam => descend::Method::Adam,
        },
        rate: args.rate,
        iterations: args.iterations as usize,
        tolerance: args.tolerance,
        budget: comparing.budget,
        evaluations: args.evaluations,
        reference_nodes: comparing.reference_nodes,
    };
    let none = vec![None; task.weights.len()];
    let (columns, rows) = task.data.as_ref().map_or((&none, 0), |data| (&data.columns, data.rows));
    let flat = match &task.error {
        Some(error) => error,
        None => task.given.flat()?,
    };
    let written = task.error.as_ref().unwrap_or(&task.given.function);
    let loss = Loss { written, flat, columns, rows };
    let bar = progress::bar(strategies.len() * (options.iterations + 1));
    let mut watch = |strategy: usize, step: usize| {
        if step.is_multiple_of(WATCHED_STEPS) {
            bar.set_message(strategies[strategy].spec().name().as_str());
            bar.set_position((strategy * (options.iterations + 1) + step) as u64);
        }
    };
    let found =
        args.strategies.on_threads(|| descend::descend(&loss, &start, &strategies, &options, &mut watch));
    bar.finish_and_clear();
    let accuracy = found.leader().and_then(|leader| accuracy(&task, &leader.at));
    let shown = Shown { task: &task, args, found: &found, origin: points.origin(0), start: &start, accuracy };
    if let Some(path) = &args.svg {
        crate::output::files::write(&[(path, shown.picture())])?;
    }
    let text = match args.format {
        Format::Table => shown.table(),
        Format::Json => json::text(&shown.document()),
        Format::Csv => shown.losses().csv(),
        Format::Markdown => shown.summary().markdown(),
    };
    let diverged = found.runs.iter().any(|run| run.end == End::Diverged);
    let words = [found.outcome.word()].into_iter().chain(diverged.then_some(DIVERGED)).collect();
    let failing = default_failing().into_iter().chain([DIVERGED.to_owned()]).collect();
    Ok(Output { text, words, failing })
}

/// Reads the function and the data.
fn task(args: &DescendArgs) -> Result<Task, Failure> {
    let given = input::function(&args.function, &args.points)?;
    let flat = given.flat()?;
    if flat.outputs().len() > 1 {
        return Err(Failure::text("descend goes down one output; give it a function with one"));
    }
    let (mut names, mut error, mut read) = (flat.input_names(), None, None);
    let mut about = String::new();
    if let (Some(path), Some(target)) = (&args.data, &args.target) {
        let own = names.contains(target);
        if !own {
            names.push(target.clone());
            error = Some(descend::squared_error(flat, target));
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
        return Err(Failure::text(match read {
            Some(_) => "every input is a column of the data: no weights are left to fit",
            None => "the function has no inputs: there is nothing to descend along",
        }));
    }
    Ok(Task { given, error, data: read, weights, about })
}

/// The weights at the start.
fn start(task: &Task, args: &DescendArgs) -> Result<(Vec<f64>, Points), Failure> {
    let inputs = task.given.subject.input_count();
    let first = |data: &Data| data.columns[..inputs].iter().map(|column| Some(column.as_ref()?[0])).collect();
    let known: Vec<Option<f64>> = task.data.as_ref().map_or(vec![None; inputs], first);
    let points = points_beside(&task.given, &args.points.request(), &known)?;
    let [point] = &points.all[..] else {
        return Err(Failure::text("a descent has one start; several points are given"));
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
    let mut value = CompiledFunction::new(task.given.subject.at_hand()?);
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
