//! Every row of the operator table mutated, where reference, symbolic and backprop share the mutant: the numerical
//! strategy overrules all three. Only in debug builds, for the hook costs nothing elsewhere.
#![cfg(debug_assertions)]
#![allow(clippy::print_stdout)] // the share is what this test is for

use chainrule::{Backprop, Numerical, Strategy, Symbolic};
use expr::{Calculus, Expr, Function, Mutant, Op, Scalar};
use harness::{Kind, Options, Outcome, Point, Subject, compare};
use support::smooth_point::smooth_point;
use symbolic::Mode;

/// What is simplified is what was derived, so formulas stay as they are.
fn strategies() -> [Box<dyn Strategy>; 3] {
    let formulas = Symbolic { mode: Mode::Reverse, egg: false, accurate: false };
    [Box::new(Numerical::default()), Box::new(formulas), Box::new(Backprop)]
}

/// The three strategies beside a reference at the point.
fn compared(f: &Function, at: &[f64]) -> Point {
    let options = Options::default();
    compare(&Subject::of(f, f), &[at.to_vec()], &strategies(), &options).points.remove(0)
}

#[test]
fn numerical_overrules_a_table_that_all_others_share() {
    let (mut caught, mut missed) = (0, Vec::new());
    for &op in Op::ALL {
        let point = smooth_point(op, "mutants");
        let inputs = op.free_arguments();
        let f = Function::build(|g| {
            let mut arguments: Vec<Expr<'_>> =
                ["a", "b", "c"][..inputs].iter().map(|name| g.input(name)).collect();
            arguments.extend(point[inputs..].iter().map(|&value| g.constant(value)));
            // Inside and outside other operators.
            vec![Expr::apply(op, &arguments).sin() + arguments[0].atan()]
        });
        let at = &point[..inputs];
        assert_eq!(compared(&f, at).verdict, Outcome::Agree, "{op:?} as it is at {at:?}");
        for k in 0..inputs {
            let mutant = Mutant::plant(op, k);
            let found = compared(&f, at);
            drop(mutant);
            let rule = found.causes.iter().any(|cause| cause.kind == Kind::Rule);
            let row = found.components[k] == Outcome::Disagree && rule;
            if row {
                caught += 1;
            } else {
                missed.push(format!(
                    "{op:?}, argument {k} at {at:?}: {:?} {:?}",
                    found.components, found.causes
                ));
            }
        }
    }
    let all = caught + missed.len();
    println!("{caught} of {all} mutated rows give `disagree` with the cause `rule`");
    missed.iter().for_each(|missed| println!("  not: {missed}"));
    assert!(caught * 100 >= 95 * all, "{caught} of {all}: {missed:#?}");
}

#[test]
fn without_a_reference_the_majority_does_not_outvote_values() {
    let f = syntax::parse("x*y").unwrap();
    let _mutant = Mutant::plant(Op::Mul, 1);
    for reference_nodes in [0, 20_000] {
        let options = Options { reference_nodes, ..Options::default() };
        let found = compare(&Subject::of(&f, &f), &[vec![2.9, 0.4]], &strategies(), &options);
        assert_eq!(found.verdict(), Outcome::Disagree, "{found:#?}");
        assert!(found.points[0].causes.iter().any(|cause| cause.kind == Kind::Rule), "{found:#?}");
    }
}
