//! The workloads once more, over any number type: what `reverse` and `num-dual` differentiate.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What the functions ask of a number.
pub trait Scalar:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    fn sin(self) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn tanh(self) -> Self;
}

macro_rules! scalar {
    ($type:ty $(, $generic:tt)*) => {
        impl<$($generic)*> Scalar for $type {
            fn sin(self) -> Self {
                <$type>::sin(&self)
            }
            fn exp(self) -> Self {
                <$type>::exp(&self)
            }
            fn ln(self) -> Self {
                <$type>::ln(&self)
            }
            fn tanh(self) -> Self {
                <$type>::tanh(&self)
            }
        }
    };
}
scalar!(reverse::Var<'a>, 'a);

/// The duals have these from a trait of their own.
macro_rules! dual {
    ($($type:ty),*) => { $(
        impl Scalar for $type {
            fn sin(self) -> Self {
                num_dual::DualNum::sin(&self)
            }
            fn exp(self) -> Self {
                num_dual::DualNum::exp(&self)
            }
            fn ln(self) -> Self {
                num_dual::DualNum::ln(&self)
            }
            fn tanh(self) -> Self {
                num_dual::DualNum::tanh(&self)
            }
        }
    )* };
}
dual!(num_dual::Dual64, num_dual::DualSVec64<2>, num_dual::DualSVec64<3>, num_dual::DualSVec64<10>);

fn sum<S: Scalar>(terms: impl Iterator<Item = S>) -> S {
    terms.reduce(|a, b| a + b).expect("a term")
}

pub fn rosenbrock<S: Scalar>(x: &[S]) -> S {
    sum(x.windows(2).map(|w| {
        let (t, u) = (w[1] - w[0] * w[0], w[0] + -1.0);
        t * t * 100.0 + u * u
    }))
}

pub fn product<S: Scalar>(x: &[S]) -> S {
    x.iter().copied().reduce(|a, b| a * b).expect("a factor")
}

pub fn chain<S: Scalar>(x: &[S]) -> S {
    let start = x[0] * 0.0 + 0.5;
    x.iter().fold(start, |y, &x| y.sin() * x + (-(y * y)).exp())
}

pub fn network<S: Scalar>(x: &[S]) -> S {
    const WIDTHS: [usize; 4] = [32, 64, 64, 10];
    let mut rest = x;
    let mut layers = Vec::new();
    for pair in WIDTHS.windows(2) {
        let (weights, after) = rest.split_at(pair[0] * pair[1]);
        let (bias, after) = after.split_at(pair[1]);
        layers.push((weights, bias, pair[0]));
        rest = after;
    }
    let samples = rest.len() / (WIDTHS[0] + WIDTHS[3]);
    let (data, targets) = rest.split_at(samples * WIDTHS[0]);
    sum(data.chunks_exact(WIDTHS[0]).zip(targets.chunks_exact(WIDTHS[3])).map(|(sample, target)| {
        let mut state = sample.to_vec();
        for (layer, (weights, bias, width)) in layers.iter().enumerate() {
            state = weights
                .chunks_exact(*width)
                .zip(*bias)
                .map(|(row, &bias)| {
                    let y = row.iter().zip(&state).fold(bias, |y, (&w, &s)| y + w * s);
                    if layer < 2 { y.tanh() } else { y }
                })
                .collect();
        }
        sum(state.iter().zip(target).map(|(&y, &t)| (y - t) * (y - t)))
    }))
}

pub fn gmm<S: Scalar, const D: usize, const K: usize>(x: &[S]) -> S {
    let (alpha, rest) = x.split_at(K);
    let (mu, rest) = rest.split_at(K * D);
    let (q, rest) = rest.split_at(K * D);
    let (l, points) = rest.split_at(K * D * (D - 1));
    let diagonal: Vec<S> = q.iter().map(|q| q.exp()).collect();
    let base: Vec<S> = (0..K).map(|j| q[j * D..][..D].iter().fold(alpha[j], |base, &q| base + q)).collect();
    let likelihood = sum(points.chunks_exact(D).map(|point| {
        sum((0..K).map(|j| {
            let off: [S; D] = std::array::from_fn(|r| point[r] - mu[j * D + r]);
            let distance = sum((0..D).map(|r| {
                let row = &l[(j * D + r) * (D - 1)..];
                let z = (0..r).fold(diagonal[j * D + r] * off[r], |z, c| z + row[c] * off[c]);
                z * z
            }));
            (base[j] + distance * -0.5).exp()
        }))
        .ln()
    }));
    let below = (0..K * D).flat_map(|at| l[at * (D - 1)..][..at % D].iter());
    let prior = sum(diagonal.iter().chain(below).map(|&entry| entry * entry));
    let weights = sum(alpha.iter().map(|alpha| alpha.exp())).ln();
    likelihood + weights * -((points.len() / D) as f64) + prior * -0.5
}

pub fn article<S: Scalar>(x: &[S]) -> S {
    (x[0] + x[1]) * x[2]
}

pub fn elementary<S: Scalar>(x: &[S]) -> S {
    let (x, y) = (x[0], x[1]);
    (x * y).sin() + (x / y).exp() - (x * x + y * y).ln()
}
