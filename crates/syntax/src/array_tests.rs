//! Arrays in the language: what they come to, and what is said of mistakes.

use super::parse;
use expr::Function;

/// The outputs with these sizes at a point, the same as a graph that is unrolled.
fn values(text: &str, sizes: &[(&str, i64)], point: &[f64]) -> Vec<f64> {
    let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let printed = crate::text(&f);
    let again = parse(&printed).unwrap_or_else(|error| panic!("{text}\nprinted\n{printed}\n{error}"));
    assert!(again.same_graph(&f), "{text}\nprinted\n{printed}\nread\n{}", crate::text(&again));
    let f = f.with_sizes(sizes).unwrap_or_else(|error| panic!("{text}: {error}"));
    let flat = f.unroll(10_000).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (whole, unrolled) = (f.evaluate((), point), flat.evaluate((), point));
    assert_eq!(whole, unrolled, "{text}");
    whole
}

fn inputs(text: &str, sizes: &[(&str, i64)]) -> Vec<String> {
    parse(text).unwrap().with_sizes(sizes).unwrap().input_names()
}

#[test]
fn arrays_are_computed_once_and_read_by_index() {
    for (text, point, expected) in [
        ("let h[i: 1..3] = x[i]^2; sum(i, 1, 3, h[i]*x[i])", vec![1., 2., 3.], 36.0),
        ("h[i: 1..3] = x[i]^2; h[2] + h[1+2]", vec![1., 2., 3.], 13.0),
        ("let h[i: 2..4] = i*a; h[2]*h[4]", vec![1.5], 3.0 * 6.0),
        (
            "let h[i: 1..2, j: 1..3] = A[i,j]*i; sum(i, 1, 2, sum(j, 1, 3, h[i, j]))",
            vec![1., 2., 3., 4., 5., 6.],
            36.0,
        ),
        ("let h[i: 1..3, j: 1..i] = i*j*a; h[3,3] + h[3,1] + h[1,1]", vec![1.0], 13.0),
        ("let h[i: 1..3] = x[i]^2; let g[i: 1..2] = h[i+1] - h[i]; g[1]*g[2]", vec![1., 2., 3.], 15.0),
        ("f(v) = v[1] + 10*v[2]; let h[i: 1..2] = x[i]^2; f(h) + f(x)", vec![1., 2.], 41.0 + 21.0),
        ("f(v, k) = v[k]; let h[i: 1..2] = 3*x[i]; sum(k, 1, 2, f(h, k))", vec![1., 2.], 9.0),
        ("([i: 1..3] x[i]^2)[2]", vec![1., 2., 3.], 4.0),
        ("f(v[n]) = sum(i, 1, n, v[i]); let h[i: 1..3] = x[i]^2; f(h)", vec![1., 2., 3.], 14.0),
        ("let h[i: 1..2] = ([j: 1..2] i*x[j]); h[2, 1]", vec![3., 5.], 6.0),
        ("let h[i: 1..2, j: 1..2] = A[i,j]; let r[j: 1..2] = h[2, j]; r[1]", vec![1., 2., 3., 4.], 3.0),
        ("i = 5; let h[i: 1..2] = i*x; h[1] + h[2] + i", vec![1.], 8.0),
    ] {
        assert_eq!(values(text, &[], &point), [expected], "{text}");
    }
    let text = "let h[i: 1..n] = x[i]^2; sum(i, 1, n, x[i]*sum(i2, 1, n, h[i2]*x[i2]))";
    assert_eq!(values(text, &[("n", 2)], &[1., 2.]), [27.0]);
}

#[test]
fn arrays_are_outputs() {
    assert_eq!(values("[i: 1..n] x[i+1] - x[i]^2", &[("n", 2)], &[1., 2., 3.]), [1., -1.]);
    assert_eq!(values("[i: 1..2, j: 1..3] i*x + j", &[], &[10.]), [11., 12., 13., 21., 22., 23.]);
    assert_eq!(values("[[i: 1..2] i*x, x + 1, [j: 0..1] j - x]", &[], &[10.]), [10., 20., 11., -10., -9.]);
    assert_eq!(values("f(x) = [i: 1..2] i*x + 1", &[], &[10.]), [11., 21.]);
    assert_eq!(values("h[i: 1..2] = i*x\nh", &[], &[10.]), [10., 20.]);
    assert_eq!(parse("h[i: 1..2] = i*x").unwrap().name(), Some("h"));
    assert_eq!(values("[i: 1..0] x", &[], &[1.0]), [0.0; 0]);
}

#[test]
fn reductions_over_an_index() {
    let x = [3., -1., 2.];
    for (text, expected) in [
        ("max(i, 1, 3, x[i])", 3.0),
        ("min(i, 1, 3, x[i])", -1.0),
        ("max(i, 1, 3, i*sum(j, 1, 1, x[i]))", 6.0),
        ("mean(i, 1, 3, x[i])", 4.0 / 3.0),
        ("mean(i, 2, 3, x[i]^2)", 2.5),
        ("min(max(i, 1, 3, x[i]), 1, 2, 3) + 0*x[1]", 1.0),
    ] {
        assert_eq!(values(text, &[], &x), [expected], "{text}");
    }
    // The name does not occur in the fourth argument: four values.
    assert_eq!(values("max(i, 1, 3, 2)", &[], &[7.0]), [7.0]);
    assert_eq!(inputs("max(i, 1, 3, x)", &[]), ["i", "x"]);
    assert_eq!(values("f(a, b, c, d) = max(a, b, c, d)", &[], &[1., 4., 3., 2.]), [4.0]);
    // It is bound: four values.
    assert_eq!(values("sum(i, 1, 2, max(i, 1, 0, x[i]))", &[], &[5., 1.]), [7.0]);
    assert_eq!(values("i = 2; max(i, 1, 0, x[i])", &[], &[5., 1.]), [2.0]);
    assert_eq!(values("max(i, 1, 2, sum(k, 1, 2, x[k])) + 0*i", &[], &[9., 1., 2.]), [9.0]);
}

#[test]
fn states_are_arrays() {
    let euler = "iterate(t, 1, s, y[j: 1..n], y0[j], y[j] + h*y[j]^2)";
    assert_eq!(values(euler, &[("s", 2), ("n", 2)], &[1., 2., 0.5]), [2.625, 12.0]);
    let text = format!("{euler}[2] + {euler}[1]");
    assert_eq!(values(&text, &[("s", 1), ("n", 2)], &[1., 2., 0.5]), [5.5]);
    let two = "iterate(t, 1, 2, (y[j: 1..2], c), (x[j], 1), (y[j] + c*y[3-j], c + y[1]))";
    // (1, 2), 1 -> (3, 3), 2 -> (9, 9), 5
    assert_eq!(values(&format!("{two}[1, 2]"), &[], &[1., 2.]), [9.0]);
    assert_eq!(values(&format!("{two}[2]"), &[], &[1., 2.]), [5.0]);
    assert_eq!(values(&format!("[{two}[1], {two}[2]]"), &[], &[1., 2.]), [9., 9., 5.]);
    let plain = "iterate(t, 1, 2, y, [j: 1..2] x[j], [j: 1..2] y[j]*y[1])";
    assert_eq!(values(plain, &[], &[2., 3.]), [16., 24.]);
    // Matrices, and a start that is defined before.
    let matrix = "A[i: 1..2, j: 1..2] = x[i]*x[j]; iterate(t, 1, 1, y, A, [i: 1..2, j: 1..2] y[j,i]*i)";
    assert_eq!(values(matrix, &[], &[1., 3.]), [1., 3., 6., 18.]);
}

#[test]
fn scans_keep_every_state() {
    let powers = "scan(t, 1, 4, y, x, 2*y)";
    assert_eq!(values(powers, &[], &[1.0]), [2., 4., 8., 16.]);
    assert_eq!(values(&format!("{powers}[3]"), &[], &[1.0]), [8.0]);
    assert_eq!(values(&format!("sum(t, 1, 4, t*{powers}[t])"), &[], &[1.0]), [2. + 8. + 24. + 64.]);
    let two = "scan(t, 1, 3, (a, b), (0, 1), (b, a + b + 0*x))";
    assert_eq!(values(&format!("{two}[1, 3]*10 + {two}[2, 3]"), &[], &[1.0]), [23.0]);
    assert_eq!(values(&format!("r = {two}; r[2, 1] + r[1][2]"), &[], &[1.0]).len(), 1);
    let array = "scan(t, 1, 2, y[j: 1..2], x[j], y[j]*t)";
    assert_eq!(values(&format!("{array}[2, 1] + {array}[1, 2]"), &[], &[3., 4.]), [10.0]);
    assert_eq!(values(array, &[], &[3., 4.]), [3., 4., 6., 8.]);
    let several = "scan(t, 1, 2, (y[j: 1..2], c), (x[j], 0), (y[j] + c, c + 1))";
    assert_eq!(values(&format!("{several}[1, 2, 2] + {several}[2, 2]"), &[], &[3., 4.]), [7.0]);
}

#[test]
fn arrays_print_as_they_are_written() {
    for (text, printed) in [
        (
            "let h[i: 1..n] = x[i]^2; sum(i, 1, n, h[i]*x[i])",
            "let h[i: 1..n] = x[i]^2\nsum(i, 1, n, h[i]*x[i])",
        ),
        ("[i: 1..n, j: 1..i] A[i,j]*2", "[i: 1..n, j: 1..i] A[i, j]*2"),
        ("[[i: 1..n] x[i], y]", "[[i: 1..n] x[i], y]"),
        ("L(x) = [i: 1..n] x[i]^2", "L(x) = [i: 1..n] x[i]^2"),
        ("max(i, 1, n, x[i]) + min([i: 1..3] i*y)", "max(i, 1, n, x[i]) + min([i: 1..3] i*y)"),
        (
            "iterate(t, 1, s, y[j: 1..n], y0[j], y[j] + h*y[j]^2)",
            "iterate(t, 1, s, y[j: 1..n], y0[j], y[j] + h*y[j]^2)",
        ),
        ("scan(t, 1, 4, y, x, 2*y)[2]", "t1 = scan(t, 1, 4, y, x, 2*y)\nt1[2]"),
        ("([i: 1..3] x[i]^2)[2]", "let t1[i: 1..3] = x[i]^2\nt1[2]"),
        ("sum(i, 1, 2, ([j: 1..3] x[i]*y[j])[i])", "t1(i) = [j: 1..3] x[i]*y[j]\nsum(i, 1, 2, t1(i)[i])"),
    ] {
        let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(crate::text(&f), printed);
        assert!(parse(printed).unwrap().same_graph(&f), "{printed}");
    }
}

#[test]
fn vectors_and_matrices_need_no_indices() {
    let two = [("m", 2), ("n", 3)];
    let matrix = [1., 2., 3., 4., 5., 6.];
    let at = |rest: &[f64]| [&matrix[..], rest].concat();
    for (text, point, expected) in [
        ("f(A[m, n], x[n]) = A*x", at(&[1., 0., -1.]), vec![-2., -2.]),
        ("f(A[m, n], y[m]) = transpose(A)*y", at(&[1., -1.]), vec![-3., -3., -3.]),
        ("f(A[m, n], x[n], b[m]) = A*x + b", at(&[1., 0., -1., 10., 20.]), vec![8., 18.]),
        ("f(A[m, n], x[n], b) = tanh(0*(A*x) + b)*2", at(&[1., 0., -1., 0.5]), vec![2. * 0.5f64.tanh(); 2]),
        ("f(A[m, n], B[n, m]) = A*B", at(&[1., 0., 0., 1., 1., 1.]), vec![4., 5., 10., 11.]),
        ("f(A[m, n]) = transpose(A)*A", matrix.to_vec(), vec![17., 22., 27., 22., 29., 36., 27., 36., 45.]),
        ("f(A[m, n]) = A*transpose(A) - 1", matrix.to_vec(), vec![13., 31., 31., 76.]),
        ("f(A[m, n]) = norm(A)^2 + 0*sum(A)", matrix.to_vec(), vec![91f64.sqrt().powi(2)]),
        ("f(A[m, n]) = [sum(A), mean(A), max(A), min(-A)]", matrix.to_vec(), vec![21., 3.5, 6., -6.]),
        ("f(A[m, n], x) = sum(A*x)*norm(x)^0", at(&[1., 0., -1.]), vec![-4.0]),
        ("f(A[m, n], c) = sum(A*c)", at(&[10.]), vec![210.0]),
        // Declared after it is used.
        ("z(v) = A*v; f(A[m, n], x[n]) = z(x)", at(&[1., 0., -1.]), vec![-2., -2.]),
        ("let z = transpose(A)*y; f(A[m, n], y[m]) = z", at(&[1., -1.]), vec![-3., -3., -3.]),
    ] {
        assert_eq!(values(text, &two, &point), expected, "{text}");
    }
    // Known by its indices elsewhere; the sizes of it are those of what it is combined with.
    let quadratic = "dot(x, A*x) + 0*A[1, 1]";
    assert_eq!(values(quadratic, &[("n", 2)], &[1., 2., 1., 0., 3., 1.]), [11.0]);
    let size = [("n", 3)];
    for (text, point, expected) in [
        ("sum(x)", vec![1., 2., 4.], vec![7.0]),
        ("norm(x)", vec![2., 3., 6.], vec![7.0]),
        ("dot(x, y)", vec![1., 2., 3., 4., 5., 6.], vec![32.0]),
        ("mean(x) + var(x)", vec![1., 2., 6.], vec![3. + 14. / 3.]),
        ("max(x) - min(x)", vec![1., 2., 6.], vec![5.0]),
        ("sum([i: 1..n] i*x[i])", vec![1., 2., 3.], vec![14.0]),
        ("max([i: 1..n] i*y)", vec![2.], vec![6.0]),
        ("2x + x*x/x - x^2 + 0*sum(x)", vec![1., 2., 3.], vec![2., 2., 0.]),
        ("sum(softmax(x)) + 0*x[1]", vec![0., 0., 0.], vec![1.0]),
        ("logsumexp(x) - ln(3)", vec![1000., 1000., 1000.], vec![1000. + 3f64.ln() - 3f64.ln()]),
        ("2^x + 0*norm(x)", vec![1., 2., 3.], vec![2., 4., 8.]),
        ("e^x*0 + sum(x)", vec![1., 2., 3.], vec![6.0; 3]),
        ("f(v) = norm(v)^2; f(x)", vec![2., 3., 6.], vec![49.0]),
        ("f(v, w) = v*w; f(x, x + 0*sum(x))", vec![1., 2., 3.], vec![1., 4., 9.]),
        ("y = 2*x + 0*norm(x); y[2]*sum(y)", vec![1., 2., 3.], vec![48.0]),
        ("y = x; y[2] + sum(x)", vec![1., 2., 3.], vec![8.0]),
        ("sum(i, 1, n, x[i]^2) + norm(x)^2 - dot(x, x)", vec![2., 3., 6.], vec![49.0]),
        ("sum(i, 1, 3, i*sum(i*x)) + 0*norm(x)", vec![1., 1., 1.], vec![42.0]),
        ("let h[i: 1..n] = x[i]^2; sum(i, 1, n, sum(h)*x[i])", vec![1., 1., 2.], vec![24.0]),
        ("iterate(t, 1, 2, y, x, y*sum(y)) + 0*norm(x)", vec![1., 0., 1.], vec![8., 0., 8.]),
        ("diff(dot(x, x), x[2])", vec![1., 5., 1.], vec![10.0]),
        ("diff(sum(x^3)*t, t) + 0*norm(x)", vec![1., 2., 3., 1.], vec![36.0]),
        ("-x + 0*norm(x)", vec![1., 2., 3.], vec![-1., -2., -3.]),
        ("(x*x)[3] + norm(x) - norm(x)", vec![1., 2., 3.], vec![9.0]),
    ] {
        assert_eq!(values(text, &size, &point), expected, "{text}");
    }
    // A name that only functions of arrays use is a vector; its size is found by its length.
    let f = parse("norm(x)").unwrap();
    assert_eq!(f.sizes_for(&[("x", &[4])]).unwrap(), [("n".to_owned(), 4)]);
    assert_eq!(crate::text(&f), "sqrt(sum(i, 1, n, x[i]^2))");
    let product = "f(A[m, n], x[n]) = [i: 1..m] sum(j, 1, n, A[i, j]*x[j])";
    assert_eq!(crate::text(&parse("f(A[m, n], x[n]) = A*x").unwrap()), product);
    let error = crate::Diagnostic::unroll(&f.unroll(10).unwrap_err(), &f, "norm(x)");
    assert_eq!((error.label.as_str(), error.place), ("n is the length of x", 5..6));
    // What is read otherwise in the text is as long.
    let f = parse("norm(x) + x[5]").unwrap();
    assert!(f.with_sizes(&[("n", 3)]).unwrap().unroll(100).is_err());
    assert_eq!(parse("dot(x, y) + sum(i, 1, k, y[i])").unwrap().graph().sizes(), ["k"]);
    assert_eq!(crate::text(&parse("f(x[n], y) = norm(y) + sum(x*y)").unwrap()).matches("n_y").count(), 0);
}

#[test]
fn shapes_that_contradict_are_shown() {
    for (text, message, place) in [
        ("f(A[m, n], x[n]) = x*A", "write transpose(A)*x", "x*A"),
        ("f(A[m, n]) = A^2", "a power of a matrix", "A^2"),
        ("f(A[m, n], x[k]) = A*x", "length n and length k", "x"),
        ("f(x[2], y[3]) = x + y", "length 2 and length 3", "y"),
        ("f(x[2], y[3]) = dot(x, y)", "length 2 and length 3", "y"),
        ("f(A[m, n], x[n]) = A + x", "a matrix and a vector cannot be combined", "x"),
        ("f(A[m, n]) = softmax(A)", "softmax is for vectors", "A"),
        ("f(x[n]) = transpose(x)", "transpose is for matrices", "x"),
        ("f(A[n, n], x[n]) = transpose(x)*A*x", "of a matrix between them dot(x, A*y)", "x"),
        ("f(x[n]) = atan2(x, 1)", "without its index", "x"),
        ("f(x[n]) = atan2(1, 2*x)", "without its index", "x"),
        ("f(x[n]) = if(x > 1, 2, 3)", "without its index", "x"),
        ("norm(2)", "this is one number", "2"),
        ("mean(1, 2)", "mean is written mean(i, 1, n, …) or mean(x)", "mean(1, 2)"),
        ("([i: 1..3] x[i]) + ([i: 2..4] x[i])", "the indices 2 to 4", ""),
        ("sum(i, 1, 3, x[i]*x) + 0", "without its index", "x"),
        ("sum(i, 1, 3, 2*norm(i))", "this is one number", "i"),
    ] {
        let error = parse(text).expect_err(text);
        let whole = format!("{error} {}", error.label);
        assert!(whole.contains(message), "{text}: {whole}");
        if !place.is_empty() {
            assert_eq!(&text[error.place.clone()], place, "{text}: {whole}");
        }
    }
}

#[test]
fn what_passes_make_can_be_written() {
    for (text, parts) in [
        ("let h[i: 1..n] = x[i]^2; sum(i, 1, n, h[i]*x[i+1])", &["scatter(h", "scatter(x", "at [i+1]"][1..]),
        ("iterate(t, 1, s, y[j: 1..n], y0[j], y[j] + a*y[j]^2)[1]", &["iterate_down(", "scan(", " at ["][..]),
        ("sum(i, 1, n, if(i > 1, x[i-1], 0))", &["scatter(x", " at [i-1] if "][..]),
    ] {
        let g = parse(text).unwrap().vjp(expr::passes::Seeds::One).unwrap();
        let printed = crate::text(&g);
        for part in parts {
            assert!(printed.contains(part), "{text}: {part} is not in\n{printed}");
        }
    }
}

#[test]
fn rows_of_a_triangle_are_as_long_as_they_are() {
    let f = parse(
        "let t[i: 1..3, j: 1..i] = x[i]*j; [sum(t[2]), max(t[3]), sum(t[1]), sum(j, 1, 3, j*sum(t[j]))]",
    );
    assert_eq!(f.unwrap().evaluate((), &[1.0, 10.0, 100.0]), [30.0, 300.0, 1.0, 1861.0]);
    // The row of an inner index has the name of an outer one.
    let f = parse("let h[i: 1..3, j: 1..3] = x[i]*j; sum(j, 1, 3, j*sum(h[j]))").unwrap();
    assert_eq!(f.evaluate((), &[1.0, 10.0, 100.0]), [1926.0]);
}

#[test]
fn mistakes_with_arrays_are_shown_where_they_are() {
    for (text, message, place) in [
        ("let h[i: 1..3] = x[i]; h[1,2]", "this array has 1 index, not 2", "h[1,2]"),
        ("let h[i: 1..3] = x[i]; x[1] + sum(i, 1, 2, h)", "an array stands here", "h"),
        ("let h[i: 1..3] = x[i]; sin(x[1]) + pow(h, 2)", "an array stands here", "h"),
        ("q = x; q[1]", "one number, it cannot be indexed", "q"),
        ("(x)[1]", "one number, it cannot be indexed", "(x)"),
        ("let h[i: 1..3] = x[i]; let h[i: 1..2] = x[i]; h[1]", "defined twice", "h"),
        ("let h[i: 1] = x[i]; h[1]", "gives every index variable its range", "]"),
        ("let h[i: 1..2, 3] = x[i]; h[1]", "gives every index variable its range", "3"),
        ("let h[i: 1..2, i: 1..3] = x[i]; h[1]", "bound twice", "[i: 1..2, i: 1..3]"),
        ("let h[i] = x[i]; h[1]", "let h[i: 1..n] = ", "h"),
        ("h[i: 1..2]", "has ranges for its indices", "h[i: 1..2]"),
        ("x + y[j: 1..2]", "has ranges for its indices", "y[j: 1..2]"),
        ("sum(i, 1, 3, x[2.5*k[i]])", "a bound or an index must be an integer", "2.5*k[i]"),
        ("let h[i: 1..3] = y[i]; sum(i, 1, 3, x[h[i]])", "a bound or an index must be an integer", "h[i]"),
        ("sum(i, 1, 3, x[k[sin(i)]])", "a bound or an index must be an integer", "sin(i)"),
        (
            "until(k, 1, 10, y, x, y/2)",
            "is written until(k, 1, n, y, start, next, condition)",
            "until(k, 1, 10, y, x, y/2)",
        ),
        ("until(k, 1, 10, (y, z), x, y/2, y < 1)", "2 states, 1 starts and 1 nexts", ""),
        ("until(k, 1, 10, y[j: 1..2], x[j], y[j]/2, y < 1)", "an array stands here", "y"),
        ("until(k, 1, 10, y[j: 1..2], x[j], 1, 1)[1, 2]", "has 1 index, not 2", ""),
        ("f(x[n+1]) = x[1]", "a declared length is an integer or a size", "+"),
        ("F(x[2]) = scan(k, 1, 3, s, x, diff(x, x))[1,1]", "without its index", "diff(x, x)"),
        ("f(])] = x", "where an expression should be", "]"),
        ("f(a, A[n, 2*m], b) = A[1,1]", "a declared length is an integer or a size", "*"),
        ("max(i, 1, n, i*x)", "max([i: 1..n] i*x) over the index", "max(i, 1, n, i*x)"),
        ("let h[i: 1..2] = x[i]^2; diff(h[1], x[1])", "not there yet for arrays", "[i: 1..2] = x[i]^2"),
        ("diff(max(i, 1, 2, x[i]), x[1])", "not there yet for the extremes", "max(i, 1, 2, x[i])"),
        ("iterate(t, 1, 2, y[j: 1..2], x[j], y)", "changes its shape", "y"),
        ("iterate(t, 1, 2, y, 0, [i: 1..2] x[i])", "changes its shape", "[i: 1..2] x[i]"),
        ("iterate(t, 1, 2, (a, b), (x, y), (b, a))[1, 2]", "one number", "2"),
        ("iterate(t, 1, 2, y[j: 1..2], x[j], y[j])[1, 2]", "has 1 index, not 2", ""),
        ("scan(t, 1, 2, y, x)", "is written scan(", "scan(t, 1, 2, y, x)"),
        ("let h[i: 1..3] = x[i]; sum(i, 1, 4, h[i]) + 0", "", ""),
        ("max(i, 1, 0, x[i])", "", ""),
        ("f(v) = v[1]; f(2*x)", "indexes this argument", "2*x"),
        ("f(v) = v[1]; q = 2*x; f(q)", "indexes this argument", "q"),
        ("sum(i, 1, n, x[i]) + x[n[1]]", "with an index and without", "n"),
    ] {
        let f = parse(text);
        if message.is_empty() {
            let f: Function = f.unwrap();
            let error = f.unroll(1000).expect_err(text);
            let error = crate::Diagnostic::unroll(&error, &f, text);
            assert!(!text[error.place].is_empty(), "{text}");
            continue;
        }
        let error = f.expect_err(text);
        let whole = format!("{error} {}", error.label);
        assert!(whole.contains(message), "{text}: {whole}");
        if !place.is_empty() {
            assert_eq!(&text[error.place.clone()], place, "{text}: {whole}");
        }
        assert!(!error.render(text, "expression", false).is_empty());
    }
}
