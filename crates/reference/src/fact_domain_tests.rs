//! Singularities and sides that are not taken, at intervals: held against all numbers of a grid in them.

use expr::singularities::is_inactive;
use expr::{Certainty, Fact, Op, Singularities};

use crate::endpoint::from_f64;
use crate::interval::{Arithmetic, Interval};

/// Points and boxes with ends on a grid of quarters, so that integers and halves in them are on it.
const SIDES: [(f64, f64); 17] = [
    (-2.5, -2.5),
    (-2.0, -2.0),
    (-1.0, -1.0),
    (-0.5, -0.5),
    (0.0, 0.0),
    (0.5, 0.5),
    (1.0, 1.0),
    (1.5, 1.5),
    (3.0, 3.0),
    (-2.0, -1.0),
    (-1.75, -1.25),
    (-0.5, 0.5),
    (-0.5, 0.0),
    (0.0, 1.0),
    (0.25, 0.75),
    (0.75, 1.5),
    (1.0, 4.0),
];

fn grid((low, high): (f64, f64)) -> impl Iterator<Item = f64> + Clone {
    (0..=((high - low) * 4.0) as i32).map(move |k| low + f64::from(k) / 4.0)
}

/// All boxes of so many sides.
fn boxes(arity: usize) -> Vec<Vec<(f64, f64)>> {
    let longer = |all: Vec<Vec<(f64, f64)>>| {
        all.iter().flat_map(|one| SIDES.map(|side| [one.as_slice(), &[side]].concat())).collect()
    };
    (0..arity).fold(vec![Vec::new()], |all, _| longer(all))
}

/// All points of the grid in a box.
fn points(sides: &[(f64, f64)]) -> Vec<Vec<f64>> {
    sides.iter().fold(vec![Vec::new()], |all, &side| {
        all.iter().flat_map(|one| grid(side).map(|x| [one.as_slice(), &[x]].concat())).collect()
    })
}

fn intervals<'w>(context: &'w Arithmetic, sides: &[(f64, f64)]) -> Vec<Interval<'w>> {
    sides.iter().map(|&(low, high)| Interval::new(context, from_f64(low), from_f64(high))).collect()
}

/// What all of them say.
fn together(mut all: impl Iterator<Item = bool> + Clone) -> Certainty {
    match (all.clone().all(|one| one), all.any(|one| one)) {
        (true, _) => Certainty::Yes,
        (false, true) => Certainty::Maybe,
        (false, false) => Certainty::No,
    }
}

/// Whether the last argument is none that may be any number: an order, or an exponent.
fn has_no_such_order(op: Op, sides: &[(f64, f64)]) -> bool {
    let whole = |(low, high): (f64, f64)| low == high && low.fract() == 0.0 && (op == Op::Powi || low >= 0.0);
    op.takes_integer() && !whole(sides[op.free_arguments()])
}

#[test]
fn singularities_of_an_interval_are_those_of_its_numbers() {
    let context = &Arithmetic::new(96, u64::MAX);
    let mut wrong = Vec::new();
    for &op in Op::ALL.iter().filter(|op| op.arity() < 3) {
        for sides in boxes(op.arity()) {
            let (arguments, points) = (intervals(context, &sides), points(&sides));
            for &fact in op.undefined().iter().chain(op.kinks()) {
                let found = fact.singular(&arguments);
                let expected = together(points.iter().map(|at| fact.holds(at)));
                let alone =
                    fact.arguments()[1].is_none() && !matches!(fact, Fact::Cut(..) | Fact::IntegerPower);
                let thin = sides.iter().all(|(low, high)| low == high);
                // Of 0 there is no multiple: the other fact of remainders speaks of that.
                let of_zero =
                    matches!(fact, Fact::Multiple(..) | Fact::NonZeroMultiple(..)) && sides[1] == (0.0, 0.0);
                let maybe = found == Certainty::Maybe && (of_zero || !alone && !thin);
                if found != expected && !maybe {
                    wrong.push(format!("{op:?}, {fact:?} in {sides:?}: {found:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let sides = [(0.0, 1.0), (0.0, 1.0)];
    assert_eq!(Fact::Tie(0, 1).singular(&intervals(context, &sides)), Certainty::Maybe);
}

#[test]
fn arguments_without_a_value_are_those_of_which_doubles_have_none() {
    let context = &Arithmetic::new(96, u64::MAX);
    let mut wrong = Vec::new();
    for &op in Op::ALL.iter().filter(|op| op.arity() < 3) {
        for sides in boxes(op.arity()).into_iter().filter(|sides| !has_no_such_order(op, sides)) {
            let (arguments, points) = (intervals(context, &sides), points(&sides));
            let missing = { op.undefined().iter() }.map(|&fact| fact.without_value(&arguments)).max();
            let found = missing.unwrap_or(Certainty::No);
            let expected = together(points.iter().map(|at| !op.value(at).is_finite()));
            let thin = sides.iter().all(|(low, high)| low == high);
            if found != expected && (thin || found != Certainty::Maybe) {
                wrong.push(format!("{op:?} in {sides:?}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn sides_that_are_not_taken_are_inactive_and_ties_are_not() {
    let context = &Arithmetic::new(96, u64::MAX);
    for (op, sides, inactive) in [
        (Op::Max, &[(1.0, 2.0), (3.0, 4.0)][..], &[true, false][..]),
        (Op::Max, &[(3.0, 4.0), (1.0, 2.0)], &[false, true]),
        (Op::Max, &[(1.0, 3.0), (3.0, 4.0)], &[false, false]),
        (Op::Min, &[(1.0, 2.0), (3.0, 4.0)], &[false, true]),
        (Op::Min, &[(3.0, 4.0), (1.0, 2.0)], &[true, false]),
        (Op::Min, &[(1.0, 3.0), (3.0, 4.0)], &[false, false]),
        (Op::Relu, &[(-2.0, -1.0)], &[true]),
        (Op::Relu, &[(-2.0, 0.0)], &[false]),
        (Op::Relu, &[(1.0, 2.0)], &[false]),
        // The number, the lower bound, the upper bound.
        (Op::Clamp, &[(1.0, 2.0), (-1.0, 0.0), (3.0, 4.0)], &[false, true, true]),
        (Op::Clamp, &[(-3.0, -2.0), (-1.0, 0.0), (3.0, 4.0)], &[true, false, true]),
        (Op::Clamp, &[(5.0, 6.0), (-1.0, 0.0), (3.0, 4.0)], &[true, true, false]),
        (Op::Clamp, &[(-3.0, -1.0), (-1.0, 0.0), (3.0, 4.0)], &[false, false, true]),
        (Op::Clamp, &[(4.0, 6.0), (-1.0, 0.0), (3.0, 4.0)], &[false, true, false]),
        (Op::Clamp, &[(1.0, 2.0), (5.0, 6.0), (3.0, 4.0)], &[true, true, false]),
        (Op::Add, &[(1.0, 2.0), (3.0, 4.0)], &[false, false]),
    ] {
        let arguments = intervals(context, sides);
        let found: Vec<bool> = (0..op.arity()).map(|k| is_inactive(op, k, &arguments)).collect();
        assert_eq!(found, inactive, "{op:?} in {sides:?}");
    }
}

#[test]
fn extremes_that_may_be_any_of_several_terms_are_a_kink() {
    let context = &Arithmetic::new(96, u64::MAX);
    let f = syntax::parse("max([a, b, c, d])").unwrap();
    let output = f.outputs()[0];
    let sides =
        [(2.0, 2.0), (0.0, 4.0), (3.0, 10.0), (5.0, 6.0), (-1.0, 1.0), (7.0, 7.0), (6.5, 8.0), (2.0, 3.0)];
    let mut noted = 0;
    for k in 0..sides.len().pow(4) {
        let terms: Vec<(f64, f64)> = (0..4).map(|d| sides[k / sides.len().pow(d) % sides.len()]).collect();
        let mut values = intervals(context, &terms);
        values.push(values[0].clone());
        let found = Singularities::of(&f, output, &values, &[true; 5]);
        // What may be the largest: it reaches as far as every other one surely is.
        let least = terms.iter().fold(f64::NEG_INFINITY, |most, (low, _)| most.max(*low));
        let may_be: Vec<bool> = terms.iter().map(|(_, high)| *high >= least).collect();
        if may_be.iter().filter(|may| **may).count() > 1 {
            noted += 1;
            for (input, _) in found.inputs.iter().zip(&may_be).filter(|(_, may)| **may) {
                assert!(input.kink.is_some(), "{terms:?}: {:?}", found.inputs);
            }
        }
    }
    assert!(noted > 1000, "{noted}");
}
