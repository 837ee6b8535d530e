//! The adaptive scheme: Ridders' extrapolation with round-off carried along, begun again with smaller steps while its
//! own estimate is poor.
//!
//! Central differences at h, h/1.4, h/1.4², … fill a Neville tableau (Ridders 1982). Beside each entry stands what the
//! rounding of f can do to it, so that the entry with the smallest *sum* of truncation and round-off is chosen, not
//! the one that agrees with its neighbours by luck. A first step that straddles a singularity, or many periods, shows
//! in the estimate, and the tableau is begun again nearer by.

use crate::Jacobian;
use crate::batch::{Batch, Move};

/// Each step is this much smaller than the one before.
const SHRINK: f64 = 1.4;
/// Steps of one tableau.
const STEPS: usize = 10;
/// Tableaux begun, each with a first step this much smaller than the one before.
const RESTARTS: usize = 5;
const RESTART: f64 = 16.0;
/// An estimate below this fraction of the slope is good enough.
const GOOD: f64 = 1e-10;
/// Both sides, at every step of every tableau.
pub(crate) const MOST_EVALUATIONS: u64 = (2 * STEPS * RESTARTS) as u64;

/// What is known of one component.
#[derive(Clone, Copy)]
struct Best {
    slope: f64,
    error: f64,
}

/// One tableau, of one component, a row at a time.
struct Tableau {
    previous: Vec<(f64, f64)>,
    best: Best,
    done: bool,
}

impl Tableau {
    fn new() -> Self {
        Tableau { previous: Vec::new(), best: Best { slope: f64::NAN, error: f64::INFINITY }, done: false }
    }

    /// Takes the next difference, its round-off, and the order in h of the errors it extrapolates away.
    fn push(&mut self, difference: f64, roundoff: f64, order: i32) {
        let mut row = vec![(difference, roundoff)];
        let ratio = SHRINK.powi(order);
        let mut factor = ratio;
        for k in 0..self.previous.len() {
            let ((coarse, coarse_noise), (fine, fine_noise)) = (self.previous[k], row[k]);
            let value = (fine * factor - coarse) / (factor - 1.0);
            let noise = (fine_noise * factor + coarse_noise) / (factor - 1.0);
            row.push((value, noise));
            factor *= ratio;
            let truncation = (value - fine).abs().max((value - coarse).abs());
            let error = truncation + noise;
            if error < self.best.error {
                self.best = Best { slope: value, error };
            }
        }
        if let (Some(&(corner, _)), Some(&(before, _))) = (row.last(), self.previous.last()) {
            // The diagonal has begun to diverge: smaller steps only add noise.
            if (corner - before).abs() >= 2.0 * self.best.error {
                self.done = true;
            }
        }
        self.previous = row;
    }
}

pub(crate) fn differentiate(
    x: &[f64],
    outputs: usize,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> Jacobian {
    let mut here = vec![0.0; outputs];
    f(&Batch::new(x, &[None]), &mut here);
    let mut evaluations = 1;
    let mut best = vec![Best { slope: f64::NAN, error: f64::INFINITY }; outputs * x.len()];
    for restart in 0..RESTARTS {
        // Inputs for which some output is still poor begin a new tableau.
        let poor = |best: &Best| {
            best.error.is_nan() || best.error > GOOD * best.slope.abs() || !best.slope.is_finite()
        };
        let open: Vec<usize> = (0..x.len())
            .filter(|&input| {
                x[input].is_finite() && (0..outputs).any(|output| poor(&best[output * x.len() + input]))
            })
            .collect();
        if open.is_empty() {
            break;
        }
        let scale = |input: usize| if x[input] == 0.0 { 1.0 } else { x[input].abs() };
        let first = 0.1 / RESTART.powi(restart as i32);
        let mut tableaux: Vec<Tableau> = (0..open.len() * outputs).map(|_| Tableau::new()).collect();
        for step in 0..STEPS {
            let going: Vec<usize> = (0..open.len())
                .filter(|k| tableaux[k * outputs..(k + 1) * outputs].iter().any(|tableau| !tableau.done))
                .collect();
            if going.is_empty() {
                break;
            }
            let mut moves = Vec::with_capacity(2 * going.len());
            for &k in &going {
                let input = open[k];
                let h = first * scale(input) / SHRINK.powi(step as i32);
                moves.extend([h, -h].map(|h| Some(Move { input, value: x[input] + h })));
            }
            let mut values = vec![0.0; moves.len() * outputs];
            f(&Batch::new(x, &moves), &mut values);
            evaluations += moves.len() as u64;
            for (j, &k) in going.iter().enumerate() {
                let at = |side: usize| moves[2 * j + side].map_or(f64::NAN, |moved| moved.value);
                for output in 0..outputs {
                    let value = |side: usize| values[(2 * j + side) * outputs + output];
                    let tableau = &mut tableaux[k * outputs + output];
                    if !tableau.done {
                        extend(tableau, x[open[k]], here[output], [at(0), at(1)], [value(0), value(1)]);
                    }
                }
            }
        }
        for (k, &input) in open.iter().enumerate() {
            for output in 0..outputs {
                let found = tableaux[k * outputs + output].best;
                let known = &mut best[output * x.len() + input];
                if found.error < known.error {
                    *known = found;
                }
            }
        }
    }
    Jacobian {
        values: here,
        derivative: best.iter().map(|best| best.slope).collect(),
        error: Some(
            best.iter().map(|best| if best.slope.is_nan() { f64::NAN } else { best.error }).collect(),
        ),
        evaluations,
    }
}

/// Adds the difference at one step to a tableau: central, or to one side where the other is outside the domain.
fn extend(tableau: &mut Tableau, x: f64, here: f64, at: [f64; 2], values: [f64; 2]) {
    let noise = |h: f64, a: f64, b: f64| f64::EPSILON * a.abs().max(b.abs()) / h.abs();
    let one_sided = |side: usize| {
        let h = at[side] - x;
        ((values[side] - here) / h, 2.0 * noise(h, values[side], here), 1)
    };
    let (difference, roundoff, order) = match [values[0].is_finite(), values[1].is_finite()] {
        [true, true] => {
            let width = at[0] - at[1];
            ((values[0] - values[1]) / width, noise(0.5 * width, values[0], values[1]), 2)
        }
        [true, false] if here.is_finite() => one_sided(0),
        [false, true] if here.is_finite() => one_sided(1),
        _ => {
            // Nothing to be had at this step; smaller ones may lie inside the domain.
            tableau.previous.clear();
            return;
        }
    };
    // A tableau that began to one side and now reaches both begins anew: its errors fall at another rate.
    if tableau.previous.is_empty() {
        tableau.previous = vec![(difference, roundoff)];
    } else {
        tableau.push(difference, roundoff, order);
    }
}
