//! Plain tables for other programs and documents: CSV and Markdown.

use std::borrow::Cow;

use harness::{Comparison, FAMILIES};
use serde::Serialize;

use crate::args::Format;
use crate::json;
use crate::number::number;

/// Named columns and rows of text.
pub(crate) struct Sheet {
    columns: Vec<Cow<'static, str>>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(crate) fn new(columns: &[&'static str]) -> Sheet {
        Sheet { columns: columns.iter().map(|&column| Cow::Borrowed(column)).collect(), rows: Vec::new() }
    }

    /// The same with columns whose names are not known beforehand.
    pub(crate) fn named(columns: Vec<String>) -> Sheet {
        Sheet { columns: columns.into_iter().map(Cow::Owned).collect(), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }

    /// Sheets of the same columns below each other, each with its own name in a first column.
    pub(crate) fn stacked(column: &'static str, sheets: impl Iterator<Item = (String, Sheet)>) -> Sheet {
        let mut all = Sheet::new(&[column]);
        for (name, sheet) in sheets {
            all.columns.splice(1.., sheet.columns);
            all.rows.extend(sheet.rows.into_iter().map(|mut row| {
                row.insert(0, name.clone());
                row
            }));
        }
        all
    }

    /// RFC 4180.
    pub(crate) fn csv(&self) -> String {
        let quote = |cell: &str| {
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.to_owned()
            }
        };
        let line = |cells: Vec<String>| cells.join(",") + "\n";
        let header = line(self.columns.iter().map(|column| quote(column)).collect());
        let rows = self.rows.iter().map(|row| line(row.iter().map(|cell| quote(cell)).collect()));
        header + &rows.collect::<String>()
    }

    /// A pipe table.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let escape = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
        let numeric = |k: usize| {
            self.rows
                .iter()
                .all(|row| row[k].is_empty() || row[k].starts_with(|c: char| c.is_ascii_digit() || c == '-'))
        };
        let rule =
            (0..self.columns.len()).map(|k| if numeric(k) { "--:".to_owned() } else { "---".to_owned() });
        let mut text = line(self.columns.iter().map(|column| column.to_string()).collect());
        text += &line(rule.collect());
        text += &self.rows.iter().map(|row| line(row.iter().map(escape).collect())).collect::<String>();
        text
    }
}

/// The columns of a comparison.
const COMPARISON: [&str; 14] = [
    "point",
    "output",
    "input",
    "strategy",
    "variant",
    OUTCOME,
    "derivative",
    "error estimate",
    "digits",
    "prepare ns",
    "gradient ns min",
    "gradient ns median",
    "evaluations",
    "nodes",
];
const OUTCOME: &str = "outcome";

/// In place of a comparison: a row that says that it was refused, and nothing else.
pub(crate) fn refused() -> Sheet {
    let mut sheet = Sheet::new(&COMPARISON);
    let cell = |column: &&str| if *column == OUTCOME { "refused" } else { "" }.to_owned();
    sheet.push(COMPARISON.iter().map(cell).collect());
    sheet
}

/// A comparison, a row per point, output, input and strategy.
pub(crate) fn comparison(comparison: &Comparison) -> Sheet {
    let mut sheet = Sheet::new(&COMPARISON);
    let width = comparison.inputs.len();
    for (k, point) in comparison.points.iter().enumerate() {
        for entry in &point.entries {
            for component in 0..comparison.outputs * width {
                let answer = entry.answer.as_ref();
                let word = entry.components.get(component);
                let optional = |value: Option<f64>| value.map_or(String::new(), number);
                sheet.push(vec![
                    (k + 1).to_string(),
                    (component / width + 1).to_string(),
                    comparison.inputs[component % width].clone(),
                    entry.strategy.to_owned(),
                    entry.variant.clone(),
                    word.map_or(entry.outcome, |(word, _)| *word).word().to_owned(),
                    optional(answer.map(|answer| answer.gradient[component])),
                    optional(answer.and_then(|answer| Some(answer.error_estimate.as_ref()?[component]))),
                    optional(word.map(|(_, digits)| *digits)),
                    optional(entry.prepare),
                    optional(entry.gradient_times.map(|times| times.min)),
                    optional(entry.gradient_times.map(|times| times.median)),
                    entry.cost.evaluations.to_string(),
                    entry.cost.nodes.to_string(),
                ]);
            }
        }
    }
    sheet
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    columns: &'a [Cow<'static, str>],
    rows: &'a [Vec<String>],
}

/// The families, a line each.
pub(crate) fn families(format: Format) -> String {
    let mut sheet = Sheet::new(&["family", "sizes", "inputs", "about", "source"]);
    for family in FAMILIES {
        let list = |items: Vec<usize>| items.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        sheet.push(vec![
            family.name.to_owned(),
            list(family.sizes.to_vec()),
            list(family.sizes.iter().map(|&n| (family.inputs)(n)).collect()),
            family.about.to_owned(),
            family.source.to_owned(),
        ]);
    }
    match format {
        Format::Csv => sheet.csv(),
        Format::Markdown => sheet.markdown(),
        Format::Json => json::text(&Document {
            schema: "chainrule/families/1",
            columns: &sheet.columns,
            rows: &sheet.rows,
        }),
        Format::Table => {
            let mut table = crate::table::ruled();
            table.set_header(&sheet.columns);
            table.add_rows(&sheet.rows);
            format!("{table}\n")
        }
    }
}
