//! How much derivatives cost, in operations of the function unrolled, and that orders and names do no harm. What families cost is
//! counted in `tests/library/families.rs`.

use super::Seeds;
use super::tests::{check, check_twice, from_one, index, plus, point, vector};
use crate::graph::AxisRange;
use crate::node::Node;
use crate::{Calculus, Fold, Function, Op};

/// The operations that the function unrolled is made of; a sum of n terms is n - 1 of them.
fn operations(f: &Function) -> usize {
    let flat = f.unroll(5_000_000).unwrap();
    let graph = flat.graph();
    let of = |id| match graph.node(id) {
        Node::Fold(..) => graph.children(id).len() - 1,
        node => usize::from(node.op().is_some()),
    };
    graph.ids().map(of).sum()
}

fn calls(f: &Function, op: Op) -> usize {
    let flat = f.unroll(5_000_000).unwrap();
    flat.graph().nodes().iter().filter(|node| node.op() == Some(op)).count()
}

fn logistic(n: i64) -> Function {
    Function::build(|g| {
        let k = g.axis("k", &["y"]);
        let (y, a, one) = (g.state(k, 0), g.input("a"), g.constant(1.0));
        let range = AxisRange { axis: k, low: 1.into(), high: n.into() };
        g.iterate(range, &[g.input("x")], &[a * y * (one - y)])
    })
}

#[test]
fn derivatives_of_an_iteration_are_linear_in_its_steps() {
    let cost = |n: i64| {
        let f = logistic(n);
        let g = f.vjp(Seeds::One).unwrap();
        [operations(&f), operations(&g), operations(&g.vjp(Seeds::Inputs).unwrap())]
    };
    let [small, middle, large] = [100, 1000, 10_000].map(cost);
    for k in 0..3 {
        let per_step = (middle[k] - small[k]) / 900;
        assert_eq!(middle[k] - small[k], 900 * per_step);
        assert_eq!(large[k] - middle[k], 9_000 * per_step);
    }
    // Of these 3 are the function's own.
    assert_eq!(large.map(|all| all / 10_000), [3, 9, 36]);
}

/// Two factors of different loops: sum over i of sum over j of sin(x[i])*tanh(y[j]).
#[test]
fn what_is_free_in_one_axis_is_computed_once_for_each_of_its_values() {
    let of = |n: i64, m: i64| {
        Function::build(|g| {
            let (i, j) = (from_one(g, "i", n), from_one(g, "j", m));
            let product = vector(g, "x", &[index(i.axis)]).sin() * vector(g, "y", &[index(j.axis)]).tanh();
            vec![g.reduce(Fold::Sum, i, g.reduce(Fold::Sum, j, product))]
        })
    };
    for (n, m) in [(10, 20), (20, 20), (20, 40)] {
        let f = of(n, m);
        assert_eq!(calls(&f, Op::Tanh), m as usize);
        assert_eq!(calls(&f.vjp(Seeds::One).unwrap(), Op::Tanh), m as usize);
        assert_eq!(calls(&f.vjp(Seeds::One).unwrap(), Op::Sin), n as usize);
    }
}

#[test]
fn an_array_under_the_name_of_the_axis_that_reads_it() {
    // let h[i: 1..n] = x[i]^2; sum(i, 1, n, x[i]*sum(i2, 1, n, h[i2]*x[i2])), the array and the sum over one axis.
    let f = Function::build(|g| {
        let (i, i2) = (from_one(g, "i", 4), from_one(g, "i2", 4));
        let x = vector(g, "x", &[index(i.axis)]);
        let h = g.array(i.clone(), x * x);
        let inner = g.at(h, &[index(i2.axis)]) * vector(g, "x", &[index(i2.axis)]);
        let again = g.at(h, &[index(i.axis)]);
        vec![g.reduce(Fold::Sum, i, x * again * g.reduce(Fold::Sum, i2, inner))]
    });
    check(&f);
    check_twice(&f);
}

fn stencil(n: i64) -> Function {
    Function::build(|g| {
        let range = AxisRange { axis: g.axis("i", &[]), low: 2.into(), high: (n - 1).into() };
        let at = |k| vector(g, "x", &[plus(range.axis, k)]);
        vec![g.array(range.clone(), (at(-1) - 2.0 * at(0) + at(1)).sin())]
    })
}

#[test]
fn a_stencil_around_the_end_of_a_chunk() {
    for n in [3, 255, 256, 257, 513] {
        let g = stencil(n).vjp(Seeds::Inputs).unwrap();
        let (x, outputs) = (point(n as usize), n as usize - 2);
        for seed in [1.0, -0.0] {
            let all = [&x[..], &vec![seed; outputs + 1]].concat();
            let received = g.evaluate((), &all);
            assert_eq!(received, g.unroll(1_000_000).unwrap().evaluate((), &all));
            let slope = |k: usize| match k {
                1.. if k + 1 < n as usize => (x[k - 1] - 2.0 * x[k] + x[k + 1]).cos(),
                _ => 0.0,
            };
            for k in 0..n as usize {
                let before = if k == 0 { 0.0 } else { slope(k - 1) };
                let expected = seed * (before - 2.0 * slope(k) + slope(k + 1));
                let found = received[outputs + k];
                assert!((found - expected).abs() <= 1e-12, "element {k} of {n}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn positions_that_meet() {
    // x[i+j] and x[i*j]: several iterations read one element.
    for product in [false, true] {
        let f = Function::build(|g| {
            let (i, j) = (from_one(g, "i", 3), from_one(g, "j", 4));
            let (p, q) = (index(i.axis), index(j.axis));
            let position = if product { p.times(&q) } else { p.plus(&q) }.unwrap();
            let x = vector(g, "x", &[position]);
            let h = g.array(from_one(g, "l", 12), vector(g, "x", &[index(g.axis("l", &[]))]).exp());
            let read = g.at(h, &[p.plus(&q).unwrap()]);
            vec![g.reduce(Fold::Sum, i, g.reduce(Fold::Sum, j, x * x * read))]
        });
        check(&f);
        check_twice(&f);
    }
}

#[test]
fn seventy_axes() {
    let f = Function::build(|g| {
        let mut total = vector(g, "x", &[1.into()]);
        for k in 0..70 {
            let i = from_one(g, &format!("i{k}"), 2);
            let body = (vector(g, "x", &[index(i.axis)]) * total).sin();
            total = g.reduce(Fold::Sum, i, body);
        }
        vec![total]
    });
    check(&f);
    check_twice(&f);
}
