//! How the strategies fare as functions grow: evaluations, times, and what it takes until preparing pays.

mod claims;

use std::time::Duration;

use chainrule::StrategyName;

use super::figure::{Curve, Figure, Picture, Table, cell};
use super::{Effort, Findings, Level, Plan};
use crate::families::Family;
use crate::grow::{Figure as Measured, Fit, Growth, Law, Options, Variant, grow_family};
use harness::Outcome;

pub(super) const PLAN: Plan = Plan {
    id: "growth",
    title: "Growth",
    about: "Families that grow in inputs and nodes alike, raced at every size: the time of one gradient, what preparing \
            takes, and the laws by which both grow (least squares through logarithms, ± 95%). No time is measured of a \
            gradient that does not pass the comparator, and what is over its budget stops.",
    run,
};

/// A family that was raced.
struct Raced {
    name: &'static str,
    growth: Growth,
}

fn sizes(effort: &Effort) -> Vec<(&'static str, Vec<usize>)> {
    let quick = vec![
        ("rosenbrock", vec![10, 30, 100, 300, 1000]),
        ("mlp", vec![4, 8, 16, 32, 64]),
        ("product", vec![10, 30, 100, 300, 1000]),
        ("chain", vec![10, 30, 100, 300, 1000]),
    ];
    let full = vec![
        ("rosenbrock", vec![10, 30, 100, 300, 1000, 3000, 10_000]),
        ("mlp", vec![4, 8, 16, 32, 64, 128, 256]),
        ("product", vec![10, 30, 100, 300, 1000, 3000]),
        ("chain", vec![10, 30, 100, 300, 1000, 3000]),
        ("logsumexp", vec![10, 30, 100, 300, 1000, 3000]),
    ];
    effort.pick(vec![("rosenbrock", vec![4, 12, 36]), ("mlp", vec![1, 3])], quick, full)
}

fn run(effort: &Effort) -> Findings {
    let mut options = Options {
        patience: Some(Duration::from_millis(effort.pick(2, 20, 100))),
        reference_nodes: effort.pick(2_000, 6_000, 20_000),
        ..Options::default()
    };
    if effort.level < Level::Full {
        options.work = 2_000_000_000;
        options.budget.nodes = 2_000_000;
    }
    let mut raced = Vec::new();
    for (name, sizes) in sizes(effort) {
        let family = Family::named(name).expect("a family of ours");
        if let Ok(growth) = grow_family(family, &sizes, effort.seed, &Variant::all(), &options) {
            raced.push(Raced { name, growth });
        }
    }
    let mut figures: Vec<Figure> = raced.iter().map(Raced::times).collect();
    figures.push(laws(&raced));
    figures.push(crossings(&raced));
    let words = raced.iter().flat_map(|raced| raced.growth.rows.iter().filter_map(|row| row.outcome));
    Findings { claims: claims::claims(&raced), figures, outcome: Outcome::worst(words) }
}

/// A law in a few characters.
fn law(fit: &Fit) -> String {
    let sure =
        if fit.uncertainty.is_finite() { format!(" ± {:.2}", fit.uncertainty) } else { String::new() };
    match fit.law {
        Law::Power => format!("n^{:.2}{sure}", fit.slope),
        Law::Exponential => {
            format!("{:.2}^n ± {:.2}", fit.slope.exp(), fit.slope.exp() * fit.uncertainty)
        }
    }
}

impl Raced {
    fn label(&self, variant: usize) -> String {
        self.growth.variants[variant].label()
    }

    /// Times against sizes, with the laws that were fitted; every column that there is beside it.
    fn times(&self) -> Figure {
        let growth = &self.growth;
        let curve = |variant: usize| {
            let points: Vec<(f64, f64)> = growth
                .variant(variant)
                .filter_map(|row| Some((row.size as f64, row.gradient?.min)))
                .collect();
            let fit = growth.fit(variant, Measured::Time);
            let line = fit
                .filter(|fit| fit.law == Law::Power)
                .zip(points.first().zip(points.last()))
                .map(|(fit, (from, to))| [from.0, to.0].map(|n| (n, fit.ln_at(n).exp())));
            let name =
                fit.map_or(self.label(variant), |fit| format!("{}: {}", self.label(variant), law(fit)));
            (!points.is_empty()).then_some(Curve { name, points, fit: line })
        };
        let mut table = Table::new(&[
            "n",
            "arm",
            "outcome",
            "inputs",
            "function nodes",
            "nodes",
            "prepare ns",
            "gradient ns",
            "median ns",
            "function ns",
            "÷ one f",
            "evaluations",
            "bytes",
            "worst ULP",
            "median ULP",
            "pays from",
        ]);
        for row in &growth.rows {
            let count = |value: Option<u64>| value.map_or(String::new(), |value| value.to_string());
            table.push(vec![
                row.size.to_string(),
                self.label(row.variant),
                row.word().to_owned(),
                row.inputs.to_string(),
                row.function_nodes.to_string(),
                row.nodes.map_or(cell(row.log10_nodes.map(|log| 10f64.powf(log))), |nodes| nodes.to_string()),
                cell(row.prepare),
                cell(row.gradient.map(|times| times.min)),
                cell(row.gradient.map(|times| times.median)),
                cell(row.function.map(|times| times.min)),
                cell(row.ratio()),
                count(row.evaluations),
                count(row.bytes),
                cell(row.errors.map(|errors| errors.worst_ulp)),
                cell(row.errors.map(|errors| errors.median_ulp)),
                cell(row.pays_from),
            ]);
        }
        Figure {
            name: self.name.to_owned(),
            title: format!("Time per gradient: {}", self.name),
            about: "Nanoseconds against n; broad lines are the fitted laws.".to_owned(),
            picture: Picture::Curves {
                x: "size n of the family".to_owned(),
                y: "time of a gradient, ns".to_owned(),
                joined: true,
                is_error: false,
                curves: (0..growth.variants.len()).filter_map(curve).collect(),
            },
            table,
        }
    }
}

/// The laws of everything that was fitted.
fn laws(raced: &[Raced]) -> Figure {
    let mut table = Table::new(&["family", "arm", "figure", "grows as", "exponent at the end", "sizes"]);
    for raced in raced {
        for (variant, figure, fit) in &raced.growth.fits {
            // What is 1 at every size has no law.
            if fit.slope != 0.0 {
                table.push(vec![
                    raced.name.to_owned(),
                    raced.label(*variant),
                    figure.name().to_owned(),
                    law(fit),
                    format!("{:.2}", fit.last),
                    fit.points.to_string(),
                ]);
            }
        }
    }
    Figure {
        name: "laws".to_owned(),
        title: "Laws of growth".to_owned(),
        about: "n^a, or c^n where that fits far better, with what the exponent is within at 95% confidence; the last \
                column is the exponent between the two largest sizes alone. Numerical is shown with cones (only what \
                depends on the input that moved is evaluated again) and whole."
            .to_owned(),
        picture: Picture::None,
        table,
    }
}

/// Who overtakes whom, and from how many gradients on a preparation pays.
fn crossings(raced: &[Raced]) -> Figure {
    let mut table = Table::new(&["family", "n", "what", "arm", "over", "gradients"]);
    for raced in raced {
        for crossover in &raced.growth.crossovers {
            table.push(vec![
                raced.name.to_owned(),
                format!("{:.0}", crossover.size),
                "overtakes".to_owned(),
                raced.label(crossover.above),
                raced.label(crossover.below),
                String::new(),
            ]);
        }
        for row in &raced.growth.rows {
            if let Some(gradients) = row.pays_from {
                table.push(vec![
                    raced.name.to_owned(),
                    row.size.to_string(),
                    "pays from".to_owned(),
                    raced.label(row.variant),
                    StrategyName::Numerical.to_string(),
                    format!("{gradients:.0}"),
                ]);
            }
        }
    }
    Figure {
        name: "crossings".to_owned(),
        title: "Crossover sizes and break-even".to_owned(),
        about: "Sizes at which the time of one variant falls below that of another, between measured sizes; and from how many \
                gradients on a variant is cheaper than finite differences, its preparation included."
            .to_owned(),
        picture: Picture::None,
        table,
    }
}
