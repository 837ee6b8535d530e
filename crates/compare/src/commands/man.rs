//! `compare man`: manual pages in roff, as `man -l` reads them.

use clap::Args;
use clap_mangen::Man;

use crate::args;
use crate::input::Failure;

const EXAMPLES: &str = "\
Examples:
  compare man > compare.1 && man -l compare.1
  compare man trace > compare-trace.1";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ManArgs {
    /// Command to describe; without it, the program
    command: Option<String>,
}

/// The page.
pub(crate) fn render(args: &ManArgs) -> Result<String, Failure> {
    let mut program = args::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => args::subcommand(&program, name)?.clone(),
    };
    let mut roff = Vec::new();
    Man::new(page).render(&mut roff).map_err(Failure::text)?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}
