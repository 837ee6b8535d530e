//! Iterations that stop by a condition.

use expr::Function;
use expr::passes::Seeds;
use expr::{Analysis, reverse_sweep};

use crate::{parse, text};

/// The value and the gradient, by the pass; the same unrolled in bits, and by the literal sweep; printed and read back.
fn derived(f: &Function, x: &[f64]) -> Vec<f64> {
    let g = f.vjp(Seeds::One).unwrap();
    let own = g.evaluate((), x);
    let bits = |all: &[f64]| all.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect::<Vec<_>>();
    assert_eq!(bits(&g.unroll(1_000_000).unwrap().evaluate((), x)), bits(&own));
    let flat = f.unroll(1_000_000).unwrap();
    let values = flat.values((), x);
    let seed = (flat.outputs()[0], 1.0);
    let received = reverse_sweep(&flat, &Analysis::of(&flat), &values, seed, reverse_sweep::by_the_table);
    let swept = reverse_sweep::at_inputs(&flat, received);
    for (a, b) in own[1..].iter().zip(swept) {
        let b = b.unwrap_or(0.0);
        // Where the condition never holds there is no value, and no derivative.
        assert!(
            own[0].is_nan() || (a - b).abs() <= 1e-12 * b.abs().max(1.0),
            "{a} by the pass, {b} by the sweep"
        );
    }
    let printed = text(f);
    assert!(parse(&printed).unwrap().with_sizes(&sizes(f)).unwrap().same_graph(f), "{printed}");
    own
}

fn sizes(f: &Function) -> Vec<(&str, i64)> {
    f.graph().sizes().iter().filter_map(|size| Some((size.as_str(), f.size(size)?))).collect()
}

fn at(source: &str, x: &[f64]) -> Vec<f64> {
    derived(&parse(source).unwrap(), x)
}

#[test]
fn a_root_by_newton() {
    let source = "until(k, 1, 100, y, x, (y + a/y)/2, abs(y^2 - a) < 1e-9)";
    for (x, a) in [(1.0f64, 2.0f64), (3.0, 2.0), (0.1, 10.0), (1.5, 2.25)] {
        // By hand: the derivative of the steps that are taken.
        let (mut y, mut by_x, mut by_a) = (x, 1.0, 0.0);
        while (y * y - a).abs() >= 1e-9 {
            let slope = (1.0 - a / (y * y)) / 2.0;
            (by_x, by_a) = (by_x * slope, by_a * slope + 1.0 / (2.0 * y));
            y = (y + a / y) / 2.0;
        }
        let found = at(source, &[x, a]);
        assert_eq!(found[0], y);
        for (found, expected) in found[1..].iter().zip([by_x, by_a]) {
            assert!((found - expected).abs() <= 1e-13 * (1.0 + expected.abs()), "{found}, {expected}");
        }
        assert!((found[2] - 0.5 / a.sqrt()).abs() < 1e-4 || x * x == a, "{found:?}");
    }
}

#[test]
fn at_its_bound_and_before_the_first_step() {
    // 7, 3.5, 1.75, 0.875
    let halved = |bound: i64, x: f64| at(&format!("until(k, 1, {bound}, y, x, y/2, y < 1)"), &[x]);
    assert_eq!(halved(3, 7.0), [0.875, 0.125]);
    assert_eq!(halved(10, 7.0), [0.875, 0.125]);
    assert!(halved(2, 7.0).iter().all(|x| x.is_nan()));
    for bound in [0, 1, 2, 100] {
        assert_eq!(halved(bound, 0.5), [0.5, 1.0]);
    }
    assert!(halved(0, 7.0)[0].is_nan());
    assert!(at("until(k, 1, 5, y, x, y/2, 1 < 0)", &[1.0])[0].is_nan());
    // What a step that is not made would come to poisons nothing.
    assert_eq!(at("until(k, 1, 5, y, x, ln(y - 1), y < 1)", &[0.5]), [0.5, 1.0]);
    // An equality decides.
    assert_eq!(at("until(k, 1, 5, y, x, y - 1, y == 2)", &[4.0]), [2.0, 1.0]);
}

#[test]
fn several_states_and_arrays() {
    let two = "until(k, 1, 50, (y, c), (x, 0), (y/2, c + 1), y < 1)";
    assert_eq!(at(&format!("{two}[1]"), &[7.0]), [0.875, 0.125]);
    assert_eq!(at(&format!("{two}[2]"), &[7.0]), [3.0, 0.0]);
    let array = "until(k, 1, 20, y[j: 1..3], x[j], y[j]/2 + y[1]/4, norm(y) < 1)";
    let x = [2.0f64, 1.0, 3.0];
    let mut y = x;
    while (y[0] * y[0] + y[1] * y[1] + y[2] * y[2]).sqrt() >= 1.0 {
        y = [y[0] / 2.0 + y[0] / 4.0, y[1] / 2.0 + y[0] / 4.0, y[2] / 2.0 + y[0] / 4.0];
    }
    for (j, y) in y.iter().enumerate() {
        let found = at(&format!("{array}[{}]", j + 1), &x);
        assert!((found[0] - y).abs() < 1e-15, "{found:?} {y}");
    }
    let whole = parse(&format!("let last = {array}; sum(j, 1, 3, last[j]^2)")).unwrap();
    assert!((derived(&whole, &x)[0] - (y[0] * y[0] + y[1] * y[1] + y[2] * y[2])).abs() < 1e-15);
    let both = "until(t, 1, 9, (s, y[j: 1..2]), (0, x[j]), (s + y[1], y[j]/2), s > 2)";
    assert_eq!(at(&format!("{both}[2, 2]"), &[1.5, 8.0]), [2.0, 0.0, 0.25]);
    assert!(at("until(t, 1, 1, y[j: 1..2], x[j], y[j]/2, y[1] < 0)[2]", &[1.0, 2.0])[0].is_nan());
}

#[test]
fn a_step_reads_nothing_beyond_the_last_one() {
    let f = parse("until(k, 1, n, y, 0, y + u[k]^2, y > 3)").unwrap().with_sizes(&[("n", 4)]).unwrap();
    assert_eq!(f.input_names(), ["u[1]", "u[2]", "u[3]", "u[4]"]);
    assert_eq!(derived(&f, &[1.0, 1.5, 7.0, 9.0]), [3.25, 2.0, 3.0, 0.0, 0.0]);
    assert_eq!(derived(&f, &[1.0, 0.5, 1.0, 1.0]), [3.25, 2.0, 1.0, 2.0, 2.0]);
    assert!(derived(&f, &[0.0; 4])[0].is_nan());
}

#[test]
fn inside_other_expressions() {
    let inner = "sum(i, 1, 3, until(k, 1, i + 9, y, x[i], y/2, y < 1)*w[i])";
    assert_eq!(at(inner, &[7.0, 0.5, 3.0, 1.0, 10.0, 100.0]), [80.875, 0.125, 10.0, 25.0, 0.875, 0.5, 0.75]);
    let slope = at("diff(until(k, 1, 100, y, x, (y + 2/y)/2, abs(y^2 - 2) < 1e-3), x)", &[2.0]);
    let by_pass = at("until(k, 1, 100, y, x, (y + 2/y)/2, abs(y^2 - 2) < 1e-3)", &[2.0]);
    assert!((slope[0] - by_pass[1]).abs() < 1e-15);
    // A state called like the one that is added.
    assert_eq!(at("held = 2; until(held, 1, 9, y, x, y/held, y < 1) + held", &[3.0])[0], 0.5 + 2.0);
}
