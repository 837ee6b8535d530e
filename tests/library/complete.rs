//! What every operator has besides its row of the table, and what it lacks.

use std::collections::BTreeSet;

use export::{Caption, Target};
use expr::{Builder, Complex, DoubleDouble, Expr, Op, Scalar, Style};
use reference::{Limits, certify};
use support::smooth_point::smooth_point;
use symbolic::{Derivatives, differentiate_repeatedly};

/// Operators as functions of as many inputs, integer arguments written out.
fn derivatives(op: Op, point: &[f64]) -> Derivatives {
    let builder = Builder::new(Style::Written);
    let arguments: Vec<Expr<'_>> = { point.iter().enumerate() }
        .map(|(k, &value)| match (op.takes_integer() || op == Op::Powi) && k + 1 == op.arity() {
            true => builder.constant(value),
            false => builder.input(&format!("x{k}")),
        })
        .collect();
    let output = Expr::apply(op, &arguments).id();
    let f = builder.finish(vec![output]);
    let all: Vec<usize> = (0..f.input_count()).collect();
    differentiate_repeatedly(&f, &all, 1, 100_000).expect("it is small")
}

/// What an operator needs to be complete and does not have; what only makes it faster or more precise.
fn lacks(op: Op, golden: &BTreeSet<&str>, names: &BTreeSet<&str>) -> [Vec<&'static str>; 2] {
    let point = smooth_point(op, "complete");
    let derivatives = derivatives(op, &point);
    let f = &derivatives.function;
    let mut needed = Vec::new();
    let mut further = Vec::new();
    if !golden.contains(op.name()) {
        needed.push("golden values (tests/library/golden.py)");
    }
    if op.form() == expr::Form::Call && !names.contains(op.name()) {
        needed.push("an entry in the catalogue (crates/syntax/src/library/catalogue)");
    }
    let inputs = &point[..f.input_count()];
    if certify(f, inputs, &Limits::default()).values[0].is_none() {
        needed.push("an interval rule (crates/reference/src/operators.rs)");
    }
    for (target, what) in [
        (Target::C, "a spelling in C (crates/export/src/c.rs)"),
        (Target::Rust, "a spelling in Rust (crates/export/src/rust.rs)"),
        (Target::Python, "a spelling in Python (crates/export/src/python.rs)"),
        (Target::Latex, "a spelling in LaTeX (crates/export/src/latex)"),
    ] {
        if export::export(&derivatives, target, Caption { name: "f", text: op.name() }).is_err() {
            needed.push(what);
        }
    }
    if !Op::WITH_KERNEL.contains(&op) {
        further.push("a kernel for lanes (crates/elementary)");
    }
    if !Complex::continues(op) {
        further.push("a complex value (crates/expr/src/complex.rs)");
    }
    let numbers: Vec<DoubleDouble> = point.iter().map(|&x| x.into()).collect();
    let value = DoubleDouble::apply(op, &numbers);
    // The rest of a value that is no double is not 0, unless only the double was computed.
    let exact = certify(f, inputs, &Limits { most_bits: 192, ..Limits::default() }).values[0]
        == Some(value.hi)
        && value.hi.fract() == 0.0
        || point.contains(&value.hi);
    if value.lo == 0.0 && !exact {
        further.push("a double-double value (crates/expr/src/double)");
    }
    [needed, further]
}

#[test]
#[allow(clippy::print_stdout)] // what is lacking is what a reader looks for
fn every_operator_is_complete() {
    let golden: BTreeSet<&str> =
        include_str!("golden.tsv").lines().filter_map(|line| line.split('\t').next()).collect();
    let entries = syntax::catalogue();
    let names: BTreeSet<&str> =
        entries.iter().map(|entry| entry.usage.split('(').next().unwrap_or_default()).collect();
    let mut incomplete = Vec::new();
    for &op in Op::ALL {
        let [needed, further] = lacks(op, &golden, &names);
        println!("{}: {}", op.name(), [&needed[..], &further].concat().join("; "));
        if !needed.is_empty() {
            incomplete.push(format!("{}: {}", op.name(), needed.join("; ")));
        }
    }
    assert!(incomplete.is_empty(), "{}", incomplete.join("\n"));
}
