//! What growth says of the article's claims.

use chainrule::numerical::Scheme;
use chainrule::symbolic::Mode;
use chainrule::{Numerical, Precision, StrategySpec, Symbolic};

use super::super::claim::{Bound, Case, Claim};
use super::super::figure::brief;
use super::super::geometric_mean;
use super::Raced;
use crate::grow::{Figure as Measured, Law, Row, VariantSpec, fit};

const DIFFERENCES: VariantSpec = differences(false);
const WHOLE: VariantSpec = differences(true);
const TREE: VariantSpec = VariantSpec::Counted;
const FORWARD: VariantSpec = formulas(Mode::Forward, false);
const REVERSE: VariantSpec = formulas(Mode::Reverse, false);
const REVERSE_EGG: VariantSpec = formulas(Mode::Reverse, true);
const UNROLLED: VariantSpec = VariantSpec::Flat(StrategySpec::Backprop(Precision::Standard));
const ROLLED: VariantSpec = VariantSpec::Written(StrategySpec::Backprop(Precision::Standard));

const fn differences(whole: bool) -> VariantSpec {
    VariantSpec::Flat(StrategySpec::Numerical(Numerical { scheme: Scheme::Adaptive, whole }))
}

const fn formulas(variant: Mode, egg: bool) -> VariantSpec {
    VariantSpec::Flat(StrategySpec::Symbolic(Symbolic { mode: variant, egg, accurate: false }))
}

impl Raced {
    fn variant(&self, variant: VariantSpec) -> Option<usize> {
        self.growth.variants.iter().position(|own| *own == variant)
    }

    fn rows(&self, form: VariantSpec) -> impl Iterator<Item = &Row> {
        let variant = self.variant(form);
        self.growth.rows.iter().filter(move |row| Some(row.variant) == variant)
    }

    /// The row of the largest size that has what is asked for.
    fn largest<T>(&self, form: VariantSpec, get: impl Fn(&Row) -> Option<T>) -> Option<(usize, T)> {
        self.rows(form).filter_map(|row| Some((row.size, get(row)?))).last()
    }

    fn at(&self, form: VariantSpec, size: usize) -> Option<&Row> {
        self.rows(form).find(|row| row.size == size)
    }

    fn time(&self, form: VariantSpec, size: usize) -> Option<f64> {
        Some(self.at(form, size)?.gradient?.min)
    }

    /// The exponent of the time by n.
    fn exponent(&self, form: VariantSpec, name: &str) -> Option<Case> {
        let found = self.growth.fit(self.variant(form)?, Measured::Time)?;
        // An exponential law has no exponent but that of its end.
        let slope = if found.law == Law::Power { found.slope } else { found.last };
        Some(Case::shown(format!("{}{name}", self.name), slope, super::law(found)))
    }

    /// A time for one gradient and preparing, over that of finite differences, at the largest size that has both.
    fn against(&self, form: VariantSpec, prepare: bool) -> Option<f64> {
        let whole = |row: &Row| Some(row.gradient?.min + if prepare { row.prepare? } else { 0.0 });
        self.largest(form, |row| Some(whole(row)? / whole(self.at(DIFFERENCES, row.size)?)?))
            .map(|(_, ratio)| ratio)
    }
}

pub(super) fn claims(raced: &[Raced]) -> Vec<Claim> {
    let all = |case: &dyn Fn(&Raced) -> Vec<Option<Case>>| -> Vec<Case> {
        raced.iter().flat_map(case).flatten().collect()
    };
    vec![
        Claim {
            says: "The numerical method tries every parameter by itself: its evaluations grow with the number of inputs.",
            quote: "Adjust each parameter by a little and see how the loss changes in response.",
            measure: "exponent of evaluations by inputs",
            bound: Bound::Between(0.8, 1.2),
            cases: all(&|raced| vec![evaluations(raced)]),
        },
        Claim {
            says: "The numerical method does not scale.",
            quote: "does not scale to large neural networks",
            measure: "exponent of the time by n, where one evaluation grows as n: 1.5 and more does not scale; with cones \
                      only what depends on an input is evaluated again",
            bound: Bound::AtLeast(1.5),
            cases: all(&|raced| {
                vec![
                    raced.exponent(WHOLE, " whole"),
                    raced.exponent(
                        DIFFERENCES,
                        if raced.variant(WHOLE).is_some() { " with cones" } else { " whole" },
                    ),
                ]
            }),
        },
        Claim {
            says: "Backpropagation scales to large models.",
            quote: "suitable for training deep neural networks",
            measure: "exponent of the time by n, at most 1.2",
            bound: Bound::AtMost(1.2),
            cases: all(&|raced| {
                vec![raced.exponent(UNROLLED, ""), raced.exponent(ROLLED, " with loops kept")]
            }),
        },
        Claim {
            says: "Backpropagation is extremely quick.",
            quote: "while at the same time being extremely quick",
            measure: "time of a gradient at the largest size, in evaluations of the function itself",
            bound: Bound::AtMost(5.0),
            cases: all(&|raced| {
                let form = if raced.variant(ROLLED).is_some() { ROLLED } else { UNROLLED };
                vec![
                    raced.largest(form, Row::ratio).map(|(n, ratio)| {
                        Case::shown(raced.name, ratio, format!("{}× (n = {n})", brief(ratio)))
                    }),
                ]
            }),
        },
        Claim {
            says: "For large models backpropagation leaves the numerical method behind.",
            quote: "it would lead to lots of repeated computations, making it very slow",
            measure: "time of finite differences over that of backpropagation at the largest size; 10 and more",
            bound: Bound::AtLeast(10.0),
            cases: all(&|raced| vec![ahead(raced)]),
        },
        Claim {
            says: "A symbolic gradient, once found, is quick to evaluate.",
            quote: "once an expression for the gradient is found, evaluating it can be fast",
            measure: "its time over that of backpropagation on the same unrolled graph, the largest size that has both",
            bound: Bound::AtMost(1.5),
            cases: all(&|raced| vec![once_found(raced, REVERSE), once_found(raced, REVERSE_EGG)]),
        },
        slower_than_numerical(raced),
        Claim {
            says: "Finding the expression first pays off, since evaluating it is quick.",
            quote: "once an expression for the gradient is found, evaluating it can be fast",
            measure: "gradients from which on it is cheaper than finite differences, finding included; at most 1000",
            bound: Bound::AtMost(1000.0),
            cases: all(&|raced| vec![pays(raced, REVERSE), pays(raced, REVERSE_EGG), pays(raced, FORWARD)]),
        },
        Claim {
            says: "Backpropagation keeps intermediate results of the forward pass.",
            quote: "storing intermediate computations that it will later need along the way",
            measure: "bytes held per node of the function at the largest size; 8 is one number for each",
            bound: Bound::AtLeast(8.0),
            cases: all(&|raced| vec![memory(raced, UNROLLED, ""), memory(raced, ROLLED, " with loops kept")]),
        },
    ]
}

fn evaluations(raced: &Raced) -> Option<Case> {
    let points: Vec<(f64, f64)> = raced
        .rows(DIFFERENCES)
        .filter_map(|row| Some((row.inputs as f64, (row.evaluations? as f64).ln())))
        .collect();
    let found = fit(&points)?;
    let slope = if found.law == Law::Power { found.slope } else { found.last };
    let most = raced.largest(DIFFERENCES, |row| Some((row.evaluations?, row.inputs)))?.1;
    let sure =
        if found.uncertainty.is_finite() { format!(" ± {:.2}", found.uncertainty) } else { String::new() };
    Some(Case::shown(raced.name, slope, format!("{slope:.2}{sure} ({} for {} inputs)", most.0, most.1)))
}

/// By how much backpropagation is ahead at the largest size, and from which it is.
fn ahead(raced: &Raced) -> Option<Case> {
    let form = if raced.variant(ROLLED).is_some() { ROLLED } else { UNROLLED };
    let ratio = |row: &Row| Some(row.gradient?.min / raced.time(form, row.size)?);
    let (n, most) = raced.largest(DIFFERENCES, ratio)?;
    let numerical = raced.variant(DIFFERENCES)?;
    let crossover = raced
        .growth
        .crossovers
        .iter()
        .find(|crossover| crossover.below == numerical && Some(crossover.above) == raced.variant(form));
    let since = match crossover {
        Some(crossover) => format!("overtakes at n ≈ {:.0}", crossover.size),
        None if most > 1.0 => {
            let smallest = raced.rows(DIFFERENCES).find(|row| row.gradient.is_some())?.size;
            format!("ahead from the smallest, n = {smallest}, on")
        }
        None => "never overtakes".to_owned(),
    };
    Some(Case::shown(raced.name, most, format!("{}× at n = {n} ({since})", brief(most))))
}

fn once_found(raced: &Raced, form: VariantSpec) -> Option<Case> {
    let (n, ratio) = raced.largest(form, |row| Some(row.gradient?.min / raced.time(UNROLLED, row.size)?))?;
    Some(Case::shown(
        format!("{} ({})", raced.name, form.form()),
        ratio,
        format!("{} at n = {n}", brief(ratio)),
    ))
}

fn pays(raced: &Raced, form: VariantSpec) -> Option<Case> {
    // Where it never pays there is a time and no number.
    let (n, gradients) = raced.largest(form, |row| {
        row.gradient?;
        raced.time(DIFFERENCES, row.size)?;
        Some(row.pays_from.unwrap_or(f64::INFINITY))
    })?;
    let shown = if gradients.is_finite() { format!("{gradients:.0}") } else { "never".to_owned() };
    Some(Case::shown(format!("{} ({})", raced.name, form.form()), gradients, format!("{shown} at n = {n}")))
}

fn memory(raced: &Raced, form: VariantSpec, name: &str) -> Option<Case> {
    let (n, bytes) = raced.largest(form, |row| Some(row.bytes? as f64 / row.function_nodes as f64))?;
    Some(Case::shown(format!("{}{name}", raced.name), bytes, format!("{} at n = {n}", brief(bytes))))
}

/// By the way in which the gradient is found: the geometric mean over families, each at its largest size.
fn slower_than_numerical(raced: &[Raced]) -> Claim {
    let mean = |name: &str, ratios: Vec<f64>| {
        let ratio = geometric_mean(&ratios);
        (!ratios.is_empty()).then(|| Case::shown(name, ratio, format!("{}×", brief(ratio))))
    };
    let each = |form: VariantSpec, prepare: bool| {
        raced.iter().filter_map(|raced| raced.against(form, prepare)).collect()
    };
    // Operators of the formulas as trees over those that finite differences run.
    let trees = raced
        .iter()
        .filter_map(|raced| {
            let (size, log10) = raced.largest(TREE, |row| {
                raced.at(DIFFERENCES, row.size)?.evaluations?;
                row.log10_nodes
            })?;
            let numerical = raced.at(DIFFERENCES, size)?;
            Some(10f64.powf(log10) / (numerical.evaluations? as f64 * numerical.nodes? as f64))
        })
        .collect();
    let cases = [
        mean("written out as trees (operators)", trees),
        mean("first gradient (forward)", each(FORWARD, true)),
        mean("first gradient (reverse)", each(REVERSE, true)),
        mean("first gradient (reverse and egg)", each(REVERSE_EGG, true)),
        mean("every further gradient (reverse)", each(REVERSE, false)),
        mean("every further gradient (reverse and egg)", each(REVERSE_EGG, false)),
    ];
    Claim {
        says: "The symbolic method is even slower than the numerical one.",
        quote: "is even slower than the numerical method",
        measure: "its time over that of finite differences, the mean over families at their largest sizes; 1 and more is \
                  slower",
        bound: Bound::AtLeast(1.0),
        cases: cases.into_iter().flatten().collect(),
    }
}
