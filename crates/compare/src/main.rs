//! The command line program `compare`: one function, three strategies, side by side.

mod advice;
mod args;
mod check;
mod cores;
mod curves;
mod data;
mod derive;
mod descend;
mod grow;
mod input;
mod json;
mod markup;
mod number;
mod output;
mod points;
mod report;
mod sheet;
mod stepper;
mod steps;
mod svg;
mod swell;
mod table;
mod trace;

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use harness::Outcome;

use crate::args::{Command, Format};
use crate::input::{Input, Problem};

/// What a command leaves: its text, and the words that occur in it.
struct Done {
    text: String,
    words: Vec<&'static str>,
    /// The words that make the exit status 1.
    failing: Vec<String>,
}

impl Done {
    /// Of a command that judges nothing.
    fn text(text: String) -> Done {
        Done { text, words: Vec::new(), failing: Vec::new() }
    }

    /// Of a command that judges by the default words.
    fn judged(text: String, outcome: Option<Outcome>) -> Done {
        let words = outcome.into_iter().map(Outcome::word).collect();
        Done { text, words, failing: args::default_failing() }
    }

    fn fails(&self) -> bool {
        self.words.iter().any(|word| self.failing.iter().any(|failing| failing == word))
    }
}

/// The verdicts that occur in a comparison.
fn words(comparison: &harness::Comparison) -> Vec<&'static str> {
    let components = comparison.points.iter().flat_map(|point| point.components.iter().copied());
    let all = components.chain([comparison.verdict()]);
    Outcome::counts(all).into_keys().map(Outcome::word).collect()
}

fn main() -> ExitCode {
    let command = args::read();
    match run(command) {
        Ok(done) => match print(&done.text) {
            Ok(()) if done.fails() => ExitCode::from(1),
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&Problem::text(format!("cannot write the answer: {error}"))),
        },
        Err(problem) => fail(&problem),
    }
}

fn run(command: Command) -> Result<Done, Problem> {
    match command {
        Command::Compare(args) => {
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
            let comparison =
                harness::compare(&function.function, &function.flat, &points.all, &strategies, &options);
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
                Format::Json => json::text(&json::document(&function, &comparison)),
                Format::Csv => sheet::comparison(&comparison).csv(),
                Format::Markdown => sheet::comparison(&comparison).markdown(),
            };
            Ok(Done { text, words, failing: args.failing.words })
        }
        Command::Trace(args) => {
            let function = input::function(&args.function)?;
            let points = points::points(&function, &args.points)?;
            trace::render(&function, &points, &args).map(Done::text)
        }
        Command::Derive(args) => derive::render(&args).map(Done::text),
        Command::Swell(args) => swell::render(&args).map(Done::text),
        Command::Check(args) => {
            check::render(&args).map(|(text, words)| Done { text, words, failing: args.failing.words })
        }
        Command::Steps(args) => steps::render(&args).map(Done::text),
        Command::Descend(args) => {
            descend::render(&args).map(|(text, outcome)| Done::judged(text, Some(outcome)))
        }
        Command::Grow(args) => grow::render(&args).map(|(text, outcome)| Done::judged(text, outcome)),
        Command::Families(args) => Ok(Done::text(sheet::families(args.format))),
        Command::Report(args) => report::write(&args).map(|(text, outcome)| Done::judged(text, outcome)),
    }
}

/// Whether to colour what goes to a terminal; <https://no-color.org>.
fn colour(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes everything at once; a reader that has gone away is no error.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn fail(problem: &Problem) -> ExitCode {
    let mut err = std::io::stderr().lock();
    // If even this cannot be written, the exit status still says it.
    let _ = writeln!(err, "{}", problem.0.trim_end());
    ExitCode::from(2)
}
