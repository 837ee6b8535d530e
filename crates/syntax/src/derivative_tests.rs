//! `diff(u, x)` and `f'(u)`: what they are, held against formulas and difference quotients.

use super::parse;
use expr::Function;

fn read(text: &str) -> Function {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn derivatives_are_those_of_the_table() {
    for (text, plain) in [
        ("diff(x^2, x)", "2*x"),
        ("diff(x*y, x)", "f(x, y) = y"),
        ("diff(x^3, x, 2)", "3*(2*x)"),
        ("diff(diff(x^3, x), x)", "3*(2*x)"),
        ("diff(sin(x), x)", "cos(x)"),
        ("diff(sin(x), x, 2)", "-sin(x)"),
        ("diff(exp(x), x, 5)", "exp(x)"),
        ("diff(y, x)", "f(y, x) = 0"),
        ("diff(x, x, 2)", "f(x) = 0"),
        ("diff(diff(x*y, x), y)", "f(x, y) = 1"),
        ("diff(x[1]*x[2], x[1])", "f(x[2]) = x[2]"),
        ("diff(x[1]*x[2], x[3])", "f(x[2]) = 0"),
        ("if(diff(x^2, x) > 1 and x < 5, x, 0)", "if(2*x > 1 and x < 5, x, 0)"),
        // Differentiated first, substituted after.
        ("g(x) = diff(x^2, x); f(y) = g(3)*y", "f(y) = 6*y"),
        ("g(a, b) = diff(a*b, a); g(t, t)", "t"),
        ("g(v) = diff(v[1]*x[1], v[1]); g(x)", "x[1]"),
        ("f(x) = x^2; f'(2*y)", "2*(2*y)"),
        ("f(x) = x^2; f'(y) + f''(y)", "2*y + 2"),
        ("f(x) = x^2*a; f'(a)", "2*a*a"),
        ("f(t) = t^3; diff(f, x)", "3*x^2"),
        ("f(t) = t^3; diff(f(2*x), x)", "3*(2*x)^2*2"),
        ("f(t) = t^3; g(x) = diff(f, x); g(z)", "3*z^2"),
        ("f(t) = t*x; diff(f, x)", "x + x"),
        ("f'(t) = 7*t; f(t) = t^2; f'(x)", "7*x"),
        ("f(x) = x^2; f' + f'(x)", "f' + 2*x"),
        // A parameter of the last statement is an input, whatever is defined by its name.
        ("g(t) = t^2; f(g, x) = diff(g, x)", "f(g, x) = 0"),
        // A let may be replaced by its text.
        ("q = x^2; diff(q*x, x)", "diff(x^2*x, x)"),
        ("q = x^2; r = q*q; g(t) = t*r; diff(g(y), x)", "diff(y*(x^2*x^2), x)"),
        ("q = diff(x^2, x); q*x", "2*x*x"),
        ("q = 3*y; f(x) = diff(q*x, x)", "f(x, y) = 3*y"),
        // Parameters hide.
        ("x = 2*y; g(t) = t*x; f(x) = diff(g(x)*x, x)", "f(x, y) = diff(x*(2*y)*x, x)"),
        ("g(x) = diff(h*x, x); h2 = 1; f(h) = g(h2)", "f(h) = h"),
        // Loops.
        ("diff(sum(i, 1, n, i*x), x)", "f(x) = sum(i, 1, n, i)"),
        ("diff(sum(i, 1, n, y[i]), x)", "f(y[n], x) = sum(i, 1, n, 0)"),
        ("f(t) = iterate(k, 1, n, y, t, 2*y); f'(x)", "iterate(k, 1, n, (y, y'), (x, 1), (2*y, 2*y'))[2]"),
        (
            "iterate(k, 1, 3, y, x, y - (y^2 - 2)/diff(y^2 - 2, y))",
            "iterate(k, 1, 3, y, x, y - (y^2 - 2)/(2*y))",
        ),
        ("diff(iterate(k, 1, n, y, z, 2*y), x)", "f(z, x) = 0"),
        ("diff(sum([x, x^2, y]), x)", "f(x, y) = 1 + 2*x"),
        ("diff(if(x > 0, ln(x), 5), x)", "if(x > 0, 1/x, 0)"),
        ("diff(root(x, 2), x)", "diff(sqrt(x), x)"),
    ] {
        let (f, plain) = (read(text), read(plain));
        let bound = |f: &Function| {
            let sizes: Vec<(&str, i64)> = f.graph().sizes().iter().map(|size| (size.as_str(), 3)).collect();
            f.with_sizes(&sizes).unwrap().unroll(10_000).unwrap()
        };
        let (flat, other) = (bound(&f), bound(&plain));
        let names = |f: &Function| -> Vec<String> {
            let mut names = f.input_names();
            names.sort();
            names
        };
        assert_eq!(names(&flat), names(&other), "{text} is {}", crate::text(&f));
        let at = |f: &Function| {
            let point: Vec<f64> = { f.input_names() }
                .iter()
                .map(|name| 0.25 + name.bytes().map(|byte| f64::from(byte % 16)).sum::<f64>() / 8.0)
                .collect();
            f.evaluate((), &point)
        };
        let (found, expected) = (at(&flat)[0], at(&other)[0]);
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs(),
            "{text} is {}, {found} and not {expected}",
            crate::text(&f)
        );
        let again = read(&crate::text(&f));
        assert!(again.same_graph(&f), "{text} printed {}, read {}", crate::text(&again), crate::text(&f));
    }
}

#[test]
fn simple_derivatives_are_written_simply() {
    for (text, printed) in [
        ("diff(x^2, x)", "2*x"),
        ("diff(x*y, x)", "f(x, y) = y"),
        ("f(x) = x^2; f'(2*y)", "2*(2*y)"),
        ("diff(exp(-x), x)", "-exp(-x)"),
        ("diff(x[i]^2, x[i])*0*i", "2*x[i]*0*i"),
        ("diff(iterate(k, 1, n, y, x, 2*y), x)", "iterate(k, 1, n, (y, y'), (x, 1), (2*y, 2*y'))[2]"),
        (
            "diff(prod(i, 1, n, x + i), x)",
            "t1(i) = x + i\niterate(i, 1, n, (p, p'), (1, 0), (p*t1(i), t1(i)*p' + p))[2]",
        ),
    ] {
        assert_eq!(crate::text(&read(text)), printed, "{text}");
    }
}

/// The derivative of order k is the one of order k - 1 differentiated once more: by central differences.
#[test]
fn derivatives_of_every_operator_follow_difference_quotients() {
    let functions = [
        "sin(x)*exp(x/2)",
        "x^3.5/(1 + x^2)",
        "x^x",
        "atan(x) + ln(1 + x)*sqrt(x)",
        "tanh(x)*erf(x)",
        "x^k*sum(i, 1, 4, x^i/i)",
        "prod(i, 1, 4, x + i)",
        "prod([x, x + 1, sin(x)])*prod(i, 1, 3, x^i)",
        "iterate(j, 1, 3, y, x, sin(y) + x*y/j)",
        "iterate(j, 1, 3, (p, v), (x, 1), (p + 0.1*v, v - x*p))[2]",
        "if(x > 0.5, x^4, 7) + max(x^2, 0.1) + hypot(x, 2)",
        "sum(i, 1, 3, prod(j, 1, i, x + j*sin(x)))",
        "sum(i, 1, 3, iterate(j, 1, i, y, x*i, y*x + 1))",
    ];
    for text in functions {
        for order in 1..=4u32 {
            let below = match order {
                1 => text.to_owned(),
                _ => format!("diff({text}, x, {})", order - 1),
            };
            let of = |text: &str| {
                let reader = crate::Reader { sizes: vec!["k".into()], ..crate::Reader::default() };
                let f = reader.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
                let f = if f.graph().sizes().is_empty() { f } else { f.with_sizes(&[("k", 3)]).unwrap() };
                f.unroll(1_000_000).unwrap()
            };
            let (low, high) = (of(&below), of(&format!("diff({text}, x, {order})")));
            let at = |f: &Function, x: f64| f.evaluate((), &vec![x; f.input_count()])[0];
            for x in [0.75, 1.25] {
                let h = 1e-4;
                let step = |k: f64| (at(&low, x + k * h) - at(&low, x - k * h)) / (2.0 * k * h);
                let quotient = (4.0 * step(1.0) - step(2.0)) / 3.0;
                let found = at(&high, x);
                assert!(
                    (found - quotient).abs() <= 1e-6 * (1.0 + quotient.abs()),
                    "order {order} of {text} at {x}: {found} and not {quotient}"
                );
            }
        }
    }
}

#[test]
fn derivatives_by_elements_know_which_element() {
    let f = read("sum(k, 1, n, diff(sum(i, 1, n, x[i]^3*x[1]), x[k])*y[k])").with_sizes(&[("n", 3)]).unwrap();
    let x: [f64; 3] = [2.0, 3.0, 5.0];
    let y = [7.0, 11.0, 13.0];
    let cubes: f64 = x.iter().map(|x| x * x * x).sum();
    let slope = |k: usize| 3.0 * x[k] * x[k] * x[0] + if k == 0 { cubes } else { 0.0 };
    let expected: f64 = (0..3).map(|k| slope(k) * y[k]).sum();
    assert_eq!(f.evaluate((), &[x, y].concat()), [expected]);
    let again = read(&crate::text(&f));
    assert!(again.with_sizes(&[("n", 3)]).unwrap().same_graph(&f), "{}", crate::text(&f));
    let f = read("g(v) = sum(i, 1, 3, v[i]^2); h(v) = diff(g(v), v[2]); h(x) + h(y)");
    assert_eq!(f.evaluate((), &[x, y].concat()), [6.0 + 22.0]);
    let f = read("diff(sum(i, 1, 2, sum(j, 1, 2, W[i,j]^2)), W[2,1])");
    assert_eq!(f.evaluate((), &[1.0, 2.0, 3.0, 4.0]), [6.0]);
}

#[test]
fn derivatives_of_high_order_cost_a_polynomial() {
    let f = read("diff(sin(x)*exp(x), x, 20)");
    // (e^x sin x)'''' = -4 e^x sin x.
    let x: f64 = 0.5;
    let expected = -(4f64.powi(5)) * x.exp() * x.sin();
    assert!((f.evaluate((), &[x])[0] - expected).abs() < 1e-6 * expected.abs());
    assert!(f.graph().len() < 5_000, "{} nodes", f.graph().len());
    let f = read("diff(x^2/(1 + x^2), x, 12)");
    assert!(f.graph().len() < 20_000, "{} nodes", f.graph().len());
    let lengths = [4, 8, 16].map(|order| read(&format!("diff(x^x, x, {order})")).graph().len());
    assert!(lengths[1] < 16 * lengths[0] && lengths[2] < 16 * lengths[1], "{lengths:?}");
}

#[test]
fn mistakes_in_derivatives_are_shown() {
    for (text, message, place) in [
        ("q = x^2; diff(q, q)", "write diff(…, x), or make q a parameter", "q"),
        ("diff(x^2, 2*x)", "by a name or an element", "2*x"),
        ("diff(x^2)", "diff(u, x, k)", "diff(x^2)"),
        ("diff(x^2, x, 0)", "a literal integer, at least 1", "0"),
        ("diff(x^2, x, k)", "a literal integer, at least 1", "k"),
        ("diff(x^2, x, 1.0)", "a literal integer, at least 1", "1.0"),
        ("diff(x^2, x, 99)", "at most 32", "99"),
        ("sum(i, 1, 3, diff(i*x, i))", "i is an integer here", "i"),
        ("sum(i, 1, n, x) + diff(n*x, n)", "n is a size", "n"),
        ("diff(pi*x, pi)", "pi is a constant", "pi"),
        ("diff(sin, x)", "write diff(sin(x), x)", "sin"),
        ("f(x, y) = x*y; diff(f, x)", "write diff(f(x, y), x)", "f"),
        ("f(x, y) = x*y; f'(x)", "write diff(f(x, y), x)", "f'"),
        ("f(v) = v[1]; f'(x)", "write diff(f(x), x[1])", "f'"),
        ("f(x) = x; f'(x, y)", "takes 1 argument, not 2", "f'(x, y)"),
        ("sin'(x)", "write diff(sin(t), t)", "sin'"),
        ("sin''(x)", "write diff(sin(t), t, 2)", "sin''"),
        ("g'(x)", "there is no function g'", "g'"),
        ("f(k) = x[k]; f'(2)", "must be an integer", "k"),
        ("x'(y) + x'", "to multiply, write x'*(…)", "x'"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.to_string().contains(message), "{text}: {error}");
        assert_eq!(text.get(error.place.clone()), Some(place), "{text}: {error}");
    }
}
