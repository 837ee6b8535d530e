//! An LSTM of two layers with diagonal weights.

use super::{Family, Form};

const UNITS: usize = 4;
const LAYERS: usize = 2;
/// Forget, input, output, change.
const GATES: usize = 4;
/// Weights of all gates of all layers; the biases are as many.
const WEIGHTS: usize = LAYERS * GATES * UNITS;

pub(in super::super) const LSTM: Family = Family {
    name: "gradbench-lstm",
    about: "cross-entropy of an LSTM of two layers that foretells n rows of four numbers, by weights, first states and rows",
    source: "GradBench, lstm, from ADBench",
    form: Form::Text(include_str!("../texts/gradbench-lstm.txt")),
    sizes: &[2, 6, 18],
    inputs: |n| 2 * WEIGHTS + 3 * UNITS + 2 * LAYERS * UNITS + (n + 1) * UNITS,
    domain: (-1.0, 1.0),
    value,
    gradient,
};

type Row = [f64; UNITS];

/// The inputs, or the gradient by them, in their order.
struct Parts<T> {
    weights: T,
    biases: T,
    ends: T,
    hidden: T,
    cells: T,
    rows: T,
}

impl<'a> Parts<&'a [f64]> {
    fn of(x: &'a [f64]) -> Self {
        let (weights, rest) = x.split_at(WEIGHTS);
        let (biases, rest) = rest.split_at(WEIGHTS);
        let (ends, rest) = rest.split_at(3 * UNITS);
        let (hidden, rest) = rest.split_at(LAYERS * UNITS);
        let (cells, rows) = rest.split_at(LAYERS * UNITS);
        Parts { weights, biases, ends, hidden, cells, rows }
    }
}

impl<'a> Parts<&'a mut [f64]> {
    fn of(x: &'a mut [f64]) -> Self {
        let (weights, rest) = x.split_at_mut(WEIGHTS);
        let (biases, rest) = rest.split_at_mut(WEIGHTS);
        let (ends, rest) = rest.split_at_mut(3 * UNITS);
        let (hidden, rest) = rest.split_at_mut(LAYERS * UNITS);
        let (cells, rows) = rest.split_at_mut(LAYERS * UNITS);
        Parts { weights, biases, ends, hidden, cells, rows }
    }
}

fn row(x: &[f64], k: usize) -> Row {
    std::array::from_fn(|i| x[k * UNITS + i])
}

/// Layer by layer, with tanh by the exponential and sigmoids by tanh.
fn value(n: usize, x: &[f64]) -> f64 {
    let squash = |z: f64| 1.0 - 2.0 / ((2.0 * z).exp() + 1.0);
    let sigmoid = |z: f64| 0.5 + 0.5 * squash(0.5 * z);
    let parts = Parts::<&[f64]>::of(x);
    let (mut hidden, mut cells) = (parts.hidden.to_vec(), parts.cells.to_vec());
    let mut loss = 0.0;
    for t in 0..n {
        let mut read = row(parts.rows, t);
        read.iter_mut().zip(parts.ends).for_each(|(read, w)| *read *= w);
        for layer in 0..LAYERS {
            for (i, read) in read.iter_mut().enumerate() {
                let at = layer * UNITS + i;
                let inner = |q: usize, z: f64| {
                    let at = (layer * GATES + q) * UNITS + i;
                    z.mul_add(parts.weights[at], parts.biases[at])
                };
                let change = sigmoid(inner(1, hidden[at])) * squash(inner(3, hidden[at]));
                cells[at] = change + sigmoid(inner(0, *read)) * cells[at];
                hidden[at] = squash(cells[at]) * sigmoid(inner(2, *read));
                *read = hidden[at];
            }
        }
        let answer: Row =
            std::array::from_fn(|i| read[i] * parts.ends[UNITS + i] + parts.ends[2 * UNITS + i]);
        let total = answer.iter().fold(2.0, |total, y| total + y.exp());
        let wanted = row(parts.rows, t + 1);
        loss -= wanted.iter().zip(answer).map(|(wanted, y)| wanted * (y.exp() / total).ln()).sum::<f64>();
    }
    loss / (UNITS * n) as f64
}

/// What a unit leaves in a step: the state before, what it read, its gates and the tanh of its cell.
#[derive(Clone, Copy, Default)]
struct Unit {
    hidden: f64,
    cell: f64,
    read: f64,
    gates: [f64; GATES],
    squashed: f64,
}

/// Back through time, and in every step through the layers.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let x = Parts::<&[f64]>::of(x);
    let (mut hidden, mut cells) = (x.hidden.to_vec(), x.cells.to_vec());
    let scale = 1.0 / (UNITS * n) as f64;
    let mut steps = Vec::with_capacity(n);
    let mut loss = 0.0;
    for t in 0..n {
        let mut units = [[Unit::default(); UNITS]; LAYERS];
        let mut answer = [0.0; UNITS];
        for i in 0..UNITS {
            let mut read = x.rows[t * UNITS + i] * x.ends[i];
            for (layer, units) in units.iter_mut().enumerate() {
                let at = layer * UNITS + i;
                let (h, c) = (hidden[at], cells[at]);
                let gates = std::array::from_fn(|q| {
                    let w = (layer * GATES + q) * UNITS + i;
                    let z = if q == 0 || q == 2 { read } else { h } * x.weights[w] + x.biases[w];
                    if q == 3 { z.tanh() } else { sigmoid(z) }
                });
                cells[at] = c * gates[0] + gates[1] * gates[3];
                let squashed = cells[at].tanh();
                hidden[at] = gates[2] * squashed;
                units[i] = Unit { hidden: h, cell: c, read, gates, squashed };
                read = hidden[at];
            }
            answer[i] = read * x.ends[UNITS + i] + x.ends[2 * UNITS + i];
        }
        let total = 2.0 + answer.iter().map(|y| y.exp()).sum::<f64>();
        let wanted = row(x.rows, t + 1);
        loss -= scale * (0..UNITS).map(|i| wanted[i] * (answer[i] - total.ln())).sum::<f64>();
        let all: f64 = wanted.iter().sum();
        let upstream: Row = std::array::from_fn(|i| scale * (all * answer[i].exp() / total - wanted[i]));
        let by_wanted: Row = std::array::from_fn(|i| scale * (total.ln() - answer[i]));
        steps.push((units, row(&hidden, LAYERS - 1), upstream, by_wanted));
    }
    let g = Parts::<&mut [f64]>::of(g);
    for (t, (units, last, upstream, by_wanted)) in steps.iter().enumerate().rev() {
        for i in 0..UNITS {
            g.rows[(t + 1) * UNITS + i] += by_wanted[i];
            g.ends[UNITS + i] += upstream[i] * last[i];
            g.ends[2 * UNITS + i] += upstream[i];
            let mut from_above = upstream[i] * x.ends[UNITS + i];
            for (layer, units) in units.iter().enumerate().rev() {
                let at = layer * UNITS + i;
                let Unit { hidden, cell, read, gates, squashed } = units[i];
                // The slots of the first states hold what the states of the step receive.
                let gh = g.hidden[at] + from_above;
                let gc = g.cells[at] + gh * gates[2] * (1.0 - squashed * squashed);
                let inner = [
                    gc * cell * gates[0] * (1.0 - gates[0]),
                    gc * gates[3] * gates[1] * (1.0 - gates[1]),
                    gh * squashed * gates[2] * (1.0 - gates[2]),
                    gc * gates[1] * (1.0 - gates[3] * gates[3]),
                ];
                let (mut by_read, mut by_hidden) = (0.0, 0.0);
                for (q, gz) in inner.into_iter().enumerate() {
                    let w = (layer * GATES + q) * UNITS + i;
                    let reads = q == 0 || q == 2;
                    g.weights[w] += gz * if reads { read } else { hidden };
                    g.biases[w] += gz;
                    *if reads { &mut by_read } else { &mut by_hidden } += gz * x.weights[w];
                }
                g.hidden[at] = by_hidden;
                g.cells[at] = gc * gates[0];
                from_above = by_read;
            }
            g.ends[i] += from_above * x.rows[t * UNITS + i];
            g.rows[t * UNITS + i] += from_above * x.ends[i];
        }
    }
    loss
}
