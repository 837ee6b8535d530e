//! Every family at its sizes, compared and timed: where each strategy is at home.

use std::time::Duration;

use chainrule::{StrategyName, strategies};

use super::claim::{Bound, Case, Claim};
use super::figure::{Curve, Figure, Picture, Table, brief, cell};
use super::{Effort, Findings, Plan};
use crate::families::FAMILIES;
use harness::Entry;
use harness::comparison::{Comparison, Options, compare};
use harness::{Outcome, Subject};

pub(super) const PLAN: Plan = Plan {
    id: "families",
    title: "Families and strategies",
    about: "Every family at its sizes, one drawn point each, all three strategies in their default forms. Every gradient is \
            checked against the certified one before its time is recorded; a gradient that does not agree has no time.",
    run,
};

/// One cell of the grid.
struct Cell {
    /// Time of the gradients of all outputs, in evaluations of the function.
    ratio: Option<f64>,
    digits: f64,
    word: &'static str,
}

fn run(effort: &Effort) -> Findings {
    let options = Options {
        patience: Some(Duration::from_millis(effort.pick(1, 10, 100))),
        reference_nodes: effort.pick(2_000, 8_000, 20_000),
        ..Options::default()
    };
    let strategies = strategies();
    let mut table = Table::new(&[
        "family",
        "n",
        "inputs",
        "outputs",
        "nodes",
        "strategy",
        "outcome",
        "fewest right digits",
        "worst relative error",
        "prepare ns",
        "gradient ns",
        "median ns",
        "÷ one f",
        "evaluations",
        "graph nodes",
    ]);
    let sizes = effort.pick(1, 2, 3);
    let (mut grid, mut points, mut words) = (Vec::new(), vec![Vec::new(); strategies.len()], Vec::new());
    let mut ratios = Vec::new();
    for family in FAMILIES.iter().take(effort.pick(7, usize::MAX, usize::MAX)) {
        for &n in family.sizes.iter().take(sizes) {
            let function = family.function(n);
            let Ok(flat) = function.unroll(options.budget.nodes) else { continue };
            let found = compare(
                &Subject::of(&function, &flat),
                &[family.sample(n, effort.seed)],
                &strategies,
                &options,
            );
            words.push(found.verdict());
            let mut cells = Vec::new();
            for (k, entry) in found.points[0].entries.iter().enumerate() {
                let cell = one(entry, &found);
                rows(&mut table, family.name, n, entry, &found, &cell);
                if let Some(ratio) = cell.ratio {
                    // An error of nothing has no place on a logarithmic axis; half an ULP does.
                    points[k].push((ratio, 10f64.powf(-cell.digits).max(f64::EPSILON / 2.0)));
                    ratios.push((k, ratio / found.outputs as f64));
                }
                cells.push(Some(match cell.ratio {
                    // From 1 to 10 000 evaluations of f.
                    Some(ratio) => (
                        format!("{}× · {:.0}", brief(ratio), cell.digits.min(16.0)),
                        (ratio.log10() / 4.0).clamp(0.0, 1.0),
                    ),
                    None => (cell.word.to_owned(), 0.0),
                }));
            }
            grid.push((format!("{}, n = {n}", family.name), cells));
        }
    }
    let worst = |(k, name): (usize, StrategyName)| {
        let own = || ratios.iter().filter(move |(of, _)| *of == k).map(|(_, ratio)| *ratio);
        let (all, kept) = (own().count(), own().filter(|ratio| *ratio <= CHEAP).count());
        let share = kept as f64 / all as f64;
        (all > 0).then(|| {
            let most = own().fold(0.0, f64::max);
            Case::shown(name.as_str(), share, format!("{kept} of {all} (at most {}×)", brief(most)))
        })
    };
    let claim = Claim {
        says: "Backpropagation suits every function.",
        quote: "suitable for training deep neural networks",
        measure: "share of families and sizes at which the gradient of an output takes no longer than 5 evaluations of the \
                  function and passes the comparator; 90% and more",
        bound: Bound::AtLeast(0.9),
        cases: (0..)
            .zip(StrategyName::ALL)
            .filter(|(_, name)| *name == StrategyName::Backprop)
            .filter_map(worst)
            .collect(),
    };
    let curve = |(name, points): (StrategyName, _)| Curve { name: name.to_string(), points, fit: None };
    let curves = StrategyName::ALL.into_iter().zip(points).map(curve).collect();
    let figures = vec![
        Figure {
            name: "grid".to_owned(),
            title: "Families and strategies".to_owned(),
            about: "Time of the gradients of all outputs in evaluations of the function, and right digits of the worst component: 2.1× · 15. \
                    Darker is slower. With 0 digits the component is small compared with the others and is lost in rounding, as the \
                    error estimate says."
                .to_owned(),
            picture: Picture::Grid { columns: StrategyName::ALL.map(|name| name.to_string()).to_vec(), rows: grid },
            table: table.clone(),
        },
        Figure {
            name: "tradeoff".to_owned(),
            title: "Time against error".to_owned(),
            about: "One mark per family, size and strategy: left is quick, low is exact.".to_owned(),
            picture: Picture::Curves {
                x: "time of the gradients of all outputs, in evaluations of f".to_owned(),
                y: "right digits of the worst component, of 16".to_owned(),
                joined: false,
                is_error: true,
                curves,
            },
            table,
        },
    ];
    Findings { claims: vec![claim], figures, outcome: Outcome::worst(words) }
}

/// A gradient is cheap up to so many evaluations of the function: Baur and Strassen (1983) count five operations per one.
const CHEAP: f64 = 5.0;

fn one(entry: &Entry, found: &Comparison) -> Cell {
    let digits = entry.components.iter().map(|(_, digits)| *digits).fold(17.0, f64::min);
    let times = entry.gradient_times.filter(|_| entry.agrees_or_is_silent());
    let ratio = times.zip(found.function_times).map(|(times, f)| times.min / f.min);
    Cell { ratio, digits: digits.max(0.0), word: entry.outcome.word() }
}

fn rows(table: &mut Table, family: &str, n: usize, entry: &Entry, found: &Comparison, cell_: &Cell) {
    let times = entry.gradient_times.filter(|_| cell_.ratio.is_some());
    table.push(vec![
        family.to_owned(),
        n.to_string(),
        found.inputs.len().to_string(),
        found.outputs.to_string(),
        found.nodes.map_or(String::new(), |nodes| nodes.to_string()),
        entry.spec.label(),
        entry.outcome.word().to_owned(),
        format!("{:.1}", cell_.digits),
        cell(Some(10f64.powf(-cell_.digits))),
        cell(entry.prepare.filter(|_| cell_.ratio.is_some())),
        cell(times.map(|times| times.min)),
        cell(times.map(|times| times.median)),
        cell(cell_.ratio),
        entry.cost.evaluations.to_string(),
        entry.cost.nodes.to_string(),
    ]);
}
