//! `compare EXPR`: the strategies side by side.

mod advice;
mod cores;
mod document;
mod rows;
mod table;

use std::io::IsTerminal;

use clap::Parser;
use harness::Outcome;

use crate::Done;
use crate::args::{ABOUT, EXAMPLES, FailingArgs, Format, FunctionArgs, PointArgs, StrategyArgs};
use crate::input::{self, Input, Problem};
use crate::output::{colour, json};
use crate::points;

#[derive(Parser)]
#[command(name = "compare", version, about = ABOUT, after_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    #[command(flatten)]
    pub(crate) strategies: StrategyArgs,
    /// How to write the answer.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    /// Show the steps that the function became (in the table).
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) failing: FailingArgs,
    /// A finite difference that contradicts its own error estimate is a disagreement.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Compares the strategies on the function, or on every function of a file.
pub(crate) fn render(args: CompareArgs) -> Result<Done, Problem> {
    let function = match input::read(&args.function)? {
        Input::One(function) => *function,
        Input::Cores(cores) => {
            let failing = args.failing.words.clone();
            return cores::compare(cores, &args).map(|(text, words)| Done { text, words, failing });
        }
    };
    let points = points::points(&function, &args.points)?;
    let strategies = args.strategies.build()?;
    let options = args.strategies.options();
    let comparison = harness::compare(&function.function, &function.flat, &points.all, &strategies, &options);
    let comparison = if args.strict { comparison.strictly() } else { comparison };
    let words = words(&comparison);
    let text = match args.format {
        Format::Table => table::render(
            &function,
            &points,
            &comparison,
            colour(std::io::stdout().is_terminal()),
            args.explain,
        ),
        Format::Json => json::text(&document::document(&function, &comparison)),
        Format::Csv => rows::comparison(&comparison).csv(),
        Format::Markdown => rows::comparison(&comparison).markdown(),
    };
    Ok(Done { text, words, failing: args.failing.words })
}

/// The verdicts that occur in a comparison.
fn words(comparison: &harness::Comparison) -> Vec<&'static str> {
    let components = comparison.points.iter().flat_map(|point| point.components.iter().copied());
    let all = components.chain([comparison.verdict()]);
    Outcome::counts(all).into_keys().map(Outcome::word).collect()
}
