//! How much derivatives cost, in operations of the function unrolled, and that orders and names do no harm.

use super::Seeds;
use super::tests::{check, check_twice, from_one, index, literal, plus, point, vector};
use crate::graph::AxisRange;
use crate::index::{Index, Symbol};
use crate::node::Node;
use crate::{Builder, Calculus, Expr, Fold, Function, Op};

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

/// A row: what it is called, and the function.
fn families() -> Vec<(&'static str, Function)> {
    vec![
        (
            "rosenbrock",
            Function::build(|g| {
                let i = from_one(g, "i", 50);
                let (here, next) = (vector(g, "x", &[index(i.axis)]), vector(g, "x", &[plus(i.axis, 1)]));
                let r = next - here * here;
                vec![g.reduce(Fold::Sum, i, 100.0 * (r * r) + (here - 1.0) * (here - 1.0))]
            }),
        ),
        (
            "brusselator, periodic",
            Function::build(|g| {
                // One step of a reaction with diffusion on a ring, and what is left of it.
                let n = 40;
                let i = from_one(g, "i", n);
                let own = g.symbol(Symbol::Axis(i.axis));
                let at = |name: &str, position: Index| vector(g, name, &[position]);
                let diffusion = |name: &str| {
                    let left = own.gt(g.constant(1.0)).select(at(name, plus(i.axis, -1)), at(name, n.into()));
                    let right =
                        own.lt(g.constant(n as f64)).select(at(name, plus(i.axis, 1)), at(name, 1.into()));
                    left - 2.0 * at(name, index(i.axis)) + right
                };
                let (u, v) = (at("u", index(i.axis)), at("v", index(i.axis)));
                let reaction = u * u * v;
                let first = 1.0 + reaction - 4.4 * u + g.input("a") * diffusion("u");
                let second = 3.4 * u - reaction + g.input("a") * diffusion("v");
                vec![g.reduce(Fold::Sum, i, first * first + second * second)]
            }),
        ),
        (
            "a layer with an array",
            Function::build(|g| {
                let (i, j, k) = (from_one(g, "i", 20), from_one(g, "j", 30), from_one(g, "k", 20));
                let product =
                    vector(g, "W", &[index(i.axis), index(j.axis)]) * vector(g, "x", &[index(j.axis)]);
                let h = g.array(i, g.reduce(Fold::Sum, j, product).tanh());
                let at = index(k.axis);
                vec![g.reduce(Fold::Sum, k, vector(g, "v", std::slice::from_ref(&at)) * g.at(h, &[at]))]
            }),
        ),
        (
            "log-sum-exp by its maximum",
            Function::build(|g| {
                let i = from_one(g, "i", 50);
                let x = vector(g, "x", &[index(i.axis)]);
                let m = g.reduce(Fold::Max, i.clone(), x);
                vec![g.reduce(Fold::Sum, i, (x - m).exp()).ln() + m]
            }),
        ),
        (
            "matrix factorisation",
            Function::build(|g| {
                let (i, j, k) = (from_one(g, "i", 12), from_one(g, "j", 15), from_one(g, "k", 4));
                let product = vector(g, "U", &[index(i.axis), index(k.axis)])
                    * vector(g, "V", &[index(j.axis), index(k.axis)]);
                let error = g.reduce(Fold::Sum, k, product) - vector(g, "A", &[index(i.axis), index(j.axis)]);
                vec![g.reduce(Fold::Sum, i, g.reduce(Fold::Sum, j, error * error))]
            }),
        ),
        ("logistic map", logistic(50)),
        ("recurrent network", recurrent(6, 5, 8)),
        ("runge-kutta", runge_kutta(10, 4)),
    ]
}

/// y becomes tanh(U y + W u[t]) step by step; the sum of the last y.
fn recurrent(m: i64, n: i64, steps: i64) -> Function {
    Function::build(|g| {
        let t = g.axis("t", &["y"]);
        let y = g.state(t, 0);
        let (i, j, l) = (from_one(g, "i", m), from_one(g, "j", m), from_one(g, "l", n));
        let own = vector(g, "U", &[index(i.axis), index(j.axis)]) * g.at(y, &[index(j.axis)]);
        let data =
            vector(g, "W", &[index(i.axis), index(l.axis)]) * vector(g, "u", &[index(t), index(l.axis)]);
        let sum =
            g.reduce(Fold::Sum, j, own) + g.reduce(Fold::Sum, l, data) + vector(g, "b", &[index(i.axis)]);
        let next = g.array(i.clone(), sum.tanh());
        let init = g.array(i.clone(), vector(g, "y0", &[index(i.axis)]));
        let range = AxisRange { axis: t, low: 1.into(), high: steps.into() };
        let last = g.scan(range, false, &[init], &[next], &[])[0];
        let s = from_one(g, "s", m);
        vec![g.reduce(Fold::Sum, s.clone(), g.at(last, &[index(s.axis)]))]
    })
}

/// The system y' = sin(y[i+1]) - a*y[i] on a ring, by the classical method of fourth order.
fn runge_kutta(steps: i64, n: i64) -> Function {
    Function::build(|g| {
        let t = g.axis("t", &["y"]);
        let y = g.state(t, 0);
        let a = g.input("a");
        let h = g.constant(0.125);
        let slope = |name: &str, of: Expr<'_>| {
            let builder: &Builder = g;
            let i = from_one(builder, name, n);
            let of = builder.handle(of.id());
            let own = builder.symbol(Symbol::Axis(i.axis));
            let next = own
                .lt(builder.constant(n as f64))
                .select(builder.at(of, &[plus(i.axis, 1)]), builder.at(of, &[1.into()]));
            builder
                .array(i.clone(), next.sin() - builder.handle(a.id()) * builder.at(of, &[index(i.axis)]))
                .id()
        };
        let moved = |name: &str, by: f64, k: crate::NodeId| {
            let i = from_one(g, name, n);
            let at = [index(i.axis)];
            g.array(i.clone(), g.at(y, &at) + by * h * g.at(g.handle(k), &at))
        };
        let k1 = slope("i1", y);
        let k2 = slope("i3", moved("i2", 0.5, k1));
        let k3 = slope("i5", moved("i4", 0.5, k2));
        let k4 = slope("i7", moved("i6", 1.0, k3));
        let i = from_one(g, "i8", n);
        let at = [index(i.axis)];
        let [k1, k2, k3, k4] = [k1, k2, k3, k4].map(|k| g.at(g.handle(k), &at));
        let next = g.array(i.clone(), g.at(y, &at) + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4));
        let init = g.array(i.clone(), vector(g, "y0", &at));
        let range = AxisRange { axis: t, low: 1.into(), high: steps.into() };
        let last = g.scan(range, false, &[init], &[next], &[])[0];
        let s = from_one(g, "s", n);
        vec![g.reduce(Fold::Sum, s.clone(), g.at(last, &[index(s.axis)]).exp())]
    })
}

#[test]
fn a_gradient_takes_at_most_five_operations_per_operation() {
    for (name, f) in families() {
        let x: Vec<f64> = point(f.input_count()).iter().map(|x| 0.4 * x).collect();
        let g = f.vjp(Seeds::One).unwrap();
        let found = g.evaluate((), &x);
        for (a, b) in found[1..].iter().zip(literal(&f, &x)) {
            assert!((a - b).abs() <= 1e-10 * (1.0 + b.abs()), "{name}: {a}, {b}");
        }
        let (own, with_gradient) = (operations(&f), operations(&g));
        let ratio = with_gradient as f64 / own as f64;
        assert!(ratio <= 5.0, "{name}: {with_gradient} operations for {own}");
        eprintln!("{name}: {own} operations, {with_gradient} with the gradient: {ratio:.2}");
    }
}
