//! A small LSTM: two units that read a series of n numbers one by one and say the next each time.

use super::Family;

/// Units, and gates of each: forget, input, candidate, output.
const UNITS: usize = 2;
const GATES: usize = 4;

pub(super) const LSTM: Family = Family {
    name: "lstm",
    about: "squared errors of an LSTM of two units that foretells a series of n numbers, by its weights and the series",
    source: "Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and Cummins 2000",
    form: super::Form::Text(
        "# Hidden values h and g, cells c and d; gate q of unit j.\n\
         z(q, j, h, g, y) = A[q,j,1]*h + A[q,j,2]*g + B[q,j]*y + D[q,j]\n\
         cell(j, c, h, g, y) = sigmoid(z(1, j, h, g, y))*c + sigmoid(z(2, j, h, g, y))*tanh(z(3, j, h, g, y))\n\
         out(j, c, h, g, y) = sigmoid(z(4, j, h, g, y))*tanh(cell(j, c, h, g, y))\n\
         says(c, d, h, g, y) = v[1]*out(1, c, h, g, y) + v[2]*out(2, d, h, g, y)\n\
         loss(A, B, D, v, x) = iterate(k, 1, n, (h, g, c, d, total), (0, 0, 0, 0, 0), \
         (out(1, c, h, g, x[k]), out(2, d, h, g, x[k]), cell(1, c, h, g, x[k]), cell(2, d, h, g, x[k]), \
         total + (says(c, d, h, g, x[k]) - x[k+1])^2))[5]",
    ),
    sizes: &[4, 16, 64],
    inputs: |n| GATES * UNITS * (UNITS + 2) + UNITS + n + 1,
    domain: (-1.0, 1.0),
    value,
    gradient,
};

/// The weights in the order of the inputs.
struct Weights<'a> {
    recurrent: &'a [f64],
    input: &'a [f64],
    bias: &'a [f64],
    answer: &'a [f64],
    series: &'a [f64],
}

impl<'a> Weights<'a> {
    fn new(x: &'a [f64]) -> Self {
        let (recurrent, rest) = x.split_at(GATES * UNITS * UNITS);
        let (input, rest) = rest.split_at(GATES * UNITS);
        let (bias, rest) = rest.split_at(GATES * UNITS);
        let (answer, series) = rest.split_at(UNITS);
        Weights { recurrent, input, bias, answer, series }
    }

    /// What gate `q` of unit `j` is given.
    fn inner(&self, q: usize, j: usize, hidden: [f64; UNITS], x: f64) -> f64 {
        let at = q * UNITS + j;
        let own = &self.recurrent[at * UNITS..][..UNITS];
        own.iter().zip(hidden).map(|(a, h)| a * h).sum::<f64>() + self.input[at] * x + self.bias[at]
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Gate by gate for both units, sigmoids by tanh and tanh by the exponential.
fn value(_: usize, x: &[f64]) -> f64 {
    let weights = Weights::new(x);
    let squash = |z: f64| 1.0 - 2.0 / ((2.0 * z).exp() + 1.0);
    let gate = |z: f64| 0.5 + 0.5 * squash(0.5 * z);
    let (mut hidden, mut cells) = ([0.0; UNITS], [0.0; UNITS]);
    let mut loss = 0.0;
    for pair in weights.series.windows(2) {
        let inner = |q: usize| [0, 1].map(|j| weights.inner(q, j, hidden, pair[0]));
        let [keep, take, candidate, show] = [inner(0), inner(1), inner(2), inner(3)];
        for j in 0..UNITS {
            cells[j] = gate(keep[j]).mul_add(cells[j], gate(take[j]) * squash(candidate[j]));
            hidden[j] = squash(cells[j]) * gate(show[j]);
        }
        let said: f64 = weights.answer.iter().zip(hidden).map(|(v, h)| v * h).sum();
        loss += (pair[1] - said).powi(2);
    }
    loss
}

/// What a step leaves for the way back.
struct Step {
    before: [f64; UNITS],
    cells_before: [f64; UNITS],
    /// The gates' values, the candidate's among them.
    gates: [[f64; UNITS]; GATES],
    squashed: [f64; UNITS],
    hidden: [f64; UNITS],
    off: f64,
}

/// Back through time.
fn gradient(_: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let weights = Weights::new(x);
    let (mut hidden, mut cells) = ([0.0; UNITS], [0.0; UNITS]);
    let mut loss = 0.0;
    let mut steps: Vec<Step> = Vec::new();
    for pair in weights.series.windows(2) {
        let (before, cells_before) = (hidden, cells);
        let mut gates = [[0.0; UNITS]; GATES];
        let mut squashed = [0.0; UNITS];
        for j in 0..UNITS {
            for (q, gate) in gates.iter_mut().enumerate() {
                let z = weights.inner(q, j, before, pair[0]);
                gate[j] = if q == 2 { z.tanh() } else { sigmoid(z) };
            }
            cells[j] = gates[0][j] * cells_before[j] + gates[1][j] * gates[2][j];
            squashed[j] = cells[j].tanh();
            hidden[j] = gates[3][j] * squashed[j];
        }
        let off = weights.answer[0] * hidden[0] + weights.answer[1] * hidden[1] - pair[1];
        loss += off * off;
        steps.push(Step { before, cells_before, gates, squashed, hidden, off });
    }

    let (grecurrent, rest) = g.split_at_mut(GATES * UNITS * UNITS);
    let (ginput, rest) = rest.split_at_mut(GATES * UNITS);
    let (gbias, rest) = rest.split_at_mut(GATES * UNITS);
    let (ganswer, gseries) = rest.split_at_mut(UNITS);
    let (mut ghidden, mut gcells) = ([0.0; UNITS], [0.0; UNITS]);
    for (k, step) in steps.iter().enumerate().rev() {
        let upstream = 2.0 * step.off;
        gseries[k + 1] -= upstream;
        let mut gbefore = [0.0; UNITS];
        for j in 0..UNITS {
            ganswer[j] += upstream * step.hidden[j];
            let gh = ghidden[j] + upstream * weights.answer[j];
            let [keep, take, candidate, show] = step.gates.map(|gate| gate[j]);
            let gc = gcells[j] + gh * show * (1.0 - step.squashed[j] * step.squashed[j]);
            gcells[j] = gc * keep;
            let inner = [
                gc * step.cells_before[j] * keep * (1.0 - keep),
                gc * candidate * take * (1.0 - take),
                gc * take * (1.0 - candidate * candidate),
                gh * step.squashed[j] * show * (1.0 - show),
            ];
            for (q, gz) in inner.into_iter().enumerate() {
                let at = q * UNITS + j;
                for i in 0..UNITS {
                    grecurrent[at * UNITS + i] += gz * step.before[i];
                    gbefore[i] += gz * weights.recurrent[at * UNITS + i];
                }
                ginput[at] += gz * weights.series[k];
                gbias[at] += gz;
                gseries[k] += gz * weights.input[at];
            }
        }
        ghidden = gbefore;
    }
    loss
}
