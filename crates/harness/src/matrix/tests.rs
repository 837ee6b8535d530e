use chainrule::{
    AccurateBackprop, Backprop, Budget, Cost, Derivative, Prepared, Refusal, StrategySpec, strategies,
};
use expr::Function;

use super::*;

/// Backpropagation with something wrong.
struct Planted(fn(&mut Derivative, &Seeds<'_>));

struct PlantedReady(Box<dyn Prepared>, fn(&mut Derivative, &Seeds<'_>));

impl Strategy for Planted {
    fn spec(&self) -> StrategySpec {
        Backprop.spec()
    }

    fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        Ok(Box::new(PlantedReady(Backprop.prepare(f, want, budget)?, self.0)))
    }
}

impl Prepared for PlantedReady {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        self.run_with(x, Seeds::NONE, out)
    }

    fn run_with(&mut self, x: &[f64], seeds: Seeds<'_>, out: &mut Derivative) -> Result<(), Refusal> {
        self.0.run_with(x, seeds, out)?;
        (self.1)(out, &seeds);
        Ok(())
    }

    fn cost(&self) -> Cost {
        self.0.cost()
    }
}

const TEXT: &str = "[x*y^2*z, sin(x) + exp(y*z), x^3/z]";
const AT: [f64; 3] = [0.75, 1.25, 2.0];
const ALONG: [f64; 6] = [1.0, 0.5, -2.0, 0.25, 0.0, 3.0];
const WEIGHTS: [f64; 3] = [2.0, -1.0, 0.5];

fn seeds(want: Want) -> Seeds<'static> {
    match want {
        Want::Jvp => Seeds { along: &ALONG, ..Seeds::NONE },
        Want::Hvp => Seeds { along: &ALONG, weights: &WEIGHTS },
        Want::Gradient | Want::Jacobian => Seeds::NONE,
        _ => Seeds { weights: &WEIGHTS, ..Seeds::NONE },
    }
}

fn compared(
    text: &str,
    at: &[f64],
    kind: Kind<'_>,
    by: &[Box<dyn Strategy>],
    reference: bool,
) -> MatrixComparison {
    let subject = Subject::new(syntax::parse(text).unwrap(), 100_000).unwrap();
    let reference_nodes = if reference { 20_000 } else { 0 };
    let options = Options { reference_nodes, ..Options::default() };
    compare_matrix(&subject, kind, &[at.to_vec()], by, &options)
}

#[test]
fn all_strategies_agree_with_certified_entries_on_every_kind() {
    for want in Want::ALL.into_iter().filter(|want| *want != Want::Gradient) {
        for reference in [true, false] {
            let kind = Kind { want, seeds: seeds(want) };
            let found = compared(TEXT, &AT, kind, &strategies(), reference);
            let point = &found.points[0];
            let words: Vec<_> =
                point.entries.iter().map(|entry| (entry.spec.label(), &entry.components)).collect();
            assert!(point.components.iter().all(|word| *word == Outcome::Agree), "{want}: {words:?}");
            assert_eq!(point.components.len(), found.shape[0] * found.shape[1], "{want}");
            assert_eq!(point.reference.is_some(), reference);
            assert!(point.entries[0].answer.as_ref().unwrap().error_estimate.is_some());
            let subject = Subject::new(syntax::parse(TEXT).unwrap(), 1_000).unwrap();
            assert_eq!(point.values, *subject.written().evaluate((), &AT));
            // 32 digits, rounded, are the certified double.
            let mut accurate = Derivative::default();
            let mut prepared = AccurateBackprop.prepare(subject.written(), want, &Budget::default()).unwrap();
            prepared.run_with(&AT, kind.seeds, &mut accurate).unwrap();
            if let Some(reference) = &point.reference {
                let known: Vec<Option<f64>> =
                    reference.gradients.iter().flatten().map(|c| c.known()).collect();
                let own: Vec<Option<f64>> = accurate.entries.iter().map(|entry| Some(*entry)).collect();
                assert_eq!(known, own, "{want}");
            }
        }
    }
}

#[test]
fn what_is_planted_is_rejected() {
    type Plant = fn(&mut Derivative, &Seeds<'_>);
    let transposed: Plant = |out, _| {
        let [rows, columns] = out.shape;
        let own = out.entries.clone();
        out.entries.iter_mut().enumerate().for_each(|(k, entry)| *entry = own[k % rows * columns + k / rows]);
    };
    let swapped: Plant = |out, _| {
        let columns = out.shape[1];
        out.entries.chunks_mut(columns).for_each(|row| row.swap(0, 1));
    };
    let dropped: Plant = |out, _| out.entries[1] = 0.0;
    let lower_for_upper: Plant = |out, _| {
        let columns = out.shape[1];
        for row in 0..columns {
            out.entries[row * columns + row + 1..(row + 1) * columns].fill(0.0);
        }
    };
    let doubled: Plant = |out, _| {
        let columns = out.shape[1];
        out.entries
            .iter_mut()
            .enumerate()
            .filter(|(k, _)| k / columns != k % columns)
            .for_each(|(_, e)| *e *= 2.0);
    };
    let negated: Plant = |out, _| out.entries[2] = -out.entries[2];
    let last_digits: Plant = |out, _| out.entries[2] *= 1.0 + 1e-9;
    let all: [(&str, Plant, &[Want]); 7] = [
        ("transposed", transposed, &[Want::Jacobian]),
        ("colours swapped", swapped, &[Want::Jacobian, Want::Hessian, Want::Jvp, Want::Hvp, Want::Vjp]),
        (
            "entry dropped",
            dropped,
            &[Want::Jacobian, Want::Hessian, Want::HessianDiagonal, Want::Hvp, Want::Jvp, Want::Vjp],
        ),
        ("lower for upper", lower_for_upper, &[Want::Hessian]),
        ("factor 2 off the diagonal", doubled, &[Want::Hessian, Want::Jacobian]),
        (
            "sign",
            negated,
            &[Want::Jacobian, Want::Hessian, Want::HessianDiagonal, Want::Hvp, Want::Jvp, Want::Vjp],
        ),
        (
            "ninth digit",
            last_digits,
            &[Want::Jacobian, Want::Hessian, Want::HessianDiagonal, Want::Hvp, Want::Jvp, Want::Vjp],
        ),
    ];
    for (name, plant, wants) in all {
        for &want in wants {
            for reference in [true, false] {
                let seeds = match want {
                    Want::Vjp => Seeds { weights: &[2.0, -1.0, 0.5, 1.0, 3.0, -0.5], ..Seeds::NONE },
                    want => seeds(want),
                };
                let by: Vec<Box<dyn Strategy>> = vec![
                    Box::new(Numerical::default()),
                    Box::new(chainrule::Symbolic::default()),
                    Box::new(Planted(plant)),
                ];
                let found = compared(TEXT, &AT, Kind { want, seeds }, &by, reference);
                assert_eq!(found.verdict(), Outcome::Disagree, "{name}, {want}, reference {reference}");
                let entry = &found.points[0].entries[2];
                assert_eq!(entry.outcome, Outcome::Disagree, "{name}, {want}, reference {reference}");
            }
        }
    }
}

#[test]
fn a_weight_that_is_forgotten_is_rejected() {
    struct Forgets;
    impl Strategy for Forgets {
        fn spec(&self) -> StrategySpec {
            Backprop.spec()
        }

        fn prepare(&self, f: &Function, want: Want, budget: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
            struct Ready(Box<dyn Prepared>);
            impl Prepared for Ready {
                fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
                    self.0.run(x, out)
                }
                fn run_with(
                    &mut self,
                    x: &[f64],
                    seeds: Seeds<'_>,
                    out: &mut Derivative,
                ) -> Result<(), Refusal> {
                    self.0.run_with(x, Seeds { weights: &[], ..seeds }, out)
                }
                fn cost(&self) -> Cost {
                    self.0.cost()
                }
            }
            Ok(Box::new(Ready(Backprop.prepare(f, want, budget)?)))
        }
    }
    for want in [Want::Hessian, Want::HessianDiagonal, Want::Hvp] {
        let found = compared(TEXT, &AT, Kind { want, seeds: seeds(want) }, &[Box::new(Forgets)], true);
        assert_eq!(found.verdict(), Outcome::Disagree, "{want}");
    }
}

#[test]
fn entries_have_the_statuses_of_components() {
    let words = |text: &str, at: &[f64]| -> Vec<&'static str> {
        let kind = Kind { want: Want::Hessian, seeds: Seeds::NONE };
        let found = compared(text, at, kind, &strategies(), true);
        let point = &found.points[0];
        assert_ne!(point.verdict, Outcome::Disagree, "{text}: {:?}", point.entries);
        point
            .reference
            .as_ref()
            .unwrap()
            .gradients
            .iter()
            .flatten()
            .map(|component| component.word())
            .collect()
    };
    assert_eq!(words("x*abs(x)", &[0.0]), ["kink"]); // of the gradient
    assert_eq!(words("abs(x)", &[0.0]), ["kink"]); // of the function
    assert_eq!(words("abs(x)", &[1.0]), ["certified"]);
    assert_eq!(words("abs(x) + y^2", &[0.0, 1.0]), ["kink", "kink", "kink", "certified"]);
    assert_eq!(words("ln(x)", &[-1.0]), ["undefined"]);
    assert_eq!(words("sin(x)/x", &[0.0]), ["removable"]);
    assert_eq!(words("exp(x)", &[705.0]), ["certified"]);
    assert_eq!(words("exp(2*x)", &[354.8]), ["overflow"]);
    // A zero that no double sees.
    assert_eq!(words("x^2*y - y*x^2 + y^2", &[1e8, 3.0]), ["certified"; 4]);
}

#[test]
fn symmetry_needs_no_truth() {
    let f = syntax::parse("sum(i, 1, 4, sin(x[i]*x[i+1])) + x[1]^3*x[5]").unwrap();
    let along = [1.0, 0.5, -2.0, 0.25, 0.125, 3.0, 0.5, -1.0, 1.5, 2.0];
    let mut out = Derivative::default();
    let mut prepared = Backprop.prepare(&f, Want::Hvp, &Budget::default()).unwrap();
    prepared.run_with(&[0.5, 0.7, 1.1, 1.3, 0.2], Seeds { along: &along, ..Seeds::NONE }, &mut out).unwrap();
    assert!(symmetry_digits(&along, &out.entries) > 14.0);
    out.entries[2] *= 1.0 + 1e-6;
    assert!(symmetry_digits(&along, &out.entries) < 8.0);
}
