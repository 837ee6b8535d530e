//! How many digits each way of differentiating gets right, on every family.

use chainrule::numerical::Scheme;
use chainrule::symbolic::Mode;
use chainrule::{Backprop, Numerical, Strategy, StrategyName, Symbolic};

use super::claim::{Bound, Case, Claim};
use super::figure::{Figure, Picture, Table, cell};
use super::{EXACT_DIGITS, Effort, Findings, Plan, middle};
use crate::families::FAMILIES;
use harness::Subject;
use harness::comparison::{Options, compare};

pub(super) const PLAN: Plan = Plan {
    id: "precision",
    title: "Precision",
    about: "Every family at its smallest sizes, at points that are drawn; every component of every gradient that is not 0 \
            is held against the certified one. ULP is how many doubles lie between. Difference quotients take the step that \
            theory gives for their order; adaptive differences choose theirs, and estimate their error.",
    run,
};

/// A form of a strategy, and the components that it was seen at.
struct Seen {
    strategy: Box<dyn Strategy>,
    /// Right digits and ULP of those that are not 0: of these every form says so.
    components: Vec<(f64, f64)>,
    /// Per family, the fewest right digits of a component.
    fewest: Vec<(&'static str, f64)>,
}

fn run(effort: &Effort) -> Findings {
    let schemes = [Scheme::Forward, Scheme::Central2, Scheme::Central4, Scheme::Central6, Scheme::Adaptive];
    let mut forms = schemes.map(|scheme| Numerical { scheme, whole: false }.spec()).to_vec();
    // What is simplified is a function of its own, and may round otherwise.
    forms.extend([false, true].map(|egg| Symbolic { mode: Mode::Reverse, egg, accurate: false }.spec()));
    forms.push(Backprop.spec());
    let mut all: Vec<Seen> = forms
        .into_iter()
        .map(|form| Seen { strategy: Box::new(form), components: Vec::new(), fewest: Vec::new() })
        .collect();
    let options = Options::default();
    let mut table = Table::new(&[
        "family",
        "n",
        "point",
        "form",
        "outcome",
        "components",
        "fewest right digits",
        "median right digits",
        "most ULP",
        "median ULP",
    ]);
    let (sizes, points) = (effort.pick(1, 1, 2), effort.pick(1, 4, 10));
    for family in FAMILIES.iter().take(effort.pick(7, usize::MAX, usize::MAX)) {
        for &n in family.sizes.iter().take(sizes) {
            let function = family.function(n);
            let Ok(flat) = function.unroll(options.budget.nodes) else { continue };
            let drawn: Vec<Vec<f64>> =
                (0..points).map(|k| family.sample(n, effort.seed.wrapping_add(k))).collect();
            let subject = Subject::of(&function, &flat);
            for seen in &mut all {
                let found = compare(&subject, &drawn, std::slice::from_ref(&seen.strategy), &options);
                for (k, point) in found.points.iter().enumerate() {
                    seen.take(family.name, n, k, point, &mut table);
                }
            }
        }
    }
    Findings { claims: claims(&all), figures: vec![distributions(&all, table)], outcome: None }
}

impl Seen {
    /// One point.
    fn take(&mut self, family: &'static str, n: usize, k: usize, point: &harness::Point, table: &mut Table) {
        let entry = &point.entries[0];
        let (Some(ulp), Some(reference)) = (&entry.ulp, &point.reference) else { return };
        let pairs: Vec<(f64, f64)> = entry
            .components
            .iter()
            .zip(ulp)
            .zip(reference.gradients.iter().flatten())
            .filter(|(((_, digits), ulp), _)| !digits.is_nan() && !ulp.is_nan())
            // What an output does not depend on is no test of a way to differentiate.
            .filter(|(_, truth)| truth.known() != Some(0.0))
            .map(|(((_, digits), ulp), _)| (digits.clamp(0.0, 16.0), *ulp))
            .collect();
        if pairs.is_empty() {
            return;
        }
        let digits: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
        let ulps: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
        let fewest = digits.iter().copied().fold(f64::INFINITY, f64::min);
        match self.fewest.last_mut() {
            Some((own, digits)) if *own == family => *digits = digits.min(fewest),
            _ => self.fewest.push((family, fewest)),
        }
        table.push(vec![
            family.to_owned(),
            n.to_string(),
            (k + 1).to_string(),
            self.strategy.spec().label(),
            entry.outcome.word().to_owned(),
            pairs.len().to_string(),
            format!("{fewest:.2}"),
            format!("{:.2}", middle(&digits)),
            cell(ulps.iter().copied().reduce(f64::max)),
            cell(Some(middle(&ulps))),
        ]);
        self.components.extend(pairs);
    }

    fn median_digits(&self) -> f64 {
        middle(&self.components.iter().map(|pair| pair.0).collect::<Vec<_>>())
    }
}

/// Per family, the fewest right digits of any component by any of these forms.
fn by_family<'a>(forms: impl Iterator<Item = &'a Seen>) -> Vec<Case> {
    let mut all: Vec<(&'static str, f64)> = Vec::new();
    for (family, digits) in forms.flat_map(|seen| seen.fewest.iter().copied()) {
        match all.iter_mut().find(|(own, _)| *own == family) {
            Some((_, fewest)) => *fewest = fewest.min(digits),
            None => all.push((family, digits)),
        }
    }
    all.into_iter().map(|(family, digits)| Case::shown(family, digits, format!("{digits:.1}"))).collect()
}

fn claims(all: &[Seen]) -> Vec<Claim> {
    let of = |name: StrategyName| {
        all.iter().filter(move |seen| seen.strategy.spec().name() == name && !seen.components.is_empty())
    };
    let digits = |seen: &Seen| {
        let digits = seen.median_digits();
        Case::shown(seen.strategy.spec().variant(), digits, format!("{digits:.1}"))
    };
    vec![
        Claim {
            says: "Nudging each parameter and watching the loss gives an imprecise gradient.",
            quote: "This method lacks precision",
            measure: "right digits of the median component that is not 0, of 16; imprecise is fewer than 12",
            bound: Bound::AtMost(EXACT_DIGITS),
            cases: of(StrategyName::Numerical).map(digits).collect(),
        },
        Claim {
            says: "The rules of calculus give an exact expression.",
            quote: "uses calculus rules to derive an exact expression for the gradient",
            measure: "fewest right digits of any component of each family when it is evaluated, simplified or not",
            bound: Bound::AtLeast(EXACT_DIGITS),
            cases: by_family(of(StrategyName::Symbolic)),
        },
        Claim {
            says: "Backpropagation is exact.",
            quote: "It brings exact precision",
            measure: "fewest right digits of any component of each family",
            bound: Bound::AtLeast(EXACT_DIGITS),
            cases: by_family(of(StrategyName::Backprop)),
        },
    ]
}

/// How many components are how far off.
fn distributions(all: &[Seen], table: Table) -> Figure {
    let ends = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, f64::INFINITY];
    let bins = ["0–2", "2–4", "4–6", "6–8", "8–10", "10–11", "11–12", "12–13", "13–14", "14–15", "15–16"];
    let shares = |seen: &Seen| {
        let count = seen.components.len().max(1) as f64;
        let within = |k: usize| {
            let is_in = |digits: f64| digits >= ends[k] && digits < ends[k + 1];
            seen.components.iter().filter(|(digits, _)| is_in(*digits)).count() as f64 / count
        };
        (seen.strategy.spec().label(), (0..bins.len()).map(within).collect())
    };
    Figure {
        name: "errors".to_owned(),
        title: "Right digits of every component".to_owned(),
        about: "Each row is one way to differentiate: the share of all components that has so many right digits, of 16; from \
                12 on they are exact up to rounding."
            .to_owned(),
        picture: Picture::Shares {
            bins: bins.map(str::to_owned).to_vec(),
            rows: all.iter().map(shares).collect(),
        },
        table,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_output_does_not_depend_on_is_not_counted() {
        let f = chainrule::parse("[sin(x), sin(y)]").unwrap();
        let spec = Numerical { scheme: Scheme::Forward, whole: false }.spec();
        let mut seen = Seen { strategy: Box::new(spec), components: Vec::new(), fewest: Vec::new() };
        let subject = Subject::of(&f, &f);
        let found =
            compare(&subject, &[vec![0.5, 0.7]], std::slice::from_ref(&seen.strategy), &Options::default());
        let mut table = Table::new(&["", "", "", "", "", "", "", "", "", ""]);
        seen.take("sines", 1, 0, &found.points[0], &mut table);
        assert_eq!(seen.components.len(), 2);
        assert!(seen.median_digits() < EXACT_DIGITS);
        let cases = by_family(std::iter::once(&seen));
        assert!(
            matches!(&cases[..], [case] if case.name == "sines" && case.measured < EXACT_DIGITS),
            "{cases:?}"
        );
    }
}
