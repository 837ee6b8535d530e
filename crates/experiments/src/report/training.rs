//! Whether descent along the negative gradient trains, and what a step costs each strategy.

use chainrule::{Backprop, Budget, CompiledFunction, Random, Strategy, StrategyName, strategies};
use expr::Function;
use harness::Outcome;

use super::claim::{Bound, Case, Claim};
use super::figure::{Figure, Picture, Table, brief, cell};
use super::{EXACT_DIGITS, Effort, Findings, Plan, right_digits};
use crate::descend::{Loss, Method, Options, Run, descend, squared_error};

pub(super) const PLAN: Plan = Plan {
    id: "training",
    title: "Training",
    about: "A network 2-8-1 of 33 weights learns to tell two interleaved half moons apart, 300 points, by gradient descent \
            from weights that are drawn: plainly, with momentum and by Adam, by backpropagation; and a few steps by each \
            strategy, for what a step takes. Where evaluations would be too many they are extrapolated from five steps.",
    run,
};

const NETWORK: &str = include_str!("../../../../examples/classifier.txt");
const MOONS: &str = include_str!("../../../../examples/moons.csv");
const TARGET: &str = "kind";

/// The points, and what they are: x, y, kind.
fn moons() -> Vec<[f64; 3]> {
    let row = |line: &str| {
        let mut numbers = line.split(',').map(|number| number.trim().parse().ok());
        Some([numbers.next()??, numbers.next()??, numbers.next()??])
    };
    MOONS.lines().skip(1).filter_map(row).collect()
}

fn run(effort: &Effort) -> Findings {
    let network = syntax::parse(NETWORK).expect("the example reads").unroll(10_000).expect("it is small");
    let error = squared_error(&network, TARGET);
    let rows = moons();
    let column = |k: usize| Some(rows.iter().map(|row| row[k]).collect::<Vec<f64>>());
    let columns: Vec<Option<Vec<f64>>> = error
        .input_names()
        .iter()
        .map(|name| match name.as_str() {
            "x" => column(0),
            "y" => column(1),
            TARGET => column(2),
            _ => None,
        })
        .collect();
    let loss = Loss { written: &error, flat: &error, columns: &columns, rows: rows.len() };
    let mut random = Random::new(effort.seed, &["training"], loss.weights());
    let start: Vec<f64> = (0..loss.weights()).map(|_| random.between(-1.0, 1.0)).collect();
    let backprop = || -> Vec<Box<dyn Strategy>> { vec![Box::new(Backprop)] };

    let mut table = Table::new(&["method", "strategy", "outcome", "step", "loss"]);
    let (mut accuracies, mut curves, mut words) = (Vec::new(), Vec::new(), Vec::new());
    let iterations = effort.pick(400, 3000, 10_000);
    let methods = [(Method::Plain, 1.0), (Method::Momentum, 0.3), (Method::Adam, 0.05)];
    for (method, rate) in methods.into_iter().skip(effort.pick(2, 0, 0)) {
        let options = options(method, rate, iterations);
        let found = descend(&loss, &start, &backprop(), &options, &mut |_, _| {});
        words.push(found.outcome);
        let run = &found.runs[0];
        push(&mut table, method, run);
        let accuracy = accuracy(&network, &rows, &columns, &run.at);
        let last = run.losses.last().copied().unwrap_or(f64::NAN);
        let shown = format!("{:.1}% (loss {} after {} steps)", 100.0 * accuracy, brief(last), run.steps());
        accuracies.push(Case::shown(method.name(), accuracy, shown));
        curves.push((format!("{}, rate {rate}", method.name()), run.losses.clone()));
    }

    let steps = effort.pick(6, 30, 100);
    let found = descend(&loss, &start, &strategies(), &options(Method::Adam, 0.05, steps), &mut |_, _| {});
    words.push(found.outcome);
    let mut costs = Table::new(&[
        "strategy",
        "outcome",
        "steps",
        "evaluations per step",
        "prepare ns",
        "step ns",
        "losses differ by",
    ]);
    for run in &found.runs {
        costs.push(vec![
            run.spec.label(),
            run.outcome.word().to_owned(),
            run.steps().to_string(),
            cell(Some(run.evaluations_per_step())),
            cell(Some(run.prepare).filter(|_| run.step_time().is_some())),
            cell(run.step_time()),
            cell(found.difference(run).map(|(difference, _)| difference)),
        ]);
    }
    let is_backprop = |run: &&Run| run.spec.name() == StrategyName::Backprop;
    let own = found.runs.iter().find(is_backprop).and_then(Run::step_time);
    let slower = found.runs.iter().filter(|run| !is_backprop(run)).filter_map(|run| {
        let ratio = run.step_time()? / own?;
        let shown = format!("{}× ({} evaluations a step)", brief(ratio), brief(run.evaluations_per_step()));
        Some(Case::shown(run.spec.name().as_str(), ratio, shown))
    });
    let same = found.runs.iter().filter_map(|run| {
        let (difference, step) = found.difference(run)?;
        let digits = right_digits(difference);
        let shown = format!("{digits:.1} at step {step}, the fewest");
        Some(Case::shown(run.spec.name().as_str(), digits, shown))
    });
    let claims = vec![
        Claim {
            says: "Descent along the negative gradient trains a network.",
            quote: "Gradient descent is the algorithm used for finding weights and biases that minimize the loss.",
            measure: "share of points classified correctly at the end; trained is 95%",
            bound: Bound::AtLeast(0.95),
            cases: accuracies,
        },
        Claim {
            says: "Whichever way the gradient is computed, it is the same descent.",
            quote: "how do we calculate this gradient?",
            measure: "digits in common of losses, step by step, of 16; 12 and more are the same up to rounding",
            bound: Bound::AtLeast(EXACT_DIGITS),
            cases: same.collect(),
        },
        Claim {
            says: "Other ways than backpropagation are too slow to train with.",
            quote: "making it the standard for updating parameters in neural networks",
            measure: "time per step over that of backpropagation; too slow is 10 and more",
            bound: Bound::AtLeast(10.0),
            cases: slower.collect(),
        },
    ];
    let figures = vec![
        Figure {
            name: "losses".to_owned(),
            title: "The loss, step by step".to_owned(),
            about: "Mean squared error over 300 points, by backpropagation.".to_owned(),
            picture: Picture::Steps { y: "loss".to_owned(), curves },
            table,
        },
        Figure {
            name: "steps".to_owned(),
            title: "What a step costs".to_owned(),
            about:
                "Steps by Adam from the same weights; all losses are compared with those of backpropagation."
                    .to_owned(),
            picture: Picture::None,
            table: costs,
        },
    ];
    Findings { claims, figures, outcome: Outcome::worst(words) }
}

fn options(method: Method, rate: f64, iterations: usize) -> Options {
    Options {
        method,
        rate,
        iterations,
        tolerance: 0.0,
        budget: Budget::default(),
        evaluations: 10_000,
        reference_nodes: 20_000,
    }
}

/// Some steps of a descent: all at first, then ever fewer.
fn push(table: &mut Table, method: Method, run: &Run) {
    let last = run.losses.len().saturating_sub(1);
    let mut next = 0;
    for (step, loss) in run.losses.iter().enumerate() {
        if step < next && step != last {
            continue;
        }
        next = step + 1 + step / 8;
        table.push(vec![
            method.name().to_owned(),
            run.spec.name().to_string(),
            run.outcome.word().to_owned(),
            step.to_string(),
            cell(Some(*loss)),
        ]);
    }
}

/// The share of points that are on the right side of 1/2.
fn accuracy(network: &Function, rows: &[[f64; 3]], columns: &[Option<Vec<f64>>], weights: &[f64]) -> f64 {
    let mut value = CompiledFunction::new(network);
    let inputs = network.input_count();
    let right = |(row, point): (usize, &[f64; 3])| {
        let mut weights = weights.iter();
        let place = |column: &Option<Vec<f64>>| match column {
            Some(column) => column[row],
            None => *weights.next().expect("a number per weight"),
        };
        let x: Vec<f64> = columns[..inputs].iter().map(place).collect();
        let mut found = [0.0];
        value.run(&x, &mut found);
        (found[0] > 0.5) == (point[2] == 1.0)
    };
    let mut right = right;
    let count = rows.iter().enumerate().filter(|row| right((row.0, row.1))).count();
    count as f64 / rows.len() as f64
}
