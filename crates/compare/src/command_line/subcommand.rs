//! Commands by their names.

use commands::Failure;
use syntax::closest;

/// A command of the program by its name.
pub(crate) fn find<'a>(program: &'a clap::Command, name: &str) -> Result<&'a clap::Command, Failure> {
    program.find_subcommand(name).ok_or_else(|| {
        let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
        let help = match closest(name, names.iter().copied()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("the commands are {}", names.join(", ")),
        };
        Failure::text(format!("there is no command {name}\n\nhelp: {help}"))
    })
}
