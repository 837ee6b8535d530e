#![allow(clippy::print_stdout)] // the figures are what some of these tests are for

mod claims;
mod mutants;
mod planted;
mod special;

use expr::Function;
use syntax::parse;

use super::{Literals, Proof};
use symbolic::{Mode, differentiate};

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

/// Formulas that are equal wherever both are defined.
const IDENTITIES: &[(&str, &str)] = &[
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
    ("sin(asin(x))", "x"),
    ("tan(atan(x))", "x"),
    ("cos(acos(x))", "x"),
    ("cos(asin(x))", "sqrt(1 - x^2)"),
    ("asinh(sinh(x))", "x"),
    ("asin(x) + acos(x)", "pi/2"),
    ("acos(-x)", "pi - acos(x)"),
    ("atan2(x, 1 + y^2)", "atan(x/(1 + y^2))"),
    ("cos(x + pi/3)", "cos(x)/2 - sin(x)*sqrt(3)/2"),
    ("sin(pi/12)", "(sqrt(6) - sqrt(2))/4"),
    ("cbrt(-8*x*y^3)", "-2*y*cbrt(x)"),
    ("sqrt(x^4 + 2*x^2 + 1)", "x^2 + 1"),
    ("abs(x^2 - x + 1)", "x^2 - x + 1"),
    ("max(x^2 + y^2, 2*x*y)", "x^2 + y^2"),
    ("sqrt(sin(x)^2)", "abs(sin(x))"),
    ("ln((x + 100)^2)/2", "ln(abs(x + 100))"),
    ("floor(x + 5/2)", "floor(x + 1/2) + 2"),
    ("-floor(-x)", "ceil(x)"),
    ("atanh(x)", "0.5*ln((1 + x)/(1 - x))"),
    ("ln(sigmoid(x))", "-softplus(-x)"),
    ("sqrt(3 + 2*sqrt(2))*x", "(1 + sqrt(2))*x"),
    ("sqrt(1022117)", "sqrt(1009)*sqrt(1013)"),
    ("clamp(x, -1, 1)", "(abs(x + 1) - abs(x - 1))/2"),
    ("sign(x^2 + 1)", "1"),
    ("if(sqrt(2) + sqrt(3) > 3, x, 0)", "x"),
];

#[test]
fn identities_are_proved() {
    for (left, right) in IDENTITIES {
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
        // A power of a base that may be negative: e^w is positive where w is not real.
        ("sqrt(x^y)", "x^(y/2)"),
        ("sqrt(x^floor(y/100))", "x^(floor(y/100)/2)"),
        ("exp(ln(x^floor(y/100))/2)", "x^(floor(y/100)/2)"),
        ("(x^floor(y/100))^0.5", "x^(0.5*floor(y/100))"),
        ("sqrt((x*y)^floor(y/100))", "(x*y)^(floor(y/100)/2)"),
        ("ln(x^floor(y/100))", "floor(y/100)*ln(abs(x)) + if(x < -100, 1, 0)"),
        // Numbers that are equal without being written alike.
        ("if(sqrt(1018081) == 1009, 1, 0)", "0"),
        ("if(sqrt(1022117) == sqrt(1009)*sqrt(1013), 1, 0)", "0"),
        ("if(cbrt(1022117) == cbrt(1009)*cbrt(1013), 1, 0)", "0"),
        ("if(x*(sqrt(1000036000099) - sqrt(1000003)*sqrt(1000033)) == 0, 1, 0)", "0"),
        ("if(cos(pi/5) == (1 + sqrt(5))/4, 1, 0)", "0"),
        ("if(x^cos(pi/5) == x^((1 + sqrt(5))/4), 1, 0)", "0"),
        ("if(sqrt(5 + 2*sqrt(6)) == sqrt(2) + sqrt(3), 1, 0)", "0"),
        ("if(ln(sqrt(2) + 1) == -ln(sqrt(2) - 1), 1, 0)", "0"),
        ("sign(cbrt(2 + sqrt(5)) - cbrt(sqrt(5) - 2) - 1)^2", "1"),
        // What is 0 on a stretch is neither positive nor to be divided by.
        ("sign(floor(x)^2)", "1"),
        ("sqrt(floor(x)) + sign(floor(x))", "1 + sqrt(floor(x))"),
        ("floor(x)^0.5 + sign(floor(x))", "1 + floor(x)^0.5"),
        ("if(sqrt(floor(x)) > 0, 1, 0) + asin(floor(x))", "1 + asin(floor(x))"),
        ("sign(abs(floor(x)))", "1"),
        ("floor(x)^y + sign(floor(x))^2", "floor(x)^y + 1"),
        (
            "hypot(floor(x), floor(y))/abs(hypot(floor(x), floor(y)) + 0) + sign(floor(x)^2 + floor(y)^2)",
            "2 + x - x + if(x > 100, 1, 0)",
        ),
        // What a branch needs to be defined holds in that branch only.
        ("if(x > 0, ln(x), 5) + sign(x)", "if(x > 0, ln(x), 5) + 1"),
        ("if(x < 0, 1, if(ln(x) > -1000, 1, 1)) + abs(x)", "1 + x"),
        // The border of one domain is not that of the other.
        ("atan2(1, x + 100)", "atan(1/(x + 100))"),
        ("abs(x + 100)", "x + 100"),
        ("abs(1 + x + x^2 - 0.76)", "1 + x + x^2 - 0.76"),
        ("max(x^2, 2*x - 0.999)", "x^2"),
        ("sqrt(x^4 + 2*x^2*y + y^2)", "x^2 + y"),
        ("sqrt(x^6)", "x^3"),
        ("(x^6)^(1/6)", "x"),
        ("cbrt(x^6)", "abs(x)*x"),
        ("acos(cos(x))", "x"),
        ("asinh(sinh(x))", "abs(x)"),
        ("acosh(cosh(x))", "x"),
        ("ln(x^2)/2", "ln(abs(x)) + if(x < -50, 1, 0)"),
        ("floor(x + 0.5)", "floor(x)"),
        ("floor(-x)", "-floor(x)"),
        ("floor(2*x)", "2*floor(x)"),
        ("round(x + 1)", "round(x) + 1 + if(x < -50, 1, 0)"),
        ("sin(x + pi)", "sin(x)"),
        ("cos(x + pi/3)", "cos(x)/2 + sin(x)*sqrt(3)/2"),
        ("exp(asin(x)/2)^2", "exp(asin(x)) + if(x > 0.999, 1, 0)"),
        ("cos(asin(x))", "-sqrt(1 - x^2)"),
        ("sin(acos(x)/2)", "-sqrt((1 - x)/2)"),
        ("clamp(x, -1, 1)", "(abs(x + 1) - abs(x - 1))/2 + if(x > 50, 1, 0)"),
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
