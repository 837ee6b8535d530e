//! What bounds the reference: counts, never seconds.

use expr::Analysis;

use crate::certify::{certify, enclosed, values};
use crate::interval::Arithmetic;
use crate::sweep::Sweep;
use crate::{Component, Limits};

#[test]
fn what_used_to_take_forever_ends_within_its_budget() {
    // Without a budget none of these loops, or writes an astronomical integer out: the counts are those of few bits.
    let spent = |text: &str, x: &[f64]| {
        let f = syntax::parse(text).unwrap().unroll(1_000_000).unwrap();
        let arithmetic = Arithmetic::new(96, u64::MAX);
        let values = f.values(&arithmetic, &enclosed(&arithmetic, x));
        let sweep = Sweep {
            f: &f,
            values: &values,
            depends: &f.depends_on_inputs(),
            analysis: &Analysis::of(&f),
            bits: 96,
        };
        sweep.row(f.outputs()[0]);
        u64::MAX - arithmetic.work.left()
    };
    for (text, x) in [
        ("x+erf(exp(-exp(50)))", &[1.0][..]),
        ("erf(exp(-exp(exp(x))))", &[10.0]),
        ("erf(exp2(-9e18)*exp2(-9e18)*x)", &[1.0]),
        ("x^exp2(12000000000)", &[0.5]),
        ("x^exp2(100000000000)", &[0.5]),
        ("(-x)^exp2(100000000000)", &[0.5]),
        ("acos(erf(x))", &[100.0]),
        ("erfc(x)*erfc(exp(x))*erfc(exp2(exp(x)))", &[30.0]),
        ("atan2(exp(exp(50)), x)", &[1.0]),
        ("log10(exp(exp(40*x)))", &[1.0]),
        ("sigmoid(exp(exp(x)))*softplus(-exp(exp(x)))", &[40.0]),
        ("asinh(exp(exp(x))) + acosh(exp(exp(x))) + atanh(exp(-exp(exp(x))))", &[40.0]),
        ("sinh(exp(exp(x)))*cosh(exp(exp(x))) + tanh(exp(-exp(exp(x))))", &[40.0]),
        ("floor(exp(exp(x))) + round(exp(-exp(exp(x)))) + cos(exp(exp(x)))", &[40.0]),
        ("hypot(exp(exp(x)), exp(-exp(x)))", &[40.0]),
        ("cbrt(exp(exp(x))) + sqrt(exp(-exp(x))) + expm1(exp(-exp(x)))", &[40.0]),
    ] {
        let units = spent(text, x);
        assert!(units < 1_000_000, "{text}: {units} units");
    }
}

#[test]
fn a_spent_budget_leaves_undecided_what_fewer_bits_do_not_decide() {
    let f = syntax::parse("f(x, y) = [((1e100 + x) - 1e100)^2, 3*y]").unwrap();
    let found = |most_work| certify(&f, &[1.0, 1.0], &Limits { most_work, ..Limits::default() });
    let full = found(10_000_000);
    assert!(matches!(full.gradients[0][0], Component::Certified { gradient: 2.0, .. }));
    // Enough for 96 bits, which decide the second output; and enough for nothing at all.
    let few = found(4_000);
    assert!(matches!(few.gradients[0][0], Component::Undecided { .. }), "{few:?}");
    assert!(matches!(few.gradients[1][1], Component::Certified { gradient: 3.0, .. }), "{few:?}");
    assert!(matches!(found(10).gradients[1][1], Component::Undecided { .. }));
    assert_eq!(values(&f, &[1.0, 1.0], &Limits { most_work: 10, ..Limits::default() }), [None, None]);
}

#[test]
fn a_thousand_hopeless_terms_end_within_the_budget() {
    let hopeless = "x*y^0.1*tanh(z*0.1+sin(w*0.1))*cos(0.1*exp(v*i))";
    let f = syntax::parse(&format!("sum(i, 1, 1000, {hopeless})")).unwrap().unroll(1_000_000).unwrap();
    let point = [210000.0, 30000.0, 30000.0, 30000.0, 12000.0];
    let found = certify(&f, &point, &Limits { most_work: 20_000_000, ..Limits::default() });
    // Slopes by z and w are below every double.
    for k in [0, 1, 4] {
        assert!(matches!(found.gradients[0][k], Component::Undecided { .. }), "{k}");
    }
}

#[test]
fn a_small_budget_bounds_expansions_too() {
    // Exact numbers that grow: what is found with the whole budget is not looked for with a thousandth.
    let text = "(((((exp((x * 0.0666)) - (atan(x) - (x)^2)) - (tanh((x / x)) + ((x / x) * (1 / (2 + x^2))))) - \
                cos(sqrt(ln((x / x))))) / ((1 / (2 + (sin((x * 8.7101)) + ((x * x) * (x * x)))^2)))^2))";
    let f = syntax::parse(text).unwrap();
    let found = |limits: &Limits| certify(&f, &[10.751520990441774], limits).gradients[0][0].known();
    let few = Limits { most_work: Limits::default().most_work / 10_000, ..Limits::default() };
    assert_eq!(found(&few), None);
    assert!(found(&Limits::default()).is_some());
    assert!(Limits::quick().most_work < Limits::default().most_work / 10);
}
