//! `compare man`: manual pages in roff, as `man -l` reads them.

use clap::Args;
use clap_mangen::Man;
use commands::Failure;

use crate::command_line::subcommand;

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
pub(crate) fn render(args: &ManArgs, mut program: clap::Command) -> Result<String, Failure> {
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => subcommand::find(&program, name)?.clone(),
    };
    let mut roff = Vec::new();
    Man::new(page).render(&mut roff).map_err(Failure::text)?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}
