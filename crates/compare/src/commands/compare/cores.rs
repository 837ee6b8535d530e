//! All functions of a file of FPCore compared, a line each.

use std::fmt::Write;
use std::time::Duration;

use chainrule::StrategyName;
use commands::compare::{Core, document, words};
use commands::output::json;
use commands::output::number::{count, time};
use commands::{Failure, ParsedFunction, Points, points};
use harness::{Comparison, Outcome};
use reference::Component;
use syntax::Diagnostic;

use crate::args::Format;

use super::{CompareArgs, rows};
use crate::output::data_table::DataTable;

/// One core compared, or why not.
struct Row {
    name: String,
    result: Result<(ParsedFunction, Points, Comparison), Failure>,
}

/// Compares all cores at points of their preconditions.
pub(crate) fn compare(
    cores: Vec<(String, Result<ParsedFunction, Diagnostic>)>,
    args: &CompareArgs,
) -> Result<(String, Vec<&'static str>), Failure> {
    if !args.points.at.is_empty() || args.points.domain.is_some() {
        return Err(Failure::text("--at and --domain are for one function: choose it with --core"));
    }
    let strategies = args.strategies.build()?;
    let mut options = args.strategies.options(args.function.max_nodes);
    (options.formulas, options.patience) = (true, options.patience.map(|_| Duration::from_millis(10)));
    let compare = |given: ParsedFunction| {
        let points = points::points(&given, &args.points.request())?;
        let comparison = harness::compare(&given.subject, &points.all, &strategies, &options);
        let comparison = if args.strict { comparison.strictly() } else { comparison };
        Ok((given, points, comparison))
    };
    let rows: Vec<Row> = cores
        .into_iter()
        .map(|(name, given)| {
            let result = given.map_err(Failure::text).and_then(compare);
            Row { name, result }
        })
        .collect();
    if rows.iter().all(|row| row.result.is_err()) {
        return Err(Failure::text(format!("no core can be compared\n{}", refusals(&rows))));
    }
    let verdicts = rows.iter().filter_map(|row| row.result.as_ref().ok());
    let words = verdicts.flat_map(|(_, _, comparison)| words(comparison)).collect();
    let text = match args.output.format {
        Format::Table => table(&rows, args),
        Format::Json => {
            let documents: Vec<_> = rows
                .iter()
                .map(|row| match &row.result {
                    Ok((given, _, comparison)) => Core::Read(document(given, comparison)),
                    Err(problem) => {
                        Core::Refused { core: &row.name, error: problem.message(crate::words::of) }
                    }
                })
                .collect();
            json::text(&documents)
        }
        Format::Csv => data_table(&rows).csv(),
        Format::Markdown => data_table(&rows).markdown(),
    };
    Ok((text, words))
}

fn data_table(rows: &[Row]) -> DataTable {
    let of = |row: &Row| match &row.result {
        Ok((_, _, comparison)) => rows::comparison(comparison),
        Err(_) => rows::refused(),
    };
    DataTable::stacked("core", rows.iter().map(|row| (row.name.clone(), of(row))))
}

/// A line per core.
fn table(rows: &[Row], args: &CompareArgs) -> String {
    let mut table = commands::output::table::ruled();
    let compared: Vec<&(ParsedFunction, Points, Comparison)> =
        rows.iter().filter_map(|row| row.result.as_ref().ok()).collect();
    let mut header = vec!["core".to_owned(), "inputs".to_owned(), "nodes".to_owned(), "certified".to_owned()];
    if let Some((_, _, comparison)) = compared.first() {
        let entries = &comparison.points[0].entries;
        header.extend(entries.iter().map(|entry| format!("{}\n{}", entry.spec.name(), entry.spec.variant())));
        header.push("backprop\nper gradient".to_owned());
    }
    table.set_header(header);
    for (name, (_, _, comparison)) in
        rows.iter().filter_map(|row| Some((&row.name, row.result.as_ref().ok()?)))
    {
        let mut cells = vec![
            name.clone(),
            count(comparison.inputs.len() as u64),
            comparison.nodes.map_or(String::new(), |nodes| count(nodes as u64)),
            certified(comparison),
        ];
        cells.extend((0..comparison.points[0].entries.len()).map(|k| worst(comparison, k)));
        let backprop =
            comparison.points[0].entries.iter().find(|entry| entry.spec.name() == StrategyName::Backprop);
        let times = backprop.and_then(|entry| entry.gradient_times);
        cells.push(times.map_or(String::new(), |times| time(times.min)));
        table.add_row(cells);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    let points = args.points.points.unwrap_or(1);
    let mut text = format!("{}\n\n", commands::output::table::narrowed(table));
    for (name, note) in rows.iter().flat_map(|row| {
        let points = row.result.as_ref().map_or(&[][..], |(_, _, comparison)| &comparison.points);
        points.iter().flat_map(|point| &point.notes).map(|note| (&row.name, note))
    }) {
        let _ = writeln!(text, "{name}: {note}");
    }
    text += &refusals(rows);
    let of =
        |wanted: Outcome| compared.iter().filter(|(_, _, comparison)| comparison.verdict() == wanted).count();
    let counts: Vec<String> = Outcome::ALL
        .into_iter()
        .rev()
        .filter(|&word| of(word) > 0)
        .map(|word| format!("{} {}", of(word), word.word()))
        .collect();
    let _ = writeln!(
        text,
        "{} core{} at {points} point{} each (seed {}): {}",
        compared.len(),
        if compared.len() == 1 { "" } else { "s" },
        if points == 1 { "" } else { "s" },
        args.points.seed,
        if counts.is_empty() { "none could be compared".to_owned() } else { counts.join(", ") }
    );
    text
}

/// A line for every core that is not compared.
fn refusals(rows: &[Row]) -> String {
    let refused = rows.iter().filter_map(|row| Some((&row.name, row.result.as_ref().err()?)));
    refused
        .map(|(name, problem)| format!("{name} is not compared: {}\n", problem.message(crate::words::of)))
        .collect()
}

/// How many components are certified, over all points, and with how many bits at most.
fn certified(comparison: &Comparison) -> String {
    let certificates = || comparison.points.iter().filter_map(|point| point.reference.as_ref());
    let components = || certificates().flat_map(|certificate| certificate.gradients.iter().flatten());
    let decided = components().filter(|component| matches!(component, Component::Certified { .. })).count();
    let bits = certificates().map(|certificate| certificate.bits).max().unwrap_or(0);
    match components().count() {
        0 => String::new(),
        all if all == decided => format!("all, {bits} bits"),
        all => format!("{decided} of {all}, {bits} bits"),
    }
}

/// The word for a strategy over all points; with it the most ULP it is off, or the fewest digits.
fn worst(comparison: &Comparison, entry: usize) -> String {
    let entries = || comparison.points.iter().map(|point| &point.entries[entry]);
    let outcome = Outcome::worst(entries().map(|entry| entry.outcome)).unwrap_or(Outcome::Unchecked);
    let agreeing =
        || entries().flat_map(|entry| &entry.components).filter(|(word, _)| *word == Outcome::Agree);
    let digits = agreeing().map(|(_, digits)| *digits).fold(17.0, f64::min);
    let ulps = entries().filter_map(|entry| entry.ulp.as_ref()).flatten().copied();
    let ulp = ulps.clone().fold(0.0, f64::max);
    let in_digits =
        ulps.into_iter().next().is_none() || entries().any(|entry| entry.spec.is_finite_difference());
    match outcome {
        Outcome::Agree if in_digits => format!("{digits:.1} digits"),
        Outcome::Agree => format!("{} ULP", commands::output::number::brief(ulp)),
        outcome => outcome.word().to_owned(),
    }
}
