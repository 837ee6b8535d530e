//! What is seen from afar: of functions that are constant close by, and along inputs that are too small to be felt.

use crate::batch::{Batch, Move};

/// Distances at which a function that is constant close by is asked again, as multiples of the input's size.
const DISTANCES: [f64; 2] = [8.0, 1024.0];
/// Further distances, evenly spread in their logarithms up to the size of the largest input (or 1).
const FURTHER: usize = 3;
/// At a distance the function is asked twice, so much further the second time.
const BESIDE: f64 = 1.0 / (1u64 << 20) as f64;
/// Halvings (of the logarithm of a distance) to find where a function begins to change.
const HALVINGS: usize = 24;
/// A change is sharp when it is so many times as steep as the function is on the whole.
const SHARP: f64 = 1024.0;
/// An input that is smaller than this fraction of the largest (or of 1) may vanish in a sum with it.
const VANISHING: f64 = 1.0 / (1u64 << 45) as f64;
/// Where such inputs begin to be felt, as a fraction of the largest: a thousand units in its last place.
const FELT: f64 = 1.0 / (1u64 << 42) as f64;
/// Distance between the points that are asked there, relative.
const APART: f64 = 0.01;
/// Noise is out of proportion when it is so many units in the last place of the value.
const DISPROPORTION: f64 = 256.0;
/// Evaluations of [`steps_of`] and [`noise_of`] for one input, at most.
pub(crate) const MOST_EVALUATIONS: usize = 4 * DISTANCES.len() + 2 * FURTHER + HALVINGS + 4;

type Values<'a> = dyn FnMut(&Batch<'_>, &mut [f64]) + 'a;

/// Values of all outputs with one input moved, row after row.
fn along(x: &[f64], input: usize, places: &[f64], outputs: usize, f: &mut Values<'_>) -> Vec<f64> {
    let moves: Vec<Option<Move>> = places.iter().map(|&value| Some(Move { input, value })).collect();
    let mut values = vec![0.0; moves.len() * outputs];
    f(&Batch::new(x, &moves), &mut values);
    values
}

fn largest(x: &[f64]) -> f64 {
    x.iter().filter(|x| x.is_finite()).fold(1.0, |largest: f64, x| largest.max(x.abs()))
}

/// Of outputs that are constant along an input close by: the least change that they make in sharp steps further off,
/// where they do; nothing where they are constant there too or begin to change gradually.
pub(crate) fn steps_of(
    x: &[f64],
    here: &[f64],
    input: usize,
    constant: &[bool],
    f: &mut Values<'_>,
) -> (Vec<Option<f64>>, u64) {
    let (origin, outputs) = (x[input], here.len());
    let scale = if origin == 0.0 { 1.0 } else { origin.abs() };
    let outward = 1f64.copysign(origin);
    let mut distances: Vec<f64> = DISTANCES
        .iter()
        .flat_map(|&distance| [1.0, -1.0].map(|side| side * outward * distance * scale))
        .collect();
    let reach = (4.0 * largest(x)).ln() - scale.ln();
    if reach > DISTANCES[1].ln() {
        let part = |k: usize| (scale.ln() + reach * k as f64 / FURTHER as f64).exp();
        distances.extend((1..=FURTHER).map(|k| outward * part(k)));
    }
    let places: Vec<f64> = distances
        .iter()
        .flat_map(|distance| [1.0, 1.0 + BESIDE].map(|factor| origin + distance * factor))
        .collect();
    let values = along(x, input, &places, outputs, f);
    let mut evaluations = places.len() as u64;
    let changed = |k: usize, output: usize| {
        let value = values[2 * k * outputs + output];
        value.is_finite() && value != here[output]
    };
    let mut steps = vec![None; outputs];
    let mut gradual = Vec::new();
    for output in (0..outputs).filter(|&output| constant[output]) {
        let Some(first) = (0..distances.len()).find(|&k| changed(k, output)) else { continue };
        let change = |k: usize| (values[2 * k * outputs + output] - here[output]).abs();
        let levels: Vec<usize> = (0..distances.len())
            .filter(|&k| {
                changed(k, output)
                    && values[2 * k * outputs + output] == values[(2 * k + 1) * outputs + output]
            })
            .collect();
        // One other level may be that of a function which is constant twice, as clamp is; two to one side are a stair.
        let stair = levels.iter().find(|&&k| {
            levels.iter().any(|&other| distances[k] * distances[other] > 0.0 && change(k) != change(other))
        });
        match stair {
            Some(&k) => steps[output] = Some(change(k)),
            // Only inputs much smaller than the others begin to be felt so far off.
            None if first >= 2 * DISTANCES.len() => gradual.push((output, first)),
            None => {}
        }
    }
    if let Some(&(_, first)) = gradual.first() {
        let (mut low, mut high) = (scale, distances[first].abs());
        let mut at_high: Vec<f64> = (0..outputs).map(|output| values[2 * first * outputs + output]).collect();
        let driver = gradual[0].0;
        for _ in 0..HALVINGS {
            let middle = if high > 2.0 * low { low.sqrt() * high.sqrt() } else { 0.5 * (low + high) };
            let there = along(x, input, &[origin + outward * middle], outputs, f);
            evaluations += 1;
            if there[driver] == here[driver] {
                low = middle;
            } else {
                high = middle;
                at_high = there;
            }
        }
        for (output, first) in gradual {
            let change = (at_high[output] - here[output]).abs();
            let overall =
                (values[2 * first * outputs + output] - here[output]).abs() / distances[first].abs();
            if change > SHARP * overall * (high - low) {
                steps[output] = Some(change);
            }
        }
    }
    (steps, evaluations)
}

/// The noise that outputs have where a very small input begins to be felt, if it is out of proportion to their values
/// there: then they are differences of larger numbers, and the input vanishes in one of them.
pub(crate) fn noise_of(
    x: &[f64],
    input: usize,
    outputs: usize,
    f: &mut Values<'_>,
) -> Option<(Vec<f64>, u64)> {
    let largest = largest(x);
    let origin = x[input];
    if origin == 0.0 || origin.abs() >= VANISHING * largest {
        return None;
    }
    let places: [f64; 4] =
        std::array::from_fn(|k| (FELT * largest * (1.0 + APART * k as f64)).copysign(origin));
    let values = along(x, input, &places, outputs, f);
    let noise = (0..outputs).map(|output| {
        let at = |k: usize| values[k * outputs + output];
        let third = ((at(3) - at(0)) - 3.0 * (at(2) - at(1))).abs() / 8.0;
        if third > DISPROPORTION * f64::EPSILON * at(0).abs() { third } else { 0.0 }
    });
    Some((noise.collect(), places.len() as u64))
}
