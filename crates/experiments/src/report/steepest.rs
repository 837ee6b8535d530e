//! Whether the negative gradient is where a function falls the fastest: against directions that are drawn.

use chainrule::{Backprop, Budget, CompiledFunction, Derivative, Random, Strategy, Want};

use super::claim::{Bound, Case, Claim};
use super::figure::{Figure, Picture, Table, brief, cell};
use super::{Effort, Findings, Plan};
use crate::families::Family;

pub(super) const PLAN: Plan = Plan {
    id: "steepest",
    title: "Steepest descent",
    about: "From points of several families one step is taken against the gradient (by backpropagation), and a step of the \
            same length in each of many random directions, evenly distributed: how many of them lead lower? Steps are in \
            parts of the point's own length.",
    run,
};

const STEPS: [(f64, &str); 4] =
    [(1e-4, "steps of 0.01%"), (1e-2, "steps of 1%"), (0.1, "steps of 10%"), (1.0, "steps of 100%")];
const FAMILIES: [(&str, usize); 5] =
    [("article", 1), ("rosenbrock", 10), ("mlp", 4), ("logsumexp", 10), ("chain", 10)];

fn run(effort: &Effort) -> Findings {
    let directions = effort.pick(100, 2000, 20_000);
    let mut table = Table::new(&[
        "family",
        "n",
        "step",
        "directions",
        "lower than against the gradient",
        "best of them, of its fall",
    ]);
    let mut rows = Vec::new();
    let mut lower = [0u64; STEPS.len()];
    let mut tried = 0u64;
    for (name, n) in FAMILIES {
        let family = Family::named(name).expect("a family of ours");
        let Ok(f) = family.function(n).unroll(1_000_000) else { continue };
        let at = family.sample(n, effort.seed);
        let Ok(mut prepared) = Backprop.prepare(&f, Want::Gradient, &Budget::default()) else { continue };
        let mut out = Derivative::default();
        if prepared.run(&at, &mut out).is_err() {
            continue;
        }
        let length = norm(&at);
        let down: Vec<f64> = out.gradient.iter().map(|g| -g).collect();
        let mut value = CompiledFunction::new(&f);
        let mut fall = |direction: &[f64], step: f64| {
            let scale = step * length / norm(direction);
            let moved: Vec<f64> = at.iter().zip(direction).map(|(x, d)| x + scale * d).collect();
            let mut found = [0.0];
            value.run(&moved, &mut found);
            out.values[0] - found[0]
        };
        let mut random = Random::new(effort.seed, &["steepest", name], n);
        let drawn: Vec<Vec<f64>> = (0..directions).map(|_| sphere(&mut random, at.len())).collect();
        let mut cells = Vec::new();
        for (k, (step, _)) in STEPS.into_iter().enumerate() {
            let own = fall(&down, step);
            let falls: Vec<f64> = drawn.iter().map(|direction| fall(direction, step)).collect();
            let better = falls.iter().filter(|other| **other > own).count();
            let best = falls.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            lower[k] += better as u64;
            let share = better as f64 / falls.len() as f64;
            cells.push(Some((format!("{}%", brief(100.0 * share)), share)));
            table.push(vec![
                name.to_owned(),
                n.to_string(),
                cell(Some(step)),
                falls.len().to_string(),
                better.to_string(),
                cell(Some(best / own)),
            ]);
        }
        tried += directions as u64;
        rows.push((format!("{name}, n = {n}"), cells));
    }
    let cases = STEPS
        .iter()
        .zip(lower)
        .map(|((_, name), lower)| Case::shown(*name, lower as f64, format!("{lower} of {tried}")));
    let claim = Claim {
        says: "The negative gradient points to where the loss falls the quickest.",
        quote: "an arrow that points towards where the loss function decreases the quickest",
        measure: "random directions in which a step of the same length leads lower",
        bound: Bound::AtMost(0.0),
        cases: if tried == 0 { Vec::new() } else { cases.collect() },
    };
    let figure = Figure {
        name: "directions".to_owned(),
        title: "Random directions that lead lower than the negative gradient".to_owned(),
        about: "Per family and length of the step, in parts of the point's own length.".to_owned(),
        picture: Picture::Grid { columns: STEPS.map(|(_, name)| name.to_owned()).to_vec(), rows },
        table,
    };
    Findings { claims: vec![claim], figures: vec![figure], outcome: None }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// A direction, all equally likely: normal components, by Box and Muller (1958).
fn sphere(random: &mut Random, dimensions: usize) -> Vec<f64> {
    let normal = |_| {
        let (u, v) = (random.between(f64::MIN_POSITIVE, 1.0), random.between(0.0, std::f64::consts::TAU));
        (-2.0 * u.ln()).sqrt() * v.cos()
    };
    (0..dimensions).map(normal).collect()
}
