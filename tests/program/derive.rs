//! `compare derive` and `compare swell` as people use them.

use super::run::{json, refused, stdout};
use experiments::swell::{Count, Swell, swell};
use serde_json::Value;

#[test]
fn a_derivative_reads_back() {
    let text = stdout(&["derive", "sin(x*y) + exp(x/y)"]);
    assert!(text.lines().any(|line| line.starts_with("df_dx = ")), "{text}");
    let f = syntax::parse(&text).unwrap();
    let (x, y) = (0.7f64, 1.9f64);
    let expected = [(x * y).cos() * y + (x / y).exp() / y, (x * y).cos() * x - (x / y).exp() * x / (y * y)];
    for (found, expected) in f.evaluate((), &[x, y]).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14, "{text}");
    }
    assert_eq!(stdout(&["derive", "(x + y)*z", "--wrt", "x"]), "df_dx(x, y, z) = z\n");
    assert_eq!(stdout(&["derive", "g(x) = x^2", "--simplify", "none"]), "dg_dx(x) = 2*x\n");
}

#[test]
fn inputs_are_chosen() {
    let text = stdout(&["derive", "sum(i, 1, 3, x[i]^2*y)", "--wrt", "x[2]", "--wrt", "y"]);
    let f = syntax::parse(&text).unwrap();
    assert_eq!(f.evaluate((), &[1.0, 2.0, 3.0, 5.0]), [20.0, 14.0], "{text}");
    let all = stdout(&["derive", "sum(i, 1, 3, x[i]^2*y)", "--wrt", "x"]);
    assert_eq!(syntax::parse(&all).unwrap().evaluate((), &[1.0, 2.0, 3.0, 5.0]), [10.0, 20.0, 30.0]);
    refused(&["derive", "x*y", "--wrt", "z"], &["no input z", "its inputs are x, y", "^"]);
    refused(&["derive", "x[1]*x[2]", "--wrt", "x[3]"], &["no input x[3]", "x[1..2]", "^"]);
    refused(&["derive", "x*y", "--wrt", "x[1]"], &["no input x[1]", "one number"]);
    refused(&["derive", "1 + 2"], &["no inputs"]);
}

#[test]
fn without_a_size_the_formula_is_for_every_element_at_every_size() {
    let rosenbrock = "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)";
    let text = stdout(&["derive", rosenbrock]);
    let (range, formula) = text.split_once('\n').expect("two lines");
    assert_eq!(range, "# x[j]: every j from 1 to n");
    let formula = formula.trim().strip_prefix("df_dx_j(x[n]) = ").unwrap_or_else(|| panic!("{text}"));
    // What one part of the program derives, another proves.
    let claim = format!("x[j]={formula}");
    let checked = stdout(&["check", rosenbrock, "--claim", &claim]);
    assert!(checked.contains("proved"), "{checked}");
    // It is a text like any other, its index a size.
    let found = json(&[&text, "--size", "n=3,j=2", "--at", "x=[1,2,5]", "--strategy", "backprop"]);
    assert_eq!(found["points"][0]["value"], 200.0 * (2.0 - 1.0) - 400.0 * 2.0 * (5.0 - 4.0) + 2.0, "{text}");
    assert_eq!(
        stdout(&["derive", "sum(i, 1, n, if(x[i] > 0, x[i]*exp(x[i])/x[i], 2*x[i] + 3*x[i]))"]),
        "# x[j]: every j from 1 to n\ndf_dx_j(x[n]) = if(x[j] > 0, exp(x[j]), 5)\n"
    );
    let given = stdout(&["derive", "sum(i, 1, n, sum(k, 1, m, A[i,k]))", "--size", "n=2"]);
    assert!(given.starts_with("# without values for m this is for every n too\n"), "{given}");
    // At j = 1 the product from j on is not needed, and would read x[0].
    let text = stdout(&["derive", "prod(i, 2, n-1, x[i-1] + x[i]*x[i+1])"]);
    let found = json(&[&text, "--size", "n=4,j=1", "--at", "x=[2,3,5,7]", "--strategy", "backprop"]);
    assert_eq!(found["points"][0]["value"], 3.0 + 5.0 * 7.0, "{text}");
    let document: Value =
        serde_json::from_str(&stdout(&["derive", "sum(i, 1, n, a*x[i])", "--wrt", "a", "--format", "json"]))
            .unwrap();
    assert_eq!(document["derivatives"][0]["formula"], "sum(i, 1, n, x[i])", "{document}");
    let squares = "sum(i, 1, n, x[i]^2)";
    assert!(stdout(&["derive", squares, "--steps"]).contains("2*x[j]"));
    assert!(stdout(&["derive", squares, "--order", "2"]).contains("if(j == k, 2, 0)"));
    assert!(stdout(&["derive", squares, "--to", "c"]).contains("i <= n"));
    assert!(stdout(&["derive", squares, "--wrt", "x[2]"]).contains("2*x[2]"));
    refused(&["derive", "sum(i, 1, n, x[i])", "--wrt", "y"], &["no input y", "^"]);
}

#[test]
fn orders_beyond_the_first() {
    let text = stdout(&["derive", "x^3*y + sin(y)", "--order", "2"]);
    let f = syntax::parse(&text).unwrap();
    let found = f.evaluate((), &[2.0, 0.5]);
    for (found, expected) in found.iter().zip([6.0, 12.0, -0.5f64.sin()]) {
        assert!((found - expected).abs() < 1e-14, "{text}");
    }
    assert!(stdout(&["derive", "x^5", "--order", "3"]).starts_with("d3f_dx3(x) = "));
    assert_eq!(stdout(&["derive", "x^9", "--order", "8"]), "d8f_dx8(x) = 362880*x\n");
    for order in ["0", "-1"] {
        refused(&["derive", "x^2", "--order", order], &["--order", "2 (the Hessian)"]);
    }
    refused(&["derive", "sum(i, 1, 300, x[i]^2)", "--order", "2", "--max-nodes", "5000"], &["--max-nodes"]);
}

#[test]
fn steps_name_the_rules() {
    let text = stdout(&["derive", "x^3*sin(x^2) + exp(x)/x - 2*x + 2^x", "--steps"]);
    for rule in [
        "sum rule",
        "difference rule",
        "product rule",
        "quotient rule",
        "power rule",
        "exponential rule",
        "chain rule with the derivative of sin",
        "derivative of exp",
        "constant factor rule",
        "gradient:",
    ] {
        assert!(text.contains(rule), "no {rule:?} in\n{text}");
    }
    assert!(text.contains("(sin(x^2))' = cos(x^2)*(x^2)'"), "{text}");
    assert!(stdout(&["derive", "x^2 + floor(y)", "--steps"]).contains("does not depend on it: 0"));
    assert!(stdout(&["derive", "sin(x)^2 + cos(x)^2", "--steps"]).ends_with("gradient:\n  df_dx(x) = 0\n"));
    // No rule says `xlogy`, and none a branch that no textbook has.
    let powers = stdout(&["derive", "x^n + a^x + e^x", "--wrt", "x", "--steps"]);
    for rule in ["(x^n)' = n*x^(n - 1)", "(a^x)' = a^x*ln(a)", "(exp(x))' = exp(x)"] {
        assert!(powers.contains(rule), "no {rule} in\n{powers}");
    }
    // Deep functions have names for their parts, not endless lines.
    let deep = stdout(&["derive", "iterate(k, 1, 300, y, x, sin(y)*exp(y))", "--steps"]);
    assert!(deep.lines().all(|line| line.len() < 100_000) && deep.contains("t1 = "), "{}", &deep[..2000]);
    refused(&["derive", "x^2", "--steps", "--to", "c"], &["--steps", "text"]);
}

#[test]
fn other_languages() {
    let c = stdout(&["derive", "f(x, y) = relu(x)*y", "--to", "c"]);
    assert!(c.contains("double f_and_gradient(double x, double y, double gradient[2])"), "{c}");
    let rust = stdout(&["derive", "rosenbrock", "--size", "n=3", "--to", "rust"]);
    assert!(rust.contains("pub fn rosenbrock_and_gradient(x: &[f64; 3]) -> (f64, [f64; 3])"), "{rust}");
    let rust = stdout(&["derive", "h(x, y) = x^2*y", "--to", "rust", "--order", "2"]);
    assert!(
        rust.contains("pub fn h_and_hessian(x: f64, y: f64) -> (f64, [f64; 2], [[f64; 2]; 2])"),
        "{rust}"
    );
    assert!(stdout(&["derive", "x^2/y", "--to", "latex"]).contains(r"\frac{\partial f}{\partial x} &= "));
    assert!(stdout(&["derive", "x^2", "--to", "fpcore"]).contains("(FPCore (x)\n  :name \"df_dx\""));
    assert!(stdout(&["derive", "x^2", "--to", "dot"]).starts_with("digraph"));
    let json: Value = serde_json::from_str(&stdout(&["derive", "x^2*y", "--format", "json"])).unwrap();
    assert_eq!(json["schema"], "chainrule/derive/1");
    assert_eq!(json["derivatives"][1]["formula"], "x^2");
    assert_eq!(json["derivatives"][0]["by"], serde_json::json!(["x"]));
    refused(&["derive", "x^2", "--to", "fortran"], &["fortran"]);
    refused(&["derive", "x +* 2"], &["^"]);
}

fn exactly(count: &Count) -> f64 {
    match count {
        Count::Exactly(digits) => digits.parse().unwrap(),
        Count::Over(why) => panic!("{why}"),
    }
}

fn swelling(text: &str) -> Swell {
    swell(&syntax::parse(text).unwrap(), 2_000_000).unwrap()
}

/// f, tree, forward, reverse.
fn counts(text: &str) -> [f64; 4] {
    let found = swelling(text);
    [&found.function, &found.tree, &found.forward.operators, &found.reverse.operators].map(exactly)
}

/// Graphs within half as much again; trees, whose size hangs on how the rules of the leaves are written, within ten times.
#[track_caller]
fn near(found: [f64; 4], expected: [f64; 4]) {
    for (k, (value, expected)) in found.iter().zip(expected).enumerate() {
        let factor = if k == 1 { 10.0 } else { 1.5 };
        assert!(
            (expected / factor..=expected * factor).contains(value),
            "{found:?}: {value}, not {expected}"
        );
    }
}

/// The table of Laue (2019) and others, as measured for these four: orders of growth, and sizes.
#[test]
fn expression_swell_is_a_matter_of_trees() {
    // Factor by factor, as a chain of multiplications.
    near(counts("iterate(k, 1, 200, y, 1, y*x[k])"), [199.0, 39_600.0, 20_098.0, 595.0]);
    near(counts("iterate(k, 1, 30, y, x, 4*y*(1 - y))"), [90.0, 9.6e10, 239.0, 239.0]);
    near(counts(NETWORK), [643.0, 4.2e6, 5_303.0, 1_559.0]);
    // As one product, its slopes share what is before and what is after, in either order.
    let product = counts("prod(i, 1, 200, x[i])");
    assert_eq!(product[1], 39_600.0);
    assert!(product[2] < 1_000.0 && product[3] < 1_000.0, "{product:?}");
}

/// A network 2-16-16-1 with tanh, and half its squared error at one sample, by its 337 weights.
const NETWORK: &str = "loss(W, b, V, c, u, d) = 0.5*(sum(i, 1, 16, u[i]*tanh(sum(j, 1, 16, V[i,j]*tanh(W[j,1]*0.3 + W[j,2]*0.7 + b[j])) + c[i])) + d - 0.2)^2";

#[test]
fn trees_double_where_graphs_grow_by_a_few_nodes() {
    let sizes = [5, 10, 15, 20, 25, 30];
    let chain = |depth: i32| counts(&format!("iterate(k, 1, {depth}, y, x, sin(y)*exp(y))"));
    let all = sizes.map(chain);
    for pair in all.windows(2) {
        let [before, after] = pair else { unreachable!() };
        assert!(after[1] / before[1] > 16.0, "trees: {before:?}, {after:?}");
        // Five steps more are as many nodes more each time.
        for k in [0, 2, 3] {
            assert!(after[k] - before[k] <= 5.0 * 9.0, "{before:?}, {after:?}");
        }
    }
}

#[test]
fn loops_that_are_kept_do_not_grow() {
    for text in [
        "iterate(k, 1, N, y, x, sin(y)*exp(y))",
        "iterate(k, 1, N, y, x, 4*y*(1 - y))",
        "iterate(k, 1, N, y, 1, y*x[k])",
        "prod(i, 1, N, x[i])",
        "sum(i, 1, N-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        "sum(s, 1, N, (tanh(w*x[s] + b)*v - t[s])^2)",
    ] {
        let rolled = [50, 200, 1000].map(|n: u32| {
            let found = swelling(&text.replace('N', &n.to_string()));
            (found.loops, found.rolled.unwrap_or_else(|| panic!("{text}: loops are kept")))
        });
        assert!(rolled.iter().all(|size| *size == rolled[0]), "{text}: {rolled:?}");
    }
}

#[test]
fn swell_is_shown() {
    let text = stdout(&["swell", "logistic", "--size", "n=10,20"]);
    assert!(text.contains("tree") && text.contains("rolled") && text.contains("bytes"), "{text}");
    let json: Value = serde_json::from_str(&stdout(&[
        "swell",
        "prod(i, 1, n, x[i])",
        "--size",
        "n=10,100",
        "--format",
        "json",
    ]))
    .unwrap();
    assert_eq!(json["schema"], "chainrule/swell/1");
    let columns: Vec<&str> =
        json["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let column = |name: &str| columns.iter().position(|own| *own == name).unwrap();
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[1][column("f")], &rows[1][column("tree")]), (&Value::from(99), &Value::from(9_800)));
    assert_eq!(rows[0][column("rolled")], rows[1][column("rolled")]);
    assert!(rows.iter().all(|row| row.as_array().unwrap().len() == columns.len()));
    // Beyond a budget the cell says so.
    let over = stdout(&[
        "swell",
        "sum(i, 1, n, sin(x[i])^2)",
        "--size",
        "n=1000",
        "--max-nodes",
        "2500",
        "--format",
        "csv",
    ]);
    assert!(over.contains("over 2500 nodes"), "{over}");
    refused(&["swell", "x^n", "--size", "n=1,2.5"], &["must be an integer", "^"]);
    refused(&["swell", "prod(i, 1, n, x[i])"], &["the size n has no value", "^"]);
    refused(&["swell", "x", "--size", "n=1,n=2"], &["given twice"]);
}
