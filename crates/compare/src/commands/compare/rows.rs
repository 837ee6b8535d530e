//! A comparison as a data_table for other programs.

use commands::output::number::number;
use harness::Comparison;

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
