//! Classifying sixteen samples by a network 2-n-1: the cross-entropy of soft labels, with four activations.
//!
//! Samples and labels are formulas, so that the inputs are the weights alone.

const SAMPLES: usize = 16;

/// A hidden layer's function, and its slope where the function's own value is known too.
pub(super) struct Activation {
    pub(super) value: fn(f64) -> f64,
    pub(super) slope: fn(f64, f64) -> f64,
    /// The same function by another formula.
    pub(super) otherwise: fn(f64) -> f64,
}

pub(super) const TANH: Activation = Activation {
    value: f64::tanh,
    slope: |_, y| 1.0 - y * y,
    otherwise: |z| 1.0 - 2.0 / ((2.0 * z).exp() + 1.0),
};

pub(super) const SIGMOID: Activation = Activation {
    value: |z| 1.0 / (1.0 + (-z).exp()),
    slope: |_, y| y * (1.0 - y),
    otherwise: |z| 0.5 + 0.5 * (0.5 * z).tanh(),
};

pub(super) const RELU: Activation = Activation {
    value: |z| z.max(0.0),
    slope: |z, _| if z > 0.0 { 1.0 } else { 0.0 },
    otherwise: |z| 0.5 * (z + z.abs()),
};

pub(super) const SOFTPLUS: Activation = Activation {
    value: |z| z.exp().ln_1p(),
    slope: |z, _| 1.0 / (1.0 + (-z).exp()),
    otherwise: |z| z.max(0.0) + (-z.abs()).exp().ln_1p(),
};

/// A [`Family`](super::Family) with that activation.
macro_rules! classification {
    ($name:literal, $activation:literal, $row:ident, $source:literal) => {
        super::Family {
            name: $name,
            about: concat!(
                "cross-entropy of a network 2-n-1 with ",
                $activation,
                " that classifies sixteen samples, by its 4n+1 weights"
            ),
            source: concat!("Bishop 2006, §4.3.2 and §5.2; ", $source),
            form: $crate::families::Form::Text(concat!(
                "# Samples and soft labels are formulas, so that the inputs are the weights alone.\n",
                "X(s, k) = sin(3*s + 2*k)\n",
                "t(s) = (1 + cos(5*s))/2\n",
                "y(s) = sum(j, 1, n, v[j]*",
                $activation,
                "(sum(k, 1, 2, W[j,k]*X(s, k)) + b[j])) + c\n",
                "loss(W, b, v, c) = sum(s, 1, 16, softplus(y(s)) - t(s)*y(s))"
            )),
            sizes: &[4, 16, 64],
            inputs: |n| 4 * n + 1,
            domain: (-1.0, 1.0),
            value: |n, x| {
                $crate::families::classification::value(&$crate::families::classification::$row, n, x)
            },
            gradient: |n, x, g| {
                $crate::families::classification::gradient(&$crate::families::classification::$row, n, x, g)
            },
        }
    };
}
pub(super) use classification;

fn sample(s: usize, k: usize) -> f64 {
    ((3 * s + 2 * k) as f64).sin()
}

fn label(s: usize) -> f64 {
    (1.0 + ((5 * s) as f64).cos()) / 2.0
}

/// What each hidden unit of a sample is given.
fn inner(n: usize, x: &[f64], s: usize, j: usize) -> f64 {
    x[2 * j] * sample(s, 1) + x[2 * j + 1] * sample(s, 2) + x[2 * n + j]
}

/// By the probabilities of both classes, and unit by unit.
pub(super) fn value(activation: &Activation, n: usize, x: &[f64]) -> f64 {
    let mut answers = [x[4 * n]; SAMPLES];
    for j in 0..n {
        for (s, answer) in answers.iter_mut().enumerate() {
            *answer += x[3 * n + j] * (activation.otherwise)(inner(n, x, s + 1, j));
        }
    }
    let entropy = |(s, y): (usize, &f64)| {
        let (yes, no) = (1.0 / (1.0 + (-y).exp()), 1.0 / (1.0 + y.exp()));
        -label(s + 1) * yes.ln() - (1.0 - label(s + 1)) * no.ln()
    };
    answers.iter().enumerate().map(entropy).sum()
}

/// Sample by sample, forward and backward.
pub(super) fn gradient(activation: &Activation, n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let mut loss = 0.0;
    let mut hidden = vec![(0.0, 0.0); n];
    for s in 1..=SAMPLES {
        let mut answer = 0.0;
        for (j, (z, h)) in hidden.iter_mut().enumerate() {
            *z = inner(n, x, s, j);
            *h = (activation.value)(*z);
            answer += x[3 * n + j] * *h;
        }
        answer += x[4 * n];
        loss += answer.exp().ln_1p() - label(s) * answer;
        let upstream = 1.0 / (1.0 + (-answer).exp()) - label(s);
        for (j, &(z, h)) in hidden.iter().enumerate() {
            let inner = upstream * x[3 * n + j] * (activation.slope)(z, h);
            g[2 * j] += inner * sample(s, 1);
            g[2 * j + 1] += inner * sample(s, 2);
            g[2 * n + j] += inner;
            g[3 * n + j] += upstream * h;
        }
        g[4 * n] += upstream;
    }
    loss
}
