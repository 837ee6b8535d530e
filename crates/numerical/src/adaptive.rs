//! The adaptive scheme: Ridders' extrapolation with round-off carried along, begun again with smaller steps while its
//! own estimate is poor, and held against what values close by say.
//!
//! A first step that straddles a singularity, or some periods, shows in the estimate, and the tableau is begun again
//! nearer by. One that skips many periods need not show: slopes over steps down to a few units in the last place
//! contradict it then, and it is begun again where they agree with each other. Where nothing tells the slope, a
//! [`Blind`] says why.

use crate::batch::Batch;
use crate::close::{self, Close, Near};
use crate::departure::{self, Leaves};
use crate::tableau::{Before, Best, Found, STEPS, Start, extrapolate};
use crate::{Blind, Jacobian, far};

/// Tableaux begun, each with a first step this much smaller than the one before.
const RESTARTS: usize = 5;
const RESTART: f64 = 16.0;
/// No first step is made longer than this where rounding asks for longer ones.
const FURTHEST: f64 = 0.5;
/// An estimate may be too small by this factor; what contradicts it by more makes it larger.
const HONESTY: f64 = 10.0;
/// An estimate below this fraction of the slope is good enough.
const GOOD: f64 = 1e-10;
/// Where steps close by agree with each other and not with longer ones, a tableau begins at so many times theirs.
const FROM_PLATEAU: f64 = 8.0;
/// Values that vary from one double to the next by more than this fraction of their size are no function's that these
/// steps resolve, unless the slope is told this well in spite of it.
const ROUGH: f64 = 1.0 / (1u64 << 26) as f64;
const TOLD_IN_SPITE: f64 = 1.0 / (1u64 << 10) as f64;
/// Noise along one input bears on the slopes along the others when it is so many units in the last place.
const SHARED: f64 = 1024.0;
/// Both sides, at every step of every tableau and close by; and what is looked at from afar.
pub(crate) const MOST_EVALUATIONS: u64 = (2 * (STEPS * (RESTARTS + 1) + close::RUNGS.len())
    + far::MOST_EVALUATIONS
    + departure::MOST_EVALUATIONS) as u64;

/// Where an input begins its next tableau: nearer by; further off where rounding is what is in the way; or not at all,
/// where that is so and steps are as long as they may be.
#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Nearer,
    Further,
    Enough,
}

/// One component, and what was found of it so far.
struct Seen {
    close: Close,
    best: Best,
    varies: bool,
    largest: f64,
    least_change: f64,
    /// How much rounding moves the values over the steps of the next tableau.
    noise: f64,
    blind: Option<Blind>,
}

impl Seen {
    fn new(close: Close, here: f64) -> Self {
        let largest = if here.is_finite() { here.abs() } else { 0.0 };
        let varies = !close.flat;
        let noise = close.roughness;
        Seen { close, best: Best::NONE, varies, largest, least_change: f64::INFINITY, noise, blind: None }
    }

    /// The slope is not to be seen.
    fn hide(&mut self, why: Blind) {
        self.blind = Some(why);
        self.best.error = f64::INFINITY;
    }

    fn poor(&self) -> bool {
        let Best { slope, error, .. } = self.best;
        error.is_nan() || error > GOOD * slope.abs() || !slope.is_finite()
    }

    fn take(&mut self, found: &Found) {
        self.varies |= found.varies;
        self.largest = self.largest.max(found.largest);
        self.least_change = self.least_change.min(found.least_change);
        if found.best.error < self.best.error {
            self.best = found.best;
        }
    }

    /// Whether what longer steps found is not another slope.
    fn allows(&self, found: &Found) -> bool {
        !(self.best.error.is_finite()
            && (found.best.slope - self.best.slope).abs() > HONESTY * (self.best.error + found.best.error))
    }

    /// Whether slopes close by are far more certain than what long steps found.
    fn outdone(&self) -> bool {
        self.close.plateau().is_some_and(|near| HONESTY * near.uncertainty < self.best.error)
    }

    fn contradicted(&self) -> bool {
        self.contradiction() > 0.0 || !self.best.slope.is_finite()
    }

    /// Values lie on a grid whose treads are so high.
    fn treads(&mut self, height: f64) {
        self.close.noise = self.close.noise.max(height);
        self.noise = self.noise.max(height);
        for near in self.close.slopes.iter_mut().flatten() {
            near.uncertainty += 2.0 * height / near.step;
        }
        self.best.error = self.best.error.max(height / self.best.step);
    }

    /// By how much slopes close by contradict the best one, beyond its estimate.
    fn contradiction(&self) -> f64 {
        let off = |near: &Near| (near.slope - self.best.slope).abs() - near.uncertainty;
        let closer = self.close.slopes.iter().flatten().filter(|near| near.step <= self.best.step);
        closer.map(off).filter(|&off| off > HONESTY * self.best.error).fold(0.0, f64::max)
    }
}

impl Before for Vec<Seen> {
    fn noise(&self, component: usize) -> f64 {
        self[component].noise
    }

    fn told(&self, component: usize) -> bool {
        self[component].varies && self[component].best.error.is_finite()
    }
}

pub(crate) fn differentiate(
    x: &[f64],
    outputs: usize,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> Jacobian {
    let (values, seen, evaluations) = look(x, outputs, f);
    Jacobian {
        values,
        derivative: seen.iter().map(|seen| seen.best.slope).collect(),
        error: Some(seen.iter().map(|seen| seen.best.error).collect()),
        blind: seen.iter().map(|seen| seen.blind).collect(),
        evaluations,
    }
}

/// The slope of a function of one variable and how much rounding moves its values, if the slope can be seen at all.
pub(crate) fn sight(at: f64, f: &mut dyn FnMut(f64) -> f64) -> Option<(Best, f64)> {
    let (_, seen, _) = look(&[at], 1, &mut |batch, out| {
        for (out, moved) in out.iter_mut().zip(batch.moves()) {
            *out = f(moved.map_or(at, |moved| moved.value));
        }
    });
    seen.first().filter(|seen| seen.blind.is_none()).map(|seen| (seen.best, seen.noise))
}

/// The values, and everything that is found of each component; and the number of evaluations.
fn look(x: &[f64], outputs: usize, f: &mut dyn FnMut(&Batch<'_>, &mut [f64])) -> (Vec<f64>, Vec<Seen>, u64) {
    let (here, close, mut evaluations) = close::look(x, outputs, f);
    let mut seen: Vec<Seen> =
        close.into_iter().enumerate().map(|(k, close)| Seen::new(close, here[k / x.len()])).collect();
    evaluations += from_long_steps(x, &here, &mut seen, f);
    evaluations += from_plateaus(x, &here, &mut seen, f);
    evaluations += from_afar(x, &here, &mut seen, f);
    seen.iter_mut().for_each(judge);
    (here, seen, evaluations)
}

/// Tableaux from a tenth of an input on, nearer by or further off while the estimate is poor.
fn from_long_steps(
    x: &[f64],
    here: &[f64],
    seen: &mut Vec<Seen>,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> u64 {
    let outputs = here.len();
    let scale = |input: usize| if x[input] == 0.0 { 1.0 } else { x[input].abs() };
    let mut evaluations = 0;
    let mut direction = vec![Direction::Nearer; x.len()];
    for restart in 0..RESTARTS {
        let factor = RESTART.powi(restart as i32);
        // Inputs for which some output is still poor begin a new tableau.
        let starts: Vec<Start> = (0..x.len())
            .filter(|&input| {
                x[input].is_finite()
                    && direction[input] != Direction::Enough
                    && (0..outputs).any(|output| seen[output * x.len() + input].poor())
            })
            .map(|input| {
                let step = match direction[input] {
                    Direction::Nearer | Direction::Enough => 0.1 * scale(input) / factor,
                    Direction::Further => (0.1 * scale(input) * factor).min(FURTHEST),
                };
                Start { input, step }
            })
            .collect();
        if starts.is_empty() {
            break;
        }
        let (found, count) = extrapolate(x, here, &starts, seen, f);
        evaluations += count;
        for (k, &Start { input, .. }) in starts.iter().enumerate() {
            // Where truncation is not what is left of any poor output, longer steps are the remedy, while they may be.
            let mut rounding = true;
            for output in 0..outputs {
                let found = &found[k * outputs + output];
                let known = &mut seen[output * x.len() + input];
                if direction[input] != Direction::Further || known.allows(found) {
                    known.take(found);
                }
                rounding &= !known.poor() || found.best.roundoff > 0.5 * found.best.error;
            }
            let further = 0.1 * scale(input) * factor < 0.5 * FURTHEST;
            direction[input] = match direction[input] {
                Direction::Nearer if !rounding => Direction::Nearer,
                Direction::Nearer if restart == 0 && further => Direction::Further,
                Direction::Further if further => Direction::Further,
                _ => Direction::Enough,
            };
        }
    }
    evaluations
}

/// Where slopes close by contradict what long steps found: whether they are the function's or those of treads, and a
/// tableau from where they agree with each other in the first case.
fn from_plateaus(
    x: &[f64],
    here: &[f64],
    seen: &mut Vec<Seen>,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> u64 {
    let mut evaluations = 0;
    let mut starts: Vec<Start> = Vec::new();
    for input in 0..x.len() {
        let open: Vec<(usize, Near)> = (0..here.len())
            .filter_map(|output| {
                let seen = &seen[output * x.len() + input];
                let open = seen.close.irregular.is_none() && (seen.contradicted() || seen.outdone());
                Some((output, seen.close.plateau().filter(|_| open)?))
            })
            .collect();
        // One output is looked at; the others that are open believe long steps less, and nothing else.
        let Some(&(output, near)) = open.first() else { continue };
        let looked_at = &mut seen[output * x.len() + input];
        let noise = looked_at.close.noise.max(f64::EPSILON * here[output].abs());
        let slope = looked_at.best.slope;
        let mut leaves = Leaves::Turning;
        if slope.is_finite() && looked_at.contradicted() {
            let (found, count) = departure::leaves(x, (input, output), here, (near, slope, noise), f);
            (leaves, evaluations) = (found, evaluations + count);
        }
        match leaves {
            Leaves::InTreads(height) => looked_at.treads(height),
            Leaves::Turning | Leaves::AtAJump => {
                starts.push(Start { input, step: FROM_PLATEAU * near.step });
                looked_at.noise = looked_at.close.noise;
                if looked_at.contradicted() {
                    looked_at.best = Best::NONE;
                }
            }
            Leaves::Nowhere => {}
        }
    }
    let (found, count) = extrapolate(x, here, &starts, seen, f);
    for (k, &Start { input, .. }) in starts.iter().enumerate() {
        for output in 0..here.len() {
            let known = &mut seen[output * x.len() + input];
            let found = &found[k * here.len() + output];
            if known.allows(found) {
                known.take(found);
            }
        }
    }
    evaluations + count
}

/// What inputs do further off than differences reach: sharp steps of what is constant close by, and noise out of
/// proportion of very small ones; both bear on every slope of that output.
fn from_afar(x: &[f64], here: &[f64], seen: &mut [Seen], f: &mut dyn FnMut(&Batch<'_>, &mut [f64])) -> u64 {
    let outputs = here.len();
    let mut evaluations = 0;
    let mut shared = vec![0f64; outputs];
    for input in 0..x.len() {
        if !x[input].is_finite() {
            continue;
        }
        let constant: Vec<bool> = (0..outputs)
            .map(|output| {
                let seen = &seen[output * x.len() + input];
                seen.close.flat && seen.best.slope == 0.0 && seen.blind.is_none()
            })
            .collect();
        if constant.contains(&true) {
            let (steps, count) = far::steps_of(x, here, input, &constant, f);
            evaluations += count;
            for (output, step) in steps.iter().enumerate() {
                let Some(step) = step else { continue };
                let known = &mut seen[output * x.len() + input];
                known.hide(if *step < f64::MIN_POSITIVE { Blind::Underflow } else { Blind::Staircase });
                shared[output] = shared[output].max(*step);
            }
        }
        if constant.contains(&false)
            && let Some((noise, count)) = far::noise_of(x, input, outputs, f)
        {
            evaluations += count;
            for (shared, noise) in shared.iter_mut().zip(noise) {
                *shared = shared.max(noise);
            }
        }
        for (output, shared) in shared.iter_mut().enumerate() {
            let known = &seen[output * x.len() + input];
            if known.close.irregular.is_some() {
                continue;
            }
            let coarse = known.close.flat && known.varies && known.contradiction() > 0.0;
            let noise = if coarse { known.least_change } else { known.close.noise };
            if noise > SHARED * f64::EPSILON * here[output].abs() {
                *shared = shared.max(noise);
            }
        }
    }
    for (k, seen) in seen.iter_mut().enumerate() {
        let noise = shared[k / x.len()];
        let error = noise / seen.best.step;
        if noise > seen.close.noise && error > seen.best.error {
            seen.best.error = error;
            if seen.best.slope != 0.0 && error > seen.best.slope.abs() {
                seen.hide(Blind::Noise);
            }
        }
    }
    evaluations
}

/// The last word on one component: what its estimate has not seen yet, and whether it is worth anything.
fn judge(seen: &mut Seen) {
    if seen.blind.is_some() {
        return;
    }
    if let Some(irregular) = seen.close.irregular {
        return seen.hide(irregular);
    }
    if !seen.best.slope.is_finite() {
        seen.best = seen.close.one_sided().unwrap_or(Best::NONE);
    }
    let contradiction = seen.contradiction();
    if contradiction > 0.0 {
        seen.best.error = contradiction;
        if seen.close.flat {
            return seen.hide(Blind::Staircase);
        }
    }
    let Best { slope, error, .. } = seen.best;
    if slope.is_nan() {
        (seen.best.error, seen.blind) = (f64::NAN, Some(Blind::DomainEdge));
    } else if seen.close.noise > ROUGH * seen.largest
        && (error.is_nan() || error > TOLD_IN_SPITE * slope.abs())
    {
        seen.hide(if seen.close.edge { Blind::DomainEdge } else { Blind::Noise });
    } else if !error.is_finite() {
        seen.hide(Blind::Oscillation);
    }
}
