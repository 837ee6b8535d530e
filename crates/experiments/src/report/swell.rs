//! How large a symbolic gradient is, and how long it takes to find it, by the way in which it is written.

use std::time::Duration;

use chainrule::{Budget, Derivative, Numerical, Strategy, Want};

use super::claim::{Bound, Case, Claim};
use super::figure::{Curve, Figure, Picture, Table, brief, cell};
use super::{Effort, Findings, Plan, geometric_mean};
use crate::families::Family;
use crate::grow::fit;
use crate::swell::{Built, Count, swell};
use harness::measure::time;

pub(super) const PLAN: Plan = Plan {
    id: "swell",
    title: "Expression swell",
    about: "Operators of the gradient as a function grows, by how it is written: as trees, which are counted and never \
            built; with equal parts made one (CSE); by the chain rule forward or in reverse on the shared graph; after egg; \
            and with loops kept as loops (rolled). Beside it the time to find each, in gradients by finite differences.",
    run,
};

const WAYS: [&str; 6] = ["tree", "CSE", "forward", "reverse", "egg", "rolled"];
/// From so many times the function's own operators on, an expression is called large.
const LARGE: f64 = 10.0;

fn run(effort: &Effort) -> Findings {
    let sizes: [(&str, &[usize]); 5] = [
        ("logistic", &[5, 10, 20, 40]),
        ("rosenbrock", &[10, 30, 100, 300]),
        ("mlp", &[2, 4, 8, 16]),
        ("chain", &[10, 20, 40, 80]),
        ("determinant", &[3, 4, 5, 6]),
    ];
    let (families, most) = (effort.pick(2, 5, 5), effort.pick(2, 4, 4));
    let mut table = Table::new(&[
        "family",
        "n",
        "operators of f",
        "way",
        "operators",
        "÷ f",
        "ns to find",
        "ns of a numerical gradient",
    ]);
    // Per way: how much larger than f, and how much longer than a numerical gradient, at each family's largest size.
    let mut larger = vec![Vec::new(); WAYS.len()];
    let mut longer = vec![Vec::new(); WAYS.len()];
    let (mut explodes, mut curves) = (Vec::new(), Vec::new());
    for (name, sizes) in &sizes[..families] {
        let family = Family::named(name).expect("a family of ours");
        let mut lines = vec![Vec::new(); WAYS.len()];
        for &n in &sizes[..most] {
            let written = family.function(n);
            let Ok(found) = swell(&written, 2_000_000) else { continue };
            let Some(own) = exact(&found.function) else { continue };
            let differences = differences(family, n, effort);
            let ways: [(Option<f64>, Option<f64>); 6] = [
                (exact(&found.tree), None),
                built(&found.common),
                built(&found.forward),
                built(&found.reverse),
                built(&found.egg),
                (found.rolled.map(|rolled| rolled as f64), None),
            ];
            for (k, (operators, nanoseconds)) in ways.into_iter().enumerate() {
                let Some(operators) = operators else { continue };
                lines[k].push((n as f64, operators, operators / own, nanoseconds.zip(differences)));
                table.push(vec![
                    (*name).to_owned(),
                    n.to_string(),
                    own.to_string(),
                    WAYS[k].to_owned(),
                    cell(Some(operators)),
                    brief(operators / own),
                    cell(nanoseconds),
                    cell(differences),
                ]);
            }
        }
        let trees: Vec<(f64, f64)> = lines[0].iter().map(|(n, operators, ..)| (*n, operators.ln())).collect();
        if let Some(law) = fit(&trees) {
            explodes.push(Case::shown(*name, law.last, format!("{:.1}", law.last)));
        }
        for (k, line) in lines.iter().enumerate() {
            if let Some((_, _, ratio, times)) = line.last() {
                larger[k].push((*name, *ratio));
                longer[k].extend(times.map(|(find, differences)| find / differences));
            }
            if *name == "logistic" && !line.is_empty() {
                let points = line.iter().map(|(n, operators, ..)| (*n, *operators)).collect();
                curves.push(Curve { name: WAYS[k].to_owned(), points, fit: None });
            }
        }
    }
    let worst = |(k, ratios): (usize, &Vec<(&str, f64)>)| {
        let (family, ratio) = ratios.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(Case::shown(WAYS[k], ratio, format!("{}× ({family})", brief(ratio))))
    };
    let mean = |(k, ratios): (usize, &Vec<f64>)| {
        let ratio = geometric_mean(ratios);
        (!ratios.is_empty()).then(|| Case::shown(WAYS[k], ratio, format!("{}×", brief(ratio))))
    };
    let claims = vec![
        Claim {
            says: "Symbolic gradients are large expressions that repeat themselves.",
            quote: "due to large, repeated expressions",
            measure: "operators of f and its gradient over those of f, the worst family at its largest size; large is 10 and more",
            bound: Bound::AtLeast(LARGE),
            cases: larger.iter().enumerate().filter_map(worst).collect(),
        },
        Claim {
            says: "Writing the gradient out by hand is infeasible for complex models.",
            quote: "is infeasible for complex models",
            measure: "exponent at which operators on paper (trees) grow at the largest sizes; 2 and more is faster than any \
                      model should",
            bound: Bound::AtLeast(2.0),
            cases: explodes,
        },
        Claim {
            says: "Finding the symbolic gradient is slow.",
            quote: "making it infeasible to use in practice",
            measure: "time to find it over that of one gradient by finite differences, the mean over families; slow is 1 and more",
            bound: Bound::AtLeast(1.0),
            cases: longer.iter().enumerate().filter_map(mean).collect(),
        },
    ];
    let figure = Figure {
        name: "operators".to_owned(),
        title: "Operators of the gradient of the logistic map".to_owned(),
        about: "Written as a tree it explodes; shared, simplified or rolled it does not.".to_owned(),
        picture: Picture::Curves {
            x: "size n of the family".to_owned(),
            y: "operators, count".to_owned(),
            joined: true,
            is_error: false,
            curves,
        },
        table,
    };
    Findings { claims, figures: vec![figure], outcome: None }
}

fn exact(count: &Count) -> Option<f64> {
    match count {
        Count::Exactly(digits) => digits.parse().ok(),
        Count::Over(_) => None,
    }
}

fn built(built: &Built) -> (Option<f64>, Option<f64>) {
    (exact(&built.operators), built.nanoseconds)
}

/// Nanoseconds of a gradient by finite differences.
fn differences(family: &Family, n: usize, effort: &Effort) -> Option<f64> {
    let at = family.sample(n, effort.seed);
    let mut prepared =
        Numerical::default().prepare(&family.function(n), Want::Gradient, &Budget::default()).ok()?;
    let mut out = Derivative::default();
    let mut ran = Ok(());
    let times = time(Duration::from_millis(effort.pick(1, 10, 50)), || ran = prepared.run(&at, &mut out));
    ran.ok().map(|()| times.min)
}
