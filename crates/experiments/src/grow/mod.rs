//! How the strategies fare as a function grows: a row per size and variant, and what follows from the rows.
//!
//! No time is measured of a variant whose gradient at that size fails the comparator.

mod crossing;
mod fit;
mod race;
mod row;
mod variant;

use std::time::Duration;

use chainrule::{Budget, Refusal, StrategyName, Unit};
use expr::Function;

use crate::families::{Family, Form};

use crossing::Price;
use race::at_size;
use variant::Sized;

pub use crossing::{Choice, Crossover};
pub use fit::{Fit, Law, fit};
pub use row::{Errors, Figure, Reference, Row};
pub use variant::{Variant, VariantSpec};

/// What may be used, and how long anything is timed.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Nodes of any graph that a variant builds, and evaluations of f per gradient.
    pub budget: Budget,
    /// Evaluations of single nodes per gradient, as they are estimated from counts before a variant is started.
    pub work: u64,
    /// How long one thing may be timed; none for no times at all.
    pub patience: Option<Duration>,
    /// Functions with more nodes than this are not certified but held against backpropagation in some 32 digits…
    pub reference_nodes: usize,
    /// … and with more than this, strategies against each other.
    pub accurate_nodes: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            budget: Budget { evaluations: u64::MAX, ..Budget::default() },
            work: 20_000_000_000,
            patience: Some(Duration::from_millis(50)),
            reference_nodes: 20_000,
            accurate_nodes: 5_000_000,
        }
    }
}

/// A function at one size, and the point at which it is differentiated.
pub struct Instance {
    /// With its axes.
    pub written: Function,
    /// Without.
    pub flat: Function,
    /// One number per scalar input.
    pub at: Vec<f64>,
}

/// What grows, measured.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The variants that there are rows of.
    pub variants: Vec<VariantSpec>,
    /// Size by size, variant by variant.
    pub rows: Vec<Row>,
    /// Laws of growth: variant, figure, law.
    pub fits: Vec<(usize, Figure, Fit)>,
    /// Where one variant overtakes another.
    pub crossovers: Vec<Crossover>,
    /// Per size, which variant to take for how many gradients.
    pub choices: Vec<(usize, Vec<Choice>)>,
}

/// Runs all variants at all sizes, given ascending; `instance` makes the function of a size. Which of the sizes is measured
/// and what is done with it are told to `watch` as it begins.
///
/// # Errors
/// Those of `instance`.
pub fn grow<E>(
    mut instance: impl FnMut(usize) -> Result<Instance, E>,
    sizes: &[usize],
    variants: &[Variant],
    options: &Options,
    watch: &mut dyn FnMut(usize, &str),
) -> Result<Growth, E> {
    let mut rows = Vec::new();
    let mut spared = false;
    for (k, &n) in sizes.iter().enumerate() {
        watch(k, "building");
        let Instance { written, flat, at } = instance(n)?;
        let size = Sized::new(&written, &flat);
        spared |= size.cones.is_some();
        rows.extend(at_size(n, &size, &at, variants, options, &mut |what| watch(k, what)));
    }
    // Where no cone was ever small, both forms of finite differences are one.
    rows.retain(|row: &Row| spared || !variants[row.variant].is_whole());
    Ok(Growth::of(variants, rows))
}

/// Runs all variants on a family at all sizes; every point is seeded by itself, so that sizes do not change each other's.
///
/// # Errors
/// When a size is over the budget of nodes.
pub fn grow_family(
    family: &Family,
    sizes: &[usize],
    seed: u64,
    variants: &[Variant],
    options: &Options,
) -> Result<Growth, Refusal> {
    let instance = |n| {
        if let Form::Built { nodes, .. } = family.form
            && nodes(n) > options.budget.nodes
        {
            let needed = nodes(n) as f64;
            return Err(Refusal::OverBudget { needed, budget: options.budget.nodes, unit: Unit::Nodes });
        }
        let written = family.function(n);
        let flat = written.unroll(options.budget.nodes)?;
        Ok(Instance { written, flat, at: family.sample(n, seed) })
    };
    grow(instance, sizes, variants, options, &mut |_, _| {})
}

impl Growth {
    fn of(variants: &[Variant], mut rows: Vec<Row>) -> Growth {
        // Variants without any row are left out, and the others numbered anew.
        let kept: Vec<usize> =
            (0..variants.len()).filter(|&k| rows.iter().any(|row| row.variant == k)).collect();
        for row in &mut rows {
            row.variant = kept.iter().position(|&k| k == row.variant).expect("rows have variants");
        }
        let specs = kept.iter().map(|&k| variants[k].spec).collect();
        let mut growth =
            Growth { variants: specs, rows, fits: Vec::new(), crossovers: Vec::new(), choices: Vec::new() };
        growth.pay_off();
        growth.fits = growth.laws();
        growth.crossovers = growth.crossings();
        growth
    }

    /// The rows of one variant, by size.
    pub fn variant(&self, variant: usize) -> impl Iterator<Item = &Row> + Clone {
        self.rows.iter().filter(move |row| row.variant == variant)
    }

    /// The sizes, ascending.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes: Vec<usize> = self.rows.iter().map(|row| row.size).collect();
        sizes.dedup();
        sizes
    }

    /// The law by which a figure of a variant grows.
    pub fn fit(&self, variant: usize, figure: Figure) -> Option<&Fit> {
        self.fits.iter().find(|(a, f, _)| (*a, *f) == (variant, figure)).map(|(_, _, fit)| fit)
    }

    /// Whether a variant is only counted and never run.
    pub fn is_counted(&self, variant: usize) -> bool {
        self.variants[variant] == VariantSpec::Counted
    }

    fn laws(&self) -> Vec<(usize, Figure, Fit)> {
        let law = |variant: usize, figure: Figure| {
            let points: Vec<(f64, f64)> =
                self.variant(variant).filter_map(|row| Some((row.size as f64, row.ln(figure)?))).collect();
            Some((variant, figure, fit(&points)?))
        };
        let all = (0..self.variants.len()).flat_map(|variant| Figure::ALL.map(|figure| (variant, figure)));
        all.filter_map(|(variant, figure)| law(variant, figure)).collect()
    }

    fn crossings(&self) -> Vec<Crossover> {
        let time = |variant: usize, n: usize| {
            self.variant(variant).find(|row| row.size == n).and_then(|row| Some(row.gradient?.min))
        };
        let sizes = self.sizes();
        let mut all = Vec::new();
        for a in 0..self.variants.len() {
            for b in a + 1..self.variants.len() {
                let both = |&n: &usize| Some((n as f64, [time(a, n)?, time(b, n)?]));
                let times: Vec<(f64, [f64; 2])> = sizes.iter().filter_map(both).collect();
                all.extend(crossing::crossovers([a, b], &times));
            }
        }
        all
    }

    /// Finds what to take for how many gradients, and from how many each variant pays over finite differences.
    fn pay_off(&mut self) {
        for n in self.sizes() {
            let prices: Vec<Price> =
                self.rows.iter().filter(|row| row.size == n).filter_map(Row::price).collect();
            let strategy = |variant: usize| self.variants[variant].strategy();
            let differences = prices.iter().find(|price| strategy(price.variant) == StrategyName::Numerical);
            for row in self.rows.iter_mut().filter(|row| row.size == n) {
                let others = differences.filter(|other| strategy(row.variant) != strategy(other.variant));
                row.pays_from = row.price().zip(others).and_then(|(own, other)| own.pays_over(other));
            }
            if !prices.is_empty() {
                self.choices.push((n, crossing::choices(&prices)));
            }
        }
    }
}
