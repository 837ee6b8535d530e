use super::Seeds;
use super::random_tests::random_function;
use crate::graph::{AxisRange, Role};
use crate::index::{Index, Symbol};
use crate::rewrite::Style;
use crate::{Analysis, Builder, Calculus, Expr, Fold, Function, UnrollError, reverse_sweep};

/// Larger functions are not unrolled.
const BUDGET: u64 = 3_000_000;

/// The gradient by the literal sweep over the function unrolled.
pub(super) fn literal(f: &Function, point: &[f64]) -> Vec<f64> {
    let flat = f.unroll(BUDGET).unwrap();
    let values = flat.values((), point);
    let seed = (flat.outputs()[0], 1.0);
    let received = reverse_sweep(&flat, &Analysis::of(&flat), &values, seed, reverse_sweep::by_the_table);
    reverse_sweep::at_inputs(&flat, received).into_iter().map(|g| g.unwrap_or(0.0)).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-11 * (1.0 + a.abs().max(b.abs())) || a.is_nan() && b.is_nan()
}

pub(super) fn point(count: usize) -> Vec<f64> {
    (0..count).map(|k| 0.3 + 0.17 * ((k * 7 + 3) % 11) as f64 - 0.4 * (k % 3) as f64).collect()
}

/// Whether a derivative reads no more of an input than the function does. A loop without a round may hide a read that the
/// derivative, which computes what does not depend on that loop outside of it, shows.
fn reads_the_same(f: &Function, g: &Function) -> bool {
    let (of_f, of_g) = (f.shapes(u64::MAX).unwrap(), g.shapes(u64::MAX).unwrap());
    of_f == of_g[..of_f.len()]
}

/// Holds the gradient of a function against the literal sweep, and that of its gradient, twice.
pub(super) fn check(f: &Function) {
    let x = point(f.input_count());
    let g = f.vjp(Seeds::One).unwrap();
    if matches!(g.unroll(BUDGET), Err(UnrollError::TooLarge { .. })) {
        return;
    }
    if !reads_the_same(f, &g) {
        return;
    }
    let (values, own) = (f.evaluate((), &x), g.evaluate((), &x));
    assert_eq!(values[0].to_bits(), own[0].to_bits());
    let expected = literal(f, &x);
    assert_eq!(own.len(), 1 + expected.len());
    for (k, (a, b)) in own[1..].iter().zip(&expected).enumerate() {
        assert!(close(*a, *b), "component {k}: {a} by the pass, {b} by the sweep");
    }
    assert_same_bits(&g.unroll(BUDGET).unwrap().evaluate((), &x), &own);
    // Forward, along a direction: the gradient times it.
    let v: Vec<f64> = (0..x.len()).map(|k| 0.75 - 0.25 * k as f64).collect();
    let d = f.jvp().unwrap();
    if reads_the_same(f, &d) && d.input_count() == 2 * x.len() {
        let both = [&x[..], &v].concat();
        let along = d.evaluate((), &both);
        assert_same_bits(&d.unroll(BUDGET).unwrap().evaluate((), &both), &along);
        let sum: f64 = expected.iter().zip(&v).map(|(g, v)| g * v).sum();
        assert!(close(along[1], sum), "{} forward, {sum} by the sweep", along[1]);
    }
}

/// The gradient of the gradient times seeds: by two passes, against the literal sweep over the first one unrolled.
pub(super) fn check_twice(f: &Function) {
    let x = point(f.input_count());
    let g = f.vjp(Seeds::One).unwrap();
    let h = g.vjp(Seeds::Inputs).unwrap();
    if [&g, &h].iter().any(|f| matches!(f.unroll(BUDGET), Err(UnrollError::TooLarge { .. }))) {
        return;
    }
    if !reads_the_same(f, &g) || !reads_the_same(&g, &h) || h.input_count() != 2 * x.len() + 1 {
        return;
    }
    let seeds: Vec<f64> = (0..=x.len()).map(|k| 0.5 + 0.25 * k as f64).collect();
    let all = h.evaluate((), &[&x[..], &seeds].concat());
    assert_same_bits(&h.unroll(BUDGET).unwrap().evaluate((), &[&x[..], &seeds].concat()), &all);
    let flat = g.unroll(BUDGET).unwrap();
    let builder = Builder::resume(flat.graph().clone(), Style::Written);
    let terms = flat.outputs().iter().zip(&seeds).map(|(&id, &seed)| builder.handle(id) * seed);
    let sum = builder.fold(Fold::Sum, &terms.collect::<Vec<_>>()).id();
    let expected = literal(&builder.finish(vec![sum]), &x);
    for (k, (a, b)) in all[1 + x.len()..].iter().zip(&expected).enumerate() {
        assert!(close(*a, *b), "component {k}: {a} by passes, {b} by the sweep");
    }
    // Forward over reverse.
    let d = g.jvp().unwrap();
    if !reads_the_same(&g, &d) || d.input_count() != 2 * x.len() {
        return;
    }
    let both = [&x[..], &seeds[1..]].concat();
    let along = d.evaluate((), &both);
    assert_same_bits(&d.unroll(BUDGET).unwrap().evaluate((), &both), &along);
    let gradient = &all[1..=x.len()];
    for (k, second) in along[1 + x.len() + 1..].iter().enumerate() {
        let expected = expected[k] - seeds[0] * gradient[k];
        assert!(close(*second, expected), "component {k}: {second} forward over reverse, {expected}");
    }
}

/// NaN is one value.
pub(super) fn assert_same_bits(a: &[f64], b: &[f64]) {
    let bits =
        |all: &[f64]| all.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() + 1 }).collect::<Vec<_>>();
    assert_eq!(bits(a), bits(b), "{a:?} and {b:?}");
}

pub(super) fn index(axis: crate::Axis) -> Index {
    Symbol::Axis(axis).into()
}

pub(super) fn from_one(g: &Builder, name: &str, high: impl Into<Index>) -> AxisRange {
    AxisRange { axis: g.axis(name, &[]), low: 1.into(), high: high.into() }
}

pub(super) fn plus(axis: crate::Axis, k: i64) -> Index {
    index(axis).plus(&k.into()).unwrap()
}

pub(super) fn vector<'g>(g: &'g Builder, name: &str, position: &[Index]) -> Expr<'g> {
    g.read(g.block(name, position.len(), Role::Variable), position)
}

#[test]
fn rosenbrock() {
    let f = Function::build(|g| {
        let i = from_one(g, "i", 4);
        let (here, next) = (vector(g, "x", &[index(i.axis)]), vector(g, "x", &[plus(i.axis, 1)]));
        let r = next - here * here;
        vec![g.reduce(Fold::Sum, i, 100.0 * (r * r) + (here - 1.0).powi(g.constant(2.0)))]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn a_layer_with_an_array() {
    let f = Function::build(|g| {
        let (i, j, k) = (from_one(g, "i", 3), from_one(g, "j", 4), from_one(g, "k", 3));
        let product = vector(g, "W", &[index(i.axis), index(j.axis)]) * vector(g, "x", &[index(j.axis)]);
        let h = g.array(i, g.reduce(Fold::Sum, j, product).tanh());
        let at = index(k.axis);
        vec![g.reduce(Fold::Sum, k, vector(g, "v", std::slice::from_ref(&at)) * g.at(h, &[at]))]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn softmax_with_its_maximum() {
    let f = Function::build(|g| {
        let i = from_one(g, "i", 5);
        let x = vector(g, "x", &[index(i.axis)]);
        let m = g.reduce(Fold::Max, i.clone(), x);
        vec![g.reduce(Fold::Sum, i, (x - m).exp()).ln() + m]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn products_and_triangles() {
    let f = Function::build(|g| {
        let i = from_one(g, "i", 4);
        let j = from_one(g, "j", index(i.axis));
        let (x, y) = (vector(g, "x", &[index(i.axis)]), vector(g, "x", &[index(j.axis)]));
        let inner = g.reduce(Fold::Product, j, x + y.exp());
        vec![g.reduce(Fold::Product, i, inner + x)]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn iterations() {
    // The logistic map, its parameter outside, and data that go along.
    let f = Function::build(|g| {
        let k = g.axis("k", &["y", "z"]);
        let (y, z) = (g.state(k, 0), g.state(k, 1));
        let a = g.input("a");
        let u = vector(g, "u", &[index(k)]);
        let one = g.constant(1.0);
        let range = AxisRange { axis: k, low: 1.into(), high: 5.into() };
        let results = g.iterate(range, &[g.input("x"), one], &[a * y * (one - y) + u.sin(), z * y]);
        vec![results[0] + results[1].exp()]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn iterations_in_iterations_in_loops() {
    let f = Function::build(|g| {
        let i = from_one(g, "i", 3);
        let (k, l) = (g.axis("k", &["y"]), g.axis("l", &["z"]));
        let (y, z) = (g.state(k, 0), g.state(l, 0));
        let x = vector(g, "x", &[index(i.axis)]);
        let w = vector(g, "w", &[index(l)]);
        let inner =
            g.iterate(AxisRange { axis: l, low: 1.into(), high: index(k) }, &[y], &[(z * w).sin() + y * x])
                [0];
        let outer = g.iterate(
            AxisRange { axis: k, low: 1.into(), high: index(i.axis) },
            &[x * g.input("a")],
            &[inner * g.input("b") + y],
        )[0];
        vec![g.reduce(Fold::Sum, i, outer * outer)]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn a_state_that_is_an_array() {
    let f = Function::build(|g| {
        let t = g.axis("t", &["y"]);
        let (j, l, m) = (from_one(g, "j", 3), from_one(g, "l", 3), from_one(g, "m", 3));
        let y = g.state(t, 0);
        let sum = g.reduce(Fold::Sum, l.clone(), g.at(y, &[index(l.axis)]).sin());
        let own = g.at(y, &[index(j.axis)]);
        let next =
            g.array(j.clone(), own + g.input("h") * own * sum * vector(g, "u", &[index(t), index(j.axis)]));
        let init = g.array(j.clone(), vector(g, "x", &[index(j.axis)]));
        let range = AxisRange { axis: t, low: 1.into(), high: 4.into() };
        let results = g.scan(range, false, &[init], &[next], &[sum, next]);
        let end = g.reduce(Fold::Sum, m.clone(), g.at(results[0], &[index(m.axis)]).exp());
        let s = from_one(g, "s", 4);
        let kept = g.at(results[1], &[index(s.axis)]) * g.at(results[2], &[index(s.axis), 2.into()]);
        vec![end + g.reduce(Fold::Sum, s, kept)]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn guards() {
    for n in 1..4 {
        let f = Function::build(|g| {
            let i = from_one(g, "i", n);
            let (one, count) = (g.constant(1.0), g.constant(n as f64));
            let own = g.symbol(Symbol::Axis(i.axis));
            let x = vector(g, "x", &[index(i.axis)]);
            let before = vector(g, "x", &[plus(i.axis, -1)]);
            let after = vector(g, "x", &[plus(i.axis, 1)]);
            let first = vector(g, "x", &[1.into()]);
            let guarded = own.gt(one).select(before * before * x, x);
            let periodic = own.lt(count).select(after, first);
            let by_value = x.gt(g.constant(0.5)).select(x * x * guarded, x.sin());
            vec![g.reduce(Fold::Sum, i, guarded * periodic * by_value)]
        });
        check(&f);
        check_twice(&f);
    }
}

#[test]
fn what_no_branch_takes_poisons_nothing() {
    // sum(i, 1, 2, if(x[i] > 5, x[i]*ln(y), 0)) where y is 0, and a value of two branches that are not taken.
    let f = Function::build(|g| {
        let i = from_one(g, "i", 2);
        let x = vector(g, "x", &[index(i.axis)]);
        let (y, zero) = (g.input("y") - g.input("y"), g.constant(0.0));
        let guarded = x.gt(g.constant(5.0)).select(x * y.ln(), zero);
        let a = g.input("a");
        let ln = (a - a).ln();
        let two = a.gt(g.constant(9.0)).select(ln, zero) + a.lt(g.constant(-9.0)).select(2.0 * ln, zero);
        vec![g.reduce(Fold::Sum, i, guarded + x) + two]
    });
    check(&f);
}

/// Choices by one condition that come to the same are none any more: what stands there may be a choice by another condition.
#[test]
fn choices_by_one_condition_in_choices_by_another() {
    let f = |z: f64, w: f64| {
        let f = Function::build(|g| {
            let (y, z, w) = (g.input("y"), g.input("z"), g.input("w"));
            let positive = z.gt(g.constant(0.0));
            let two = g.constant(2.0);
            let t = positive.select(y * 3.0, two * 2.0)
                + positive.select(y, g.constant(1.0))
                + positive.select(two, y);
            vec![crate::Scalar::apply(crate::Op::Max, &[t, w])]
        });
        let found = f.vjp(Seeds::One).unwrap().evaluate((), &[0.5, z, w]);
        assert_eq!(found[1..], literal(&f, &[0.5, z, w]), "z = {z}, w = {w}");
    };
    for (z, w) in [(1.0, 9.0), (1.0, -9.0), (-1.0, 9.0), (-1.0, -9.0)] {
        f(z, w);
    }
}

#[test]
fn one_axis_with_two_ranges() {
    let f = Function::build(|g| {
        let i = g.axis("i", &[]);
        let x = vector(g, "x", &[index(i)]);
        let range = |high: i64| AxisRange { axis: i, low: 1.into(), high: high.into() };
        let (a, b) = (g.reduce(Fold::Sum, range(3), x * x), g.reduce(Fold::Sum, range(5), x.sin()));
        vec![a * b + g.reduce(Fold::Product, range(2), x)]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn two_iterations_share_a_body() {
    let f = Function::build(|g| {
        let k = g.axis("k", &["y"]);
        let y = g.state(k, 0);
        let range = |high: i64| AxisRange { axis: k, low: 1.into(), high: high.into() };
        let next = (y * g.input("a")).sin();
        let first = g.iterate(range(3), &[g.input("x")], &[next])[0];
        let second = g.iterate(range(3), &[g.input("z")], &[next])[0];
        vec![first * second + g.iterate(range(2), &[first], &[next])[0]]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn bodies_without_the_axis() {
    let f = Function::build(|g| {
        let (i, j) = (from_one(g, "i", 3), from_one(g, "j", 2));
        let x = g.input("x");
        let all = g.array(i.clone(), g.array(j.clone(), x.sin()));
        let sum = g.reduce(Fold::Sum, i.clone(), x * x);
        let product = g.reduce(Fold::Product, i.clone(), x);
        let element = g.at(all, &[index(i.axis), index(j.axis)]);
        vec![sum + product * g.reduce(Fold::Sum, i, g.reduce(Fold::Sum, j, element))]
    });
    check(&f);
    check_twice(&f);
}

#[test]
fn an_array_in_a_loop() {
    let f = Function::build(|g| {
        let (i, j, l) = (from_one(g, "i", 3), from_one(g, "j", 4), from_one(g, "l", 3));
        let h = g.array(
            j,
            vector(g, "x", &[index(i.axis)]) * vector(g, "w", &[Index::from(Symbol::Axis(g.axis("j", &[])))]),
        );
        let pair = g.at(h, &[index(l.axis)]) * g.at(h, &[plus(l.axis, 1)]);
        vec![g.reduce(Fold::Sum, i, g.reduce(Fold::Sum, l, pair.sin()))]
    });
    check(&f);
    check_twice(&f);
}

/// So many random functions: evaluated as they stand and unrolled, their gradients and second derivatives likewise, in bits; and
/// by the pass against the literal sweep.
fn random(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let f = random_function(seed, 2 + (seed % 3) as u32);
        if f.graph().blocks().iter().all(|block| block.role == Role::Data) {
            continue;
        }
        let outcome = std::panic::catch_unwind(|| {
            check(&f);
            check_twice(&f);
        });
        assert!(outcome.is_ok(), "seed {seed}: {f:?}");
    }
}

#[test]
fn random_functions_and_their_derivatives() {
    random(0..300);
}

/// `cargo test --release -p chainrule-expr --lib passes -- --ignored`
#[test]
#[ignore = "ten thousand functions"]
fn many_random_functions_and_their_derivatives() {
    random(0..10_000);
}
