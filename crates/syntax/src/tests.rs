//! The language as people use it and misuse it.

use super::{Reader, parse, read_domains, read_size_lists, read_sizes, read_values};
use crate::{Diagnostic, Setting, ValueTree};
use expr::{Function, UnrollError};

fn value(text: &str, point: &[f64]) -> f64 {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).evaluate((), point)[0]
}

#[test]
fn precedence_is_that_of_mathematics() {
    for (text, expected) in [
        ("-x^2", -9.0),
        ("(-x)^2", 9.0),
        ("2^x^2", 512.0),
        ("2**3*x", 24.0),
        ("x - 2 - 1", 0.0),
        ("12/x/2", 2.0),
        ("2*-x", -6.0),
        ("2^-x*8", 1.0),
        ("1 + x < 5", 1.0),
        ("x^(-2)*9", 1.0),
        ("min(5, x, 4)", 3.0),
        ("max(1, 2, x)", 3.0),
        ("log(e^x)", 3.0),
        ("if(x < 0, -x, x)", 3.0),
        ("if(x, 1, 2)", 1.0),
        ("+x", 3.0),
        ("let q = x + 1; q*q", 16.0),
        ("q = x + 1\nq*q # squared", 16.0),
        ("g(t) = t^2; f(x) = g(x) + g(2*x)", 45.0),
        ("sum(i, 1, 4, i*x)", 30.0),
        ("sum(i, 1, 3, sum(j, i, 3, x))", 18.0),
        ("sum(i, 1, 3, sum(i, 1, 2, x*i))", 27.0),
        ("g(t) = sum(i, 1, 2, t*i); sum(i, 1, 2, g(i*x))", 27.0),
        ("prod(i, 2, 1, x)", 1.0),
        ("sum(i, 2, 1, x)", 0.0),
        ("iterate(k, 1, 4, y, x, 2*y)", 48.0),
        ("iterate(k, 1, 0, y, x, 2*y)", 3.0),
        ("iterate(k, 1, 5, (a, b), (0, x), (b, a + b))[1]", 15.0),
        ("sum([x, 1, 2])*prod([x, 2])", 36.0),
        ("x'(t) = t; x'(x)", 3.0),
        ("f(t) = sum(x, 1, 3, t*x); f(x)", 18.0),
        ("m = 2*2; sum(i, 1, m - 1, x*m)", 36.0),
        ("x^(-0)", 1.0),
    ] {
        assert_eq!(value(text, &[3.0]), expected, "{text}");
    }
}

#[test]
fn inputs_come_in_order() {
    let names = |text: &str| parse(text).unwrap().input_names();
    assert_eq!(names("y*x + a"), ["y", "x", "a"]);
    assert_eq!(names("f(x, y, z) = z*x"), ["x", "y", "z"]);
    assert_eq!(names("g(t) = t*a; f(x) = g(x)"), ["x", "a"]);
    assert_eq!(names("x[3]*w + x[1]"), ["x[1]", "x[2]", "x[3]", "w"]);
    assert_eq!(names("W[1,2] + W[2,1]"), ["W[1,1]", "W[1,2]", "W[2,1]", "W[2,2]"]);
    assert_eq!(names("1 + 2"), [""; 0]);
}

#[test]
fn sizes_are_found_and_bound() {
    let f = parse("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)/n").unwrap();
    assert_eq!(f.unroll(1000).err(), Some(UnrollError::Unbound { size: "n".into() }));
    let f = f.with_sizes(&[("n", 3)]).unwrap().unroll(1000).unwrap();
    assert_eq!(f.input_names(), ["x[1]", "x[2]", "x[3]"]);
    assert_eq!(f.evaluate((), &[1.0, 1.0, 1.0]), [0.0]);
    let reader = Reader { sizes: vec!["m".into()], ..Reader::default() };
    assert_eq!(reader.parse("x/m").unwrap().graph().sizes(), ["m"]);
    assert_eq!(value("v(k) = W[k, 2*k]; sum(k, 1, 2, v(k))", &[1., 2., 3., 4., 5., 6., 7., 8.]), 2.0 + 8.0);
    assert_eq!(value("norm(v) = v[1]^2 + v[2]^2; norm(x) - norm(y)", &[3., 4., 1., 2.]), 20.0);
}

/// The message and the text under the caret.
fn refused(text: &str) -> (String, String) {
    let error: Diagnostic = parse(text).expect_err(text);
    assert!(
        error.place.end <= text.len() && text.get(error.place.clone()).is_some(),
        "{text}: {:?}",
        error.place
    );
    // Rendering never fails either.
    assert!(!error.render(text, "expression", false).is_empty());
    (error.to_string(), text[error.place].to_owned())
}

#[test]
fn mistakes_are_shown_where_they_are() {
    for (text, message, place) in [
        ("x +", "not finished", ""),
        ("sin(x", "never closed", "("),
        ("foo(x)", "no function foo", "foo"),
        ("sine(x)", "did you mean sin?", "sine"),
        ("x y", "to multiply, write x*y", "y"),
        ("sin(x, y)", "sin takes 1 argument, not 2", "sin(x, y)"),
        ("1/0*", "not finished", ""),
        ("", "no expression", ""),
        ("  # nothing", "no expression", ""),
        ("f(x) = f(x)", "in terms of itself", "f"),
        ("q = q + 1; q", "in terms of itself", "q"),
        ("x[0]", "indices start at 1", "x[0]"),
        ("x[1.5]", "must be an integer", "1.5"),
        ("sum(i, 1, 2, x[i] + x)", "without its index", "x"),
        ("x[1] + x[1,2]", "elsewhere", "x"),
        ("1e999", "too large", "1e999"),
        ("1 < x < 2", "do not chain", "<"),
        ("x)", "closes nothing", ")"),
        ("(x]", "expected `)`", "]"),
        ("()", "nothing in these brackets", "()"),
        ("x = ", "not finished", ""),
        ("x + (y = 2)", "to compare, write ==", "="),
        ("x, y", "separates nothing", ","),
        ("sum + x", "its arguments are missing", "sum"),
        ("f(x, x) = x", "occurs twice", "x"),
        ("sin(x) = sin(x); sin(2)", "in terms of itself", "sin"),
        ("x; y", "only the last statement", "x"),
        ("x\u{0}y", "control character", "\u{0}"),
        ("iterate(k, 1, 2, (a, b), (x, y), (b, a))", "pick one", "iterate(k, 1, 2, (a, b), (x, y), (b, a))"),
        ("iterate(k, 1, 2, (a, b), (x, y), (b, a))[3]", "2 results", "3"),
        ("sum(i, 1, y*x[1], x[1]) + y[2]", "with an index and without", "y"),
        ("sum(i, 1, 3)", "is written", "sum(i, 1, 3)"),
        ("[x, [y]]", "a list", "[y]"),
        ("(x, y)", "several outputs are written", "(x, y)"),
        ("powi(x, y)", "literal integer", "y"),
        ("pi = 3; pi*x", "constant of the language", "pi"),
        ("f(e) = e^2", "constant of the language", "e"),
        ("min(2)", "at least 2 arguments", "2"),
        ("sinn(x)", "did you mean sin?", "sinn"),
        ("sum(i, 1, (a+b+c+d+g+h+k+l+m+n+1)^20, x)", "must be an integer", "(a+b+c+d+g+h+k+l+m+n+1)^20"),
    ] {
        let (found, at) = refused(text);
        // The advice counts as part of the message.
        let whole = format!("{found} {}", parse(text).unwrap_err().label);
        assert!(whole.contains(message), "{text}: {whole}");
        assert_eq!(at, place, "{text}: {whole}");
    }
}

#[test]
fn a_caret_stands_under_the_mistake() {
    let error = parse("sin(x) + foo(y)").unwrap_err();
    let shown = error.render("sin(x) + foo(y)", "expression", false);
    let lines: Vec<&str> = shown.lines().collect();
    let line = lines.iter().position(|line| line.contains("sin(x) + foo(y)")).expect("the text is shown");
    assert_eq!(lines[line].find("foo"), lines[line + 1].find('^'), "{shown}");
    assert!(shown.contains("there is no function foo"), "{shown}");
}

#[test]
fn too_large_bounds_are_shown() {
    let text = "sum(i, 1, 1e300, x)";
    assert!(
        parse(text)
            .is_err_and(|error| error.message.contains("too large") && &text[error.place.clone()] == "1e300")
    );
    let text = "1 + sum(i, 1, 10^6, x[i])";
    let f = parse(text).unwrap();
    let error = f.unroll(1000).unwrap_err();
    let shown = Diagnostic::unroll(&error, &f, text);
    assert_eq!(&text[shown.place], "sum(i, 1, 10^6, x[i])");
    let text = "x[n]*2";
    let f = parse(text).unwrap();
    let shown = Diagnostic::unroll(&f.unroll(1000).unwrap_err(), &f, text);
    assert_eq!(
        (&text[shown.place.clone()], shown.setting.as_deref()),
        ("n", Some(&Setting::Sizes(vec!["n".to_owned()])))
    );
}

#[test]
fn depth_is_no_matter() {
    let deep = std::thread::Builder::new().stack_size(256 << 10).spawn(|| {
        let n = 20_000;
        assert_eq!(value(&format!("{}x{}", "(".repeat(n), ")".repeat(n)), &[2.0]), 2.0);
        assert!(value(&format!("{}x{}", "sin(".repeat(5000), ")".repeat(5000)), &[2.0]).is_finite());
        assert_eq!(value(&vec!["x"; 100_000].join(" + "), &[1.0]), 100_000.0);
        assert_eq!(value(&format!("{}x", "-".repeat(10_001)), &[1.0]), -1.0);
        let mut lets = String::from("t0 = x\n");
        (1..20_000).for_each(|k| lets += &format!("t{k} = t{} + 1\n", k - 1));
        assert_eq!(value(&(lets + "t19999"), &[1.0]), 20_000.0);
        // Every definition calls the one before twice: only sharing keeps this small.
        let mut calls = String::from("f0(x) = x/2\n");
        (1..10_000).for_each(|k| calls += &format!("f{k}(x) = f{0}(x) + f{0}(x) - f{0}(x)\n", k - 1));
        assert_eq!(value(&(calls + "f9999(x)"), &[2.0]), 1.0);
        let terms: Vec<String> = (0..30_000).map(|k| format!("x{k}*y{k}")).collect();
        let wide = parse(&terms.join(" + ")).unwrap();
        assert!(parse(&crate::text(&wide)).unwrap().same_graph(&wide));
        let chain = parse(&format!("{}x{}", "sin(".repeat(50_000), ")".repeat(50_000))).unwrap();
        assert!(parse(&crate::text(&chain)).unwrap().same_graph(&chain));
    });
    deep.unwrap().join().unwrap();
}

#[test]
fn definitions_that_multiply_are_stopped() {
    let mut text = String::from("f0(x) = sin(x)\n");
    (1..60).for_each(|k| text += &format!("f{k}(x) = f{0}(x) + f{0}(2*x + {k})\n", k - 1));
    let error = Reader { max_nodes: 10_000, ..Reader::default() }.parse(&(text + "f59(x)")).unwrap_err();
    assert!(error.message.contains("more than 10000 nodes"), "{error}");
}

fn round_trips(f: &Function, what: &str) {
    let text = crate::text(f);
    let back = parse(&text).unwrap_or_else(|error| panic!("{what} printed as {text}: {error}"));
    let bound: Vec<(&str, i64)> =
        f.graph().sizes().iter().filter_map(|size| Some((size.as_str(), f.size(size)?))).collect();
    let back = back.with_sizes(&bound).unwrap();
    let same = back.same_graph(f) || back.unroll(100_000).is_ok_and(|back| back.same_graph(f));
    assert!(same, "{what} printed as {text}");
}

#[test]
fn printing_reads_back() {
    for text in [
        "(x + y) * z",
        "a - (b - c) - d/(e_/f)/g",
        "-(a*b) + (-a)*b - -a",
        "(-x)^2 + x^(-2) + (-2)^x + 2^x^y + (2^x)^y + x^2.0 + x^0.5 + x^y",
        "-0.0 + x*(-1.5) - (-3)",
        "b = a + a; b*b",
        "if(x < 0, -x, x) + select(x, 1, 2) + (x < 1)*(y == 2)",
        "(x < 1) < 2",
        "f(x, y, z) = z*x",
        "[x*y, x + y]",
        "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        "u(i) = x[i+1] - x[i]^2; sum(i, 1, n-1, u(i)^2 + sin(u(i)))",
        "sum(i, 1, n, sum(j, i+1, n, x[i]*x[j]/(i + j)))",
        "iterate(k, 1, n, y, x, 4*y*(1 - y))",
        "iterate(k, 1, n, (p, v), (p0, v0), (p + 0.1*v, v - 0.1*p))[1]",
        "s = sum(i, 1, n, x[i]); s*s + sum(i, 1, n, x[i]*s)",
        "sum(i, 1, m, (sum(j, 1, n, W[i,j]*x[j]) - t[i])^2)",
        "prod(i, 1, n, x[i])*pi + e",
        "sum([x, y, x*y])",
        "x[3] + x[1]",
        "W[1,2]*W[2,1]",
        "sum(i, 1, 3, x[i]*sum(i, 1, 2, y[i]))",
        "f(t) = sum(x, 1, 3, t*x); f(x)",
        "f(t) = iterate(k, 1, 3, i, t, i + t); sum(i, 1, n, f(i*x))",
        "m = n - 1; sum(i, 1, m, x[i])/m",
        "f(x[5], y, W[2, 3]) = x[2]*y",
        "a + (-b)*c - (-d)^2*x^(-0)",
        "1/0 + 0.1 + 1e300 + 1e-300 + 123456789012345678",
    ] {
        let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        round_trips(&f, text);
        let sizes: Vec<(&str, i64)> = f.graph().sizes().iter().map(|size| (size.as_str(), 4)).collect();
        let flat = f.with_sizes(&sizes).unwrap().unroll(10_000).unwrap();
        round_trips(&flat, text);
    }
    assert_eq!(crate::text(&parse("(x + y)*z").unwrap()), "(x + y)*z");
    assert_eq!(crate::text(&parse("b = a + a; b*b").unwrap()), "b = a + a\nb*b");
    assert_eq!(crate::text(&parse("-0.0*x").unwrap()), "-0.0*x");
}

/// Bounds and indices beyond what a literal of one may be, made of smaller ones.
#[test]
fn large_bounds_and_indices_read_back() {
    for text in [
        "iterate(k, 1, 10^18, y, x, sin(y))",
        "iterate(k, -10^18, 1, y, x, sin(y))",
        "iterate(k, 1, 9223372*10^12 + 36854775807, y, x, sin(y))",
        "iterate(k, -9223372*10^12 - 36854775808, 1, y, x, sin(y))",
        "sum(i, 1, n*n - 10^15, x)",
        "sum(i, 10^15 - 1, 10^15, i*x)",
        "sum(i, 1, n, x[(10^15 + 7)*i - 10^16*n*n + 3])",
    ] {
        let f = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        round_trips(&f, text);
    }
}

/// Reads every expression of the corpora, and prints it back.
#[test]
fn corpora_read_and_print() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    if !folder.exists() {
        eprintln!("skipped: there is no corpus beside the project");
        return;
    }
    for (file, columns, rows) in
        [("rubi.tsv", &[2, 3][..], 1200), ("compositions.tsv", &[1], 2000), ("extraction.tsv", &[5], 12)]
    {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let mut count = 0;
        for line in text.lines() {
            for &column in columns {
                let expression = line.split('\t').nth(column).unwrap();
                let f = parse(expression).unwrap_or_else(|error| panic!("{file}: {expression}: {error}"));
                round_trips(&f, file);
            }
            count += 1;
        }
        assert!(count >= rows, "{file} has {count} rows");
    }
}

#[test]
fn arguments_of_a_program_are_read() {
    let values = read_values("x=-2, y = 1/2,z=[1,[2, -inf]],w=pi").unwrap();
    let trees: Vec<_> = values.iter().map(|value| (value.name.as_str(), value.tree.clone())).collect();
    let n = ValueTree::Number;
    let list = ValueTree::List(vec![n(1.0), ValueTree::List(vec![n(2.0), n(f64::NEG_INFINITY)])]);
    assert_eq!(trees, [("x", n(-2.0)), ("y", n(0.5)), ("z", list), ("w", n(std::f64::consts::PI))]);
    assert_eq!(read_sizes("n=10^2,m=3").unwrap(), [("n".into(), 100), ("m".into(), 3)]);
    let domains = read_domains("-1..1").unwrap();
    assert_eq!((domains[0].low, domains[0].high), (-1.0, 1.0));
    let domains = read_domains("x=0..0.5,y=-2..2").unwrap();
    assert_eq!((domains[0].high, domains[1].low), (0.5, -2.0));
    assert!(read_values(&format!("x={}1{}", "[".repeat(100_000), "]".repeat(100_000))).is_err());
    for text in ["x", "x=", "=1", "x=abc", "x=1,", "x=[1,2", "x=1 2", "x=(1", "x=]", "1=2", "x=1,,y=2"] {
        let error = read_values(text).expect_err(text);
        assert!(text.get(error.place.clone()).is_some(), "{text}: {error}");
    }
    assert!(read_sizes("n=1.5").is_err() && read_domains("1..-1").is_err() && read_domains("").is_err());
}

#[test]
fn lists_of_sizes_go_on_until_the_next_name() {
    let lists = |text: &str| read_size_lists(text).unwrap();
    assert_eq!(lists("n=10, 10^2,1000,m=3"), [("n".into(), vec![10, 100, 1000]), ("m".into(), vec![3])]);
    assert_eq!(lists("m=-1"), [("m".into(), vec![-1])]);
    assert_eq!(lists(""), []);
    for (text, message, place) in [
        ("10,20", "name=value", 0..2),
        ("n=1,2.5", "the size n must be an integer", 4..7),
        ("n=1,,2", "", 4..5),
        ("n=1,2,", "nothing follows", 5..6),
        ("n=1,m=2,n=3", "n is given twice", 8..9),
        ("n=1,k", "k is not a number", 4..5),
    ] {
        let error = read_size_lists(text).expect_err(text);
        assert!(error.message.contains(message) && error.place.start == place.start, "{text}: {error:?}");
    }
}

mod soup {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn token_soup_is_never_a_panic(words in prop::collection::vec(prop::sample::select(vec![
            "x", "y", "n", "i", "1", "2.5", "1e3", "(", ")", "[", "]", ",", ";", "=", "+", "-", "*", "/", "^", "<", "==",
            "sum", "prod", "iterate", "if", "sin", "min", "let", "f", "pi", "\n", "#", "..", "sum(i, 1, 3, ", "x[", "f(x) =",
            "√", "²", "|", "and", "not", "!", "%", "?", "diff(", "f'(", "size", "e", "2e", "d/dx", "−", "x[n]", "\\frac",
            "[i: 1..2]", "[i:", ":", "let h[i: 1..n] = ", "h[", "h", "scan(i, 1, 2, ", "y[j: 1..2]", "norm(", "dot(x, ", "A[i,1]",
            "transpose(A)", "A*x", "max(i, 1, n, ", "softmax(",
        ]), 0..24)) {
            let text = words.join(if words.len() % 2 == 0 { " " } else { "" });
            if let Ok(f) = parse(&text) {
                let _ = f.unroll(1000);
                let _ = crate::text(&f);
            }
            let _ = (read_values(&text), read_domains(&text), read_sizes(&text), read_size_lists(&text));
        }

        #[test]
        fn garbage_is_never_a_panic(text in "\\PC{0,40}|[\\x00-\\x7f]{0,40}") {
            if let Err(error) = parse(&text) {
                prop_assert!(text.get(error.place.clone()).is_some());
                let _ = error.render(&text, "expression", false);
            }
            let _ = (read_values(&text), read_domains(&text), read_sizes(&text), read_size_lists(&text));
        }
    }
}
