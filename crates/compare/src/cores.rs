//! A file of FPCore: one core like any function, or all of them, a line each.

use std::fmt::Write;
use std::time::Duration;

use chainrule::expr::{Core, CoreMeaning, Diagnostic, read_cores};
use harness::{Comparison, Outcome, Region};

use crate::args::{CompareArgs, Format, FunctionArgs};
use crate::input::{Given, Input, Problem};
use crate::number::{count, time};
use crate::points::{self, Points};
use crate::{json, sheet};

/// Whether a text, whatever it is called, begins with a core; comments aside.
pub(crate) fn are_in(text: &str) -> bool {
    let said = |line: &&str| !line.is_empty() && !line.starts_with(';');
    text.lines().map(str::trim).find(said).is_some_and(|line| line.starts_with("(FPCore"))
}

/// Reads the cores of a text: one where there is one or one is chosen.
pub(crate) fn read(
    args: &FunctionArgs,
    text: &str,
    origin: &str,
    sizes: &[(String, i64)],
) -> Result<Input, Problem> {
    let blame = |diagnostic: &Diagnostic| Problem::place(diagnostic, text, origin);
    let cores = read_cores(text).map_err(|diagnostic| blame(&diagnostic))?;
    let named = |(k, core): (usize, Core)| {
        let name = core.name.clone().map(|name| name.replace(['\n', '\r'], " "));
        (name.unwrap_or_else(|| format!("core {}", k + 1)), core)
    };
    let mut cores: Vec<(String, Core)> = cores.into_iter().enumerate().map(named).collect();
    if let Some(wanted) = &args.core {
        let names: Vec<String> = cores.iter().map(|(name, _)| name.clone()).collect();
        cores.retain(|(name, _)| name == wanted);
        if cores.is_empty() {
            return Err(Problem::text(format!("--core {wanted}: there are {}", names.join(", "))));
        }
    }
    if cores.is_empty() {
        return Err(Problem::text(format!("{origin} has no cores")));
    }
    let alone = cores.len() == 1;
    let mut all = Vec::new();
    for (name, core) in cores {
        match given(args, core, &name, text, sizes, alone) {
            Ok(given) if alone => return Ok(Input::One(Box::new(given))),
            Err(diagnostic) if alone => return Err(blame(&diagnostic)),
            given => all.push((name, given)),
        }
    }
    Ok(Input::Cores(all))
}

fn given(
    args: &FunctionArgs,
    core: Core,
    name: &str,
    text: &str,
    sizes: &[(String, i64)],
    alone: bool,
) -> Result<Given, Diagnostic> {
    let meaning: CoreMeaning = core.meaning?;
    let written = &meaning.function;
    // What is asked for goes before what the core itself gives as an example.
    let known = written.graph().sizes().to_vec();
    let mut bound: Vec<(&str, i64)> = Vec::new();
    for (size, value) in sizes.iter().chain(&meaning.sizes) {
        // In a file of several cores each takes the sizes that it has.
        if !bound.iter().any(|(name, _)| name == size) && (alone || known.contains(size)) {
            bound.push((size, *value));
        }
    }
    let blame = |error, f| Diagnostic::unroll(&error, f, text);
    let function = written.with_sizes(&bound).map_err(|error| blame(error, written))?;
    let flat = function.unroll(args.max_nodes).map_err(|error| blame(error, &function))?;
    let region =
        Region::of_core(&meaning, &bound, args.max_nodes).map_err(|error| blame(error, &function))?;
    Ok(Given {
        text: function.to_string(),
        family: None,
        core: Some((name.to_owned(), region)),
        function,
        flat,
    })
}

/// One core compared, or why not.
struct Row {
    name: String,
    result: Result<(Given, Points, Comparison), String>,
}

/// Compares all cores at points of their preconditions.
pub(crate) fn compare(
    cores: Vec<(String, Result<Given, Diagnostic>)>,
    args: &CompareArgs,
) -> Result<(String, Vec<&'static str>), Problem> {
    if !args.points.at.is_empty() || args.points.domain.is_some() {
        return Err(Problem::text("--at and --domain are for one function: choose it with --core"));
    }
    let strategies = args.strategies.build()?;
    let mut options = args.strategies.options();
    options.patience = options.patience.map(|_| Duration::from_millis(10));
    let compare = |given: Given| {
        let points = points::points(&given, &args.points)
            .map_err(|Problem(text)| text.trim_start_matches("error: ").to_owned())?;
        let comparison = harness::compare(&given.function, &given.flat, &points.all, &strategies, &options);
        let comparison = if args.strict { comparison.strictly() } else { comparison };
        Ok((given, points, comparison))
    };
    let rows: Vec<Row> = cores
        .into_iter()
        .map(|(name, given)| {
            let result = given.map_err(|diagnostic| diagnostic.to_string()).and_then(compare);
            Row { name, result }
        })
        .collect();
    if rows.iter().all(|row| row.result.is_err()) {
        return Err(Problem::text(format!("no core can be compared\n{}", refusals(&rows))));
    }
    let verdicts = rows.iter().filter_map(|row| row.result.as_ref().ok());
    let words = verdicts.flat_map(|(_, _, comparison)| crate::words(comparison)).collect();
    let text = match args.format {
        Format::Table => table(&rows, args),
        Format::Json => {
            let documents: Vec<_> = rows
                .iter()
                .map(|row| match &row.result {
                    Ok((given, _, comparison)) => json::Core::Read(json::document(given, comparison)),
                    Err(error) => json::Core::Refused { core: &row.name, error },
                })
                .collect();
            json::text(&documents)
        }
        Format::Csv => sheet(&rows).csv(),
        Format::Markdown => sheet(&rows).markdown(),
    };
    Ok((text, words))
}

fn sheet(rows: &[Row]) -> sheet::Sheet {
    let of = |row: &Row| match &row.result {
        Ok((_, _, comparison)) => sheet::comparison(comparison),
        Err(_) => sheet::refused(),
    };
    sheet::Sheet::stacked("core", rows.iter().map(|row| (row.name.clone(), of(row))))
}

/// A line per core.
fn table(rows: &[Row], args: &CompareArgs) -> String {
    let mut table = crate::table::ruled();
    let compared: Vec<&(Given, Points, Comparison)> =
        rows.iter().filter_map(|row| row.result.as_ref().ok()).collect();
    let mut header = vec!["core".to_owned(), "inputs".to_owned(), "nodes".to_owned(), "certified".to_owned()];
    if let Some((_, _, comparison)) = compared.first() {
        let entries = &comparison.points[0].entries;
        header.extend(entries.iter().map(|entry| format!("{}\n{}", entry.strategy, entry.variant)));
        header.push("backprop\nper gradient".to_owned());
    }
    table.set_header(header);
    for (name, (_, _, comparison)) in
        rows.iter().filter_map(|row| Some((&row.name, row.result.as_ref().ok()?)))
    {
        let mut cells = vec![
            name.clone(),
            count(comparison.inputs.len() as u64),
            count(comparison.nodes as u64),
            certified(comparison),
        ];
        cells.extend((0..comparison.points[0].entries.len()).map(|k| worst(comparison, k)));
        let backprop = comparison.points[0].entries.iter().find(|entry| entry.strategy == "backprop");
        let times = backprop.and_then(|entry| entry.gradient_times);
        cells.push(times.map_or(String::new(), |times| time(times.min)));
        table.add_row(cells);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    let points = args.points.points.unwrap_or(1);
    let mut text = format!("{table}\n\n");
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
    refused.map(|(name, error)| format!("{name} is not compared: {error}\n")).collect()
}

/// How many components are certified, over all points, and with how many bits at most.
fn certified(comparison: &Comparison) -> String {
    let certificates = || comparison.points.iter().filter_map(|point| point.reference.as_ref());
    let components = || certificates().flat_map(|certificate| certificate.gradients.iter().flatten());
    let decided = components().filter(|component| component.word() == "certified").count();
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
    let in_digits = ulps.into_iter().next().is_none() || entries().any(|entry| entry.is_finite_difference());
    match outcome {
        Outcome::Agree if in_digits => format!("{digits:.1} digits"),
        Outcome::Agree => format!("{} ULP", crate::number::brief(ulp)),
        outcome => outcome.word().to_owned(),
    }
}
