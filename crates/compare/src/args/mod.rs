//! What can be typed.

mod failing;
mod function;
mod strategies;

use clap::{Parser, ValueEnum};

use crate::commands::check::CheckArgs;
use crate::commands::compare::CompareArgs;
use crate::commands::derive::DeriveArgs;
use crate::commands::descend::DescendArgs;
use crate::commands::families::FamiliesArgs;
use crate::commands::grow::GrowArgs;
use crate::commands::report::ReportArgs;
use crate::commands::steps::StepsArgs;
use crate::commands::swell::SwellArgs;
use crate::commands::trace::TraceArgs;

pub(crate) use failing::{FailingArgs, default_failing};
pub(crate) use function::{FunctionArgs, PointArgs};
pub(crate) use strategies::{Simplify, StrategyArgs};

pub(crate) const ABOUT: &str = "\
Differentiates a function in three ways, numerical, symbolic and by backpropagation, and compares them: \
values, errors, times, and whether they agree.";

pub(crate) const EXAMPLES: &str = "\
Examples:
  compare \"(x + y) * z\" --at x=-2,y=5,z=-4
  compare \"f(x, y) = sin(x*y) + exp(x/y)\" --points 3 --seed 1
  compare \"sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)\" --size n=100
  compare rosenbrock --size n=1000          (a family; `compare families` lists them)
  compare trace \"let q = x + y; q * z\" --at x=-2,y=5,z=-4
  compare trace \"b = a + a; b*b\" --at a=3 --html steps.html       (opens in a browser)
  compare descend \"a*x + b\" --data points.csv --target y --rate 0.1
  compare --file function.txt --format json
  compare --file benchmarks.fpcore --points 10      (all its cores, or one with --core NAME)

Commands:
  trace EXPR    the forward and the backward pass, node by node; with --html, to step through
  derive EXPR   the derivative as a formula, or as Rust, C, LaTeX, FPCore or Graphviz
  check EXPR    whether a derivative that was worked out by hand is right: --claim x='2*x'
  swell EXPR    how many operators the gradient takes, by the way in which it is written
  steps EXPR    the error of finite differences against their step
  grow EXPR     times, sizes and errors as the function grows: --size n=10,100,1000
  descend EXPR  gradient descent by each strategy; with --data, a model fitted to a CSV file
  families      the named functions that grow with a size
  report        puts the article's claims to the test: reports/ with verdicts, figures and a page

Exit status: 1 when a word of --fail-on occurs (by default disagree, refuted); 2 bad input, usage or I/O failure; else 0.";

/// A command with its arguments.
pub(crate) enum Command {
    Compare(CompareArgs),
    Trace(TraceArgs),
    Derive(DeriveArgs),
    Check(CheckArgs),
    Swell(SwellArgs),
    Steps(StepsArgs),
    Descend(DescendArgs),
    Grow(GrowArgs),
    Families(FamiliesArgs),
    Report(ReportArgs),
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    Markdown,
}

/// Reads the command line; ends the program on `--help`, `--version` and misuse.
pub(crate) fn read() -> Command {
    let mut words: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let first = words.get(1).and_then(|word| word.to_str()).unwrap_or_default().to_owned();
    let mut rest = || {
        words.remove(1);
        words.clone()
    };
    match first.as_str() {
        "trace" => Command::Trace(TraceArgs::parse_from(rest())),
        "derive" => Command::Derive(DeriveArgs::parse_from(rest())),
        "check" => Command::Check(CheckArgs::parse_from(rest())),
        "swell" => Command::Swell(SwellArgs::parse_from(rest())),
        "steps" => Command::Steps(StepsArgs::parse_from(rest())),
        "descend" => {
            let mut args = DescendArgs::parse_from(rest());
            args.strategies.max_nodes = args.function.max_nodes;
            Command::Descend(args)
        }
        "grow" => Command::Grow(GrowArgs::parse_from(rest())),
        "families" => Command::Families(FamiliesArgs::parse_from(rest())),
        "report" => Command::Report(ReportArgs::parse_from(rest())),
        _ => {
            let mut args = CompareArgs::parse_from(words);
            args.strategies.max_nodes = args.function.max_nodes;
            Command::Compare(args)
        }
    }
}
