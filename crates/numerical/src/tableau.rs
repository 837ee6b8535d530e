//! Ridders' extrapolation tableau, with what rounding does to each of its entries.
//!
//! Central differences at h, h/1.4, h/1.4², … fill a Neville tableau (Ridders 1982). Beside each entry stands what the
//! rounding of f can do to it, so that the entry with the smallest *sum* of truncation and round-off is chosen, not
//! the one that agrees with its neighbours by luck.

use crate::batch::{Batch, Move};

/// Each step is this much smaller than the one before.
pub(crate) const SHRINK: f64 = 1.4;
/// Steps of one tableau.
pub(crate) const STEPS: usize = 10;
/// An estimate below this fraction of the slope is as good as they come.
const FINEST: f64 = 2e-14;

/// What is known of one component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    pub(crate) slope: f64,
    pub(crate) error: f64,
    /// What of the error is rounding.
    pub(crate) roundoff: f64,
    /// The shortest step that took part.
    pub(crate) step: f64,
}

impl Best {
    pub(crate) const NONE: Best =
        Best { slope: f64::NAN, error: f64::INFINITY, roundoff: 0.0, step: f64::NAN };
}

/// What was seen of one component by one tableau.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) best: Best,
    /// Whether some value differed from the one at the point.
    pub(crate) varies: bool,
    /// The largest value, by its size.
    pub(crate) largest: f64,
    /// The least amount by which a value differed from the one at the point.
    pub(crate) least_change: f64,
}

/// One tableau, of one component, a row at a time.
struct Tableau {
    previous: Vec<(f64, f64)>,
    found: Found,
    done: bool,
}

impl Tableau {
    fn new() -> Self {
        let found = Found { best: Best::NONE, varies: false, largest: 0.0, least_change: f64::INFINITY };
        Tableau { previous: Vec::new(), found, done: false }
    }

    /// Takes the next difference, its round-off, its step and the order in h of the errors it extrapolates away.
    fn push(&mut self, difference: f64, roundoff: f64, step: f64, order: i32) {
        let mut row = vec![(difference, roundoff)];
        let ratio = SHRINK.powi(order);
        let mut factor = ratio;
        let best = &mut self.found.best;
        for k in 0..self.previous.len() {
            let ((coarse, coarse_noise), (fine, fine_noise)) = (self.previous[k], row[k]);
            let value = (fine * factor - coarse) / (factor - 1.0);
            let noise = (fine_noise * factor + coarse_noise) / (factor - 1.0);
            row.push((value, noise));
            factor *= ratio;
            let truncation = (value - fine).abs().max((value - coarse).abs());
            let error = truncation + noise;
            if error < best.error {
                *best = Best { slope: value, error, roundoff: noise, step };
            }
        }
        // No number of the last digits is to be had from more.
        self.done |= best.error <= FINEST * best.slope.abs();
        if let (Some(&(corner, _)), Some(&(before, _))) = (row.last(), self.previous.last()) {
            // The diagonal has begun to diverge: smaller steps only add noise.
            if (corner - before).abs() >= 2.0 * best.error {
                self.done = true;
            }
        }
        self.previous = row;
    }

    /// Adds the difference at one step: central, or to one side where the other is outside the domain.
    fn extend(&mut self, x: f64, (here, known): (f64, f64), at: [f64; 2], values: [f64; 2]) {
        let noise = |h: f64, a: f64, b: f64| known.max(f64::EPSILON * a.abs().max(b.abs())) / h.abs();
        let one_sided = |side: usize| {
            let h = at[side] - x;
            ((values[side] - here) / h, 2.0 * noise(h, values[side], here), h.abs(), 1)
        };
        let (difference, roundoff, step, order) = match [values[0].is_finite(), values[1].is_finite()] {
            [true, true] => {
                let width = at[0] - at[1];
                let roundoff = noise(0.5 * width, values[0], values[1]);
                ((values[0] - values[1]) / width, roundoff, 0.5 * width, 2)
            }
            [true, false] if here.is_finite() => one_sided(0),
            [false, true] if here.is_finite() => one_sided(1),
            _ => {
                // Nothing to be had at this step; smaller ones may lie inside the domain.
                self.previous.clear();
                return;
            }
        };
        // A tableau that began to one side and now reaches both begins anew: its errors fall at another rate.
        if self.previous.is_empty() {
            self.previous = vec![(difference, roundoff)];
        } else {
            self.push(difference, roundoff, step, order);
        }
    }
}

/// An input, and the first step of its tableau.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) input: usize,
    pub(crate) step: f64,
}

/// What is known before a tableau is begun: per component the noise of its values, and whether it varies and is known.
pub(crate) trait Before {
    /// How much rounding moves the value.
    fn noise(&self, component: usize) -> f64;
    /// Whether it was seen to vary, at steps that told its slope.
    fn told(&self, component: usize) -> bool;
}

/// One tableau for each start and output, `outputs` for each start; and the number of evaluations.
pub(crate) fn extrapolate(
    x: &[f64],
    here: &[f64],
    starts: &[Start],
    before: &dyn Before,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> (Vec<Found>, u64) {
    let outputs = here.len();
    let mut evaluations = 0;
    let mut tableaux: Vec<Tableau> = (0..starts.len() * outputs).map(|_| Tableau::new()).collect();
    for step in 0..STEPS {
        let going: Vec<usize> = (0..starts.len())
            .filter(|k| tableaux[k * outputs..(k + 1) * outputs].iter().any(|tableau| !tableau.done))
            .collect();
        if going.is_empty() {
            break;
        }
        let mut moves = Vec::with_capacity(2 * going.len());
        for &k in &going {
            let Start { input, step: first } = starts[k];
            let h = first / SHRINK.powi(step as i32);
            moves.extend([h, -h].map(|h| Some(Move { input, value: x[input] + h })));
        }
        let mut values = vec![0.0; moves.len() * outputs];
        f(&Batch::new(x, &moves), &mut values);
        evaluations += moves.len() as u64;
        for (j, &k) in going.iter().enumerate() {
            let input = starts[k].input;
            let at = |side: usize| moves[2 * j + side].map_or(f64::NAN, |moved| moved.value);
            for output in 0..outputs {
                let value = |side: usize| values[(2 * j + side) * outputs + output];
                let tableau = &mut tableaux[k * outputs + output];
                let component = output * x.len() + input;
                for value in [value(0), value(1)].into_iter().filter(|value| value.is_finite()) {
                    let change = (value - here[output]).abs();
                    tableau.found.largest = tableau.found.largest.max(value.abs());
                    if change > 0.0 {
                        tableau.found.least_change = tableau.found.least_change.min(change);
                    }
                }
                let flat = value(0) == here[output] && value(1) == here[output];
                tableau.found.varies |= !flat;
                // Steps so short that a function that varies does not, have left its resolution.
                let told = before.told(component) || tableau.found.best.error.is_finite();
                tableau.done |= flat && (tableau.found.varies || before.told(component)) && told;
                if !tableau.done {
                    let known = (here[output], before.noise(component));
                    tableau.extend(x[input], known, [at(0), at(1)], [value(0), value(1)]);
                }
            }
        }
    }
    (tableaux.into_iter().map(|tableau| tableau.found).collect(), evaluations)
}
