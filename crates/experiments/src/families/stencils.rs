//! Functions in which every element meets those next to it: reactions with diffusion, and residuals with a band.

use super::{Family, Form, weight};

/// The step in time of both Brusselators.
const STEP: f64 = 1.0 / 50.0;

pub(super) const BRUSSELATOR: Family = Family {
    name: "brusselator",
    about: "one step in time of a reaction with diffusion on n by n cells with a rim, by both substances and the diffusion",
    source: "Prigogine and Lefever 1968; the problem BRUSS-2D of Hairer and Wanner 1996",
    form: Form::Text(include_str!("texts/brusselator.txt")),
    sizes: &[2, 5, 10],
    inputs: |n| 2 * (n + 2) * (n + 2) + 1,
    domain: (0.5, 2.0),
    value: |n, x| {
        let m = n + 2;
        let across = (0..m * m).filter(|at| at % m + 1 < m).map(|at| [at, at + 1]);
        let down = (0..m * (m - 1)).map(|at| [at, at + m]);
        reacted(m * m, across.chain(down), inside(n), x)
    },
    gradient: |n, x, g| {
        let m = n + 2;
        react(inside(n).map(|at| (at, [at - m, at + m, at - 1, at + 1])), x, g)
    },
};

pub(super) const BRUSSELATOR_RING: Family = Family {
    name: "brusselator-ring",
    about: "one step in time of a reaction with diffusion on a ring of n cells, by both substances and the diffusion",
    source: "Prigogine and Lefever 1968; periodic, as BRUSS of Hairer and Wanner 1996",
    form: Form::Text(include_str!("texts/brusselator-ring.txt")),
    sizes: &[5, 20, 80],
    inputs: |n| 2 * n + 1,
    domain: (0.5, 2.0),
    value: |n, x| reacted(n, (0..n).map(|at| [at, (at + 1) % n]), 0..n, x),
    gradient: |n, x, g| react((0..n).map(|at| (at, [(at + n - 1) % n, (at + 1) % n])), x, g),
};

/// The cells of a square that are not on its rim.
fn inside(n: usize) -> impl Iterator<Item = usize> {
    (0..n * n).map(move |at| (at / n + 1) * (n + 2) + at % n + 1)
}

/// By what flows between each two neighbours.
fn reacted(
    cells: usize,
    neighbours: impl Iterator<Item = [usize; 2]>,
    inside: impl Iterator<Item = usize>,
    x: &[f64],
) -> f64 {
    let (u, rest) = x.split_at(cells);
    let (v, diffusion) = rest.split_at(cells);
    let mut inflow = vec![[0.0; 2]; cells];
    for [from, to] in neighbours {
        for (k, w) in [u, v].into_iter().enumerate() {
            let flow = diffusion[0] * (w[from] - w[to]);
            inflow[to][k] += flow;
            inflow[from][k] -= flow;
        }
    }
    let after = |at: usize| {
        let (u, v, [to_u, to_v]) = (u[at], v[at], inflow[at]);
        let p = u + STEP * (1.0 + u * (u * v - 4.4) + to_u);
        let q = v + STEP * (u * (3.4 - u * v) + to_v);
        p * (p + q)
    };
    inside.map(after).sum()
}

/// Cell by cell, each with its neighbours.
fn react<const N: usize>(cells: impl Iterator<Item = (usize, [usize; N])>, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let count = (x.len() - 1) / 2;
    let (u, v, a) = (&x[..count], &x[count..2 * count], x[2 * count]);
    let neighbours = N as f64;
    let mut value = 0.0;
    for (at, around) in cells {
        let excess = |w: &[f64]| around.iter().map(|&k| w[k]).sum::<f64>() - neighbours * w[at];
        let (eu, ev, square, both) = (excess(u), excess(v), u[at] * u[at], u[at] * v[at]);
        let p = u[at] + STEP * (1.0 + square * v[at] - 4.4 * u[at] + a * eu);
        let q = v[at] + STEP * (3.4 * u[at] - square * v[at] + a * ev);
        value += p * p + p * q;
        let (dp, dq) = (2.0 * p + q, p);
        g[at] += dp * (1.0 + STEP * (2.0 * both - 4.4 - neighbours * a)) + dq * STEP * (3.4 - 2.0 * both);
        g[count + at] += dp * STEP * square + dq * (1.0 - STEP * (square + neighbours * a));
        for k in around {
            g[k] += dp * STEP * a;
            g[count + k] += dq * STEP * a;
        }
        g[2 * count] += STEP * (dp * eu + dq * ev);
    }
    value
}

/// Elements before and after that a residual reads.
const BEFORE: usize = 5;

pub(super) const BANDED: Family = Family {
    name: "banded",
    about: "n residuals, each of its own x, the five before and the one after: a Jacobian with a band",
    source: "Broyden 1971; problem 31 of Moré, Garbow and Hillstrom 1981",
    form: Form::Text(include_str!("texts/banded.txt")),
    sizes: &[5, 10, 20],
    inputs: |n| n,
    domain: (-1.0, 1.0),
    // Column by column.
    value: |n, x| {
        let column = |j: usize| {
            let read = (j + 1..n.min(j + 1 + BEFORE)).chain(j.checked_sub(1));
            let weights: f64 = read.map(weight).sum();
            weight(j) * (1.0 + x[j] * (2.0 + 5.0 * x[j] * x[j])) - weights * (x[j] + x[j] * x[j])
        };
        (0..n).map(column).sum()
    },
    // Row by row.
    gradient: |n, x, g| {
        g.fill(0.0);
        let mut value = 0.0;
        for i in 0..n {
            let mut residual = x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0;
            g[i] += weight(i) * (2.0 + 15.0 * x[i] * x[i]);
            for j in (i.saturating_sub(BEFORE)..n.min(i + 2)).filter(|&j| j != i) {
                residual -= x[j] * (1.0 + x[j]);
                g[j] -= weight(i) * (1.0 + 2.0 * x[j]);
            }
            value += weight(i) * residual;
        }
        value
    },
};
