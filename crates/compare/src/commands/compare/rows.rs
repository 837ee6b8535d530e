//! A comparison as a data_table for other programs.

use commands::compare::matrix::Labels;
use commands::output::number::number;
use harness::{Comparison, MatrixComparison};

use crate::output::data_table::DataTable;

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
pub(crate) fn refused() -> DataTable {
    let mut data_table = DataTable::new(&COMPARISON);
    let cell = |column: &&str| if *column == OUTCOME { "refused" } else { "" }.to_owned();
    data_table.push(COMPARISON.iter().map(cell).collect());
    data_table
}

/// A comparison, a row per point, output, input and strategy.
pub(crate) fn comparison(comparison: &Comparison) -> DataTable {
    let mut data_table = DataTable::new(&COMPARISON);
    let width = comparison.inputs.len();
    for (k, point) in comparison.points.iter().enumerate() {
        for entry in &point.entries {
            for component in 0..comparison.outputs * width {
                let answer = entry.answer.as_ref();
                let word = entry.components.get(component);
                let optional = |value: Option<f64>| value.map_or(String::new(), number);
                data_table.push(vec![
                    (k + 1).to_string(),
                    (component / width + 1).to_string(),
                    comparison.inputs.name(component % width),
                    entry.spec.name().to_string(),
                    entry.spec.variant(),
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
    data_table
}

/// The columns of a comparison of a matrix.
const MATRIX: [&str; 15] = [
    "point",
    "row",
    "column",
    "strategy",
    "variant",
    OUTCOME,
    "entry",
    "certified",
    "error estimate",
    "digits",
    "prepare ns",
    "derivative ns min",
    "derivative ns median",
    "evaluations",
    "nodes",
];

/// A comparison of a matrix, a row per point, entry and strategy.
pub(crate) fn matrix(comparison: &MatrixComparison, name: &str) -> DataTable {
    let mut data_table = DataTable::new(&MATRIX);
    let labels = Labels::new(comparison, name);
    let optional = |value: Option<f64>| value.map_or(String::new(), number);
    for (k, point) in comparison.points.iter().enumerate() {
        let certified: Option<Vec<_>> =
            point.reference.as_ref().map(|reference| reference.gradients.iter().flatten().collect());
        for strategy in &point.entries {
            for entry in 0..comparison.shape[0] * comparison.shape[1] {
                let answer = strategy.answer.as_ref();
                let word = strategy.components.get(entry);
                let [row, column] = labels.place(entry);
                data_table.push(vec![
                    (k + 1).to_string(),
                    row,
                    column,
                    strategy.spec.name().to_string(),
                    strategy.spec.variant(),
                    word.map_or(strategy.outcome, |(word, _)| *word).word().to_owned(),
                    optional(answer.map(|answer| answer.entries[entry])),
                    optional(certified.as_ref().and_then(|certified| certified[entry].known())),
                    optional(answer.and_then(|answer| Some(answer.error_estimate.as_ref()?[entry]))),
                    optional(word.map(|(_, digits)| *digits)),
                    optional(strategy.prepare),
                    optional(strategy.gradient_times.map(|times| times.min)),
                    optional(strategy.gradient_times.map(|times| times.median)),
                    strategy.cost.evaluations.to_string(),
                    strategy.cost.nodes.to_string(),
                ]);
            }
        }
    }
    data_table
}
