//! Named functions that grow with a size, each with what is needed to catch a wrong gradient: a sampler of its own,
//! a value and a gradient written by hand.
//!
//! A wrong function cannot be found by comparing derivatives of it, so the value is written down a second time, in
//! Rust, by another route than the text.

mod gmm;
mod network;

use std::collections::HashSet;

use chainrule::Random;
use chainrule::expr::{Function, UnrollError};

/// A function that grows with `n`.
pub struct Family {
    /// Its name, which `compare` accepts in place of an expression.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// In the language, with the size `n` (where it has one).
    pub text: &'static str,
    /// Three sizes or more at which it is compared and timed, ascending.
    pub sizes: &'static [usize],
    /// How many scalar inputs it has at size `n`.
    pub inputs: fn(usize) -> usize,
    /// The interval that inputs are drawn from.
    pub domain: (f64, f64),
    /// The value, written independently of the text.
    pub value: fn(usize, &[f64]) -> f64,
    /// The value and, into the slice, the gradient, written by hand.
    pub gradient: fn(usize, &[f64], &mut [f64]) -> f64,
}

/// Every family.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "article",
        about: "(x + y)z, the article's example; it does not grow",
        text: "f(x, y, z) = (x + y) * z",
        sizes: &[1],
        inputs: |_| 3,
        domain: (-5.0, 5.0),
        value: |_, x| x[2] * x[0] + x[2] * x[1],
        gradient: |_, x, g| {
            let q = x[0] + x[1];
            g.copy_from_slice(&[x[2], x[2], q]);
            q * x[2]
        },
    },
    Family {
        name: "rosenbrock",
        about: "Rosenbrock's valley in n dimensions: a sum of squares that couples neighbours",
        text: "sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)",
        sizes: &[10, 100, 1000],
        inputs: |n| n,
        domain: (-2.0, 2.0),
        value: |_, x| {
            x.windows(2).map(|w| (10.0 * (w[1] - w[0] * w[0])).powi(2) + (w[0] - 1.0).powi(2)).sum()
        },
        gradient: |_, x, g| {
            g.fill(0.0);
            let mut value = 0.0;
            for i in 0..x.len() - 1 {
                let (t, u) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
                value += 100.0 * t * t + u * u;
                g[i] -= 400.0 * t * x[i] + 2.0 * u;
                g[i + 1] += 200.0 * t;
            }
            value
        },
    },
    Family {
        name: "product",
        about: "the product of n inputs (Speelpenning): every input meets every other",
        text: "prod(i, 1, n, x[i])",
        sizes: &[10, 100, 1000],
        inputs: |n| n,
        domain: (0.5, 1.5),
        value: |_, x| x.iter().map(|v| v.ln()).sum::<f64>().exp(),
        gradient: |_, x, g| {
            let mut prefix = 1.0;
            for (g, v) in g.iter_mut().zip(x) {
                *g = prefix;
                prefix *= v;
            }
            let mut suffix = 1.0;
            for (g, v) in g.iter_mut().zip(x).rev() {
                *g *= suffix;
                suffix *= v;
            }
            prefix
        },
    },
    Family {
        name: "chain",
        about: "y <- sin(y)·x[k] + exp(-y²), n times: deep, and every step reads y twice",
        text: "iterate(k, 1, n, y, 1/2, sin(y)*x[k] + exp(-y^2))",
        sizes: &[10, 100, 1000],
        inputs: |n| n,
        domain: (-1.0, 1.0),
        value: |_, x| x.iter().fold(0.5, |y: f64, v| y.sin().mul_add(*v, (y * -y).exp())),
        gradient: |_, x, g| {
            let mut states = Vec::with_capacity(x.len() + 1);
            let mut y: f64 = 0.5;
            for v in x {
                states.push(y);
                y = y.sin() * v + (-(y * y)).exp();
            }
            let mut upstream = 1.0;
            for (k, y) in states.iter().enumerate().rev() {
                g[k] = upstream * y.sin();
                upstream *= y.cos() * x[k] - 2.0 * y * (-(y * y)).exp();
            }
            y
        },
    },
    Family {
        name: "logistic",
        about: "the logistic map y <- 3.2·y(1-y), n times from x: one input, and a formula that doubles per step",
        text: "iterate(k, 1, n, y, x, 3.2*y*(1 - y))",
        sizes: &[5, 20, 80],
        inputs: |_| 1,
        domain: (0.1, 0.45),
        value: |n, x| (0..n).fold(x[0], |y, _| 3.2 * (y - y * y)),
        gradient: |n, x, g| {
            let (mut y, mut slope) = (x[0], 1.0);
            for _ in 0..n {
                slope *= 3.2 * (1.0 - 2.0 * y);
                y = 3.2 * y * (1.0 - y);
            }
            g[0] = slope;
            y
        },
    },
    Family {
        name: "logsumexp",
        about: "ln of the sum of n exponentials; its gradient is the softmax",
        text: "ln(sum(i, 1, n, exp(x[i])))",
        sizes: &[10, 100, 1000],
        inputs: |n| n,
        domain: (-3.0, 3.0),
        value: |_, x| {
            let top = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            top + x.iter().map(|v| (v - top).exp()).sum::<f64>().ln()
        },
        gradient: |_, x, g| {
            let sum: f64 = x.iter().map(|v| v.exp()).sum();
            g.iter_mut().zip(x).for_each(|(g, v)| *g = v.exp() / sum);
            sum.ln()
        },
    },
    Family {
        name: "mlp",
        about: "squared loss of a network 2-n-1 with tanh on eight samples, by its 4n+1 weights",
        text: "# Samples are formulas, so that the inputs are the weights alone.\n\
               X(s, k) = sin(3*s + 2*k)\n\
               t(s) = cos(2*s)\n\
               loss(W, b, v, c) = sum(s, 1, 8, (sum(j, 1, n, v[j]*tanh(sum(k, 1, 2, W[j,k]*X(s, k)) + b[j])) + c - t(s))^2)",
        sizes: &[4, 16, 64],
        inputs: |n| 4 * n + 1,
        domain: (-1.0, 1.0),
        value: |n, x| {
            let weights = Network::new(n, x);
            (1..=8).map(|s| (weights.answer(s, |_, _| {}) - Network::target(s)).powi(2)).sum()
        },
        gradient: |n, x, g| {
            g.fill(0.0);
            let weights = Network::new(n, x);
            let mut hidden = vec![0.0; n];
            let mut loss = 0.0;
            for s in 1..=8 {
                let off = weights.answer(s, |j, h| hidden[j] = h) - Network::target(s);
                loss += off * off;
                let upstream = 2.0 * off;
                for (j, h) in hidden.iter().enumerate() {
                    let inner = upstream * weights.outer[j] * (1.0 - h * h);
                    g[2 * j] += inner * Network::sample(s, 1);
                    g[2 * j + 1] += inner * Network::sample(s, 2);
                    g[2 * n + j] += inner;
                    g[3 * n + j] += upstream * h;
                }
                g[4 * n] += upstream;
            }
            loss
        },
    },
    network::network!("network", &[1, 2, 8], 3 - 4 - 4 - 2),
    gmm::gmm!("gmm", &[1, 4, 16], d = 2, k = 5),
];

/// Two of the families as wide as they are in practice: for measuring, since they are too large for the report and for
/// tests that compare everything.
pub const WIDE: &[Family] = &[
    network::network!("network-32-64-64-10", &[1, 8, 64], 32 - 64 - 64 - 10),
    gmm::gmm!("gmm-10-25", &[10, 100, 1000], d = 10, k = 25),
];

/// The weights of the family `mlp`, in the order of its inputs.
struct Network<'a> {
    inner: &'a [f64],
    bias: &'a [f64],
    outer: &'a [f64],
    offset: f64,
}

impl<'a> Network<'a> {
    fn new(n: usize, x: &'a [f64]) -> Self {
        Network { inner: &x[..2 * n], bias: &x[2 * n..3 * n], outer: &x[3 * n..4 * n], offset: x[4 * n] }
    }

    fn sample(s: usize, k: usize) -> f64 {
        ((3 * s + 2 * k) as f64).sin()
    }

    fn target(s: usize) -> f64 {
        ((2 * s) as f64).cos()
    }

    /// What the network says to a sample; every hidden value is shown on the way.
    fn answer(&self, s: usize, mut hidden: impl FnMut(usize, f64)) -> f64 {
        let mut answer = self.offset;
        for (j, weights) in self.inner.chunks_exact(2).enumerate() {
            let h = (weights[0] * Self::sample(s, 1) + weights[1] * Self::sample(s, 2) + self.bias[j]).tanh();
            hidden(j, h);
            answer += self.outer[j] * h;
        }
        answer
    }
}

impl Family {
    /// The family of that name.
    pub fn named(name: &str) -> Option<&'static Family> {
        FAMILIES.iter().chain(WIDE).find(|family| family.name == name)
    }

    /// The function with its axes, at size `n`.
    pub fn function(&self, n: usize) -> Function {
        let function =
            chainrule::expr::parse(self.text).unwrap_or_else(|error| panic!("family {}: {error}", self.name));
        match function.with_sizes(&[("n", n as i64)]) {
            Ok(function) => function,
            // The one that does not grow.
            Err(UnrollError::UnknownSize { .. }) => function,
            Err(error) => panic!("family {}: {error}", self.name),
        }
    }

    /// A point for size `n`. No two components are equal, so that exchanged ones are noticed.
    pub fn sample(&self, n: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed, &["family", self.name], n);
        let mut point: Vec<f64> = Vec::new();
        let mut seen = HashSet::new();
        while point.len() < (self.inputs)(n) {
            let value = random.between(self.domain.0, self.domain.1);
            if seen.insert(value.to_bits()) {
                point.push(value);
            }
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use chainrule::{Backprop, Budget, Derivative, Strategy, Want};

    use super::*;

    #[test]
    fn wide_families_know_their_gradients() {
        for family in WIDE {
            let n = family.sizes[0];
            let x = family.sample(n, 1);
            let mut by_hand = vec![0.0; x.len()];
            let value = (family.gradient)(n, &x, &mut by_hand);
            let f = family.function(n);
            let mut out = Derivative::default();
            let mut prepared = Backprop.prepare(&f, Want::Gradient, &Budget::default()).unwrap();
            prepared.run(&x, &mut out).unwrap();
            assert_eq!(out.gradient.len(), x.len(), "{}", family.name);
            let scale = by_hand.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
            for other in [out.values[0], (family.value)(n, &x)] {
                assert!((other - value).abs() <= 1e-11 * value.abs(), "{}: {other}, {value}", family.name);
            }
            for (got, expected) in out.gradient.iter().zip(&by_hand) {
                let tolerance = 1e-10 * expected.abs() + 1e-13 * scale;
                assert!((got - expected).abs() <= tolerance, "{}: {got}, {expected}", family.name);
            }
        }
    }
}
