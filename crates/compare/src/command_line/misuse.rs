//! What is said when the command line is not understood.

use std::ffi::OsString;
use std::io::Write;

use clap::error::ErrorKind;
use syntax::closest;

/// Says something on standard error and ends with exit status 2.
pub(super) fn end(text: &str) -> ! {
    // If even this cannot be written, the exit status still says it.
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    std::process::exit(2)
}

/// Ends the program at an option that does not exist.
///
/// Expressions may begin with `-`, so the parser would take `--frobnicate` for one; none begins with `--` and a letter.
pub(super) fn refuse_unknown_options(command: &clap::Command, words: &[OsString]) {
    let used = words.get(1).and_then(|word| word.to_str()).and_then(|word| command.find_subcommand(word));
    let (used, called) = match used {
        Some(used) => (used, format!("{} {}", command.get_name(), used.get_name())),
        None => (command, command.get_name().to_owned()),
    };
    let own = used.get_arguments().filter_map(clap::Arg::get_long);
    let known: Vec<&str> = own.chain(["help", "version"]).collect();
    for word in words.iter().skip(1).take_while(|word| *word != "--") {
        let Some(name) = word.to_str().and_then(|word| word.strip_prefix("--")) else { continue };
        let name = name.split('=').next().unwrap_or(name);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || known.contains(&name) {
            continue;
        }
        if let Some(text) = near_miss(command, words) {
            end(&text);
        }
        let help = match closest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean --{meant}?"),
            None => format!("`{called} --help` lists the options"),
        };
        end(&format!("error: `{called}` has no option --{name}\n\nhelp: {help}"));
    }
}

/// Says what is wrong, and what was probably meant; ends the program.
pub(super) fn explain(command: &clap::Command, words: &[OsString], error: clap::Error) -> ! {
    let first = words[1].to_string_lossy();
    let kinds = [ErrorKind::UnknownArgument, ErrorKind::ArgumentConflict, ErrorKind::InvalidSubcommand];
    if !kinds.contains(&error.kind()) {
        error.exit();
    }
    if first == "help" {
        let asked = words.get(2).map_or("help".into(), |word| word.to_string_lossy());
        match super::subcommand::find(command, &asked) {
            Ok(_) => error.exit(),
            Err(problem) => end(&problem.to_string()),
        }
    }
    if let Some(text) = near_miss(command, words) {
        end(&text);
    }
    let name = command.get_name();
    // An argument too many, which the parser may take for a command behind the expression.
    let text = error.to_string();
    let surplus = ["error: the subcommand '", "error: unexpected argument '"];
    let surplus = surplus.iter().find_map(|start| text.strip_prefix(start)?.split('\'').next());
    match surplus.filter(|word| !word.starts_with("--")) {
        Some(word) => end(&format!(
            "error: unexpected argument {word}\n\nhelp: write the whole function in quotes, as one argument: {name} \"x + y\""
        )),
        None => error.exit(),
    }
}

/// What is asked where the first word is almost a command, and something follows it.
fn near_miss(command: &clap::Command, words: &[OsString]) -> Option<String> {
    let [_, first, rest @ ..] = words else { return None };
    let first = first.to_string_lossy();
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).chain(["help"]).collect();
    let meant = closest(&first, names.iter().copied()).filter(|_| !names.contains(&&*first))?;
    let rest: Vec<String> = rest.iter().map(|word| quoted(&word.to_string_lossy())).collect();
    let (name, rest) = (command.get_name(), rest.join(" "));
    Some(format!("error: there is no command {first}\n\nhelp: did you mean `{name} {meant} {rest}`?"))
}

/// A word as a shell needs it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=.,/:+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must_be() {
        assert_eq!(quoted("x=1,y=2"), "x=1,y=2");
        assert_eq!(quoted("x + y"), "'x + y'");
        assert_eq!(quoted("f'(x)"), "'f'\\''(x)'");
        assert_eq!(quoted(""), "''");
    }
}
