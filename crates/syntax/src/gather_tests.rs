//! Elements at positions that are data.

use expr::Function;
use expr::passes::Seeds;

use crate::{Diagnostic, parse, text};

fn bound(source: &str, sizes: &[(&str, i64)], data: &[(&str, &[usize], &[f64])]) -> Function {
    parse(source).unwrap().with_sizes(sizes).unwrap().with_data(data).unwrap()
}

/// What is said of a text with these data.
fn error(source: &str, sizes: &[(&str, i64)], data: &[(&str, &[usize], &[f64])]) -> String {
    let f = bound(source, sizes, data);
    let error = f.unroll(1_000_000).unwrap_err();
    Diagnostic::unroll(&error, &f, source).render(source, "text", false)
}

#[test]
fn elements_at_data() {
    let k: &[(&str, &[usize], &[f64])] = &[("k", &[3], &[2.0, 1.0, 2.0])];
    let f = bound("sum(i, 1, m, w[i]*x[k[i]])", &[("m", 3)], k);
    assert_eq!(f.input_names(), ["w[1]", "w[2]", "w[3]", "x[1]", "x[2]"]);
    let point = [1.0, 10.0, 100.0, 7.0, 8.0];
    assert_eq!(f.evaluate((), &point), [878.0]);
    let g = f.vjp(Seeds::One).unwrap();
    assert_eq!(g.evaluate((), &point), [878.0, 8.0, 7.0, 8.0, 10.0, 101.0]);
    assert_eq!(g.unroll(1000).unwrap().evaluate((), &point), g.evaluate((), &point));
    // In sums with other terms, as one index of several, from arrays, through definitions and through other data.
    let f = bound("sum(i, 1, 3, x[k[i]+1] - x[2*k[i]])", &[], k);
    assert_eq!(f.evaluate((), &[1.0, 2.0, 4.0, 8.0]), [4.0 - 8.0 + 2.0 - 2.0 + 4.0 - 8.0]);
    let f = bound("sum(i, 1, 3, sum(j, 1, 2, W[k[i], j]*x[j]))", &[], k);
    assert_eq!(f.evaluate((), &[1.0, 2.0, 3.0, 4.0, 1.0, 10.0]), [43.0 + 21.0 + 43.0]);
    let f = bound("let h[i: 1..2] = x[i]^2; sum(i, 1, 3, h[k[i]])", &[], k);
    assert_eq!(f.evaluate((), &[1.0, 3.0]), [19.0]);
    let f = bound("pick(v, l, i) = v[l[i]]; sum(i, 1, 3, pick(x, k, i)) + pick(y, k, 2)", &[], k);
    assert_eq!(f.evaluate((), &[1.0, 3.0, 10.0]), [17.0]);
    let f = bound("at(t) = x[t]^2; sum(i, 1, 3, at(k[i]))", &[], k);
    assert_eq!(f.evaluate((), &[1.0, 3.0]), [19.0]);
    let f = bound("sum(i, 1, 3, x[k[k[i]]])", &[], k);
    assert_eq!(f.evaluate((), &[1.0, 3.0]), [5.0]);
    let f = bound("x[k[1]] + k[3]", &[], k);
    assert_eq!(
        (f.input_names(), f.evaluate((), &[1.0, 3.0])),
        (vec!["x[1]".into(), "x[2]".into()], vec![5.0])
    );
}

#[test]
fn bounds_and_conditions_of_data() {
    // A matrix of which only what is not 0 is kept, row after row; and a guard.
    let rows: &[(&str, &[usize], &[f64])] = &[("p", &[3], &[1.0, 3.0, 4.0]), ("c", &[3], &[1.0, 2.0, 2.0])];
    let f = bound("[i: 1..2] sum(l, p[i], p[i+1]-1, a[l]*x[c[l]])", &[], rows);
    assert_eq!(f.evaluate((), &[1.0, 2.0, 3.0, 10.0, 100.0]), [210.0, 300.0]);
    let guarded = bound("sum(i, 1, 3, if(k[i] > 1, x[k[i]-1], y))", &[], &[("k", &[3], &[2.0, 1.0, 2.0])]);
    assert_eq!(guarded.input_names(), ["x[1]", "y"]);
    let g = guarded.vjp(Seeds::One).unwrap();
    assert_eq!(g.evaluate((), &[3.0, 5.0]), [11.0, 2.0, 1.0]);
    assert_eq!(g.unroll(1000).unwrap().evaluate((), &[3.0, 5.0]), [11.0, 2.0, 1.0]);
}

#[test]
fn what_is_printed_reads_back() {
    for source in [
        "sum(i, 1, m, w[i]*x[k[i]])",
        "sum(i, 1, m, x[k[i]+1]*k[i])",
        "sum(i, 1, m, x[2*k[i]*k[i+1]-n])",
        "sum(i, 1, m, sum(j, p[i], p[i+1]-1, W[c[j],i]))",
        "let h[i: 1..n] = x[i]^2; sum(i, 1, m, h[k[l[i],2]])",
        "[i: 1..m] if(k[i] > 1, x[k[i]-1], 0)",
    ] {
        let f = parse(source).unwrap();
        assert!(parse(&text(&f)).unwrap().same_graph(&f), "{source} as {}", text(&f));
        if f.graph().blocks().iter().all(|block| block.rank > 0) && !source.starts_with('[') {
            let g = f.vjp(Seeds::One).unwrap();
            assert!(!text(&g).is_empty());
        }
    }
}

#[test]
fn wrong_data_are_errors_at_their_place() {
    let gather = "sum(i, 1, 3, x[k[i]])";
    let f = parse(gather).unwrap();
    let unbound = Diagnostic::unroll(&f.unroll(100).unwrap_err(), &f, gather).render(gather, "text", false);
    assert!(unbound.contains("the data k have no values") && unbound.contains("k is data"), "{unbound}");
    let said = |k: &[f64]| error(gather, &[], &[("k", &[k.len()], k)]);
    let real = said(&[1.0, 1.5, 1.0]);
    assert!(real.contains("k[2] is 1.5, which is no integer") && real.contains("^^^^^^^"), "{real}");
    for value in [f64::NAN, f64::INFINITY, 1e300, -0.5] {
        assert!(said(&[1.0, value, 1.0]).contains("which is no integer"), "{value}");
    }
    let negative = said(&[1.0, 2.0, -3.0]);
    assert!(negative.contains("index -3 of x: indices start at 1: k[3] is -3"), "{negative}");
    assert!(said(&[0.0, 2.0, 3.0]).contains("index 0 of x: indices start at 1: k[1] is 0"));
    assert!(said(&[1e15, 2.0, 3.0]).contains("index 1000000000000000 of x is too large: k[1] is"));
    let short = said(&[1.0, 2.0]);
    assert!(short.contains("index 3 of k is beyond its length 2"), "{short}");
    let declared = "f(x[2], k) = sum(i, 1, 3, x[k[i]+1])";
    let beyond = error(declared, &[], &[("k", &[3], &[1.0, 1.0, 2.0])]);
    assert!(beyond.contains("index 3 of x is beyond its length 2: k[3] is 2"), "{beyond}");
    let array = "let h[i: 1..2] = x[i]^2; sum(i, 1, 3, h[k[i]])";
    let outside = error(array, &[], &[("k", &[3], &[1.0, 1.0, 5.0])]);
    assert!(outside.contains("index 5 of an array that is defined from 1 to 2: k[3] is 5"), "{outside}");
    // Data at positions that are data.
    let twice = error("sum(i, 1, 2, x[k[l[i]]])", &[], &[("k", &[2], &[1.0, 2.0]), ("l", &[2], &[1.0, 3.0])]);
    assert!(twice.contains("index 3 of k is beyond its length 2: l[2] is 3"), "{twice}");
    let length = "f(x, k[2]) = sum(i, 1, 2, x[k[i]])";
    assert!(
        error(length, &[], &[("k", &[3], &[1.0; 3])]).contains("k has length 3, where length 2 is needed")
    );
    let wrong = parse(gather).unwrap().with_data(&[("k", &[2], &[1.0])]).unwrap_err().to_string();
    assert_eq!(wrong, "1 numbers, a list of 2, for k, which has 1 index");
    let deep = format!("sum(i, 1, 2, x[{}i{}])", "k[".repeat(100), "]".repeat(100));
    assert!(parse(&deep).unwrap_err().render(&deep, "text", false).contains("must be an integer"));
}

/// Naive evaluation is unrolled evaluation in bits, of the function and of its gradient, whatever the length; equal data add in order.
#[test]
fn data_of_every_length() {
    let source = "sum(i, 1, m, w[i]*x[k[i]]^2)";
    for length in [0, 1, 2, 7, 8, 9, 255, 256, 257, 513] {
        let k: Vec<f64> = (0..length).map(|i| 1.0 + ((i * i + 1) % 5) as f64).collect();
        let f = bound(source, &[("m", length as i64)], &[("k", &[length], &k)]);
        let f = f.with_lengths(&[("x", &[5])]).unwrap();
        let count = f.input_count();
        assert_eq!(count, length + 5, "{:?}", f.input_names());
        let point: Vec<f64> = (0..count).map(|i| 0.3 + ((i * 7 + 3) % 11) as f64 / 7.0).collect();
        let (w, x) = point.split_at(length);
        let g = f.vjp(Seeds::One).unwrap();
        let found = g.evaluate((), &point);
        let again = g.unroll(1_000_000).unwrap().evaluate((), &point);
        assert!(found.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits()), "{length}");
        for (i, k) in k.iter().enumerate() {
            assert_eq!(found[1 + i], x[*k as usize - 1] * x[*k as usize - 1]);
        }
        for j in 0..5 {
            let mine = k.iter().zip(w).filter(|(k, _)| **k == (j + 1) as f64);
            let sum: f64 = mine.map(|(_, w)| w * 2.0 * x[j]).sum();
            assert!((found[1 + length + j] - sum).abs() <= 1e-13 * sum.abs(), "{length}, {j}");
        }
    }
    // What is given for x is longer than what is read, or shorter.
    let short = bound(source, &[("m", 1)], &[("k", &[1], &[6.0])]).with_lengths(&[("x", &[5])]).unwrap();
    let error = short.unroll(100).unwrap_err().to_string();
    assert_eq!(error, "index 6 of x is beyond its length 5: k[1] is 6");
}
