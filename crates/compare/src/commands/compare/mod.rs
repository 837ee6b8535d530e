//! `compare EXPR`: the strategies side by side.

mod advice;
pub(crate) mod cells;
mod cores;
mod document;
pub(crate) mod formulas;
mod rows;
pub(crate) mod table;

use std::io::IsTerminal;

use chainrule::{Refusal, Unit};
use clap::Args;
use expr::UnrollError;
use harness::{Options, Outcome, Progress};
use indicatif::ProgressBar;

use crate::args::{FailingArgs, Format, FormatArgs, FunctionArgs, PointArgs, StrategyArgs};
use crate::failure::Failure;
use crate::input::{self};
use crate::output::Output;
use crate::output::number::brief;
use crate::output::progress;
use crate::output::{colour, json};
use crate::parsed::Input;
use crate::points;

use table::Style;

#[derive(Args)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    #[command(flatten)]
    pub(crate) strategies: StrategyArgs,
    #[command(flatten)]
    pub(crate) output: FormatArgs,
    /// Show everything: ULP, error estimates, condition number, preparation, costs
    #[arg(long, help_heading = "Output")]
    pub(crate) all: bool,
    /// Show the program that each strategy runs
    #[arg(long, help_heading = "Output")]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) failing: FailingArgs,
    /// Count a finite difference that contradicts its own error estimate as disagree
    #[arg(long, help_heading = "Output")]
    pub(crate) strict: bool,
}

/// Compares the strategies on the function, or on every function of a file.
pub(crate) fn render(args: CompareArgs) -> Result<Output, Failure> {
    let function = match input::read(&args.function, &args.points)? {
        Input::One(function) => *function,
        Input::Cores(cores) => {
            let failing = args.failing.words.clone();
            return cores::compare(cores, &args).map(|(text, words)| Output { text, words, failing });
        }
    };
    let points = points::points(&function, &args.points)?;
    let strategies = args.strategies.build()?;
    let options = Options { formulas: true, ..args.strategies.options(args.function.max_nodes) };
    let comparison = args.strategies.on_threads(|| {
        let mut watched = Watched::default();
        let watch = &mut |progress| watched.tell(progress);
        harness::compare_watched(&function.subject, &points.all, &strategies, &options, watch)
    });
    if function.subject.at_hand().is_none()
        && let Some(error) = unrolling_refused(&comparison)
    {
        return Err(function.refused(&error));
    }
    let comparison = if args.strict { comparison.strictly() } else { comparison };
    let words = words(&comparison);
    let text = match args.output.format {
        Format::Table => {
            let colour = colour(std::io::stdout().is_terminal());
            let style = Style { colour, all: args.all, explain: args.explain };
            table::render(&function, &points, &comparison, style)
        }
        Format::Json => json::text(&document::document(&function, &comparison)),
        Format::Csv => rows::comparison(&comparison).csv(),
        Format::Markdown => rows::comparison(&comparison).markdown(),
    };
    Ok(Output { text, words, failing: args.failing.words })
}

/// A comparison that takes more evaluations of nodes than this, some seconds, says so before it begins.
const LONG: f64 = 5e9;

/// Progress of a comparison that takes long.
#[derive(Default)]
struct Watched {
    bar: Option<ProgressBar>,
}

impl Watched {
    fn tell(&mut self, progress: Progress) {
        if progress.most_work < LONG {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let most = brief(progress.most_work);
            eprintln!("note: this takes at most {most} evaluations of nodes");
            progress::bar(progress.parts)
        });
        bar.set_position(progress.done as u64);
        bar.set_message(progress.next.map_or("verdicts".to_owned(), |spec| spec.label()));
        if progress.done + 1 == progress.parts {
            bar.finish_and_clear();
        }
    }
}

/// Why nothing was compared, where every strategy would have to unroll the function beyond its budget.
fn unrolling_refused(comparison: &harness::Comparison) -> Option<UnrollError> {
    let entries = &comparison.points.first()?.entries;
    let refused = |entry: &harness::Entry| match entry.refusal {
        Some(Refusal::OverBudget { needed, budget, unit: Unit::Nodes }) => {
            Some(UnrollError::TooLarge { needed: needed as u64, budget })
        }
        Some(Refusal::Unroll(ref error)) => Some(error.clone()),
        _ => None,
    };
    let all: Option<Vec<UnrollError>> = entries.iter().map(refused).collect();
    all?.into_iter().next()
}

/// The verdicts that occur in a comparison.
fn words(comparison: &harness::Comparison) -> Vec<&'static str> {
    let components = comparison.points.iter().flat_map(|point| point.components.iter().copied());
    let all = components.chain([comparison.verdict()]);
    Outcome::counts(all).into_keys().map(Outcome::word).collect()
}
