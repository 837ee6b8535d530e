//! Deep graphs are ordinary. The time and memory of the deepest:
//! `cargo test --release -p chainrule-tests --test depth -- --ignored --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what the ignored test is for

use std::time::Instant;

use backprop::Adjoint;
use expr::{Calculus, Function};

/// y <- sin(y)·x, so many nodes deep.
fn chain(nodes: usize) -> Function {
    Function::build(|g| {
        let x = g.input("x");
        let mut y = x;
        for k in 0..nodes {
            y = if k % 2 == 0 { y.sin() } else { y * x };
        }
        vec![y]
    })
}

/// The same by hand.
fn by_hand(nodes: usize, x: f64) -> (f64, f64) {
    let (mut y, mut slope) = (x, 1.0);
    for k in 0..nodes {
        (y, slope) = if k % 2 == 0 { (y.sin(), slope * y.cos()) } else { (y * x, slope * x + y) };
    }
    (y, slope)
}

fn gradient(f: &Function, x: f64) -> (f64, f64) {
    let adjoint = Adjoint::compile(f);
    let (mut value, mut slope) = ([0.0], [0.0]);
    adjoint.run(&mut adjoint.workspace(|value| value), &[x], &mut value, &mut slope);
    (value[0], slope[0])
}

fn check(nodes: usize) {
    let (value, slope) = gradient(&chain(nodes), 1.1);
    let (expected, expected_slope) = by_hand(nodes, 1.1);
    assert_eq!(value, expected);
    assert!(
        (slope - expected_slope).abs() <= 1e-9 * expected_slope.abs(),
        "{slope}, by hand {expected_slope}"
    );
}

#[test]
fn a_hundred_thousand_nodes_in_a_small_stack() {
    // Anything that recursed over depth would overflow.
    let small = std::thread::Builder::new().stack_size(128 * 1024);
    small.spawn(|| check(100_000)).unwrap().join().unwrap();
}

#[test]
#[ignore = "takes seconds and most of a gigabyte"]
fn ten_million_nodes() {
    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("peak memory unknown");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let nodes = 10_000_000;
    let start = Instant::now();
    let f = chain(nodes);
    println!("built in {:?}; {}", start.elapsed(), peak());
    let start = Instant::now();
    let adjoint = Adjoint::compile(&f);
    let mut workspace = adjoint.workspace(|value| value);
    println!("compiled in {:?}; {}", start.elapsed(), peak());
    let (mut value, mut slope) = ([0.0], [0.0]);
    for _ in 0..3 {
        let start = Instant::now();
        adjoint.run(&mut workspace, &[1.1], &mut value, &mut slope);
        println!("value and gradient in {:?}; {}", start.elapsed(), peak());
    }
    let start = Instant::now();
    drop((f, adjoint, workspace));
    println!("dropped in {:?}; {}", start.elapsed(), peak());
    let (expected, expected_slope) = by_hand(nodes, 1.1);
    assert_eq!(value[0], expected);
    assert!((slope[0] - expected_slope).abs() <= 1e-9 * expected_slope.abs());
}
