//! The adaptive scheme: Ridders' extrapolation with round-off carried along, begun again with smaller steps while its
//! own estimate is poor.
//!
//! Central differences at h, h/1.4, h/1.4², … fill a Neville tableau (Ridders 1982). Beside each entry stands what the
//! rounding of f can do to it, so that the entry with the smallest *sum* of truncation and round-off is chosen, not
//! the one that agrees with its neighbours by luck. A first step that straddles a singularity, or many periods, shows
//! in the estimate, and the tableau is begun again nearer by.

use crate::batch::{Batch, Move};
use crate::{Blind, Jacobian};

/// Each step is this much smaller than the one before.
const SHRINK: f64 = 1.4;
/// Steps of one tableau.
const STEPS: usize = 10;
/// Tableaux begun, each with a first step this much smaller than the one before.
const RESTARTS: usize = 5;
const RESTART: f64 = 16.0;
/// No first step is made longer than this where rounding asks for longer ones.
const FURTHEST: f64 = 0.5;
/// Steps at which noise is looked for, relative to the input; and how much more of a bend the longer one sees than the
/// shorter when it is the function's.
const PROBES: [f64; 2] = [1.0 / (1u64 << 30) as f64, 1.0 / (1u64 << 34) as f64];
const BENDS: f64 = 64.0;
/// An estimate may be too small by this factor; what contradicts it by more makes it larger.
const HONESTY: f64 = 10.0;
/// An estimate below this fraction of the slope is good enough.
const GOOD: f64 = 1e-10;
/// An estimate below this fraction of the slope is as good as they come.
const FINEST: f64 = 2e-14;
/// Both sides, at every step of every tableau and of every probe.
pub(crate) const MOST_EVALUATIONS: u64 = (2 * (STEPS * RESTARTS + PROBES.len())) as u64;

/// What is known of one component.
#[derive(Clone, Copy)]
struct Best {
    slope: f64,
    error: f64,
    /// What of the error is rounding.
    roundoff: f64,
}

/// One tableau, of one component, a row at a time.
struct Tableau {
    previous: Vec<(f64, f64)>,
    best: Best,
    done: bool,
}

impl Tableau {
    fn new() -> Self {
        Tableau {
            previous: Vec::new(),
            best: Best { slope: f64::NAN, error: f64::INFINITY, roundoff: 0.0 },
            done: false,
        }
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
                self.best = Best { slope: value, error, roundoff: noise };
            }
        }
        // No number of the last digits is to be had from more.
        self.done |= self.best.error <= FINEST * self.best.slope.abs();
        if let (Some(&(corner, _)), Some(&(before, _))) = (row.last(), self.previous.last()) {
            // The diagonal has begun to diverge: smaller steps only add noise.
            if (corner - before).abs() >= 2.0 * self.best.error {
                self.done = true;
            }
        }
        self.previous = row;
    }
}

/// Where an input begins its next tableau: nearer by; further off where rounding is what is in the way; or not at all,
/// where that is so and steps are as long as they may be.
#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Nearer,
    Further,
    Enough,
}

pub(crate) fn differentiate(
    x: &[f64],
    outputs: usize,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> Jacobian {
    let scale = |input: usize| if x[input] == 0.0 { 1.0 } else { x[input].abs() };
    let Probe { here, noise, close } = probe(x, outputs, scale, f);
    let mut evaluations = 1 + 2 * (PROBES.len() * x.len()) as u64;
    let mut best = vec![Best { slope: f64::NAN, error: f64::INFINITY, roundoff: 0.0 }; outputs * x.len()];
    let mut varies = vec![false; outputs * x.len()];
    let mut direction = vec![Direction::Nearer; x.len()];
    for restart in 0..RESTARTS {
        // Inputs for which some output is still poor begin a new tableau.
        let poor = |best: &Best| {
            best.error.is_nan() || best.error > GOOD * best.slope.abs() || !best.slope.is_finite()
        };
        let open: Vec<usize> = (0..x.len())
            .filter(|&input| {
                x[input].is_finite()
                    && direction[input] != Direction::Enough
                    && (0..outputs).any(|output| poor(&best[output * x.len() + input]))
            })
            .collect();
        if open.is_empty() {
            break;
        }
        let first = |input: usize| {
            let factor = RESTART.powi(restart as i32);
            match direction[input] {
                Direction::Nearer | Direction::Enough => 0.1 * scale(input) / factor,
                Direction::Further => (0.1 * scale(input) * factor).min(FURTHEST),
            }
        };
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
                let h = first(input) / SHRINK.powi(step as i32);
                moves.extend([h, -h].map(|h| Some(Move { input, value: x[input] + h })));
            }
            let mut values = vec![0.0; moves.len() * outputs];
            f(&Batch::new(x, &moves), &mut values);
            evaluations += moves.len() as u64;
            for (j, &k) in going.iter().enumerate() {
                let input = open[k];
                let at = |side: usize| moves[2 * j + side].map_or(f64::NAN, |moved| moved.value);
                for output in 0..outputs {
                    let value = |side: usize| values[(2 * j + side) * outputs + output];
                    let tableau = &mut tableaux[k * outputs + output];
                    let flat = value(0) == here[output] && value(1) == here[output];
                    let component = output * x.len() + input;
                    varies[component] |= !flat;
                    // Steps so short that a function that varies does not, have left its resolution.
                    let known = tableau.best.error.min(best[component].error).is_finite();
                    tableau.done |= flat && varies[component] && known;
                    if !tableau.done {
                        let noise = noise[component];
                        extend(
                            tableau,
                            x[input],
                            (here[output], noise),
                            [at(0), at(1)],
                            [value(0), value(1)],
                        );
                    }
                }
            }
        }
        for (k, &input) in open.iter().enumerate() {
            // Where truncation is not what is left of any poor output, longer steps are the remedy, while they may be.
            let mut rounding = true;
            for output in 0..outputs {
                let found = tableaux[k * outputs + output].best;
                let known = &mut best[output * x.len() + input];
                if found.error < known.error {
                    *known = found;
                }
                rounding &= !poor(known) || found.roundoff > 0.5 * found.error;
            }
            let further = 0.1 * scale(input) * RESTART.powi(restart as i32) < 0.5 * FURTHEST;
            direction[input] = match direction[input] {
                Direction::Nearer if !rounding => Direction::Nearer,
                Direction::Nearer if restart == 0 && further => Direction::Further,
                Direction::Further if further => Direction::Further,
                _ => Direction::Enough,
            };
        }
    }
    // A function that turns many times within the shortest step looks tame to all of them, and not from close by.
    for (k, best) in best.iter_mut().enumerate() {
        for (slope, uncertainty) in close[k] {
            let off = (slope - best.slope).abs() - uncertainty;
            if off > HONESTY * best.error {
                best.error = off;
            }
        }
    }
    Jacobian {
        values: here,
        derivative: best.iter().map(|best| best.slope).collect(),
        error: Some(
            best.iter().map(|best| if best.slope.is_nan() { f64::NAN } else { best.error }).collect(),
        ),
        blind: best.iter().map(|best| best.slope.is_nan().then_some(Blind::DomainEdge)).collect(),
        evaluations,
    }
}

/// What is seen from close by.
struct Probe {
    here: Vec<f64>,
    /// How much rounding moves the value along each input.
    noise: Vec<f64>,
    /// Slopes over the shortest steps, and how far rounding puts them off.
    close: Vec<[(f64, f64); PROBES.len()]>,
}

/// The values, and how much rounding moves them along each input: second differences over steps so short that the
/// function is straight there, so that only its noise is left (Hamming 1971; Moré and Wild 2011 for the general method).
fn probe(
    x: &[f64],
    outputs: usize,
    scale: impl Fn(usize) -> f64,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> Probe {
    let mut moves = vec![None];
    for (input, &value) in x.iter().enumerate() {
        for step in PROBES {
            moves.extend(
                [1.0, -1.0].map(|side| Some(Move { input, value: value + side * step * scale(input) })),
            );
        }
    }
    let mut values = vec![0.0; moves.len() * outputs];
    f(&Batch::new(x, &moves), &mut values);
    let here = values[..outputs].to_vec();
    let mut noise = vec![0.0; outputs * x.len()];
    let mut close = vec![[(f64::NAN, 0.0); PROBES.len()]; outputs * x.len()];
    for input in 0..x.len() {
        for output in 0..outputs {
            let at = |probe: usize, side: usize| {
                values[(1 + 2 * (PROBES.len() * input + probe) + side) * outputs + output]
            };
            let bend = |probe: usize| {
                let bend = 0.5 * ((at(probe, 0) - here[output]) + (at(probe, 1) - here[output])).abs();
                if bend.is_finite() { bend } else { 0.0 }
            };
            let [long, short] = [bend(0), bend(1)];
            // What falls with the square of the step is a bend of the function.
            let component = output * x.len() + input;
            noise[component] = if long > BENDS * short { short } else { long.max(short) };
            for (probe, close) in close[component].iter_mut().enumerate() {
                let (above, below) = (at(probe, 0), at(probe, 1));
                let move_of = |side: usize| {
                    moves[1 + 2 * (PROBES.len() * input + probe) + side]
                        .map_or(f64::NAN, |moved: Move| moved.value)
                };
                let width = move_of(0) - move_of(1);
                let rounding = noise[component].max(f64::EPSILON * here[output].abs());
                *close = ((above - below) / width, 4.0 * rounding / width);
            }
        }
    }
    Probe { here, noise, close }
}

/// Adds the difference at one step to a tableau: central, or to one side where the other is outside the domain.
fn extend(tableau: &mut Tableau, x: f64, (here, known): (f64, f64), at: [f64; 2], values: [f64; 2]) {
    let noise = |h: f64, a: f64, b: f64| known.max(f64::EPSILON * a.abs().max(b.abs())) / h.abs();
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
