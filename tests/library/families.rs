//! Families against what is written by hand: values and gradients of functions as they stand and unrolled, edge sizes among
//! them, what a gradient costs in operations, and that every text is checked, since a changed one is noticed.

use std::collections::BTreeSet;

use chainrule::{Backprop, Budget, Derivative, Strategy, Want};
use experiments::families::weight;
use experiments::{FAMILIES, Family};
use expr::passes::Seeds;
use expr::{Function, Node};
use reference::{Component, Limits, certify};

const MAX_NODES: u64 = 1_000_000;

/// The first component that is not the same but for rounding.
fn differs(found: &[f64], expected: &[f64]) -> Option<usize> {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
    let same = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-10 * b.abs() + 1e-12 * scale;
    (0..found.len()).find(|&k| !same(found[k], expected[k]))
}

/// The sum of several outputs, or of rows of a Jacobian.
fn weighed(rows: &[f64], width: usize) -> Vec<f64> {
    let column = |j| rows.chunks(width).enumerate().map(|(k, row)| weight(k) * row[j]).sum();
    (0..width).map(column).collect()
}

/// Value and gradient by the pass over the function as it stands, which is not unrolled.
fn by_vjp(f: &Function, x: &[f64], outputs: usize) -> Vec<f64> {
    let g = f.vjp(Seeds::Inputs).unwrap();
    let seeds = (0..outputs).map(weight);
    let all = g.evaluate((), &x.iter().copied().chain(seeds).collect::<Vec<_>>());
    let value: f64 = all[..outputs].iter().enumerate().map(|(k, value)| weight(k) * value).sum();
    [&[value], &all[outputs..][..x.len()]].concat()
}

fn by_backprop(f: &Function, x: &[f64]) -> Vec<f64> {
    let mut out = Derivative::default();
    let mut prepared = Backprop.prepare(f, Want::Gradient, &Budget::default()).unwrap();
    prepared.run(x, &mut out).unwrap();
    [weighed(&out.values, 1), weighed(&out.gradient, x.len())].concat()
}

fn by_hand(family: &Family, n: usize, x: &[f64]) -> Vec<f64> {
    let mut all = vec![0.0; 1 + x.len()];
    all[0] = (family.gradient)(n, x, &mut all[1..]);
    all
}

/// Its own sizes, and those at which something begins or ends.
fn sizes(family: &Family) -> BTreeSet<usize> {
    family.sizes.iter().copied().chain([1, 2, 7]).collect()
}

#[test]
fn families_are_what_they_are_by_hand_as_they_stand_and_unrolled() {
    let mut certified = 0;
    for family in FAMILIES {
        for n in sizes(family) {
            let f = family.function(n);
            let flat = f.unroll(MAX_NODES).unwrap();
            if flat.input_count() == 0 {
                continue; // nothing to sum at size 1
            }
            let x = family.sample(n, 3);
            let expected = by_hand(family, n, &x);
            let name = family.name;
            assert_eq!(differs(&[(family.value)(n, &x)], &expected[..1]), None, "{name} at {n}: value");
            let found = [
                ("the pass", by_vjp(&f, &x, flat.outputs().len())),
                ("the pass over the function unrolled", by_vjp(&flat, &x, flat.outputs().len())),
                ("backprop", by_backprop(&f, &x)),
            ];
            for (way, found) in found {
                let off = differs(&found, &expected);
                assert_eq!(off, None, "{name} at {n} by {way}: {found:?}, by hand {expected:?}");
            }
            if flat.graph().len() <= 400 {
                let certificate = certify(&family.number(n, MAX_NODES).unwrap(), &x, &Limits::default());
                for (k, component) in certificate.gradients[0].iter().enumerate() {
                    let Component::Certified { gradient, .. } = component else {
                        panic!("{name} at {n}: {component:?}")
                    };
                    let scale = expected[1..].iter().fold(0.0, |top: f64, g| top.max(g.abs()));
                    let off = (gradient - expected[1 + k]).abs();
                    assert!(off <= 1e-10 * gradient.abs() + 1e-12 * scale, "{name} at {n}, component {k}");
                    certified += 1;
                }
            }
        }
    }
    assert!(certified > 500, "{certified} components");
}

/// The operations that the function unrolled is made of; a sum of n terms is n - 1 of them.
fn operations(f: &Function) -> usize {
    let flat = f.unroll(10 * MAX_NODES).unwrap();
    let graph = flat.graph();
    let of = |id| match graph.node(id) {
        Node::Fold(..) => graph.children(id).len() - 1,
        node => usize::from(node.op().is_some()),
    };
    graph.ids().map(of).sum()
}

/// Forward included; Griewank and Walther's bound. See them: `cargo test -p chainrule-tests at_most_five -- --nocapture`.
#[test]
fn a_gradient_takes_at_most_five_operations_per_operation() {
    for family in FAMILIES {
        for &n in family.sizes {
            let f = family.function(n);
            let one = f.unroll(MAX_NODES).unwrap().outputs().len() == 1;
            let g = f.vjp(if one { Seeds::One } else { Seeds::Inputs }).unwrap();
            let (own, all) = (operations(&f), operations(&g));
            let ratio = all as f64 / own as f64;
            eprintln!("{} at {n}: {own} operations, {all} with the gradient: {ratio:.2}", family.name);
            assert!(ratio <= 5.0, "{} at {n}: {all} operations for {own}", family.name);
        }
    }
}

/// Per family a coefficient that is changed, an index or a name, and a term that is left out.
type Change = (&'static str, &'static str);
const CHANGES: &[(&str, [Change; 3])] = &[
    ("article", [("(x + y)", "(2*x + y)"), ("* z", "* y"), ("(x + y)", "(x)")]),
    ("rosenbrock", [("100*", "101*"), ("x[i]^2)", "x[i+1]^2)"), (" + (1 - x[i])^2", "")]),
    ("product", [("x[i]", "1.01*x[i]"), ("x[i]", "if(i > 1, x[i], x[n])"), ("1, n", "2, n")]),
    ("chain", [("exp(-y", "exp(-2*y"), ("x[k]", "x[n+1-k]"), (" + exp(-y^2)", "")]),
    ("logistic", [("3.2", "3.21"), ("1, n", "2, n"), ("(1 - y)", "(1)")]),
    ("logsumexp", [("exp(x[i])", "exp(1.01*x[i])"), ("x[i]", "if(i > 1, x[i], x[n])"), ("1, n", "2, n")]),
    ("mlp", [("3*s", "4*s"), ("X(s, k))", "X(s, k+1))"), (" + c - t", " - t")]),
    ("classify-tanh", [("3*s", "4*s"), ("X(s, k))", "X(s, k+1))"), (" + c\n", "\n")]),
    ("classify-sigmoid", [("3*s", "4*s"), ("X(s, k))", "X(s, k+1))"), (" + c\n", "\n")]),
    ("classify-relu", [("3*s", "4*s"), ("X(s, k))", "X(s, k+1))"), (" + c\n", "\n")]),
    ("classify-softplus", [("3*s", "4*s"), ("X(s, k))", "X(s, k+1))"), (" + c\n", "\n")]),
    ("kmeans", [(" - c[j,r]", " - 1.01*c[j,r]"), ("x[i,r]", "x[i,3-r]"), ("distance(i, 2), ", "")]),
    ("bundle", [(" + 4\n", " + 5\n"), (" - C[k]", " - C[4-k]"), (" + (1 - w[i]^2)^2", "")]),
    ("lstm", [("B[q,j]*y", "B[q,j]*2*y"), ("A[q,j,2]*g", "A[q,j,2]*h"), ("*tanh(z(3, j, h, g, y))\n", "\n")]),
    ("ode", [("u + 2*p(u3", "u + 3*p(u3"), ("v2(u, v) = v", "v2(u, v) = u"), ("(a - b*v)", "(a)")]),
    ("network", [("W[i,j]*k", "2*W[i,j]*k"), ("h(p, j))", "h(p, 5-j))"), ("sum(i, 1, 2", "sum(i, 2, 2")]),
    ("gmm", [("/2)))", "/3)))"), (" - mu[j,c]", " - mu[j,r]"), (" + sum(j, 1, 5, prior(j))", "")]),
    ("brusselator", [("4.4", "4.5"), ("u[i,j+1]", "u[i+1,j+1]"), (" - 4.4*u[i+1,j+1]", "")]),
    ("brusselator-ring", [("3.4", "3.5"), ("u[i-1], u[n]", "u[i-1], u[1]"), (" + dot(p, q)", "")]),
    ("banded", [("5*x[i]^2", "4*x[i]^2"), ("g[i-k]", "g[i]"), (" - if(i < n, g[i+1], 0)", "")]),
    (
        "factorisation",
        [("/10", "/11"), ("U[i,k]^2", "U[i,1]^2"), (" + sum([j: 1..3, k: 1..2] V[j,k]^2)/5", "")],
    ),
    ("regression", [("/20", "/21"), ("dot(w, w)", "w[1]*w[2]"), (" + b", "")]),
    ("attention", [("sqrt(3)", "sqrt(2)"), ("K[j,k]", "K[i,k]"), (" - Y[i,c]", "")]),
    ("gru", [("(1 - z", "(1.1 - z"), ("X[t,k]", "X[n+1-t,k]"), (" + c)", ")")]),
    (
        "gradbench-lse",
        [
            ("exp(x[i] - a)", "exp(1.01*x[i] - a)"),
            ("exp(x[i]", "exp(if(i > 1, x[i-1], x[i])"),
            ("sum(i, 1", "sum(i, 2"),
        ],
    ),
    ("gradbench-kmeans", [(" - c[j,r]", " - 1.01*c[j,r]"), ("x[i,r]", "x[i,3-r]"), ("min(j, 1", "min(j, 2")]),
    ("gradbench-ode", [("2*k2(y)", "3*k2(y)"), ("> 1, y[i-1]", "> 1, y[i]"), (" + k4(y)", "")]),
    (
        "gradbench-lstm",
        [
            ("ln(2 + ", "ln(3 + "),
            ("gate(2, l, i, h)", "gate(1, l, i, h)"),
            ("c*sigmoid(gate(1, l, i, x)) + ", ""),
        ],
    ),
    ("gradbench-ba", [(" + 4\n", " + 5\n"), ("u[o[i,1],k]*p", "u[o[i,1],1]*p"), (" + C[o[i,1],k+7]", "")]),
    ("gradbench-ht", [("1, 10, w", "1, 10, 2*w"), ("W[s[j,2],r]", "W[s[j,1],r]"), (" + x[h+3]", "")]),
];

#[test]
fn a_changed_text_is_noticed() {
    for family in FAMILIES {
        let Some(text) = family.form.text() else { continue };
        let (_, changes) = CHANGES.iter().find(|(name, _)| *name == family.name).expect(family.name);
        let n = family.sizes[family.sizes.len() / 2];
        let x = family.sample(n, 4);
        let expected = by_hand(family, n, &x);
        let given = |text: &str| {
            let f = syntax::parse(text).unwrap_or_else(|error| panic!("{}\n{text}\n{error}", family.name));
            family.form.bind(f.with_sizes(&[("n", n as i64)]).unwrap_or(f), n).unwrap()
        };
        let original = by_backprop(&given(text), &x);
        assert_eq!(differs(&original, &expected), None, "{}", family.name);
        for (from, to) in changes {
            assert!(text.contains(from), "{}: {from}", family.name);
            let changed = given(&text.replacen(from, to, 1));
            let flat = changed.unroll(MAX_NODES).unwrap();
            assert_eq!(flat.input_count(), x.len(), "{}: {from} as {to}", family.name);
            // The gradient alone tells.
            let found = by_vjp(&changed, &x, flat.outputs().len());
            assert!(differs(&found[1..], &expected[1..]).is_some(), "{}: {from} as {to}", family.name);
        }
    }
}
