//! Functions of GradBench, as that benchmark states them. Numbers that it does not differentiate by are inputs here too, but for what bundle adjustment
//! and hand tracking are given.

mod ba;
mod ht;
mod lstm;

pub(super) use ba::BA;
pub(super) use ht::HT;
pub(super) use lstm::LSTM;

use super::{Family, Form, kmeans};

pub(super) const LSE: Family = Family {
    name: "gradbench-lse",
    about: "ln of the sum of n exponentials that are too large for a double, their largest exponent subtracted",
    source: "GradBench, lse",
    form: Form::Text(include_str!("../texts/gradbench-lse.txt")),
    sizes: &[10, 100, 1000],
    inputs: |n| n,
    domain: (1000.0, 1004.0),
    value: |_, x| x[0] + x.iter().map(|v| (v - x[0]).exp()).sum::<f64>().ln(),
    gradient: |_, x, g| {
        let top = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = x.iter().map(|v| (v - top).exp()).sum();
        g.iter_mut().zip(x).for_each(|(g, v)| *g = (v - top).exp() / sum);
        top + sum.ln()
    },
};

/// Centres, in the plane.
const CENTRES: usize = 5;

pub(super) const KMEANS: Family = Family {
    name: "gradbench-kmeans",
    about: "squared distances of n points in the plane to the nearest of five centres, by centres and points",
    source: "GradBench, kmeans",
    form: Form::Text(include_str!("../texts/gradbench-kmeans.txt")),
    inputs: |n| 2 * (CENTRES + n),
    value: |_, x| kmeans::value::<CENTRES>(x),
    gradient: |_, x, g| kmeans::gradient::<CENTRES>(x, g),
    ..kmeans::KMEANS
};

/// The stretch of time.
const TIME: f64 = 2.0;

pub(super) const ODE: Family = Family {
    name: "gradbench-ode",
    about: "the last of n functions of which each one's slope is a multiple of the one before, after n steps of Runge-Kutta",
    source: "GradBench, ode, with as many steps as functions; cmpad (Bell)",
    form: Form::Text(include_str!("../texts/gradbench-ode.txt")),
    sizes: &[3, 6, 12],
    inputs: |n| n,
    domain: (1.0, 3.0),
    // The equation is linear: a step is the series of the exponential up to the fourth power.
    value: |n, x| {
        let h = TIME / n as f64;
        let mut y = vec![0.0; n];
        for _ in 0..n {
            let mut term = slopes(x, &y);
            for k in 1..=4 {
                let factor = h / f64::from(k);
                for (y, term) in y.iter_mut().zip(&mut term) {
                    *term *= factor;
                    *y += *term;
                }
                // What is not multiplied by y is no part of higher derivatives.
                term = slopes(x, &term);
                term[0] = 0.0;
            }
        }
        y[n - 1]
    },
    gradient: |n, x, g| {
        g.fill(0.0);
        let h = TIME / n as f64;
        let (factors, weights) = ([0.0, h / 2.0, h / 2.0, h], [h / 6.0, h / 3.0, h / 3.0, h / 6.0]);
        let mut y = vec![0.0; n];
        let mut stages = Vec::with_capacity(4 * n);
        for _ in 0..n {
            let (mut next, mut slope) = (y.clone(), vec![0.0; n]);
            for (factor, weight) in factors.into_iter().zip(weights) {
                let at = moved(&y, factor, &slope);
                slope = slopes(x, &at);
                next = moved(&next, weight, &slope);
                stages.push(at);
            }
            y = next;
        }
        let mut upstream = vec![0.0; n];
        upstream[n - 1] = 1.0;
        for step in stages.rchunks(4) {
            let mut before = upstream.clone();
            let mut from_next = vec![0.0; n];
            for stage in (0..4).rev() {
                let to_slope = moved(&from_next, weights[stage], &upstream);
                let mut to_state = vec![0.0; n];
                g[0] += to_slope[0];
                for i in 1..n {
                    g[i] += to_slope[i] * step[stage][i - 1];
                    to_state[i - 1] = to_slope[i] * x[i];
                }
                before = moved(&before, 1.0, &to_state);
                to_state.iter_mut().for_each(|to| *to *= factors[stage]);
                from_next = to_state;
            }
            upstream = before;
        }
        y[n - 1]
    },
};

/// `from + factor*along`
fn moved(from: &[f64], factor: f64, along: &[f64]) -> Vec<f64> {
    from.iter().zip(along).map(|(from, along)| from + factor * along).collect()
}

fn slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    (0..x.len()).map(|i| if i == 0 { x[0] } else { x[i] * y[i - 1] }).collect()
}
