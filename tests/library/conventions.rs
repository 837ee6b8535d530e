//! What every analytic strategy answers where a function has no derivative: CONTRACTS §4, row by row.

use chainrule::{Budget, Derivative, Strategy, StrategySpec, Want};
use expr::Op;
use expr::passes::Seeds;
use harness::status::{Status, statuses};
use syntax::parse;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Text, point, value, gradient, and the status of each component.
type Row = (&'static str, &'static [f64], f64, &'static [f64], &'static [Status]);

use Status::{Kink as K, Smooth as S, Undefined as U};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("abs(x)",              &[0.0],             0.0,  &[0.0],            &[K]),
    ("sign(x)",             &[0.0],             0.0,  &[0.0],            &[K]),
    ("sign(x)",             &[-0.0],            0.0,  &[0.0],            &[K]),
    ("relu(x)",             &[0.0],             0.0,  &[0.0],            &[K]),
    ("min(x, y)",           &[2.0, 2.0],        2.0,  &[0.5, 0.5],       &[K, K]),
    ("max(x, y)",           &[2.0, 2.0],        2.0,  &[0.5, 0.5],       &[K, K]),
    ("min(x, y)",           &[1.0, 2.0],        1.0,  &[1.0, 0.0],       &[S, S]),
    ("max(x, y)",           &[1.0, 2.0],        2.0,  &[0.0, 1.0],       &[S, S]),
    ("max(x, y, z)",        &[2.0, 2.0, 1.0],   2.0,  &[0.5, 0.5, 0.0],  &[K, K, S]),
    ("max(x, y, z)",        &[1.0, 2.0, 2.0],   2.0,  &[0.0, 0.5, 0.5],  &[S, K, K]),
    ("max(x, y, z)",        &[1.0, 3.0, 2.0],   3.0,  &[0.0, 1.0, 0.0],  &[S, S, S]),
    ("min(x, y, z)",        &[2.0, 2.0, 2.0],   2.0,  &[1.0/3.0, 1.0/3.0, 1.0/3.0], &[K, K, K]),
    ("max(p, q, r, s, t)",  &[7.0; 5],          7.0,  &[0.2; 5],         &[K; 5]),
    ("min([p, q, r, s])*2", &[1.0, 1.0, 3.0, 1.0], 2.0, &[2.0/3.0, 2.0/3.0, 0.0, 2.0/3.0], &[K, K, S, K]),
    ("max(i, 1, 3, x[i])",  &[5.0, 5.0, 4.0],   5.0,  &[0.5, 0.5, 0.0],  &[K, K, S]),
    ("max(i, 1, 3, x[i])",  &[5.0, 5.0, 5.0],   5.0,  &[1.0/3.0, 1.0/3.0, 1.0/3.0], &[K, K, K]),
    ("min(i, 1, 5, x[i])",  &[1.0; 5],          1.0,  &[0.2; 5],         &[K; 5]),
    ("max(x, y, z) + min(x, 9, z)", &[2.0, 1.0, 3.0], 5.0, &[1.0, 0.0, 1.0], &[S, S, S]),
    // The tie is on the side that is not taken.
    ("max(x, max(y, z, 0), 5)", &[1.0, 2.0, 2.0], 5.0, &[0.0, 0.0, 0.0], &[S, S, S]),
    ("clamp(x, l, h)",      &[1.0, 1.0, 2.0],   1.0,  &[1.0, 0.0, 0.0],  &[K, K, S]),
    ("clamp(x, l, h)",      &[2.0, 1.0, 2.0],   2.0,  &[1.0, 0.0, 0.0],  &[K, S, K]),
    ("clamp(x, l, h)",      &[0.0, 1.0, 2.0],   1.0,  &[0.0, 1.0, 0.0],  &[S, S, S]),
    ("clamp(x, l, h)",      &[3.0, 1.0, 2.0],   2.0,  &[0.0, 0.0, 1.0],  &[S, S, S]),
    ("clamp(x, l, h)",      &[1.5, 2.0, 1.0],   1.0,  &[0.0, 0.0, 1.0],  &[S, S, S]),
    ("floor(x)",            &[2.0],             2.0,  &[0.0],            &[K]),
    ("ceil(x)",             &[2.0],             2.0,  &[0.0],            &[K]),
    ("round(x)",            &[2.5],             3.0,  &[0.0],            &[K]),
    ("round(x)",            &[-2.5],           -3.0,  &[0.0],            &[K]),
    ("round(x)",            &[2.0],             2.0,  &[0.0],            &[S]),
    ("trunc(x)",            &[2.0],             2.0,  &[0.0],            &[K]),
    ("trunc(x)",            &[0.0],             0.0,  &[0.0],            &[S]),
    ("x < y",               &[1.0, 1.0],        0.0,  &[0.0, 0.0],       &[K, K]),
    ("x <= y",              &[1.0, 2.0],        1.0,  &[0.0, 0.0],       &[S, S]),
    ("if(x < 0, 1/x, x)",   &[0.0],             0.0,  &[1.0],            &[K]),
    ("if(x < 1, x, ln(x-9))", &[0.5],           0.5,  &[1.0],            &[S]),
    ("if(x > 0, sqrt(x), y)", &[-1.0, 3.0],     3.0,  &[0.0, 1.0],       &[S, S]),
    ("sqrt(x)",             &[0.0],             0.0,  &[INF],            &[U]),
    ("sqrt(x)",             &[-0.0],           -0.0,  &[-INF],           &[U]),
    ("cbrt(x)",             &[0.0],             0.0,  &[INF],            &[U]),
    ("asin(x)",             &[1.0],             std::f64::consts::FRAC_PI_2, &[INF], &[U]),
    ("asin(x)",             &[-1.0],            -std::f64::consts::FRAC_PI_2, &[INF], &[U]),
    ("acos(x)",             &[1.0],             0.0,  &[-INF],           &[U]),
    ("acos(x)",             &[-1.0],            std::f64::consts::PI, &[-INF], &[U]),
    ("acosh(x)",            &[1.0],             0.0,  &[INF],            &[U]),
    ("pow(x, y)",           &[0.0, 0.0],        1.0,  &[0.0, -INF],      &[U, U]),
    ("x^y",                 &[0.0, 2.0],        0.0,  &[0.0, 0.0],       &[S, S]),
    ("x^y",                 &[-2.0, 2.0],       4.0,  &[-4.0, NAN],      &[S, U]),
    ("atan2(x, y)",         &[0.0, 0.0],        0.0,  &[NAN, NAN],       &[U, U]),
    ("hypot(x, y)",         &[0.0, 0.0],        0.0,  &[0.0, 0.0],       &[K, K]),
    ("1/x",                 &[0.0],             INF,  &[-INF],           &[U]),
    ("1/x",                 &[-0.0],           -INF,  &[-INF],           &[U]),
    ("ln(x)",               &[0.0],            -INF,  &[INF],            &[U]),
    ("ln(x)",               &[-1.0],            NAN,  &[NAN],            &[U]),
    ("log2(x)",             &[-1.0],            NAN,  &[NAN],            &[U]),
    ("log10(x)",            &[-1.0],            NAN,  &[NAN],            &[U]),
    ("log1p(x)",            &[-2.0],            NAN,  &[NAN],            &[U]),
    ("sqrt(x)",             &[-1.0],            NAN,  &[NAN],            &[U]),
    ("acosh(x)",            &[0.5],             NAN,  &[NAN],            &[U]),
    ("atanh(x)",            &[2.0],             NAN,  &[NAN],            &[U]),
    ("asin(x)",             &[2.0],             NAN,  &[NAN],            &[U]),
    ("acos(x)",             &[-2.0],            NAN,  &[NAN],            &[U]),
    // A component that does not depend on the place is compared as usual.
    ("abs(x) + y^2",        &[0.0, 3.0],        9.0,  &[0.0, 6.0],       &[K, S]),
    // Masking by 0 would make it 0.
    ("cbrt(x)^3",           &[0.0],             0.0,  &[NAN],            &[U]),
    // A node that an output does not use by any slope passes nothing on, not even 0·∞.
    ("x + (cbrt(x-1) < 5)", &[1.0],             2.0,  &[1.0],            &[S]),
    ("x + floor(abs(x) + 0.5)", &[0.0],         0.0,  &[1.0],            &[S]),
    ("x + sign(sqrt(x) - 5)", &[0.0],          -1.0,  &[1.0],            &[U]),
    ("x + sign(round(x) + 5)", &[2.5],          3.5,  &[1.0],            &[K]),
];

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

#[test]
fn every_analytic_strategy_keeps_the_conventions() {
    let strategies = ["backprop", "symbolic=textbook", "symbolic=forward", "symbolic=reverse"]
        .map(|spec| spec.parse::<StrategySpec>().unwrap());
    let mut wrong = Vec::new();
    for (text, point, value, gradient, status) in ROWS {
        let f = parse(text).unwrap();
        // The pass keeps the loops; the rest is told of the function without them.
        let pulled = f.vjp(Seeds::One).unwrap().evaluate((), point);
        let f = f.unroll(1_000).unwrap();
        let swept = f.vjp(Seeds::One).unwrap().evaluate((), point);
        for (name, found) in [("vjp", pulled), ("vjp of the unrolled", swept)] {
            let right = found[1..].iter().zip(*gradient).all(|(a, b)| same(*a, *b));
            // What a domain ends with is no part of calculus, nor are the sides of NaN.
            if !right && status.iter().all(|status| *status != U) {
                wrong.push(format!("{name}, {text} at {point:?}: {found:?}, not {gradient:?}"));
            }
        }
        let found = statuses(&f, point).components;
        if found != *status {
            wrong.push(format!("{text} at {point:?}: {found:?}, not {status:?}"));
        }
        for spec in strategies {
            let mut prepared = spec.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
            let mut out = Derivative::default();
            prepared.run(point, &mut out).unwrap();
            let right = out.gradient.len() == gradient.len()
                && same(out.values[0], *value)
                && out.gradient.iter().zip(*gradient).all(|(a, b)| same(*a, *b));
            if !right {
                wrong.push(format!("{spec}, {text} at {point:?}: {out:?}, not {value} {gradient:?}"));
            }
        }
        // The trace is of the graph as written, and says the same.
        let (f, trace) = (&f, backprop::trace(&f, point));
        let input = |name: &String| {
            trace.nodes.iter().find(|node| node.name.as_ref() == Some(name) || node.text == *name)
        };
        for (name, expected) in f.input_names().iter().zip(*gradient) {
            let found = input(name).map_or(0.0, |node| node.gradient);
            if !same(found, *expected) {
                wrong.push(format!("trace, {text} at {point:?}: {name} {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn outputs_do_not_disturb_each_other() {
    let f = parse("[sqrt(x), exp(sin(x)), ln(x)*y]").unwrap();
    for spec in ["backprop", "symbolic=reverse", "symbolic=forward"] {
        let strategy: StrategySpec = spec.parse().unwrap();
        let mut prepared = strategy.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
        let mut out = Derivative::default();
        prepared.run(&[0.0, 2.0], &mut out).unwrap();
        assert_eq!(out.gradient[..4], [INF, 0.0, 1.0, 0.0], "{spec}");
        assert_eq!(out.gradient[4], INF, "{spec}");
    }
}

#[test]
fn nan_propagates_where_it_must() {
    for op in [Op::Min, Op::Max] {
        assert!(op.value(&[NAN, 1.0]).is_nan() && op.value(&[1.0, NAN]).is_nan());
    }
    assert!(Op::Sign.value(&[NAN]).is_nan());
    assert!(Op::Relu.value(&[NAN]).is_nan());
    for arguments in [[NAN, 0.0, 1.0], [0.5, NAN, 1.0], [0.5, 0.0, NAN]] {
        assert!(Op::Clamp.value(&arguments).is_nan());
    }
}
