//! What grew, for programs: a row per size and variant, the laws, the crossings and the choices.

use chainrule::Refusal;
use commands::output::json::Number;
use experiments::grow::{Growth, Law, Row};
use serde::Serialize;

use crate::output::data_table::DataTable;

/// A cell of the data_table.
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
            Cell::Number(Number(number)) => commands::output::number::number(*number),
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
    let variant = growth.variants[row.variant];
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
        Cell::Text(variant.strategy().to_string()),
        Cell::Text(variant.form()),
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

/// A row per size and variant.
pub(crate) fn data_table(growth: &Growth) -> DataTable {
    let mut data_table = DataTable::new(&COLUMNS);
    for row in &growth.rows {
        data_table.push(cells(growth, row).iter().map(Cell::text).collect());
    }
    data_table
}

/// Schema `chainrule/grow/1`: the rows, and what was found in them.
#[derive(Serialize)]
pub(super) struct Document {
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

pub(super) fn document(growth: &Growth) -> Document {
    Document {
        schema: "chainrule/grow/1",
        columns: COLUMNS,
        rows: growth.rows.iter().map(|row| cells(growth, row)).collect(),
        fits: growth
            .fits
            .iter()
            .map(|(variant, figure, fit)| FitRow {
                strategy: growth.variants[*variant].strategy().as_str(),
                arm: growth.variants[*variant].form(),
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
                below: growth.variants[crossover.below].label(),
                above: growth.variants[crossover.above].label(),
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
                arm: growth.variants[choice.variant].label(),
            })
            .collect(),
    }
}
