//! Formulas as a textbook has them.

use super::*;
use crate::{Mode, differentiate};

/// The reader's form of the derivative by the first input.
fn reader(text: &str) -> String {
    let f = syntax::parse(text).unwrap().unroll(10_000).unwrap();
    let derivative = differentiate(&f, Mode::Auto, 100_000).unwrap().function;
    let outputs = f.outputs().len();
    let found = form(&derivative, outputs..derivative.outputs().len());
    syntax::written_out(&found.function, 0)
}

#[test]
fn formulas_are_those_of_the_textbook() {
    for (text, expected) in [
        ("3*x^2 + 2*x + 1", "6*x + 2"),
        ("x*a*x + b*x + c", "2*x*a + b"),
        ("x^4 - x^-2", "4*x^3 + 2/x^3"),
        ("1/x", "-1/x^2"),
        ("e^x", "exp(x)"),
        ("2^x", "2^x*ln(2)"),
        ("(x^2-1)/(x-1)", "1"),
        ("ln((x^2-1)/(x-1))", "1/(x + 1)"),
        ("x^x", "x^x*(ln(x) + 1)"),
        ("(1 - cos(x))/sin(x)", "(1 - cos(x))/sin(x)^2"),
        ("asin(x)*sqrt(1-x^2) + x", "2 - x*asin(x)/sqrt(1 - x^2)"),
        ("ln(x + sqrt(1 + x^2))", "1/sqrt(1 + x^2)"),
        ("1.2*x - 5.8*x", "-4.6"),
        ("x^(1.1)", "1.1*x^0.1"),
        ("exp(exp(x))", "exp(x)*exp(exp(x))"),
        ("x*abs(x)", "2*abs(x)"),
        ("if(x > 0, x*x*x/x, x + x)", "if(x > 0, 2*x, 2)"),
        ("x^n", "n*x^(n - 1)"),
        ("x^(n + 1)", "(n + 1)*x^n"),
        ("x^(2*n)", "2*n*x^(2*n - 1)"),
        ("f(y, x) = if(x == 0, 0, y*x*sin(1/x))", "if(x == 0, 0, x*sin(1/x))"),
        ("exp(-1/x)", "exp(-1/x)/x^2"),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "4/(exp(x) + exp(-x))^2"),
        ("sqrt(x + sqrt(x))", "(2*sqrt(x) + 1)/(4*sqrt(x)*sqrt(x + sqrt(x)))"),
    ] {
        assert_eq!(reader(text), expected, "{text}");
    }
}

#[test]
fn branches_in_branches_are_not_multiplied_out() {
    // Joined branch by branch the terms would double with every round.
    let text = "iterate(k, 1, 30, y, x, if(abs(y^2 - 2) < 1e-9, y, (y + 2/y)/2))";
    let flat = syntax::parse(text).unwrap().unroll(100_000).unwrap();
    let derived = crate::differentiate(&flat, crate::Mode::Reverse, 100_000).unwrap().function;
    let form = super::form(&derived, 1..2);
    assert!(form.function.graph().len() <= 2 * derived.graph().len());
}
