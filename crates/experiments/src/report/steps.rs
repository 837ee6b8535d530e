//! Whether some step makes a difference quotient exact.

use super::claim::{Bound, Case, Claim};
use super::figure::{Curve, Figure, Picture, Table, cell};
use super::{EXACT_DIGITS, Effort, Findings, Plan, middle, right_digits};
use crate::steps::{SCHEMES, steps};

pub(super) const PLAN: Plan = Plan {
    id: "steps",
    title: "Step sizes",
    about: "The relative error of every difference quotient at steps from the size of the input down to where nothing \
            moves any more: truncation rules on the right, rounding on the left, and the best step lies between. Known \
            only from the certified slope: nobody who has just the quotient can see where that is.",
    run,
};

const FUNCTIONS: [(&str, f64); 5] = [
    ("exp(sin(3*x))/x", 0.8),
    ("x*ln(1 + x^2)", 1.3),
    ("tanh(5*x) - x^3", 0.4),
    ("sqrt(1 + cos(x))", 1.1),
    ("1/(1 + exp(-7*x))", 0.6),
];
fn run(effort: &Effort) -> Findings {
    let mut table = Table::new(&["function", "x", "scheme", "step", "relative error"]);
    let mut best = vec![Vec::new(); SCHEMES.len()];
    let (mut adaptive, mut figures) = (Vec::new(), Vec::new());
    for (text, at) in FUNCTIONS.into_iter().take(effort.pick(2, 5, 5)) {
        let f = syntax::parse(text).expect("a function of ours");
        let Ok(found) = steps(&f, &[at], 0) else { continue };
        adaptive.push(found.adaptive_error());
        for (k, scheme) in SCHEMES.iter().enumerate() {
            best[k].push(found.best(k).1);
            for (step, error) in found.steps.iter().zip(&found.errors[k]) {
                table.push(vec![
                    text.to_owned(),
                    at.to_string(),
                    scheme.name().to_owned(),
                    cell(Some(*step)),
                    cell(Some(*error)),
                ]);
            }
        }
        if figures.is_empty() {
            let curve = |(k, scheme): (usize, &numerical::Scheme)| {
                let points = found.steps.iter().zip(&found.errors[k]);
                // What hits the slope itself has no place on a logarithmic axis.
                let points = points.filter(|(_, error)| **error > 0.0).map(|(step, error)| (*step, *error));
                Curve { name: scheme.name().to_owned(), points: points.collect(), fit: None }
            };
            figures.push(Figure {
                name: "curves".to_owned(),
                title: "The V-curve of step sizes".to_owned(),
                about: format!("{text} at x = {at}: right digits against step"),
                picture: Picture::Curves {
                    x: "step h, in units of x".to_owned(),
                    y: "right digits of the quotient, of 16".to_owned(),
                    joined: true,
                    is_error: true,
                    curves: SCHEMES.iter().enumerate().map(curve).collect(),
                },
                table: Table::default(),
            });
        }
    }
    if let Some(figure) = figures.first_mut() {
        figure.table = table;
    }
    let case = |name: &str, errors: &[f64]| {
        let digits = right_digits(middle(errors));
        Case::shown(name, digits, format!("{digits:.1}"))
    };
    let mut cases: Vec<Case> =
        SCHEMES.iter().zip(&best).map(|(scheme, errors)| case(scheme.name(), errors)).collect();
    cases.push(case("adaptive", &adaptive));
    let claim = Claim {
        says: "The numerical method lacks precision whatever the step.",
        quote: "This method lacks precision",
        measure: "right digits at the best of all steps, of 16, median of several functions; fewer than 12 are imprecise",
        bound: Bound::AtMost(EXACT_DIGITS),
        cases,
    };
    Findings { claims: vec![claim], figures, outcome: None }
}
