mod claims;

use expr::{Function, parse};

use super::{Literals, Proof, extra_conditions};
use crate::{Arm, differentiate};

fn flat(text: &str) -> Function {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).unroll(10_000).unwrap()
}

fn prove(f: &Function, left: usize, right: usize) -> Proof {
    super::prove(f, left, right, Literals::Exact)
}

/// Whether two formulas in the same inputs are proved equal.
fn equal(left: &str, right: &str) -> bool {
    let f = flat(&format!("g(a, b, c, x, y, n) = [{left}, {right}]"));
    matches!(prove(&f, 0, 1), Proof::Proved { .. })
}

#[test]
fn identities_are_proved() {
    for (left, right) in [
        ("(x + y)^2", "x^2 + 2*x*y + y^2"),
        ("x/(x*y)", "1/y"),
        ("1/(x - y) + 1/(x + y)", "2*x/(x^2 - y^2)"),
        ("sin(x + y)", "sin(x)*cos(y) + cos(x)*sin(y)"),
        ("sin(3*x)", "3*sin(x) - 4*sin(x)^3"),
        ("cos(x/2)^2", "(1 + cos(x))/2"),
        ("tan(x)", "sin(2*x)/(1 + cos(2*x))"),
        ("tanh(2*x)", "2*tanh(x)/(1 + tanh(x)^2)"),
        ("sigmoid(x)", "(1 + tanh(x/2))/2"),
        ("softplus(x) - softplus(-x)", "x"),
        ("exp(x + 2*ln(y))", "y^2*exp(x)"),
        ("ln(exp(x)*y)", "x + ln(y)"),
        ("ln(8)", "3*ln(2)"),
        ("sqrt(8)*x", "2*sqrt(2)*x"),
        ("x/sqrt(x)", "sqrt(x)"),
        ("sqrt(x)*sqrt(x + 1)", "sqrt(x)*(x + 1)/sqrt(x + 1)"),
        ("1/(sqrt(x) - sqrt(y))", "(sqrt(x) + sqrt(y))/(x - y)"),
        ("x^y*x^n", "x^(y + n)"),
        ("exp(atanh(x))", "sqrt(1 + x)/sqrt(1 - x)"),
        ("abs(x)*abs(y)", "abs(x*y)"),
        ("max(x, y) + min(x, y)", "x + y"),
        ("relu(x) - relu(-x)", "x"),
        ("if(x < y, x, y)", "min(x, y)"),
        ("sqrt(abs(x))^2", "abs(x)"),
        ("atan(-x)", "-atan(x)"),
        ("cbrt(x)^3", "x"),
        ("hypot(x, y)^2", "x^2 + y^2"),
        ("0.1 + 0.2", "0.3"),
        ("x^(n + 1)", "x*x^n"),
        ("sqrt(x)*x^(n + 1/2)", "x*x^n"),
        ("relu(floor(x))", "max(floor(x), 0)"),
        ("sqrt(x^2) + ln(x*exp(y))", "x + ln(x) + y"),
    ] {
        assert!(equal(left, right), "{left} and {right}");
    }
}

/// Each of these is right for some arguments and wrong for others.
#[test]
fn what_is_not_so_is_not_proved() {
    for (left, right) in [
        ("sqrt(x^2)", "x"),
        ("sqrt(x^2*y)", "x*sqrt(y)"),
        ("ln(x*y)", "ln(x) + ln(-y)"),
        ("ln(x^2)", "2*ln(x) + 0*y + 1 - 1 + ln(1 + 0*x)*y + x - y"),
        ("(x^2)^0.5", "x"),
        ("(x^n)^0.5", "x^(n/2) + x - abs(x)"),
        ("asin(sin(x))", "x"),
        ("atan(tan(x))", "x"),
        ("abs(x)", "x"),
        ("if(x > 0, x/x, 5)", "1"),
        ("max(x, y)", "x"),
        ("sin(x)", "cos(x)"),
        ("exp(x*y)", "exp(x)*exp(y)"),
        ("cbrt(x^2)", "x^2/cbrt(x)"),
        ("0.1 + 0.2", "0.3000000000000000444"),
        ("floor(x)", "x"),
        ("x*(1 + 1e-6)", "x"),
        // Right at nearly every point, wrong where an exponent is 0 or half of an odd number.
        ("sqrt(x^2) + xlogy(0, x)", "x + xlogy(0, x)"),
        ("sqrt(x^2) + xlogy(n, x)", "x + xlogy(n, x)"),
        ("sqrt(x^2) + x^(n + 1/2)", "x + x^(n + 1/2)"),
        // Wrong on a stretch, where something is 0 without being written as 0.
        ("if(floor(x), x, 5)", "x"),
        ("sign(floor(x))^2", "1"),
        ("sign(asin(sin(x)) - x)^2", "1"),
        ("sign(sqrt(x^2) - x)^2", "1"),
        ("sign(cos(pi) + 1)^2", "1"),
        // The real part of e^(2·e^(ix)) is negative here and there.
        ("abs(exp(2*cos(x))*cos(2*sin(x)) + 1)", "exp(2*cos(x))*cos(2*sin(x)) + 1"),
    ] {
        assert!(!equal(left, right), "{left} is {right}");
    }
}

#[test]
fn steps_name_what_was_used_and_under_which_signs() {
    let f = flat("g(x) = [abs(x)*tanh(x), if(x > 0, x, -x)*tanh(x)]");
    let Proof::Proved { steps, .. } = prove(&f, 0, 1) else { panic!("{}", prove(&f, 0, 1)) };
    assert!(steps.iter().any(|step| step.rule == "tanh by its definition" && step.before == "tanh(x)"));
    assert!(steps.iter().any(|step| step.conditions.iter().any(|sign| sign.contains("x < 0"))));
}

#[test]
fn conditions_of_the_claim_alone_are_found() {
    let f = differentiate(&flat("f(x, y) = x*y"), Arm::Reverse, 1000).unwrap().function;
    assert_eq!(f.outputs().len(), 3);
    let f = flat("g(x, y) = [ln(x), y, y*x/x + y*ln(x) + sqrt(y)*y^0.5]");
    assert_eq!(extra_conditions(&f, 2, &[0, 1]), ["y > 0"]);
}

#[test]
fn a_normal_form_that_explodes_is_given_up() {
    let factors: Vec<String> = (1..=14).map(|k| format!("(x[{k}] + x[{}]^2 + 1)", k + 14)).collect();
    let product = factors.join("*");
    let f = flat(&format!("[{product}, {product} + 1]"));
    assert_eq!(prove(&f, 0, 1), Proof::TooLarge);
    let signs: Vec<String> = (1..=9).map(|k| format!("abs(x[{k}])")).collect();
    let f = flat(&format!(
        "[{}, {}]",
        signs.join(" + "),
        signs.iter().rev().cloned().collect::<Vec<_>>().join(" + ")
    ));
    assert_eq!(prove(&f, 0, 1), Proof::TooManyCases);
}

#[test]
fn debug() {
    let text = std::env::var("CLAIM").unwrap_or("[sqrt(x^2), sqrt(x^2)+1-1]".to_owned());
    let f = flat(&format!("g(a, b, c, x, y, z, n) = {text}"));
    println!("{:#?}", super::prove(&f, 0, 1, Literals::Nearest));
}
