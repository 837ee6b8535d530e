//! Iterations that stop by a condition, at the command line.

use super::run::{json, refused, stdout};

const ROOT: &str = "until(k, 1, 100, y, x, (y + a/y)/2, abs(y^2 - a) < 1e-9)";

#[test]
fn a_root_has_the_derivative_of_the_steps_that_are_made() {
    let printed = stdout(&["grad", ROOT, "--at", "x=1,a=2"]);
    assert!(printed.starts_with("f = 1.414213562373"), "{printed}");
    assert!(printed.contains("∂f/∂a = 0.3535533906"), "{printed}");
    let compared =
        json(&["until(k, 1, 9, y, x, (y + a/y)/2, abs(y^2 - a) < 1e-9)", "--at", "x=1,a=2", "--no-times"]);
    assert_eq!(compared["verdict"], "agree", "{compared}");
    // Before the first step, and after the last.
    assert_eq!(
        stdout(&["grad", "until(k, 1, 3, y, x, y/2, y < 1)", "--at", "x=0.5"]),
        "f = 0.5\ndf/dx = 1\n"
    );
    assert_eq!(
        stdout(&["grad", "until(k, 1, 3, y, x, y/2, y < 1)", "--at", "x=7"]),
        "f = 0.875\ndf/dx = 0.125\n"
    );
}

#[test]
fn at_its_bound_there_is_no_value() {
    let printed = stdout(&["grad", "until(k, 1, 2, y, x, y/2, y < 1)", "--at", "x=7"]);
    assert_eq!(printed, "f = NaN\ndf/dx = undefined\n");
    let size = "until(k, 1, n, y, x, y/2, y < 1)";
    for n in [0, 1, 2, 7, 8, 9, 255, 256, 257, 513] {
        let printed = stdout(&["grad", size, "--size", &format!("n={n}"), "--at", "x=7"]);
        let expected = if n < 3 { "f = NaN\ndf/dx = undefined\n" } else { "f = 0.875\ndf/dx = 0.125\n" };
        assert_eq!(printed, expected, "n = {n}");
    }
}

#[test]
fn mistakes_are_shown() {
    refused(
        &["grad", "until(k, 1, 9, y, x, y/2)", "--at", "x=1"],
        &["until is written until(k, 1, n, y, start, next, condition)", "^^^"],
    );
    refused(
        &["grad", "until(k, 1, 9, y[j: 1..2], x[j], y, y[1] < 1)[1]", "--at", "x=[1,2]"],
        &["changes its shape", "^"],
    );
    refused(&["grad", "until(k, 1, n, y, x, y/2, y < 1)", "--at", "x=1"], &["the size n has no value", "^"]);
}
