//! `compare completions`: what a shell needs to complete commands and options.

use clap::Args;
use clap_complete::{Shell, generate};

use crate::args;

const EXAMPLES: &str = "\
Examples:
  compare completions bash > ~/.local/share/bash-completion/completions/compare
  compare completions zsh > ~/.zfunc/_compare
  compare completions fish > ~/.config/fish/completions/compare.fish";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

/// The script.
pub(crate) fn render(args: &CompletionsArgs, mut program: clap::Command) -> String {
    let mut script = Vec::new();
    generate(args.shell, &mut program, args::program(), &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
