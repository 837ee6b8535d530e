//! Fits a decay curve a·e^(-b·t) + c to measurements by gradient descent, with the gradient of the whole sum of squares by
//! backpropagation: `cargo run --release --example fit`.

#![allow(clippy::print_stdout)] // an example shows what it found

use chainrule::{BatchGradient, BatchInput, Budget};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let loss = chainrule::parse("(a*exp(-b*t) + c - y)^2")?;
    let t: Vec<f64> = (0..50).map(|k| f64::from(k) * 0.1).collect();
    let y: Vec<f64> = t.iter().map(|t| 2.0 * (-1.3 * t).exp() + 0.5).collect();

    let many = BatchGradient::new(&loss, &Budget::default())?;
    let (mut weights, mut step) = ([1.0, 1.0, 0.0], 0.01);
    let mut best = total(&many, weights, &t, &y);
    for _ in 0..20_000 {
        let (value, gradient) = &best;
        let mut next = weights;
        next.iter_mut().zip(gradient).for_each(|(w, g)| *w -= step * g);
        let found = total(&many, next, &t, &y);
        // A step that leads uphill was too long; one that leads downhill may have been too short.
        if found.0 < *value {
            (weights, best, step) = (next, found, step * 1.1);
        } else {
            step /= 2.0;
        }
    }
    println!(
        "a = {:.4}, b = {:.4}, c = {:.4}; sum of squares {:.1e}",
        weights[0], weights[1], weights[2], best.0
    );
    assert!(
        (weights[0] - 2.0).abs() < 1e-3 && (weights[1] - 1.3).abs() < 1e-3 && (weights[2] - 0.5).abs() < 1e-3
    );
    Ok(())
}

/// The sum over all measurements, and its gradient by a, b and c: inputs are in the order in which they appear.
fn total(many: &BatchGradient, [a, b, c]: [f64; 3], t: &[f64], y: &[f64]) -> (f64, Vec<f64>) {
    let inputs = [
        BatchInput::Shared(a),
        BatchInput::Shared(b),
        BatchInput::Each(t),
        BatchInput::Shared(c),
        BatchInput::Each(y),
    ];
    let total = many.total(&inputs, t.len());
    (total.values[0], total.gradient)
}

#[test]
fn it_runs() {
    main().unwrap();
}
