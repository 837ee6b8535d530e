//! Faults planted on purpose: each must be caught, or the checks are worth nothing.

use std::sync::Arc;

use chainrule::{
    AccurateBackprop, Backprop, Budget, Cost, Derivative, Numerical, Prepared, Refusal, Strategy,
    StrategySpec, Symbolic, Want,
};
use experiments::FAMILIES;
use expr::{self, Calculus, Expr, Function, Op, Scalar};
use harness::judge::{Claim, judge};
use harness::rounding::rounding_error;
use harness::{Options, Outcome, Subject, compare};
use reference::{Component, Limits, certify};
use support::smooth_point::smooth_point;

const QUIET: Options = Options {
    budget: Budget { nodes: 1_000_000, evaluations: 1_000_000, entries: 1_000_000 },
    patience: None,
    reference_nodes: 0,
    formulas: false,
    samples: false,
};

/// Answers whatever it was told to.
struct Answering(Answer);

type Answer = Arc<dyn Fn(&[f64]) -> Derivative + Send + Sync>;

impl Answering {
    fn boxed(answer: impl Fn(&[f64]) -> Derivative + Send + Sync + 'static) -> Box<dyn Strategy> {
        Box::new(Answering(Arc::new(answer)))
    }
}

impl Strategy for Answering {
    fn spec(&self) -> StrategySpec {
        AccurateBackprop.spec()
    }

    fn prepare(&self, _: &Function, _: Want, _: &Budget) -> Result<Box<dyn Prepared>, Refusal> {
        Ok(Box::new(Answering(self.0.clone())))
    }
}

impl Prepared for Answering {
    fn run(&mut self, x: &[f64], out: &mut Derivative) -> Result<(), Refusal> {
        *out = (self.0)(x);
        Ok(())
    }

    fn cost(&self) -> Cost {
        Cost::default()
    }
}

/// A backward sweep with one rule of the table mutated: its gradient flipped, or 1 where it is 0.
fn sweep(f: &Function, x: &[f64], mutant: Option<(Op, usize)>) -> Derivative {
    let flip = |op: Op, k: usize, g: f64| match g {
        _ if mutant != Some((op, k)) => g,
        0.0 => 1.0,
        g => -g,
    };
    Derivative {
        values: f.evaluate((), x),
        gradient: support::mutated::gradient(f, x, flip),
        ..Derivative::default()
    }
}

#[test]
fn finite_differences_alone_see_every_mutated_row() {
    for &op in Op::ALL {
        let point = smooth_point(op, "faults");
        let inputs = op.free_arguments();
        let f = Function::build(|g| {
            let mut arguments: Vec<Expr<'_>> =
                ["a", "b", "c"][..inputs].iter().map(|name| g.input(name)).collect();
            arguments.extend(point[inputs..].iter().map(|&value| g.constant(value)));
            // Whatever the value, the gradient has a scale.
            let beside = arguments[0].exp();
            vec![g.fold(expr::Fold::Sum, &[Expr::apply(op, &arguments), beside])]
        });
        let x = &point[..inputs];
        for mutant in std::iter::once(None).chain((0..inputs).map(|k| Some((op, k)))) {
            let own = f.clone();
            let strategies: [Box<dyn Strategy>; 2] =
                [Box::new(Numerical::default()), Answering::boxed(move |x| sweep(&own, x, mutant))];
            let comparison = compare(&Subject::of(&f, &f), &[x.to_vec()], &strategies, &QUIET);
            let point = &comparison.points[0];
            let expected = if mutant.is_none() { Outcome::Agree } else { Outcome::Disagree };
            assert_eq!(point.verdict, expected, "{op:?} mutated at {mutant:?}: {point:#?}");
            if let Some((_, k)) = mutant {
                assert_eq!(point.entries[1].components[k].0, Outcome::Disagree, "{op:?}, argument {k}");
            }
        }
    }
}

/// Gradients that are wrong, each in its own way, with names.
fn mutants(gradient: &[f64]) -> Vec<(&'static str, Vec<f64>)> {
    let mut all: Vec<(&str, Vec<f64>)> = vec![
        ("zero", vec![0.0; gradient.len()]),
        ("NaN", vec![f64::NAN; gradient.len()]),
        ("scaled", gradient.iter().map(|g| g * (1.0 + 1e-6)).collect()),
        ("flipped", gradient.iter().map(|g| -g).collect()),
    ];
    let size = gradient.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
    let largest = gradient.iter().position(|g| g.abs() == size).unwrap();
    let mut one = gradient.to_vec();
    one[largest] *= 1.01;
    all.push(("one component", one));
    let mut rotated = gradient.to_vec();
    rotated.rotate_right(1);
    if rotated != gradient {
        all.push(("permuted", rotated));
    }
    all
}

#[test]
fn families_are_what_the_reference_certifies() {
    for family in FAMILIES {
        for &n in family.sizes {
            let f = family.number(n, 1_000_000).unwrap();
            let x = family.sample(n, 2);
            let certificate = certify(&f, &x, &Limits::default());
            let truths: Vec<f64> = certificate.gradients[0]
                .iter()
                .map(|component| match component {
                    Component::Certified { gradient, .. } => *gradient,
                    other => panic!("{} at {n}: {other:?}", family.name),
                })
                .collect();
            let scale = truths.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
            let rounding = rounding_error(&f, 0, &x).unwrap();
            let wrong = |gradient: &[f64]| {
                let verdict = |k: usize| {
                    let claim = Claim { value: gradient[k], radius: 0.0 };
                    judge(claim, truths[k], 4.0 * rounding[k], scale)
                };
                assert_eq!(gradient.len(), truths.len(), "{} at {n}", family.name);
                (0..truths.len()).find(|&k| !verdict(k).agrees())
            };
            let mut by_hand = vec![0.0; x.len()];
            (family.gradient)(n, &x, &mut by_hand);
            assert_eq!(wrong(&by_hand), None, "{} at {n} by hand: {by_hand:?}, {truths:?}", family.name);
            let strategies: [Box<dyn Strategy>; 3] = [
                Box::new(Symbolic { egg: false, ..Symbolic::default() }),
                Box::new(Backprop),
                Box::new(AccurateBackprop),
            ];
            for strategy in strategies {
                let mut out = Derivative::default();
                // With its loops, where a strategy keeps them and it is one number as it is written.
                let written = family.function(n);
                let several = written.unroll(1_000_000).unwrap().outputs().len() > 1;
                let written = if several { &f } else { &written };
                strategy
                    .prepare(written, Want::Gradient, &Budget::default())
                    .unwrap()
                    .run(&x, &mut out)
                    .unwrap();
                let spec = strategy.spec();
                assert_eq!(wrong(&out.gradient), None, "{} at {n}: {spec}", family.name);
            }
            if n == family.sizes[0] {
                let known = Options { reference_nodes: usize::MAX, ..QUIET };
                let differences: [Box<dyn Strategy>; 1] = [Box::new(Numerical::default())];
                let found = compare(&Subject::of(&f, &f), std::slice::from_ref(&x), &differences, &known);
                assert_eq!(found.verdict(), Outcome::Agree, "{} at {n}: {found:#?}", family.name);
            }
            for (name, mutant) in mutants(&by_hand) {
                assert!(wrong(&mutant).is_some(), "{} at {n} takes a gradient that is {name}", family.name);
            }
        }
    }
}

/// Larger functions have their own gradient judged, and no mutants of it.
const MOST_MUTATED: usize = 3_000;

#[test]
fn families_know_their_gradients_and_reject_mutants() {
    for family in FAMILIES {
        assert!(family.sizes.len() >= 3 || family.name == "article", "{}: three sizes", family.name);
        for &n in family.sizes {
            let f = family.number(n, 1_000_000).unwrap();
            let x = family.sample(n, 1);
            assert_eq!(x.len(), f.input_count(), "{} at {n}", family.name);
            let mut gradient = vec![0.0; x.len()];
            let value = (family.gradient)(n, &x, &mut gradient);
            // The value three times: as text, by hand, and by another route.
            for (route, other) in [("text", f.evaluate((), &x)[0]), ("another", (family.value)(n, &x))] {
                let claim = Claim { value: other, radius: 0.0 };
                let verdict = judge(claim, value, 1e-11 * value.abs().max(1.0), 1.0);
                assert!(verdict.agrees(), "{} at {n} by {route}: {other}, by hand {value}", family.name);
            }
            // What sees a mutant is the same at all sizes, and takes as long as the function is large.
            let mutants = if f.graph().len() <= MOST_MUTATED { mutants(&gradient) } else { Vec::new() };
            for (name, mutant) in std::iter::once(("the gradient itself", gradient)).chain(mutants) {
                let strategies: [Box<dyn Strategy>; 3] = [
                    Box::new(Symbolic { egg: false, ..Symbolic::default() }),
                    Box::new(Backprop),
                    Answering::boxed(move |_| Derivative {
                        values: vec![value],
                        gradient: mutant.clone(),
                        ..Derivative::default()
                    }),
                ];
                let comparison = compare(&Subject::of(&f, &f), std::slice::from_ref(&x), &strategies, &QUIET);
                let entries = &comparison.points[0].entries;
                let words: Vec<Outcome> = entries.iter().map(|entry| entry.outcome).collect();
                let last = if name == "the gradient itself" { Outcome::Agree } else { Outcome::Disagree };
                if words[2] != last {
                    eprintln!("{:#?}", comparison.points[0].entries[2]);
                    eprintln!("{:?}", comparison.points[0].entries[1].answer);
                }
                // The majority is right, and the outlier is the one that is marked.
                assert_eq!(words, [Outcome::Agree, Outcome::Agree, last], "{} at {n}: {name}", family.name);
            }
        }
    }
}

#[test]
fn a_wrong_rule_deep_inside_is_found_too() {
    // tanh in a chain of many steps, its row mutated.
    let f = syntax::parse("iterate(k, 1, 8, y, x, tanh(y) + cos(z*y))").unwrap().unroll(10_000).unwrap();
    let own = f.clone();
    let strategies: [Box<dyn Strategy>; 3] = [
        Box::new(Numerical::default()),
        Answering::boxed(move |x| sweep(&own, x, Some((Op::Tanh, 0)))),
        Box::new(Backprop),
    ];
    let point = &compare(&Subject::of(&f, &f), &[vec![0.4, 0.3]], &strategies, &QUIET).points[0];
    assert_eq!(point.entries[1].outcome, Outcome::Disagree);
    assert_eq!(point.entries[2].outcome, Outcome::Agree);
}
