//! A recurrent network with gates whose state is a vector.

use super::{Family, Form};

/// Units, and numbers read in a step.
const UNITS: usize = 3;
const READ: usize = 2;
/// Numbers of a gate: by what is read, by the state, bias. Update, reset and candidate have one each.
const GATE: usize = UNITS * (READ + UNITS + 1);

pub(super) const GRU: Family = Family {
    name: "gru",
    about: "squared error of the last state of a GRU of three units that reads n pairs of numbers, by weights, pairs and target",
    source: "Cho et al. 2014",
    form: Form::Text(include_str!("texts/gru.txt")),
    sizes: &[3, 9, 27],
    inputs: |n| 3 * GATE + n * READ + UNITS,
    domain: (-1.0, 1.0),
    value,
    gradient,
};

type State = [f64; UNITS];

/// What a gate makes of what is read and of a state, before it is squashed.
fn inner(weights: &[f64], read: &[f64], state: &State) -> State {
    let (by_read, rest) = weights.split_at(UNITS * READ);
    let (by_state, bias) = rest.split_at(UNITS * UNITS);
    std::array::from_fn(|i| {
        let read: f64 = by_read[i * READ..].iter().zip(read).map(|(w, x)| w * x).sum();
        let state: f64 = by_state[i * UNITS..].iter().zip(state).map(|(w, h)| w * h).sum();
        bias[i] + read + state
    })
}

/// With tanh by the exponential, sigmoids by tanh, and the state moved towards the candidate.
fn value(n: usize, x: &[f64]) -> f64 {
    let squash = |z: f64| 1.0 - 2.0 / ((2.0 * z).exp() + 1.0);
    let gate = |z: f64| 0.5 + 0.5 * squash(0.5 * z);
    let (pairs, target) = x[3 * GATE..].split_at(n * READ);
    let mut state = [0.0; UNITS];
    for read in pairs.chunks(READ) {
        let keep = inner(&x[..GATE], read, &state).map(gate);
        let reset = inner(&x[GATE..2 * GATE], read, &state).map(gate);
        let candidate =
            inner(&x[2 * GATE..], read, &std::array::from_fn(|k| reset[k] * state[k])).map(squash);
        state = std::array::from_fn(|k| candidate[k] + keep[k] * (state[k] - candidate[k]));
    }
    state.iter().zip(target).map(|(h, y)| (h - y).powi(2)).sum()
}

/// The transpose of [`inner`]: what `upstream` is of weights, of what is read, and of the state.
fn back(
    weights: &[f64],
    read: &[f64],
    state: &State,
    upstream: &State,
    g: &mut [f64],
    gread: &mut [f64],
) -> State {
    let mut gstate = [0.0; UNITS];
    for i in 0..UNITS {
        for k in 0..READ {
            g[i * READ + k] += upstream[i] * read[k];
            gread[k] += upstream[i] * weights[i * READ + k];
        }
        for k in 0..UNITS {
            let at = UNITS * READ + i * UNITS + k;
            g[at] += upstream[i] * state[k];
            gstate[k] += upstream[i] * weights[at];
        }
        g[UNITS * (READ + UNITS) + i] += upstream[i];
    }
    gstate
}

/// Back through time.
fn gradient(n: usize, x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let (weights, rest) = x.split_at(3 * GATE);
    let (pairs, target) = rest.split_at(n * READ);
    let gates = [&weights[..GATE], &weights[GATE..2 * GATE], &weights[2 * GATE..]];
    let mut steps = Vec::with_capacity(n);
    let mut state = [0.0; UNITS];
    for read in pairs.chunks(READ) {
        let keep = inner(gates[0], read, &state).map(sigmoid);
        let reset = inner(gates[1], read, &state).map(sigmoid);
        let left: State = std::array::from_fn(|k| reset[k] * state[k]);
        let candidate = inner(gates[2], read, &left).map(f64::tanh);
        steps.push((state, keep, reset, left, candidate));
        state = std::array::from_fn(|k| keep[k] * state[k] + (1.0 - keep[k]) * candidate[k]);
    }
    let (gweights, rest) = g.split_at_mut(3 * GATE);
    let (gpairs, gtarget) = rest.split_at_mut(n * READ);
    let (gkeep, rest) = gweights.split_at_mut(GATE);
    let (greset, gcandidate) = rest.split_at_mut(GATE);
    let mut loss = 0.0;
    let mut upstream = [0.0; UNITS];
    for k in 0..UNITS {
        let error = state[k] - target[k];
        loss += error * error;
        upstream[k] = 2.0 * error;
        gtarget[k] = -2.0 * error;
    }
    for (t, (state, keep, reset, left, candidate)) in steps.iter().enumerate().rev() {
        let (read, gread) = (&pairs[t * READ..][..READ], &mut gpairs[t * READ..][..READ]);
        let to: State =
            std::array::from_fn(|k| upstream[k] * (1.0 - keep[k]) * (1.0 - candidate[k] * candidate[k]));
        let gleft = back(gates[2], read, left, &to, gcandidate, gread);
        let to: State = std::array::from_fn(|k| gleft[k] * state[k] * reset[k] * (1.0 - reset[k]));
        let by_reset = back(gates[1], read, state, &to, greset, gread);
        let to: State =
            std::array::from_fn(|k| upstream[k] * (state[k] - candidate[k]) * keep[k] * (1.0 - keep[k]));
        let by_keep = back(gates[0], read, state, &to, gkeep, gread);
        upstream =
            std::array::from_fn(|k| upstream[k] * keep[k] + gleft[k] * reset[k] + by_reset[k] + by_keep[k]);
    }
    loss
}
