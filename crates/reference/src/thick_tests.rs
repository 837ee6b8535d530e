//! Thick intervals: what an operator is at many points of a box is inside, and little else is.

use expr::{Op, Scalar};

use crate::endpoint::from_f64;
use crate::interval::{Arithmetic, Interval};

const SIDES: [(f64, f64); 11] = [
    (-2.5, -0.5),
    (-0.5, 0.75),
    (0.25, 0.75),
    (0.5, 2.0),
    (1.0, 4.0),
    (-3.0, -3.0),
    (2.0, 2.0),
    (0.0, 0.5),
    (-0.5, 0.0),
    (3.0, 9.0),
    (4.25, 5.5),
];

/// Places in a side, ends included.
const PLACES: usize = 65;

fn places((low, high): (f64, f64), count: usize) -> Vec<f64> {
    (0..count).map(|k| low + (high - low) * k as f64 / (count - 1) as f64).collect()
}

/// All combinations, with fewer places where there are more sides.
fn samples(sides: &[(f64, f64)]) -> Vec<Vec<f64>> {
    let count = [PLACES, 33, 9][sides.len() - 1];
    sides.iter().fold(vec![vec![]], |all, &side| {
        let next = |before: &Vec<f64>| {
            let before = before.clone();
            places(side, count).into_iter().map(move |x| before.iter().copied().chain([x]).collect())
        };
        all.iter().flat_map(next).collect()
    })
}

#[test]
fn boxes_are_enclosed_and_tightly() {
    let context = &Arithmetic::new(96, u64::MAX);
    for &op in Op::ALL {
        let mut boxes: Vec<Vec<(f64, f64)>> = vec![vec![]];
        for k in 0..op.arity() {
            let sides: &[(f64, f64)] = match (op, k) {
                (Op::Powi, 1) => &[(-3.0, -3.0), (-2.0, -2.0), (0.0, 0.0), (2.0, 2.0), (3.0, 3.0)],
                (Op::Sinc | Op::Polygamma | Op::Mills, 1) | (Op::Digammadiff, 2) => {
                    &[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]
                }
                _ => &SIDES,
            };
            boxes = boxes
                .iter()
                .flat_map(|before| sides.iter().map(|&side| [before.as_slice(), &[side]].concat()))
                .collect();
        }
        for sides in boxes {
            let arguments: Vec<Interval<'_>> = sides
                .iter()
                .map(|&(low, high)| Interval::new(context, from_f64(low), from_f64(high)))
                .collect();
            let found = Interval::apply(op, &arguments);
            let (low, high) = found.to_f64s();
            let values: Vec<f64> = samples(&sides).iter().map(|at| op.value(at)).collect();
            let inside = |value: f64| {
                let slack = 8.0 * f64::EPSILON * value.abs() + 1e-300;
                !value.is_finite() || (low - slack <= value && value <= high + slack)
            };
            assert!(values.iter().all(|&value| inside(value)), "{op:?} of {sides:?}: [{low}, {high}]");
            // Where it is not defined all over a box, or has a pole there, more is not known.
            let crosses = |k: usize| sides[k].0 <= 0.0 && sides[k].1 >= 0.0;
            let singular = match op {
                Op::Div => crosses(1),
                Op::Recip | Op::Csch => crosses(0),
                Op::Tan => {
                    sides[0].1 > 0.5 * std::f64::consts::PI || sides[0].0 < -0.5 * std::f64::consts::PI
                }
                Op::Powi => crosses(0) && sides[1].0 < 0.0,
                Op::Pow => sides[0].0 < 0.0 || crosses(0) && sides[1].0 <= 0.0,
                // Steps inside: the whole part of the quotient differs, or the divisor crosses 0.
                Op::Mod | Op::Rem => {
                    let corners = [
                        sides[0].0 / sides[1].0,
                        sides[0].1 / sides[1].0,
                        sides[0].0 / sides[1].1,
                        sides[0].1 / sides[1].1,
                    ];
                    let whole = |x: f64| if op == Op::Mod { x.floor() } else { x.trunc() };
                    crosses(1) || corners.iter().any(|&x| whole(x) != whole(corners[0]) || x == x.round())
                }
                // Of a wide interval its middle is known, and how steep it is at most.
                Op::Sinc if sides[0].0 < sides[0].1 => {
                    let order = sides[1].0;
                    let most = ((sides[0].1 - sides[0].0) / (order + 2.0)).min(2.0 / (order + 1.0));
                    assert!(high - low <= most * (1.0 + 1e-12), "{op:?} of {sides:?}: [{low}, {high}]");
                    true
                }
                // Where only a part of a box is in the domain.
                Op::Lgamma | Op::Polygamma => sides[0].0 <= 0.0,
                Op::Lbeta | Op::Digammadiff => sides[0].0 <= 0.0 || sides[1].0 <= 0.0,
                Op::Asec | Op::Acsc => sides[0].0 < 1.0 && sides[0].1 > -1.0,
                // The cut and the origin.
                Op::Atan2 => crosses(0) && sides[1].0 <= 0.0,
                // 0·ln 0 is 0 by convention, and nothing near it.
                Op::Xlogy => crosses(0) && sides[1].0 <= 0.0,
                // Numbers that happen to be equal are found by no sample.
                Op::Eq | Op::Ne => true,
                Op::Select => crosses(0),
                _ => false,
            };
            if singular || values.iter().any(|value| !value.is_finite()) {
                continue;
            }
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // Extremes inside a box lie between samples.
            let slack = 1.5e-2 * (most - least) + 1e-12 * most.abs().max(least.abs()) + 1e-300;
            assert!(
                least - low <= slack && high - most <= slack,
                "{op:?} of {sides:?}: [{low}, {high}], and [{least}, {most}] would do"
            );
        }
    }
}

#[test]
fn infinite_ends_are_as_far_as_functions_go() {
    let context = &Arithmetic::new(96, u64::MAX);
    let below = |x: f64| Interval::new(context, crate::endpoint::End::neg_infinity(), from_f64(x));
    let above = |x: f64| Interval::new(context, from_f64(x), crate::endpoint::End::infinity());
    let inf = f64::INFINITY;
    let half = std::f64::consts::FRAC_PI_2;
    for (op, argument, low, high) in [
        (Op::Exp, below(0.0), 0.0, 1.0),
        (Op::Exp, above(0.0), 1.0, inf),
        (Op::Exp2, below(1.0), 0.0, 2.0),
        (Op::Expm1, below(0.0), -1.0, 0.0),
        (Op::Ln, above(1.0), 0.0, inf),
        (Op::Log2, above(8.0), 3.0, inf),
        (Op::Log1p, above(0.0), 0.0, inf),
        (Op::Sqrt, above(4.0), 2.0, inf),
        (Op::Sqrt, below(4.0), 0.0, 2.0),
        (Op::Cbrt, below(-8.0), -inf, -2.0),
        (Op::Cbrt, above(8.0), 2.0, inf),
        (Op::Square, below(-2.0), 4.0, inf),
        (Op::Abs, below(2.0), 0.0, inf),
        (Op::Abs, below(-2.0), 2.0, inf),
        (Op::Neg, below(2.0), -2.0, inf),
        (Op::Atan, above(0.0), 0.0, half),
        (Op::Atan, below(0.0), -half, 0.0),
        (Op::Tanh, below(0.0), -1.0, 0.0),
        (Op::Sinh, above(0.0), 0.0, inf),
        (Op::Cosh, above(0.0), 1.0, inf),
        (Op::Cosh, below(1.0), 1.0, inf),
        (Op::Asinh, below(0.0), -inf, 0.0),
        (Op::Acosh, above(1.0), 0.0, inf),
        (Op::Erf, above(0.0), 0.0, 1.0),
        (Op::Erfc, above(0.0), 0.0, 1.0),
        (Op::Erfc, below(0.0), 1.0, 2.0),
        (Op::Sigmoid, below(0.0), 0.0, 0.5),
        (Op::Sigmoid, above(0.0), 0.5, 1.0),
        (Op::Softplus, below(0.0), 0.0, std::f64::consts::LN_2),
        (Op::Relu, below(0.0), 0.0, 0.0),
        (Op::Expmsq, above(0.0), 0.0, 1.0),
        (Op::Floor, below(2.5), -inf, 2.0),
        (Op::Ceil, above(2.5), 3.0, inf),
        (Op::Sin, above(0.0), -1.0, 1.0),
        (Op::Sign, below(-1.0), -1.0, -1.0),
        (Op::Recip, above(2.0), 0.0, 0.5),
        (Op::Recip, below(-2.0), -0.5, 0.0),
    ] {
        let found = Interval::apply(op, &[argument]).to_f64s();
        let near = |found: f64, wanted: f64| found == wanted || (found - wanted).abs() < 1e-15;
        assert!(near(found.0, low) && near(found.1, high), "{op:?}: {found:?}, not [{low}, {high}]");
    }
}

#[test]
fn what_lies_outside_of_a_domain_is_left_out_where_it_can_be() {
    let context = &Arithmetic::new(96, u64::MAX);
    let inf = f64::INFINITY;
    let half = std::f64::consts::FRAC_PI_2;
    for (op, argument, low, high) in [
        (Op::Asin, (0.0, 2.0), 0.0, half),
        (Op::Asin, (-2.0, 0.0), -half, 0.0),
        (Op::Asin, (1.5, 2.0), -inf, inf),
        (Op::Asin, (-3.0, -2.0), -inf, inf),
        (Op::Acos, (-2.0, 1.0), 0.0, 2.0 * half),
        (Op::Acos, (0.0, 2.0), 0.0, half),
        (Op::Acos, (1.5, 2.0), -inf, inf),
        (Op::Ln, (-1.0, 1.0), -inf, 0.0),
        (Op::Ln, (-2.0, -1.0), -inf, inf),
        (Op::Log10, (0.0, 100.0), -inf, 2.0),
        (Op::Log1p, (-2.0, 0.0), -inf, 0.0),
        (Op::Sqrt, (-1.0, 4.0), 0.0, 2.0),
        (Op::Sqrt, (-4.0, -1.0), -inf, inf),
        (Op::Acosh, (0.5, 2.0), -inf, inf),
        (Op::Atanh, (-0.5, 1.0), -inf, inf),
        (Op::Atanh, (-1.0, 0.5), -inf, inf),
        (Op::Recip, (-1.0, 1.0), -inf, inf),
        (Op::Recip, (0.0, 1.0), -inf, inf),
    ] {
        let found =
            Interval::apply(op, &[Interval::new(context, from_f64(argument.0), from_f64(argument.1))])
                .to_f64s();
        let near = |found: f64, wanted: f64| found == wanted || (found - wanted).abs() < 1e-15;
        assert!(near(found.0, low) && near(found.1, high), "{op:?} of {argument:?}: {found:?}");
    }
}

#[test]
fn comparisons_are_certain_only_where_every_pair_says_so() {
    let context = &Arithmetic::new(96, u64::MAX);
    let of = |(low, high): (f64, f64)| Interval::new(context, from_f64(low), from_f64(high));
    let (yes, no, open) = ((1.0, 1.0), (0.0, 0.0), (0.0, 1.0));
    // Apart, touching, overlapping, the same point, and a point at an end.
    for (a, b, lt, le, eq) in [
        ((0.0, 1.0), (2.0, 3.0), yes, yes, no),
        ((2.0, 3.0), (0.0, 1.0), no, no, no),
        ((0.0, 1.0), (1.0, 2.0), open, yes, open),
        ((1.0, 2.0), (0.0, 1.0), no, open, open),
        ((0.0, 2.0), (1.0, 3.0), open, open, open),
        ((1.0, 1.0), (1.0, 1.0), no, yes, yes),
        ((1.0, 1.0), (1.0, 2.0), open, yes, open),
    ] {
        let negated = |(low, high): (f64, f64)| (1.0 - high, 1.0 - low);
        for (op, wanted) in [
            (Op::Lt, lt),
            (Op::Le, le),
            (Op::Gt, negated(le)),
            (Op::Ge, negated(lt)),
            (Op::Eq, eq),
            (Op::Ne, negated(eq)),
        ] {
            assert_eq!(Interval::apply(op, &[of(a), of(b)]).to_f64s(), wanted, "{op:?} of {a:?} and {b:?}");
        }
    }
}
