//! `compare EXPR`: the strategies side by side.

mod cores;
mod rows;

use std::io::IsTerminal;

use chainrule::Want;
use clap::Args;
use commands::compare::matrix::{self, MatrixRequest};
use commands::compare::{CompareRequest, Style, compare, document, table, words};
use commands::output::json;
use commands::output::number::brief;
use commands::{Failure, points};
use harness::{Options, Progress};
use indicatif::ProgressBar;

use crate::args::{FailingArgs, Format, FormatArgs, FunctionArgs, KindArgs, PointArgs, StrategyArgs};
use crate::input::Input;
use crate::input::{self};
use crate::output::Output;
use crate::output::colour;
use crate::output::progress;

#[derive(Args)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) points: PointArgs,
    #[command(flatten)]
    kind: KindArgs,
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
            if args.kind.want != Want::Gradient {
                return Err(Failure::text("--want is for one function: choose it with --core"));
            }
            let failing = args.failing.words.clone();
            return cores::compare(cores, &args).map(|(text, words)| Output { text, words, failing });
        }
    };
    let points = points::points(&function, &args.points.request())?;
    let strategies = args.strategies.build()?;
    let options = Options { formulas: true, ..args.strategies.options(args.function.max_nodes) };
    let (function, points) = (&function, &points);
    let kind = args.kind.request();
    let seeds = matrix::seeds(function, &kind)?;
    if kind.want != Want::Gradient {
        let of = MatrixRequest {
            function,
            points,
            want: kind.want,
            seeds: &seeds,
            strategies: &strategies,
            options,
            strict: args.strict,
        };
        let comparison = args.strategies.on_threads(|| matrix::compare(&of))?;
        let words = matrix::words(&comparison);
        let text = match args.output.format {
            Format::Table => {
                let colour = colour(std::io::stdout().is_terminal());
                let style = Style { colour, all: args.all, explain: args.explain, words: crate::words::of };
                matrix::render(function, points, &comparison, style)
            }
            Format::Json => json::text(&matrix::matrix_document(function, &comparison)),
            Format::Csv => rows::matrix(&comparison, &function.name()).csv(),
            Format::Markdown => rows::matrix(&comparison, &function.name()).markdown(),
        };
        return Ok(Output { text, words, failing: args.failing.words });
    }
    let request = CompareRequest { function, points, strategies: &strategies, options, strict: args.strict };
    let comparison = args.strategies.on_threads(|| {
        let mut watched = Watched::default();
        compare(&request, &mut |progress| watched.tell(progress))
    })?;
    let words = words(&comparison);
    let text = match args.output.format {
        Format::Table => {
            let colour = colour(std::io::stdout().is_terminal());
            let style = Style { colour, all: args.all, explain: args.explain, words: crate::words::of };
            table::render(function, points, &comparison, style)
        }
        Format::Json => json::text(&document(function, &comparison)),
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
