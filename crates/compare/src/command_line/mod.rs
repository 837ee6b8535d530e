//! What can be typed: the commands, and what is said where something else is.

mod misuse;
pub(crate) mod subcommand;

use std::ffi::OsString;

use crate::args::{NAME, program};
use crate::commands::check::CheckArgs;
use crate::commands::compare::CompareArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::derive::DeriveArgs;
use crate::commands::descend::DescendArgs;
use crate::commands::families::FamiliesArgs;
use crate::commands::functions::FunctionsArgs;
use crate::commands::grad::GradArgs;
use crate::commands::grow::GrowArgs;
use crate::commands::man::ManArgs;
use crate::commands::plot::PlotArgs;
use crate::commands::report::ReportArgs;
use crate::commands::steps::StepsArgs;
use crate::commands::swell::SwellArgs;
use crate::commands::trace::TraceArgs;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use commands::output::terminal;

const ABOUT: &str = "\
Differentiates a function in three ways (finite differences, symbolic differentiation, backpropagation), checks each \
gradient against a certified one, and shows values, right digits and times.";

const EXAMPLES: &str = "\
Examples:
  compare \"(x + y) * z\" --at x=-2,y=5,z=-4
  compare \"f(x, y) = sin(x*y) + exp(x/y)\" --points 3 --seed 1
  compare \"sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)\" --size n=100
  compare rosenbrock --size n=1000       a family; `compare families` lists them
  compare --file function.txt --format json
  compare --file benchmarks.fpcore       all its functions; --core chooses one
  compare grad \"x^2*sin(x)\" --at x=2
  compare derive \"x^2*sin(x)\"

A word that is exactly a command is the command: write (trace) for an input
named trace.

Exit status: 1 when a word of --fail-on occurs, by default disagree or refuted;
2 for bad input, usage or I/O failure; else 0.";

/// What is shown when nothing is asked.
const FIRST: &str = "\
compare differentiates a function and tells how far to trust the answer. Try:

  compare \"(x + y) * z\" --at x=-2,y=5,z=-4    three strategies side by side
  compare grad \"x^2*sin(x)\" --at x=2          the value and the derivative
  compare derive \"x^2*sin(x)\"                 the derivative as a formula

`compare help` lists the commands, `compare functions` the functions.";

/// The command line: a comparison, or another command.
#[derive(Parser)]
#[command(name = NAME, version, about = ABOUT, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    compare: CompareArgs,
}

/// A command with its arguments.
#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(skip)]
    Compare(CompareArgs),
    /// Print the value and the derivative, and nothing else.
    Grad(GradArgs),
    /// Show the forward and the backward pass, node by node.
    Trace(TraceArgs),
    /// Write the derivative as a formula, or as LaTeX, Rust, C and others.
    Derive(DeriveArgs),
    /// Prove or refute a derivative that was worked out by hand.
    Check(CheckArgs),
    /// Draw a function and its derivative.
    Plot(PlotArgs),
    /// List the functions that an expression can use.
    Functions(FunctionsArgs),
    /// List the named functions that grow with a size.
    Families(FamiliesArgs),
    /// Show the error of finite differences against their step.
    Steps(StepsArgs),
    /// Expression swell: count the operators of a gradient as its function grows.
    Swell(SwellArgs),
    /// Scaling: measure times, sizes and errors as a function grows.
    Grow(GrowArgs),
    /// Gradient descent with each strategy; with --data, a model fitted to a CSV file.
    Descend(DescendArgs),
    /// Measure the claims of the article "Why backpropagation?" and write a report.
    Report(ReportArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print the manual page of the program, or of a command.
    Man(ManArgs),
}

/// All commands and options, with examples under the name of the program.
pub(crate) fn command() -> clap::Command {
    let name = program();
    let command = renamed(Line::command(), name);
    command.name(name).term_width(terminal::width())
}

fn renamed(command: clap::Command, name: &str) -> clap::Command {
    let told = command.get_after_help().map(|text| said_as(&text.to_string(), name));
    let command = match told {
        Some(told) => command.after_help(told),
        None => command,
    };
    command.mut_subcommands(|command| renamed(command, name))
}

/// A text with examples, under the name of the program.
fn said_as(text: &str, name: &str) -> String {
    text.replace(&format!("{NAME} "), &format!("{name} "))
}

/// Reads the command line; ends the program on `--help`, `--version` and misuse.
pub(crate) fn read() -> Command {
    let words: Vec<OsString> = std::env::args_os().collect();
    if words.len() <= 1 {
        misuse::end(&said_as(FIRST, program()));
    }
    let command = command();
    misuse::refuse_unknown_options(&command, &words);
    let line = command.clone().try_get_matches_from(&words).and_then(|found| Line::from_arg_matches(&found));
    match line {
        Ok(line) => line.command.unwrap_or(Command::Compare(line.compare)),
        Err(error) => misuse::explain(&command, &words, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
    }
}
