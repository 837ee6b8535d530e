//! Formulas as a textbook has them.

use super::*;
use crate::{Arm, differentiate};

/// The reader's form of the derivative by the first input.
fn reader(text: &str) -> String {
    let f = expr::parse(text).unwrap().unroll(10_000).unwrap();
    let derivative = differentiate(&f, Arm::Auto, 100_000).unwrap().function;
    let outputs = f.outputs().len();
    let found = form(&derivative, outputs..derivative.outputs().len());
    expr::written_out(&found.function, 0)
}

#[test]
fn formulas_are_those_of_the_textbook() {
    for (text, expected) in [
        ("3*x^2 + 2*x + 1", "6*x + 2"),
        ("x*a*x + b*x + c", "2*x*a + b"),
        ("x^4 - x^-2", "4*x^3 + 2/x^3"),
        ("1/x", "-1/x^2"),
        ("e^x", "e^x"),
        ("2^x", "2^x*ln(2)"),
        ("(x^2-1)/(x-1)", "1"),
    ] {
        assert_eq!(reader(text), expected, "{text}");
    }
}

#[test]
#[ignore]
fn table() {
    let text = std::fs::read_to_string("/work/shared/cases/formulas.tsv").unwrap();
    let (mut good, mut all) = (0, 0);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let Ok(f) = expr::parse(cells[1]) else { continue };
        let Ok(f) = f.unroll(1000) else { continue };
        let by = f.input_names().iter().position(|name| name == cells[2]).unwrap();
        let start = std::time::Instant::now();
        let d = differentiate(&f, Arm::Auto, 100_000).unwrap().function;
        let found = form(&d, 1 + by..2 + by);
        let time = start.elapsed();
        let names = format!("g({}) = {}", f.input_names().join(","), cells[3]);
        let hand = length(&expr::parse(&names).unwrap(), 0);
        let own = length(&found.function, 0);
        all += 1;
        good += u32::from(own as f64 <= 1.25 * hand as f64);
        println!("{} {:5} {own:3} {hand:3} {:?} {:?}  {}   |  {}   |  {}", if own as f64 <= 1.25 * hand as f64 { "  " } else { "XX" }, cells[0], found.candidates[0], time, cells[1], expr::written_out(&found.function, 0), cells[3]);
    }
    println!("{good} of {all}");
}
