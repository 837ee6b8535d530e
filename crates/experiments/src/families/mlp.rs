//! Regression by a network of one hidden layer on samples that are formulas.

use super::{Family, Form};

pub(super) const MLP: Family = Family {
    name: "mlp",
    about: "squared loss of a network 2-n-1 with tanh on eight samples, by its 4n+1 weights",
    source: "Rumelhart, Hinton and Williams 1986",
    form: Form::Text(
        "# Samples are formulas, so that the inputs are the weights alone.\n\
           X(s, k) = sin(3*s + 2*k)\n\
           t(s) = cos(2*s)\n\
           loss(W, b, v, c) = sum(s, 1, 8, (sum(j, 1, n, v[j]*tanh(sum(k, 1, 2, W[j,k]*X(s, k)) + b[j])) + c - t(s))^2)",
    ),
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
};

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
