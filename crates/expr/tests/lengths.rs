//! Lengths of inputs, declared and inferred.

use syntax::{parse, text};

#[test]
fn lengths_of_inputs_say_what_sizes_are() {
    let sizes = |text: &str, lengths: &[(&str, &[usize])]| parse(text).unwrap().sizes_for(lengths).unwrap();
    let n = |value| vec![("n".to_owned(), value)];
    assert_eq!(sizes("sum(i, 1, n, x[i]^2)", &[("x", &[4])]), n(4));
    assert_eq!(sizes("sum(i, 1, n-1, x[i+1])/n", &[("x", &[4])]), n(4));
    assert_eq!(sizes("sum(i, 1, 2*n, x[i])", &[("x", &[4])]), n(2));
    assert_eq!(sizes("f(x[n]) = x[1]", &[("x", &[4])]), n(4));
    let both = sizes("sum(i, 1, m, sum(j, 1, n, W[i,j]*x[j]))", &[("W", &[2, 3])]);
    assert_eq!(both, [("m".to_owned(), 2), ("n".to_owned(), 3)]);
    assert_eq!(sizes("sum(i, 1, n, x)", &[]), []);
    for text in [
        // One name for indices of several ranges, as people write.
        "sum(i, 1, n, x[i]^2) + sum(i, 2, n, x[i]*x[i-1])",
        "sum(i, 1, n, x[i]) + sum(i, 1, n-1, x[i]*x[i+1])",
        "x[1] + sum(i, 2, n, x[i])",
        "sum(i, 1, n, sum(j, 1, i, x[j])) + sum(j, 2, 2, x[j-1])",
        // Conditions on indices say how far the branch goes that they leave.
        "sum(i, 1, n, if(i < n, x[i+1], x[1])^2)",
        "sum(i, 1, n, if(i == 1, 0, if(i >= n, 0, x[i-1] + x[i+1])))",
        "sum(i, 1, n, if(i > 1 and i < n, x[i-1] - 2*x[i] + x[i+1], x[i]))",
        "sum(i, 1, n, if(i <= 1 or i >= n, x[i], x[i+1]))",
        "sum(i, 1, n, x[n+1-i])",
    ] {
        assert_eq!(sizes(text, &[("x", &[4])]), n(4), "{text}");
    }
    for text in ["sum(i, 1, n, x[i]) + sum(i, 1, m, x[i])", "sum(i, 1, n, x[i]*x[i*i])"] {
        assert_eq!(sizes(text, &[("x", &[4])]), [], "{text}");
    }
    let dot = "dot(u[n], v[n]) = sum(i, 1, n, u[i]*v[i]); dot(x, y)";
    assert_eq!(sizes(dot, &[("x", &[3]), ("y", &[3])]), n(3));
    let conflict = parse(dot).unwrap().sizes_for(&[("x", &[3]), ("y", &[4])]).unwrap_err();
    assert_eq!(conflict.to_string(), "x has length 3, so n is 3; y has length 4, so n is 4");
}

#[test]
fn declared_lengths_are_kept() {
    let f = parse("f(x[n], y) = x[2]*y").unwrap();
    assert_eq!(f.with_sizes(&[("n", 3)]).unwrap().input_names(), ["x[1]", "x[2]", "x[3]", "y"]);
    let error = f.with_sizes(&[("n", 1)]).unwrap().unroll(1000).unwrap_err();
    assert_eq!(error.to_string(), "index 2 of x is beyond its length 1");
    assert!(
        parse("f(x[3]) = x[4]").is_err_and(|error| error.message == "index 4 of x is beyond its length 3")
    );
    let f = parse("norm(v[n]) = sqrt(sum(i, 1, n, v[i]^2)); f(x[m], y[2]) = norm(x) + norm(y)").unwrap();
    let f = f.with_sizes(&[("m", 3)]).unwrap();
    assert_eq!(f.evaluate((), &[1.0, 2.0, 2.0, 3.0, 4.0]), [8.0]);
    let f = parse("norm(v[n]) = sqrt(sum(i, 1, n, v[i]^2)); norm(x) + norm(y)*n").unwrap();
    assert_eq!(f.graph().sizes(), ["n_x", "n_y"]);
    assert!(parse(&text(&f)).unwrap().same_graph(&f), "{}", text(&f));
    let text = "dot(u[n], v[n]) = sum(i, 1, n, u[i]*v[i]); f(x[3], y[k]) = dot(x, y)";
    assert!(parse(text).is_err_and(|error| error.message.contains("y has length k")));
}
