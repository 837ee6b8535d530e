//! Minimises Rosenbrock's function of 20 variables by BFGS, a quasi-Newton method (Nocedal and Wright 2006, section 6.1):
//! `cargo run --release --example minimise`.

#![allow(clippy::print_stdout)] // an example shows what it found

use chainrule::{Gradient, GradientError};

fn main() -> Result<(), GradientError> {
    let f = chainrule::gradient("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)")?;
    let (x, gradients) = minimise(&f, vec![-1.2; 20])?;
    println!("after {gradients} gradients: x[1] = {:.10}, x[20] = {:.10}", x[0], x[19]);
    assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-8));
    Ok(())
}

/// A point where the gradient is nearly 0, and how many gradients it took to get there.
fn minimise(f: &Gradient, mut x: Vec<f64>) -> Result<(Vec<f64>, usize), GradientError> {
    let n = x.len();
    // An approximation of the inverse of the Hessian, row after row.
    let mut inverse: Vec<f64> = (0..n * n).map(|k| if k % (n + 1) == 0 { 1.0 } else { 0.0 }).collect();
    let (mut here, mut gradients) = (f.derivative_at(&x)?, 1);
    while dot(&here.gradient, &here.gradient) > 1e-20 && gradients < 10_000 {
        let direction: Vec<f64> = inverse.chunks(n).map(|row| -dot(row, &here.gradient)).collect();
        let slope = dot(&direction, &here.gradient);
        // Steps are halved until the value falls by a small part of what the slope promises (Armijo).
        let (mut length, before) = (1.0, here);
        (x, here) = loop {
            let tried: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + length * d).collect();
            let found = f.derivative_at(&tried)?;
            gradients += 1;
            if found.values[0] <= before.values[0] + 1e-4 * length * slope || length < 1e-12 {
                break (tried, found);
            }
            length /= 2.0;
        };
        let moved: Vec<f64> = direction.iter().map(|d| length * d).collect();
        let change: Vec<f64> = here.gradient.iter().zip(&before.gradient).map(|(a, b)| a - b).collect();
        update(&mut inverse, &moved, &change);
    }
    Ok((x, gradients))
}

/// The update of Broyden, Fletcher, Goldfarb and Shanno (equation 6.17 there).
fn update(inverse: &mut [f64], moved: &[f64], change: &[f64]) {
    let curvature = dot(moved, change);
    if curvature <= 0.0 {
        return;
    }
    let n = moved.len();
    let product: Vec<f64> = inverse.chunks(n).map(|row| dot(row, change)).collect();
    let scale = (1.0 + dot(change, &product) / curvature) / curvature;
    for (i, row) in inverse.chunks_mut(n).enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            *entry +=
                scale * moved[i] * moved[j] - (product[i] * moved[j] + moved[i] * product[j]) / curvature;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn it_runs() {
    main().unwrap();
}
