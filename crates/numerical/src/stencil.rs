//! Schemes with a fixed stencil: all points of all inputs are one batch.

use crate::Jacobian;
use crate::batch::{Batch, Move};
use crate::scheme::Scheme;

/// Central differences of order 2k: the offsets 1 to k in steps, and their weights (Fornberg 1988).
const CENTRAL_2: &[f64] = &[1.0 / 2.0];
const CENTRAL_4: &[f64] = &[2.0 / 3.0, -1.0 / 12.0];
const CENTRAL_6: &[f64] = &[3.0 / 4.0, -3.0 / 20.0, 1.0 / 60.0];
/// Steps of the extrapolation, as fractions of the first.
const RICHARDSON: [f64; 4] = [1.0, 0.5, 0.25, 0.125];

/// The offsets of a scheme at one coordinate.
fn offsets(scheme: Scheme, x: f64) -> Vec<f64> {
    let absolute = x.abs().max(1.0);
    let relative = if x == 0.0 { 1.0 } else { x.abs() };
    let both = |steps: &[f64]| steps.iter().flat_map(|&h| [h, -h]).collect();
    match scheme {
        Scheme::Forward => vec![power_of_two(f64::EPSILON.sqrt() * absolute)],
        Scheme::Central2 => both(&[power_of_two(f64::EPSILON.cbrt() * absolute)]),
        Scheme::Central4 => {
            let h = power_of_two(f64::EPSILON.powf(0.2) * relative);
            both(&[h, 2.0 * h])
        }
        Scheme::Central6 => {
            let h = power_of_two(f64::EPSILON.powf(1.0 / 7.0) * relative);
            both(&[h, 2.0 * h, 3.0 * h])
        }
        Scheme::Richardson | Scheme::Adaptive => {
            let h = power_of_two(0.05 * relative);
            both(&RICHARDSON.map(|fraction| fraction * h))
        }
    }
}

/// The nearest power of two below: then x + h loses as little as x allows.
fn power_of_two(h: f64) -> f64 {
    if h.is_normal() { f64::from_bits(h.to_bits() & 0x7ff0_0000_0000_0000) } else { h }
}

pub(crate) fn differentiate(
    scheme: Scheme,
    x: &[f64],
    outputs: usize,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> Jacobian {
    let mut moves = vec![None];
    for (input, &at) in x.iter().enumerate() {
        moves.extend(offsets(scheme, at).into_iter().map(|offset| Some(Move { input, value: at + offset })));
    }
    let mut values = vec![0.0; moves.len() * outputs];
    f(&Batch::new(x, &moves), &mut values);
    let per_input = (moves.len() - 1).checked_div(x.len()).unwrap_or(0);
    let mut jacobian = Jacobian {
        values: values[..outputs].to_vec(),
        derivative: vec![0.0; outputs * x.len()],
        error: (scheme == Scheme::Richardson).then(|| vec![0.0; outputs * x.len()]),
        blind: Vec::new(),
        evaluations: moves.len() as u64,
    };
    for (input, &at) in x.iter().enumerate() {
        let first = 1 + input * per_input;
        for output in 0..outputs {
            // The offsets that were really taken, and the values there.
            let samples: Vec<(f64, f64)> = (first..first + per_input)
                .map(|k| (moves[k].map_or(f64::NAN, |moved| moved.value - at), values[k * outputs + output]))
                .collect();
            let (slope, error) = slope(scheme, values[output], &samples);
            jacobian.derivative[output * x.len() + input] = slope;
            if let Some(all) = &mut jacobian.error {
                all[output * x.len() + input] = error;
            }
        }
    }
    jacobian
}

/// One difference quotient along a line, with a step of the caller's choice: the scheme's error as it is.
///
/// ```
/// use numerical::{Scheme, quotient};
/// assert_eq!(quotient(Scheme::Central2, 1.0, 0.5, |x| x.powi(3)), 3.25);
/// ```
///
/// # Panics
/// For [`Scheme::Adaptive`] and [`Scheme::Richardson`], which choose their steps.
pub fn quotient(scheme: Scheme, x: f64, h: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    let reach = match scheme {
        Scheme::Forward => 0,
        Scheme::Central2 => 1,
        Scheme::Central4 => 2,
        Scheme::Central6 => 3,
        Scheme::Richardson | Scheme::Adaptive => panic!("{scheme} chooses its own steps"),
    };
    // The step that was really taken.
    let mut sample = |x_there: f64| (x_there - x, f(x_there));
    let samples: Vec<(f64, f64)> = match reach {
        0 => vec![sample(x + h)],
        reach => (1..=reach)
            .flat_map(|k| [1.0, -1.0].map(|side| x + side * f64::from(k) * h))
            .map(&mut sample)
            .collect(),
    };
    let here = if reach == 0 { f(x) } else { f64::NAN };
    slope(scheme, here, &samples).0
}

/// The slope from samples (offset, value), in the order of [`offsets`]; and the extrapolation's error.
fn slope(scheme: Scheme, here: f64, samples: &[(f64, f64)]) -> (f64, f64) {
    let central = |pair: &[(f64, f64)]| (pair[0].1 - pair[1].1) / (pair[0].0 - pair[1].0);
    let weighted = |weights: &[f64]| {
        // Weights are for slopes of the single pairs: w_k per unit step times the pair's width 2k.
        let parts = samples.chunks_exact(2).zip(weights).enumerate();
        parts.map(|(k, (pair, weight))| weight * 2.0 * (k + 1) as f64 * central(pair)).sum()
    };
    match scheme {
        Scheme::Forward => ((samples[0].1 - here) / samples[0].0, f64::NAN),
        Scheme::Central2 => (weighted(CENTRAL_2), f64::NAN),
        Scheme::Central4 => (weighted(CENTRAL_4), f64::NAN),
        Scheme::Central6 => (weighted(CENTRAL_6), f64::NAN),
        Scheme::Richardson | Scheme::Adaptive => {
            let mut row: Vec<f64> = samples.chunks_exact(2).map(central).collect();
            let narrowest = samples[samples.len() - 2].0.abs();
            let roundoff = f64::EPSILON * here.abs() / narrowest;
            let mut before = f64::NAN;
            let mut factor = 1.0;
            while row.len() > 1 {
                factor *= 4.0;
                before = row[row.len() - 1];
                row = row.windows(2).map(|pair| pair[1] + (pair[1] - pair[0]) / (factor - 1.0)).collect();
            }
            (row[0], (row[0] - before).abs() + 4.0 * roundoff)
        }
    }
}
