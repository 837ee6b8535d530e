//! Derivatives with axes against those of the same functions unrolled, element by element, at many sizes.

use std::collections::BTreeMap;

use expr::graph::{AxisRange, Role};
use expr::index::{Index, Symbol};
use expr::{Fold, Function, Node};
use syntax::{formulas, parse};

use super::{NeedsSizes, Place, SizedDerivatives, differentiate_sized, simplify_sized};
use crate::{Limits, Mode, differentiate};

/// A number for every scalar input, by its name.
fn number(name: &str) -> f64 {
    let seed = name.bytes().fold(7u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
    0.3 + (seed % 1009) as f64 / 1009.0
}

fn at(f: &Function) -> Vec<f64> {
    let point: Vec<f64> = f.input_names().iter().map(|name| number(name)).collect();
    f.evaluate((), &point)
}

/// Small e-graphs: what must hold at any budget.
const SMALL: Limits = Limits {
    function_nodes: 10_000,
    whole_nodes: 200,
    e_nodes: 500,
    iterations: 4,
    rounds: 1,
    window_nodes: 100,
    window_e_nodes: 500,
    window_iterations: 4,
    windows: 20,
};

/// All partial derivatives of a function.
fn derived(f: &Function, most: u64) -> Result<SizedDerivatives, NeedsSizes> {
    let places: Vec<Place> = { f.graph().blocks().iter() }
        .map(|block| Place { block: f.graph().block_named(&block.name).unwrap(), element: None })
        .collect();
    differentiate_sized(f, 1, &places, most)
}

/// Compares all partial derivatives, as derived and simplified, at some sizes.
fn compare(text: &str) {
    let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let found = derived(&f, 10_000).unwrap_or_else(|error| panic!("{text}: {error}"));
    let simplified = found.with_function(simplify_sized(&found.function, &SMALL));
    for found in [found, simplified] {
        compare_with(text, &f, &found, &found.highest());
    }
}

fn compare_with(text: &str, f: &Function, found: &SizedDerivatives, formulas: &Function) {
    for n in 1..=6 {
        compare_at(text, f, found, formulas, n);
    }
}

fn compare_at(text: &str, f: &Function, derivatives: &SizedDerivatives, gradient: &Function, n: i64) {
    let bind = |f: &Function, sizes: &[(&str, i64)]| {
        let known: Vec<(&str, i64)> = { sizes.iter().copied() }
            .filter(|(name, _)| f.graph().sizes().iter().any(|s| s == name))
            .collect();
        f.with_sizes(&known).unwrap()
    };
    let flat = bind(f, &[("n", n), ("m", 3)]).unroll(1_000_000).unwrap();
    let names = flat.input_names();
    let truth = at(&differentiate(&flat, Mode::Reverse, 1_000_000).unwrap().function);
    let expected: BTreeMap<(usize, &str), f64> = (0..f.outputs().len())
        .flat_map(|output| names.iter().enumerate().map(move |(k, name)| (output, k, name)))
        .map(|(output, k, name)| ((output, &**name), truth[f.outputs().len() + output * names.len() + k]))
        .collect();
    let mut compared = 0;
    for (k, partial) in derivatives.partials.iter().enumerate() {
        let by = &partial.by[0];
        let block = flat.graph().block(flat.graph().block_named(&by.block).unwrap());
        for offset in 0..block.len().unwrap() as u32 {
            let element = block.element(offset);
            let places: Vec<i64> = match element.split_once('[') {
                Some((_, rest)) => {
                    rest.trim_end_matches(']').split(',').map(|place| place.parse().unwrap()).collect()
                }
                None => Vec::new(),
            };
            // The indices of other blocks are of no consequence.
            let mut sizes =
                vec![("n", n), ("m", 3), ("j", 1), ("k", 1), ("l", 1), ("p", 1), ("q", 1), ("r", 1)];
            sizes.extend(by.indices.iter().map(String::as_str).zip(places));
            // Other derivatives may read what is not there.
            let bound = bind(gradient, &sizes);
            let bound = bound.with_outputs(vec![bound.outputs()[k]]);
            let flat = bound.unroll(1_000_000).unwrap_or_else(|error| {
                panic!("{text} at n = {n}, {element}: {error}\n{}", syntax::text(gradient))
            });
            let found = at(&flat)[0];
            let expected = expected[&(partial.output, &*element)];
            let close = (found - expected).abs() <= 1e-12 * expected.abs().max(1.0);
            assert!(
                close || found.is_nan() && expected.is_nan(),
                "{text} at n = {n}: {element} is {found}, unrolled {expected}\n{}",
                formulas(gradient, [k])[0]
            );
            compared += 1;
        }
    }
    assert_eq!(compared, expected.len(), "{text}");
}

const FUNCTIONS: [&str; 29] = [
    "sum(i, 1, n, x[i]^2)",
    "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
    "sum(i, 2, n, sin(x[i-1])*x[i]*x[n+1-i])",
    "sum(i, 1, n, a*x[i])/n + x[1] + x[n]",
    "prod(i, 1, n, x[i])",
    "prod(i, 1, n, sin(x[i])*a)*sum(i, 1, n, x[i])",
    "exp(-sum(i, 1, n, x[i]*exp(a)))",
    "sum(i, 1, n, (x[i] - sum(j, 1, n, x[j])/n)^2)",
    "[sum(i, 1, n, x[i]*a), sum(i, 1, n, x[i]^2), a]",
    "sum(i, 1, n, x^i/i)",
    "sum(i, 1, n, x[i]*x[2*i])",
    "sum(i, 1, n, sum(j, 1, m, A[i,j]*A[j,i]*b[j]))",
    "sum(i, 1, n, sum(j, 1, i, x[i]*x[j]*j))",
    "sum(i, 1, n, sum(j, i, n, x[i+j]*y[j-i+1]))",
    "sum(i, 1, m, (sum(j, 1, n, W[i,j]*x[j]) - t[i])^2)",
    "sum(i, 1, n, if(x[i] > 0.8, ln(x[i]), a*x[i]))",
    "sum(i, 1, n, if(x[i] < 9, a*x[i], ln(x[i] - 20)*a))",
    "sum(i, 1, n, (if(i > 1, x[i-1], 0) - 2*x[i] + if(i < n, x[i+1], 0))^2)",
    "iterate(k, 1, n, y, x, 3.2*y*(1 - y))",
    "iterate(k, 1, n, y, 1/2, sin(y)*x[k] + exp(-y^2)*a)",
    "iterate(k, 1, n, (u, v), (x, y), (v, u*a + sin(v)/k))[2]",
    "sum(i, 1, n, iterate(k, 1, m, y, x[i], sin(y)*w[k]))",
    "iterate(k, 1, n, y, a, y + sum(j, 1, m, a*x[j]*y))/n",
    "iterate(k, 2, n, (p, q), (x[1], x[2]), (p*x[k] + q, sum(j, 1, k, x[j]*p)))[1]",
    "ln(sum(i, 1, n, exp(x[i]))) - sum(i, 1, n, w[i]*x[i])",
    "iterate(k, 1, n, y, x, iterate(j, 1, 2, z, y*w[k], sin(z) + y/j))",
    "prod(i, 1, n, sum(j, 1, n, B[i,j]*x[j]))",
    "sum(i, 1, n, sum(k, 1, m, x[i+k-1]*w[k])^2)",
    "sum(i, 1, n, sum(j, 1, n, if(i == j, 0, 1/(1 + (x[i] - x[j])^2))))",
];

#[test]
fn every_element_at_every_size_is_that_of_the_function_unrolled() {
    for text in FUNCTIONS {
        compare(text);
    }
}

#[test]
fn formulas_are_those_one_would_write() {
    let derivative = |text: &str| {
        let found = derived(&parse(text).unwrap(), 1000).unwrap();
        let extents: Vec<_> =
            found.partials.iter().flat_map(|partial| partial.by[0].extents.clone()).collect();
        (formulas(&found.highest(), 0..found.partials.len()), extents)
    };
    let n = Some("n".to_owned());
    assert_eq!(derivative("sum(i, 1, n, x[i]^2)"), (vec!["2*x[j]".to_owned()], vec![n.clone()]));
    assert_eq!(
        derivative("sum(i, 1, n, a[i]*x[i])"),
        (vec!["x[j]".to_owned(), "a[j]".to_owned()], vec![n.clone(), n])
    );
}

#[test]
fn what_cannot_be_said_is_refused() {
    let refused = |text: &str| derived(&parse(text).unwrap(), 100).unwrap_err();
    let long = (0..99).map(|k| format!("sin({k}*x[i])")).collect::<Vec<_>>().join("*");
    assert_eq!(refused(&format!("sum(i, 1, n, {long})")), NeedsSizes::TooLarge);
    let deep = (0..60).fold("x".to_owned(), |inner, k| format!("sum(i{k}, 1, 2, {inner})"));
    assert_eq!(refused(&deep), NeedsSizes::TooDeep);
    let kept = Function::build(|g| {
        let k = g.axis("k", &["y"]);
        let next = g.state(k, 0) * g.state(k, 0);
        let range = AxisRange { axis: k, low: 1.into(), high: 3.into() };
        vec![g.scan(range, false, &[g.input("x")], &[next], &[next])[1]]
    });
    let found = derived(&kept, 1000).unwrap();
    assert_eq!(found.output_name("f", 0), "f_k");
}

#[test]
fn a_loop_may_depend_on_an_outer_index_of_the_same_name() {
    let f = Function::build(|g| {
        let i = g.axis("i", &[]);
        let to = |high: Index| AxisRange { axis: i, low: 1.into(), high };
        let read = g.read(g.block("x", 1, Role::Variable), &[Symbol::Axis(i).into()]);
        let inner = g.reduce(Fold::Sum, to(Symbol::Axis(i).into()), read);
        vec![g.reduce(Fold::Sum, to(3.into()), inner)]
    });
    let found = derived(&f, 1000).unwrap();
    compare_at("hidden", &f, &found, &found.highest(), 3);
}

/// All derivatives of a function for every size, as people write them.
fn readable(text: &str) -> (Function, SizedDerivatives, Function) {
    let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let found = derived(&f, 10_000).unwrap_or_else(|error| panic!("{text}: {error}"));
    let formulas = found.readable();
    (f, found, formulas)
}

#[test]
fn readable_formulas_are_those_of_the_function_unrolled_and_read_back() {
    let all = include_str!("../../../../tests/support/sized_functions.txt");
    for text in all.lines().filter(|line| !line.starts_with('#')) {
        let (f, found, gradient) = readable(text);
        compare_with(text, &f, &found, &gradient);
        let outputs = 0..gradient.outputs().len();
        let labels: Vec<String> = outputs.map(|k| format!("d{k}")).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let written = syntax::listing(&gradient, "gradient", &labels, syntax::Sharing::Always);
        let back = parse(&written).unwrap_or_else(|error| panic!("{text}:\n{written}\n{error}"));
        let names =
            |f: &Function| f.graph().blocks().iter().map(|block| block.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&back), names(&f), "{text}:\n{written}");
        compare_with(text, &f, &found, &back);
    }
}

#[test]
fn readable_formulas_are_short() {
    for (text, expected) in [
        (
            "m = sum(i, 1, n, x[i])/n; sum(i, 1, n, (x[i] - m)^2)/n",
            "m = sum(i, 1, n, x[i])/n; 2*(x[j] - m)/n",
        ),
        ("sum(i, 1, n, a)", "n"),
        ("sum(i, 1, n, sum(k, 1, n, x[i]*A[i,k]*x[k]))", "sum(k, 1, n, x[k]*(A[j, k] + A[k, j]))"),
        ("prod(i, 1, n, x[i])", "prod(k, 1, j-1, x[k])*prod(l, j+1, n, x[l])"),
        (
            "sum(i, 1, n-1, (x[i+1] - x[i])^2)",
            "if(j >= 2, 2*(x[j] - x[j-1]), 0) + if(j <= n - 1, 2*(x[j] - x[j+1]), 0)",
        ),
    ] {
        assert_eq!(formulas(&readable(text).2, [0])[0], expected);
    }
}

/// Operators of a function unrolled, a fold of k terms counting k - 1 times.
fn operations(f: &Function, n: i64) -> usize {
    let flat = f.with_sizes(&[("n", n)]).unwrap().unroll(10_000_000).unwrap();
    let graph = flat.graph();
    let own = |id| match graph.node(id) {
        Node::Fold(..) => graph.children(id).len() - 1,
        node => usize::from(node.op().is_some()),
    };
    graph.ids().map(own).sum()
}

#[test]
fn derivatives_of_iterations_are_linear_in_the_steps_as_they_are_printed() {
    let f = parse("iterate(k, 1, n, y, x, a*y*(1 - y))").unwrap();
    let printed = |f: &Function, order: usize| {
        let places: Vec<Place> = { f.graph().blocks().iter() }
            .map(|block| Place { block: f.graph().block_named(&block.name).unwrap(), element: None })
            .collect();
        let found = differentiate_sized(f, order, &places, 100_000).unwrap();
        let labels: Vec<String> = (0..found.partials.len()).map(|k| format!("d{k}")).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let text = syntax::listing(&found.readable(), "derivatives", &labels, syntax::Sharing::Always);
        parse(&text).unwrap_or_else(|error| panic!("{text}\n{error}"))
    };
    let per_step = |f: &Function| {
        let [few, more, most] = [100, 1_000, 10_000].map(|n| operations(f, n));
        assert_eq!((most - more) / 10, more - few, "{few}, {more}, {most}");
        (more - few) / 900
    };
    let gradient = printed(&f, 1);
    assert_eq!(per_step(&f), 3);
    assert!(per_step(&gradient) <= 5 * 3, "{}", per_step(&gradient));
    let again = printed(&gradient, 1);
    assert!(per_step(&again) <= 25 * 3, "{}", per_step(&again));
    assert!(per_step(&printed(&f, 2)) <= 25 * 3, "{}", per_step(&printed(&f, 2)));
}

#[test]
fn elements_of_outputs_have_derivatives_of_their_own() {
    for text in [
        "[i: 1..n] x[i]^2",
        "[i: 2..n] x[i]*x[i-1] - sum(i, 1, n, x[i])",
        "[i: 1..n] if(i > 1, x[i-1], 0) - 2*x[i] + if(i < n, x[i+1], 0)",
        "softmax(x)",
        "[sum(i, 1, n, x[i]^2), [i: 1..n] x[n+1-i]*x[i]]",
    ] {
        let f = parse(text).unwrap();
        let found = derived(&f, 10_000).unwrap_or_else(|error| panic!("{text}: {error}"));
        for n in [2, 3, 5] {
            let flat = f.with_sizes(&[("n", n)]).unwrap().unroll(10_000).unwrap();
            let all = at(&differentiate(&flat, Mode::Reverse, 10_000).unwrap().function);
            let expected = &all[flat.outputs().len()..];
            for formulas in [found.highest(), found.readable()] {
                let mut own = expected.iter();
                for (k, partial) in found.partials.iter().enumerate() {
                    let range = match found.output_indices[partial.output].as_slice() {
                        [] => 1..=1,
                        [index] => {
                            let [low, high] =
                                index.range.each_ref().map(|form| form.evaluate(|_| n).unwrap());
                            low..=high
                        }
                        _ => unreachable!("one index"),
                    };
                    for i in range {
                        for j in 1..=n {
                            let sizes = [("n", n), ("i", i), ("j", j)];
                            let known =
                                |size: &&(&str, i64)| formulas.graph().sizes().iter().any(|s| s == size.0);
                            let sizes: Vec<(&str, i64)> = sizes.iter().filter(known).copied().collect();
                            let value = at(&formulas.with_sizes(&sizes).unwrap().unroll(10_000).unwrap())[k];
                            let expected = own.next().expect("as many");
                            let close = (value - expected).abs() <= 1e-12 * expected.abs().max(1.0);
                            assert!(close, "{text}, n = {n}, i = {i}, j = {j}: {value} for {expected}");
                        }
                    }
                }
                assert!(own.next().is_none());
            }
        }
    }
}

#[test]
fn what_is_known_of_one_input_is_not_said_of_another() {
    // W has no element; x has more than are read.
    let derivative = |text: &str| formulas(&readable(text).2, [0])[0].clone();
    assert_eq!(
        derivative("f(x, W[0, 0], n) = n*sum(i, 1, 1, sum(p, 2, 2, x[p+1])) + sum(i, 1, n, 1)"),
        "if(j >= 3, n, 0)"
    );
    assert_eq!(derivative("f(x[m]) = m*sum(p, 2, 2, x[p+1])"), "if(j == 3, m, 0)");
}

#[test]
fn forms_that_read_less_are_no_panic() {
    let (f, found, formulas) = readable("a*prod(i, 1, n, if(0.75 > 0.3, x[i], y[i]))");
    compare_with("a decided branch", &f, &found, &formulas);
}
