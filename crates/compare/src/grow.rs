//! `compare grow`: the strategies raced as a function grows, as a table, for programs, and as a picture.

use std::fmt::Write;

use chainrule::Refusal;
use chainrule::expr::{Diagnostic, read_size_lists};
use harness::grow::{Arm, Figure, Fit, Growth, Instance, Law, Options, Row, grow};
use harness::{Family, Outcome};
use serde::Serialize;

use crate::args::{Format, GrowArgs, PointArgs};
use crate::input::{self, Given, Input, Problem};
use crate::json::{self, Number};
use crate::number::{brief, count, time};
use crate::points;
use crate::sheet::Sheet;
use crate::svg::{Chart, Line};

/// The race, in the form asked for, and whether any strategy disagrees.
pub(crate) fn render(args: &GrowArgs) -> Result<(String, Outcome), Problem> {
    let (text, origin) = input::text(&args.function)?;
    let lists = Lists::read(args)?;
    let at_size = |n: usize| -> Result<Given, Problem> {
        match input::read_text(&args.function, text.clone(), origin.clone(), lists.at(n))? {
            Input::One(given) => Ok(*given),
            Input::Cores(_) => Err(Problem::text("the file has several cores: choose one with --core")),
        }
    };
    let drawn = PointArgs { at: Vec::new(), points: None, seed: args.seed, domain: args.domain.clone() };
    let instance = |n: usize| -> Result<Instance, Problem> {
        let given = at_size(n)?;
        let at = match (given.family, &args.domain) {
            // A family may have fewer inputs where nothing is left to sum.
            (Some((family, _)), None) if (family.inputs)(n) == given.flat.input_count() => {
                family.sample(n, args.seed)
            }
            _ => points::points(&given, &drawn)?.all.swap_remove(0),
        };
        Ok(Instance { written: given.function, flat: given.flat, at })
    };
    // What is wrong with the largest is better said before the smaller ones have been raced for minutes.
    let largest = *lists.sizes.last().expect("there are sizes");
    let title = at_size(largest)?.title();
    instance(largest)?;
    let mut options = Options {
        work: args.budget_evaluations,
        reference_nodes: args.reference_nodes,
        ..Options::default()
    };
    options.budget.nodes = args.budget_nodes;
    let growth = grow(instance, &lists.sizes, &Arm::all(), &options)?;
    if let Some(path) = &args.svg {
        crate::report::replace(path, &picture(&growth, &lists.name, &title))
            .map_err(|error| Problem::text(format!("cannot write {}: {error}", path.display())))?;
    }
    let outcome = Outcome::first(growth.rows.iter().filter_map(|row| row.outcome));
    let text = match args.format {
        Format::Table => table(&growth, &lists.name, &title, args.seed),
        Format::Json => json::text(&document(&growth)),
        Format::Csv => sheet(&growth).csv(),
        Format::Markdown => sheet(&growth).markdown(),
    };
    Ok((text, outcome))
}

/// The size that grows, and those that stay.
struct Lists {
    name: String,
    sizes: Vec<usize>,
    others: Vec<(String, i64)>,
}

impl Lists {
    fn read(args: &GrowArgs) -> Result<Lists, Problem> {
        let text = args.function.size.join(",");
        let blame = |diagnostic: Diagnostic| Problem::place(&diagnostic, &text, "--size");
        let mut lists = read_size_lists(&text).map_err(blame)?;
        let family = args.function.expression.as_deref().and_then(|word| Family::named(word.trim()));
        if let (true, Some(family)) = (lists.is_empty(), family) {
            lists.push(("n".to_owned(), family.sizes.iter().map(|&n| n as i64).collect()));
        }
        let mut growing = lists.iter().filter(|(_, sizes)| sizes.len() > 1).map(|(name, _)| name);
        let name = match (growing.next(), growing.next(), lists.first()) {
            (Some(first), Some(second), _) => {
                return Err(Problem::text(format!(
                    "--size: one size grows at a time, and both {first} and {second} have a list"
                )));
            }
            (Some(name), None, _) | (None, _, Some((name, _))) => name.clone(),
            (None, _, None) => {
                return Err(Problem::text("grow needs sizes to grow by: --size n=10,100,1000"));
            }
        };
        let (grown, others): (Vec<_>, Vec<_>) = lists.into_iter().partition(|(of, _)| *of == name);
        let mut sizes = Vec::new();
        for size in grown.into_iter().flat_map(|(_, sizes)| sizes) {
            if size < 1 {
                return Err(Problem::text(format!("--size {name}={size}: what grows is at least 1")));
            }
            sizes.push(size as usize);
        }
        sizes.sort_unstable();
        sizes.dedup();
        let others = others.into_iter().map(|(name, sizes)| (name, sizes[0])).collect();
        Ok(Lists { name, sizes, others })
    }

    /// All sizes, where the growing one is `n`.
    fn at(&self, n: usize) -> Vec<(String, i64)> {
        std::iter::once((self.name.clone(), n as i64)).chain(self.others.iter().cloned()).collect()
    }
}

/// A cell of the sheet.
#[derive(Serialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Count(u64),
    Number(Number),
    Nothing(()),
}

impl Cell {
    fn number(value: Option<f64>) -> Cell {
        value.map_or(Cell::Nothing(()), |value| Cell::Number(Number(value)))
    }

    fn count(value: Option<u64>) -> Cell {
        value.map_or(Cell::Nothing(()), Cell::Count)
    }

    fn text(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Number(Number(number)) => crate::number::number(*number),
            Cell::Nothing(()) => String::new(),
        }
    }
}

const COLUMNS: [&str; 23] = [
    "n",
    "strategy",
    "arm",
    "outcome",
    "needed",
    "budget",
    "unit",
    "inputs",
    "function nodes",
    "nodes",
    "log10 nodes",
    "prepare ns",
    "gradient ns min",
    "gradient ns median",
    "function ns min",
    "bytes",
    "evaluations",
    "worst ULP",
    "median ULP",
    "worst relative error",
    "median relative error",
    "reference",
    "pays from gradients",
];

fn cells(growth: &Growth, row: &Row) -> Vec<Cell> {
    let (strategy, arm) = &growth.arms[row.arm];
    let (needed, budget, unit) = match &row.refusal {
        Some(Refusal::OverBudget { needed, budget, unit }) => {
            (Cell::number(Some(*needed)), Cell::Count(*budget), Cell::Text(unit.to_string()))
        }
        Some(refusal) => (Cell::Nothing(()), Cell::Nothing(()), Cell::Text(refusal.to_string())),
        None => (Cell::Nothing(()), Cell::Nothing(()), Cell::Nothing(())),
    };
    let nodes = match (row.nodes, row.log10_nodes) {
        (None, Some(log10)) => Cell::number(Some(10f64.powf(log10))),
        (nodes, _) => Cell::count(nodes),
    };
    vec![
        Cell::Count(row.size as u64),
        Cell::Text((*strategy).to_owned()),
        Cell::Text(arm.clone()),
        Cell::Text(row.word().to_owned()),
        needed,
        budget,
        unit,
        Cell::Count(row.inputs as u64),
        Cell::Count(row.function_nodes as u64),
        nodes,
        Cell::number(row.log10_nodes),
        Cell::number(row.prepare),
        Cell::number(row.gradient.map(|times| times.min)),
        Cell::number(row.gradient.map(|times| times.median)),
        Cell::number(row.function.map(|times| times.min)),
        Cell::count(row.bytes),
        Cell::count(row.evaluations),
        Cell::number(row.errors.map(|errors| errors.worst_ulp)),
        Cell::number(row.errors.map(|errors| errors.median_ulp)),
        Cell::number(row.errors.map(|errors| errors.worst)),
        Cell::number(row.errors.map(|errors| errors.median)),
        Cell::Text(row.reference.word().to_owned()),
        Cell::number(row.pays_from),
    ]
}

/// A row per size and arm.
pub(crate) fn sheet(growth: &Growth) -> Sheet {
    let mut sheet = Sheet::new(&COLUMNS);
    for row in &growth.rows {
        sheet.push(cells(growth, row).iter().map(Cell::text).collect());
    }
    sheet
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    columns: [&'static str; 23],
    rows: Vec<Vec<Cell>>,
    fits: Vec<FitRow>,
    crossovers: Vec<CrossoverRow>,
    choices: Vec<ChoiceRow>,
}

#[derive(Serialize)]
struct FitRow {
    strategy: &'static str,
    arm: String,
    figure: &'static str,
    law: &'static str,
    slope: Number,
    standard_error: Number,
    uncertainty: Number,
    last: Number,
    points: usize,
}

#[derive(Serialize)]
struct CrossoverRow {
    below: String,
    above: String,
    n: Number,
}

#[derive(Serialize)]
struct ChoiceRow {
    n: usize,
    gradients: Number,
    arm: String,
}

fn document(growth: &Growth) -> Document {
    Document {
        schema: "chainrule/grow/1",
        columns: COLUMNS,
        rows: growth.rows.iter().map(|row| cells(growth, row)).collect(),
        fits: growth
            .fits
            .iter()
            .map(|(arm, figure, fit)| FitRow {
                strategy: growth.arms[*arm].0,
                arm: growth.arms[*arm].1.clone(),
                figure: figure.name(),
                law: match fit.law {
                    Law::Power => "power",
                    Law::Exponential => "exponential",
                },
                slope: Number(fit.slope),
                standard_error: Number(fit.standard_error),
                uncertainty: Number(fit.uncertainty),
                last: Number(fit.last),
                points: fit.points,
            })
            .collect(),
        crossovers: growth
            .crossovers
            .iter()
            .map(|crossover| CrossoverRow {
                below: name(growth, crossover.below),
                above: name(growth, crossover.above),
                n: Number(crossover.size),
            })
            .collect(),
        choices: growth
            .choices
            .iter()
            .flat_map(|(n, choices)| choices.iter().map(|choice| (*n, *choice)))
            .map(|(n, choice)| ChoiceRow {
                n,
                gradients: Number(choice.gradients),
                arm: name(growth, choice.arm),
            })
            .collect(),
    }
}

/// Strategy and form.
fn name(growth: &Growth, arm: usize) -> String {
    let (strategy, form) = &growth.arms[arm];
    format!("{strategy} ({form})")
}

/// A law in a few characters.
fn law(fit: &Fit) -> String {
    let sure = |uncertainty: f64| match uncertainty.is_finite() {
        true => format!(" ± {uncertainty:.2}"),
        false => String::new(),
    };
    match fit.law {
        Law::Power => format!("n^{:.2}{}", fit.slope, sure(fit.uncertainty)),
        Law::Exponential => {
            let factor = fit.slope.exp();
            format!("{factor:.2}^n{}", sure(factor * fit.uncertainty))
        }
    }
}

/// What a section of the table shows of a row; nothing where there is nothing to show.
type Show<'a> = &'a dyn Fn(&Row) -> Option<String>;

fn table(growth: &Growth, grows: &str, title: &str, seed: u64) -> String {
    let sizes = growth.sizes();
    let mut table = crate::table::ruled();
    let mut header = vec![String::new()];
    header.extend(sizes.iter().map(|n| format!("{grows} =\n{}", count(*n as u64))));
    header.extend(["grows as\n(± 95%)".to_owned(), "at the\nend".to_owned()]);
    table.set_header(header);
    let mut section = |title: &str, figure: Option<Figure>, show: Show<'_>| {
        let mut lines = Vec::new();
        for arm in 0..growth.arms.len() {
            let cells: Vec<Option<String>> =
                sizes.iter().map(|&n| growth.arm(arm).find(|row| row.size == n).and_then(show)).collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            let mut line = vec![format!("  {}", name(growth, arm))];
            line.extend(cells.into_iter().map(Option::unwrap_or_default));
            let fit = figure.and_then(|figure| growth.fit(arm, figure));
            line.push(fit.map_or(String::new(), law));
            line.push(
                fit.filter(|fit| fit.points > 2).map_or(String::new(), |fit| format!("n^{:.2}", fit.last)),
            );
            lines.push(line);
        }
        if !lines.is_empty() {
            table.add_row([title]);
            table.add_rows(lines);
        }
    };
    let refused = |row: &Row| Some(row.word().to_owned()).filter(|_| row.refusal.is_some());
    section("time per gradient (÷ one f)", Some(Figure::Time), &|row| match row.gradient {
        Some(times) => Some(format!("{} ({}×)", time(times.min), brief(row.ratio()?))),
        None if growth.is_counted(row.arm) => None,
        None => Some(word(row).to_owned()),
    });
    section("time to prepare", Some(Figure::Prepare), &|row| row.prepare.map(time));
    section("nodes that run", Some(Figure::Nodes), &|row| match (row.nodes, row.log10_nodes) {
        (Some(nodes), _) => Some(count(nodes)),
        (None, Some(log10)) => Some(power_of_ten(log10)),
        // What is counted has no time to be refused.
        (None, None) if growth.is_counted(row.arm) => refused(row),
        (None, None) => None,
    });
    section("evaluations of f", Some(Figure::Evaluations), &|row| {
        row.evaluations.filter(|&evaluations| evaluations > 1).map(count)
    });
    section("off by, ULP: worst (median)", None, &|row| {
        row.errors.map(|errors| format!("{} ({})", ulps(errors.worst_ulp), ulps(errors.median_ulp)))
    });
    section("memory held", None, &|row| row.bytes.map(bytes));
    section("gradients that pay for preparing", None, &|row| {
        row.pays_from.map(|gradients| count(gradients as u64))
    });
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    let mut out = String::new();
    let _ = writeln!(out, "{title}\none point per size (seed {seed}), of {}\n{table}", inputs(growth));
    remarks(&mut out, growth, grows);
    out
}

/// How many inputs and nodes there are, from the smallest to the largest.
fn inputs(growth: &Growth) -> String {
    let range = |of: fn(&Row) -> usize| match (growth.rows.first().map(of), growth.rows.last().map(of)) {
        (Some(first), Some(last)) if first != last => {
            format!("{} to {}", count(first as u64), count(last as u64))
        }
        (first, _) => count(first.unwrap_or(0) as u64),
    };
    format!("{} inputs and {} nodes", range(|row| row.inputs), range(|row| row.function_nodes))
}

/// What the table cannot say: references, stops, who overtakes whom, what to take.
fn remarks(out: &mut String, growth: &Growth, grows: &str) {
    for reference in [harness::grow::Reference::Accurate, harness::grow::Reference::None] {
        if let Some(row) = growth.rows.iter().find(|row| row.reference == reference) {
            let what = match reference {
                harness::grow::Reference::Accurate => "errors are against backpropagation in 32 digits",
                _ => "strategies are held against each other",
            };
            let _ = writeln!(out, "from {grows} = {} on {what}", count(row.size as u64));
        }
    }
    let failing = |row: &&Row| !matches!(row.outcome, None | Some(Outcome::Agree | Outcome::Refused));
    for row in growth.rows.iter().filter(failing) {
        let _ = writeln!(
            out,
            "{} has no time at {grows} = {}: its gradient does not pass the comparator ({})",
            name(growth, row.arm),
            count(row.size as u64),
            word(row)
        );
    }
    for arm in 0..growth.arms.len() {
        let Some(row) = growth.arm(arm).find(|row| row.refusal.is_some()) else { continue };
        let why = match row.refusal.as_ref().expect("it was found") {
            Refusal::OverBudget { needed, budget, unit } => {
                format!("{} {unit} at most, and the budget is {}", brief(*needed), brief(*budget as f64))
            }
            refusal => refusal.to_string(),
        };
        let _ = writeln!(out, "{} stops at {grows} = {}: {why}", name(growth, arm), count(row.size as u64));
    }
    for crossover in &growth.crossovers {
        if growth.arms[crossover.below].0 != growth.arms[crossover.above].0 {
            let _ = writeln!(
                out,
                "{} overtakes {} at {grows} ≈ {}",
                name(growth, crossover.above),
                name(growth, crossover.below),
                brief(crossover.size)
            );
        }
    }
    for (n, choices) in &growth.choices {
        let said: Vec<String> = choices
            .iter()
            .map(|choice| match choice.gradients {
                1.0 => name(growth, choice.arm),
                gradients => {
                    format!("from {} gradients on {}", count(gradients as u64), name(growth, choice.arm))
                }
            })
            .collect();
        let _ = writeln!(out, "at {grows} = {} take {}", count(*n as u64), said.join(", "));
    }
}

/// The word for a row without a time.
fn word(row: &Row) -> &'static str {
    match row.outcome {
        // Finite differences that say nothing, beside a gradient that is known.
        Some(Outcome::Unchecked) if row.errors.is_some() => "no digits",
        _ => row.word(),
    }
}

fn power_of_ten(log10: f64) -> String {
    match log10 {
        log10 if log10 < 5.0 => count(10f64.powf(log10).round() as u64),
        log10 if log10 < 300.0 => brief(10f64.powf(log10)),
        log10 => format!("10^{log10:.0}"),
    }
}

fn ulps(ulp: f64) -> String {
    match ulp {
        0.0 => "0".to_owned(),
        ulp if ulp.is_infinite() => "∞".to_owned(),
        ulp => brief(ulp),
    }
}

fn bytes(bytes: u64) -> String {
    let size = bytes as f64;
    for (unit, scale) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] {
        if size >= 0.9995 * scale {
            return format!("{} {unit}", brief(size / scale));
        }
    }
    format!("{bytes} B")
}

/// Times against sizes, with the laws that were fitted.
pub(crate) fn picture(growth: &Growth, grows: &str, title: &str) -> String {
    let sizes = growth.sizes();
    let line = |arm: usize| {
        let points: Vec<(f64, f64)> =
            growth.arm(arm).filter_map(|row| Some((row.size as f64, row.gradient?.min))).collect();
        let fit = growth.fit(arm, Figure::Time).filter(|fit| fit.law == Law::Power);
        let name = name(growth, arm);
        (!points.is_empty()).then(|| Line {
            name: fit.map_or(name.clone(), |fit| format!("{name}: {}", law(fit))),
            fit: fit
                .zip(points.first().zip(points.last()))
                .map(|(fit, (from, to))| [from.0, to.0].map(|n| (n, fit.ln_at(n).exp()))),
            points,
        })
    };
    let about = format!(
        "{}; sizes {}",
        title.lines().next().unwrap_or_default(),
        sizes.iter().map(|n| count(*n as u64)).collect::<Vec<_>>().join(", ")
    );
    Chart {
        title: format!("Time per gradient against {grows}"),
        about,
        x: grows.to_owned(),
        y: "nanoseconds per gradient".to_owned(),
        lines: (0..growth.arms.len()).filter_map(line).collect(),
        level: None,
    }
    .svg()
}
