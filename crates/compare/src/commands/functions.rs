//! `compare functions`: what an expression can call.

use std::fmt::Write;

use clap::Args;
use commands::Failure;
use commands::output::{table, terminal};
use syntax::{Entry, Group, catalogue, closest};

use crate::args::{self, Format, FormatArgs};
use crate::output::data_table::DataTable;

const EXAMPLES: &str = "\
Examples:
  compare functions atan2
  compare functions hyperbolic
  compare functions --format csv";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FunctionsArgs {
    /// Name of a function, or a word of what it is
    name: Option<String>,
    #[command(flatten)]
    output: FormatArgs,
}

/// The functions that are asked for: all, the one of a name, or those that a word occurs with.
pub(crate) fn render(args: &FunctionsArgs) -> Result<String, Failure> {
    let name = args.name.as_deref().map(|name| name.trim().trim_end_matches("()"));
    let chosen: Vec<&Entry> = match name {
        None => catalogue().iter().collect(),
        Some(name) => match Entry::of(name) {
            Some(entry) => vec![entry],
            None => about(name)?,
        },
    };
    let data_table = || data_table(&chosen);
    Ok(match (args.output.format, chosen.as_slice()) {
        (Format::Table, [entry]) if name.is_some() => one(entry),
        (Format::Table, _) => list(&chosen),
        (Format::Json, _) => data_table().json("chainrule/functions/1"),
        (Format::Csv, _) => data_table().csv(),
        (Format::Markdown, _) => data_table().markdown(),
    })
}

/// Those that a word is part of: of the name, the meaning or the group.
fn about(word: &str) -> Result<Vec<&'static Entry>, Failure> {
    let small = word.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&small);
    let found: Vec<&Entry> = catalogue()
        .iter()
        .filter(|entry| has(entry.usage) || has(entry.meaning) || has(entry.group.title()))
        .collect();
    if !small.is_empty() && !found.is_empty() {
        return Ok(found);
    }
    let help = match closest(word, catalogue().iter().map(Entry::name)) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("`{} functions` lists them", args::program()),
    };
    Err(Failure::text(format!("there is no function {word}\n\nhelp: {help}")))
}

/// A function with everything that is known of it.
fn one(entry: &Entry) -> String {
    let mut out = String::new();
    let title = format!("{}: {}", entry.usage, entry.meaning);
    let _ = writeln!(out, "{}\n", table::wrap_behind(&title, "  "));
    let mut line = |label: &str, text: &str| {
        let line = format!("  {label:<12}{text}");
        let _ = writeln!(out, "{}", table::wrap_behind(&line, "              "));
    };
    line("domain", entry.domain);
    match entry.slopes {
        [_, _, ..] => entry.slopes.iter().for_each(|(by, slope)| line(&format!("d/d{by}"), slope)),
        _ => line("derivative", &entry.derivative()),
    }
    line("example", &format!("{} grad \"{}\" --at {}", args::program(), entry.example, entry.example_at()));
    out
}

/// Group by group, as many columns as there is room for.
fn list(entries: &[&Entry]) -> String {
    let width = terminal::width();
    // Name, domain, derivative; the last has what is left.
    let widths = [16, (width / 3).min(34)];
    let mut out = String::new();
    for group in Group::ALL {
        let own: Vec<&&Entry> = entries.iter().filter(|entry| entry.group == *group).collect();
        if own.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}{}", if out.is_empty() { "" } else { "\n" }, group.title());
        for entry in own {
            let last = width.saturating_sub(6 + widths[0] + widths[1]);
            let cells = [(entry.usage, widths[0]), (entry.domain, widths[1]), (&entry.derivative(), last)];
            let cells = cells.map(|(text, width)| table::broken(text, width));
            let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
            for k in 0..lines {
                let part = |cell: usize| cells[cell].get(k).map_or("", String::as_str);
                let line = format!(
                    "  {:<first$}  {:<second$}  {}",
                    part(0),
                    part(1),
                    part(2),
                    first = widths[0],
                    second = widths[1]
                );
                let _ = writeln!(out, "{}", line.trim_end());
            }
        }
    }
    let columns = format!(
        "Columns: function, domain, derivative. `{} functions NAME` shows what it means and an example.",
        args::program()
    );
    let _ = writeln!(out, "\n{}", table::wrap(&columns));
    out
}

fn data_table(entries: &[&Entry]) -> DataTable {
    let mut data_table = DataTable::new(&[
        "function",
        "arguments",
        "group",
        "meaning",
        "domain",
        "derivative",
        "example",
        "at",
    ]);
    for entry in entries {
        data_table.push(vec![
            entry.name().to_owned(),
            entry.arguments().join(", "),
            entry.group.title().to_owned(),
            entry.meaning.to_owned(),
            entry.domain.to_owned(),
            entry.derivative(),
            entry.example.to_owned(),
            entry.example_at(),
        ]);
    }
    data_table
}
