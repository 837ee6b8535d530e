//! What grew, for people: a section per figure with a line per variant, sizes side by side.

use std::fmt::Write;

use chainrule::Refusal;
use commands::output::number::{brief, count, time};
use commands::output::table::{fitting, ruled, wrap, wrap_behind};
use experiments::grow::{Figure, Growth, Law, Reference, Row};
use harness::Outcome;

use comfy_table::Table;

use super::law;

/// What a section of the table shows of a row; nothing where there is nothing to show.
type Show<'a> = &'a dyn Fn(&Row) -> Option<String>;

/// What is left out so that a table fits; each also leaves out what those before it do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layout {
    Full,
    /// Ratios to the time of f have a section of their own.
    RatiosApart,
    /// Without the exponent between the two largest sizes.
    WithoutEnd,
    /// Without laws: they stand below the table.
    WithoutLaws,
    /// Only so many sizes, the largest.
    Largest(usize),
}

/// Everything at once: a section per figure, then what figures cannot say.
pub(super) fn table(growth: &Growth, grows: &str, title: &str, seed: u64) -> String {
    let sizes = growth.sizes().len();
    let layouts = [Layout::Full, Layout::RatiosApart, Layout::WithoutEnd, Layout::WithoutLaws].into_iter();
    let layouts = layouts.chain((1..sizes).rev().map(Layout::Largest));
    let tables = layouts.map(|layout| (layout, data_table(growth, grows, layout)));
    let mut chosen = Layout::Full;
    let table = fitting(tables.map(|(layout, table)| {
        chosen = layout;
        table
    }));
    let mut out = String::new();
    let size = format!("one point per size (seed {seed}), of {}", inputs(growth));
    let _ = writeln!(out, "{}\n{}\n{table}", wrap_behind(title, "  "), wrap(&size));
    if let Layout::Largest(shown) = chosen {
        let note =
            format!("sizes that do not fit are left out: {shown} of {sizes} are shown; --format csv has all");
        let _ = writeln!(out, "{}", wrap(&note));
    }
    if chosen >= Layout::WithoutLaws {
        for variant in 0..growth.variants.len() {
            if let Some(fit) = growth.fit(variant, Figure::Time) {
                let line = format!("time of {} grows as {}", growth.variants[variant].label(), law(fit));
                let _ = writeln!(out, "{}", wrap_behind(&line, "  "));
            }
        }
    }
    let mut told = String::new();
    remarks(&mut told, growth, grows);
    told.lines().for_each(|line| out += &(wrap_behind(line, "  ") + "\n"));
    out
}

/// The table in a layout.
fn data_table(growth: &Growth, grows: &str, layout: Layout) -> Table {
    let mut sizes = growth.sizes();
    if let Layout::Largest(shown) = layout {
        sizes.drain(..sizes.len() - shown);
    }
    let mut table = ruled();
    let mut header = vec![String::new()];
    header.extend(sizes.iter().map(|n| format!("{grows} =\n{}", count(*n as u64))));
    let laws = layout < Layout::WithoutLaws;
    header.extend(laws.then(|| "grows as\n(± 95%)".to_owned()));
    let ends = layout < Layout::WithoutEnd;
    header.extend(ends.then(|| "at the\nend".to_owned()));
    table.set_header(header);
    let mut section = |title: &str, figure: Option<Figure>, show: Show<'_>| {
        let mut lines = Vec::new();
        for variant in 0..growth.variants.len() {
            let cells: Vec<Option<String>> = sizes
                .iter()
                .map(|&n| growth.variant(variant).find(|row| row.size == n).and_then(show))
                .collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            let mut line = vec![format!("  {}", growth.variants[variant].label())];
            line.extend(cells.into_iter().map(Option::unwrap_or_default));
            let fit = figure.and_then(|figure| growth.fit(variant, figure));
            if laws {
                line.push(fit.map_or(String::new(), law));
            }
            let end = fit.filter(|fit| fit.points > 2 && fit.law == Law::Power);
            if ends {
                line.push(end.map_or(String::new(), |fit| format!("n^{:.2}", fit.last)));
            }
            lines.push(line);
        }
        if !lines.is_empty() {
            table.add_row([title]);
            table.add_rows(lines);
        }
    };
    let refused = |row: &Row| Some(row.word().to_owned()).filter(|_| row.refusal.is_some());
    let apart = layout >= Layout::RatiosApart;
    let title = if apart { "time per gradient" } else { "time per gradient (÷ one f)" };
    section(title, Some(Figure::Time), &|row| match row.gradient {
        Some(times) if apart => Some(time(times.min)),
        Some(times) => Some(format!("{} ({}×)", time(times.min), brief(row.ratio()?))),
        None if growth.is_counted(row.variant) => None,
        None => Some(word(row).to_owned()),
    });
    if apart {
        section("time per gradient ÷ one f", None, &|row| Some(format!("{}×", brief(row.ratio()?))));
    }
    section("time to prepare", Some(Figure::Prepare), &|row| row.prepare.map(time));
    section("nodes that run", Some(Figure::Nodes), &|row| match (row.nodes, row.log10_nodes) {
        (Some(nodes), _) => Some(count(nodes)),
        (None, Some(log10)) => Some(power_of_ten(log10)),
        // What is counted has no time to be refused.
        (None, None) if growth.is_counted(row.variant) => refused(row),
        (None, None) => None,
    });
    section("evaluations of f", Some(Figure::Evaluations), &|row| {
        row.evaluations.filter(|&evaluations| evaluations > 1).map(count)
    });
    section("off by, ULP: worst (median)", None, &|row| {
        row.errors.map(|errors| format!("{} ({})", ulps(errors.worst_ulp), ulps(errors.median_ulp)))
    });
    section("memory held", None, &|row| row.bytes.map(bytes));
    section("gradients until preparing pays off", None, &|row| {
        row.pays_from.map(|gradients| count(gradients as u64))
    });
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    table
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
    for reference in [Reference::Accurate, Reference::None] {
        if let Some(row) = growth.rows.iter().find(|row| row.reference == reference) {
            let what = match reference {
                Reference::Accurate => "errors are against backpropagation with about 32 digits",
                _ => "strategies are compared with each other",
            };
            let _ = writeln!(out, "from {grows} = {} on {what}", count(row.size as u64));
        }
    }
    let mut nowhere = None;
    for row in &growth.rows {
        match row.outcome {
            None | Some(Outcome::Agree | Outcome::Refused) => {}
            // Of the function, and not of a variant.
            Some(word) if word.is_of_the_function() => {
                if nowhere.replace(row.size) != Some(row.size) {
                    let n = count(row.size as u64);
                    let _ = writeln!(out, "at {grows} = {n} there is no gradient to compare: {}", row.word());
                }
            }
            Some(_) => {
                let _ = writeln!(
                    out,
                    "{} has no time at {grows} = {}: its gradient does not pass the comparator ({})",
                    growth.variants[row.variant].label(),
                    count(row.size as u64),
                    word(row)
                );
            }
        }
    }
    for variant in 0..growth.variants.len() {
        let Some(row) = growth.variant(variant).find(|row| row.refusal.is_some()) else { continue };
        let why = match row.refusal.as_ref().expect("it was found") {
            Refusal::OverBudget { needed, budget, unit } => {
                format!("{} {unit} at most, and the budget is {}", brief(*needed), brief(*budget as f64))
            }
            refusal => refusal.to_string(),
        };
        let _ = writeln!(
            out,
            "{} stops at {grows} = {}: {why}",
            growth.variants[variant].label(),
            count(row.size as u64)
        );
    }
    for crossover in &growth.crossovers {
        if growth.variants[crossover.below].strategy() != growth.variants[crossover.above].strategy() {
            let _ = writeln!(
                out,
                "{} overtakes {} at {grows} ≈ {}",
                growth.variants[crossover.above].label(),
                growth.variants[crossover.below].label(),
                brief(crossover.size)
            );
        }
    }
    for (n, choices) in &growth.choices {
        let said: Vec<String> = choices
            .iter()
            .map(|choice| match choice.gradients {
                1.0 => growth.variants[choice.variant].label(),
                gradients => {
                    format!(
                        "{} pays off after {} gradients",
                        growth.variants[choice.variant].label(),
                        count(gradients as u64)
                    )
                }
            })
            .collect();
        let _ = writeln!(out, "{grows} = {}: {}", count(*n as u64), said.join("; "));
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
