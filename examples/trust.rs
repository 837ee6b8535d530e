//! How far three strategies can be trusted where a function loses digits: `cargo run --release --example trust`.

#![allow(clippy::print_stdout)] // an example shows what it found

use chainrule::reference::{Limits, certify};
use chainrule::{Backprop, Budget, Derivative, Numerical, Strategy, Symbolic, Want};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Near 0 this is x/6, but 1/x and 1/sin(x) are large and cancel.
    let f = chainrule::parse("1/sin(x) - 1/x")?;
    let strategies: [&dyn Strategy; 3] = [&Numerical::default(), &Symbolic::default(), &Backprop];
    println!("{:>8}  {:>20}  {:>13}  {:>13}  {:>13}", "x", "certified", "numerical", "symbolic", "backprop");
    for x in [1.0, 1e-2, 1e-4, 1e-6] {
        let certified =
            certify(&f, &[x], &Limits::default()).gradients[0][0].known().ok_or("not certified")?;
        let mut errors = Vec::new();
        for strategy in strategies {
            let mut out = Derivative::default();
            strategy.prepare(&f, Want::Gradient, &Budget::default())?.run(&[x], &mut out)?;
            errors.push(format!("{:.1} digits", digits(out.gradient[0], certified)));
        }
        println!("{x:>8.0e}  {certified:>20}  {:>13}  {:>13}  {:>13}", errors[0], errors[1], errors[2]);
    }
    Ok(())
}

/// How many decimal digits of a number are right, at most 16.
fn digits(number: f64, truth: f64) -> f64 {
    (-((number - truth) / truth).abs().log10()).clamp(0.0, 16.0)
}

#[test]
fn it_runs() {
    main().unwrap();
}
