//! The command line program `compare`: one function, three strategies, side by side.

mod args;
mod command_line;
mod commands;
mod data;
mod fpcore;
mod input;
mod output;
mod pictures;
mod words;

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use crate::command_line::Command;
use crate::commands::{
    check, compare, completions, derive, descend, families, functions, grad, grow, man, plot, report, steps,
    swell, trace,
};
use crate::output::Output;
use ::commands::{Failure, points};

/// Does what the command line says.
pub fn main() -> ExitCode {
    let command = command_line::read();
    match run(command) {
        Ok(done) => match print(&done.text) {
            Ok(()) if done.fails() => ExitCode::from(1),
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&Failure::text(format!("cannot write the answer: {error}"))),
        },
        Err(problem) => fail(&problem),
    }
}

fn run(command: Command) -> Result<Output, Failure> {
    match command {
        Command::Compare(args) => compare::render(args),
        Command::Grad(args) => grad::render(&args).map(Output::text),
        Command::Plot(args) => plot::render(&args).map(Output::text),
        Command::Functions(args) => functions::render(&args).map(Output::text),
        Command::Completions(args) => Ok(Output::text(completions::render(&args, command_line::command()))),
        Command::Man(args) => man::render(&args, command_line::command()).map(Output::text),
        Command::Trace(args) => {
            let function = input::function(&args.function, &args.points)?;
            let points = points::points(&function, &args.points.request())?;
            trace::render(&function, &points, &args).map(Output::text)
        }
        Command::Derive(args) => derive::render(&args).map(Output::text),
        Command::Swell(args) => swell::render(&args).map(Output::text),
        Command::Check(args) => {
            check::render(&args).map(|(text, words)| Output { text, words, failing: args.failing.words })
        }
        Command::Steps(args) => steps::render(&args).map(Output::text),
        Command::Descend(args) => descend::render(&args),
        Command::Grow(args) => grow::render(&args).map(|(text, outcome)| Output::judged(text, outcome)),
        Command::Families(args) => Ok(Output::text(families::render(&args))),
        Command::Report(args) => report::write(&args).map(|(text, outcome)| Output::judged(text, outcome)),
    }
}

/// Writes everything at once; a reader that has gone away is no error.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn fail(problem: &Failure) -> ExitCode {
    let mut err = std::io::stderr().lock();
    // If even this cannot be written, the exit status still says it.
    let shown = problem.shown(words::of, output::colour(std::io::stderr().is_terminal()));
    let _ = writeln!(err, "{}", shown.trim_end());
    ExitCode::from(2)
}
