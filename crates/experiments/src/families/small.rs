//! Families of a line or two each.

use super::{Family, Form};

pub(super) const ARTICLE: Family = Family {
    name: "article",
    about: "(x + y)z, the article's example; it does not grow",
    source: "CS231n (Stanford), notes on backpropagation",
    form: Form::Text("f(x, y, z) = (x + y) * z"),
    sizes: &[1],
    inputs: |_| 3,
    domain: (-5.0, 5.0),
    value: |_, x| x[2] * x[0] + x[2] * x[1],
    gradient: |_, x, g| {
        let q = x[0] + x[1];
        g.copy_from_slice(&[x[2], x[2], q]);
        q * x[2]
    },
};

pub(super) const ROSENBROCK: Family = Family {
    name: "rosenbrock",
    about: "Rosenbrock's valley in n dimensions: a sum of squares that couples neighbours",
    source: "Rosenbrock 1960, chained as by Toint 1978",
    form: Form::Text("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)"),
    sizes: &[10, 100, 1000],
    inputs: |n| n,
    domain: (-2.0, 2.0),
    value: |_, x| x.windows(2).map(|w| (10.0 * (w[1] - w[0] * w[0])).powi(2) + (w[0] - 1.0).powi(2)).sum(),
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
};

pub(super) const PRODUCT: Family = Family {
    name: "product",
    about: "the product of n inputs (Speelpenning): every input meets every other",
    source: "Speelpenning 1980",
    form: Form::Text("prod(i, 1, n, x[i])"),
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
};

pub(super) const CHAIN: Family = Family {
    name: "chain",
    about: "y <- sin(y)·x[k] + exp(-y²), n times: deep, and every step reads y twice",
    source: "our own",
    form: Form::Text("iterate(k, 1, n, y, 1/2, sin(y)*x[k] + exp(-y^2))"),
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
};

pub(super) const LOGISTIC: Family = Family {
    name: "logistic",
    about: "the logistic map y <- 3.2·y(1-y), n times from x: one input, and a formula that doubles per step",
    source: "May 1976; at r = 3.2 it settles, where r = 4 is chaotic",
    form: Form::Text("iterate(k, 1, n, y, x, 3.2*y*(1 - y))"),
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
};

pub(super) const LOGSUMEXP: Family = Family {
    name: "logsumexp",
    about: "ln of the sum of n exponentials; its gradient is the softmax",
    source: "Boyd and Vandenberghe 2004, §3.1.5",
    form: Form::Text("ln(sum(i, 1, n, exp(x[i])))"),
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
};
