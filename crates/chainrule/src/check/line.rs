//! What the values of a closure along one coordinate say of its slope, when nothing is known of their precision.
//!
//! Differences over steps from a few times the coordinate down to a few units in its last place are extrapolated, to both
//! sides and to each alone. How far values are off is measured by fourth differences over short distances: what a smooth
//! function leaves of these falls with the fourth power of the distance, noise stays. A closure in `f32` shows in this as
//! noise of `f32`, and below its resolution as constant values, which say nothing.

/// A slope and how far it may be off.
///
/// ```
/// let check = chainrule::check_gradient(|x| x[0].powi(3), &[12.0], &[2.0])?;
/// let slope = check.components[0].found.unwrap();
/// assert!((slope.value - 12.0).abs() <= 10.0 * slope.error);
/// # Ok::<(), chainrule::WrongLength>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The slope.
    pub value: f64,
    /// An estimate of its absolute error.
    pub error: f64,
    /// The shortest step that it was found with.
    pub step: f64,
}

impl Slope {
    /// Whether another slope is further away than errors explain.
    pub(super) fn contradicts(&self, other: &Slope) -> bool {
        (self.value - other.value).abs() > HONESTY * (self.error + other.error)
    }
}

/// An estimate may be too small by this factor.
pub(super) const HONESTY: f64 = 10.0;
/// Orders of extrapolation.
const ORDERS: usize = 5;
/// A slope decides against another when its error is below this fraction of the difference, over so many different steps.
const SHARP: f64 = 0.02;
const FEWEST_STEPS: usize = 3;
/// Values per distance at which noise is measured, the weights of their fourth differences, and the root of the sum of the
/// squares of these.
const PROBES: usize = 7;
const FOURTH: [f64; 5] = [1.0, -4.0, 6.0, -4.0, 1.0];
const FOURTH_NORM: f64 = 8.366600265340756;
/// What extrapolation makes of noise in differences of both sides, and of one.
const AMPLIFIED: [f64; 2] = [2.0, 8.0];
/// Noise is measured at every so many steps, over distances of this fraction of the step.
const PROBE_EVERY: usize = 5;
const PROBE_FRACTION: f64 = 0.125;
/// Up to so many times the shortest distance noise is one: over the shortest alone, rounding of an argument repeats.
const SHORT: f64 = 1500.0;
/// So many of the shortest steps change nothing where values are too coarse for the input, or constant.
const SILENT: usize = 6;
/// Treads of a staircase, of values in `f32`, are shorter than this fraction of the input.
const PLATEAU: f64 = 1.0 / 4096.0;

/// Steps of one ratio, from long to short, with the values to both sides; NaN where there is none.
struct Ladder {
    ratio: f64,
    steps: Vec<f64>,
    right: Vec<f64>,
    left: Vec<f64>,
}

/// The shortest step that changes a value, infinite where none does, and by how much.
#[derive(Clone, Copy)]
struct Onset {
    step: f64,
    change: f64,
}

/// What is known of a coordinate.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The value at the point.
    pub(super) here: f64,
    /// The slope by values of both sides.
    pub(super) both: Option<Slope>,
    /// The slopes by the values of the left and of the right side alone.
    pub(super) sides: [Option<Slope>; 2],
    /// Whether the shortest steps change no value, though longer ones do.
    pub(super) coarse: bool,
    /// How far values are off near the point.
    pub(super) noise: f64,
    /// Whether the value is the same at every step, or at all short ones where a staircase of values that are too coarse
    /// for the input would not be.
    pub(super) constant: bool,
    /// Of each side, whether the value is finite at most short steps.
    pub(super) finite: [bool; 2],
    /// How steep the function is in the neighbourhood, over steps of some percent of the coordinate.
    pub(super) scale: f64,
}

/// Follows a function of one number around a point.
pub(super) fn follow(at: f64, noise: Option<f64>, mut f: impl FnMut(f64) -> f64) -> Line {
    let here = f(at);
    let mut line = Line {
        here,
        both: None,
        sides: [None; 2],
        noise: 0.0,
        constant: false,
        coarse: false,
        finite: [false; 2],
        scale: 0.0,
    };
    if !here.is_finite() || !at.is_finite() {
        return line;
    }
    let ladders: Vec<Ladder> =
        ladders(at).map(|(ratio, steps)| Ladder::new(at, ratio, steps, &mut f)).collect();
    let all = || ladders.iter().flat_map(|ladder| ladder.right.iter().chain(&ladder.left));
    line.constant = all().all(|&value| value == here);
    let finite = |right: bool| {
        let shortest = ladders.iter().flat_map(|ladder| ladder.side(right).iter().rev().take(8));
        shortest.filter(|value| value.is_finite()).count() >= 4
    };
    line.finite = [finite(false), finite(true)];
    line.scale = scale(at, here, &ladders);
    // Where short steps change nothing, values are no finer than the first change.
    let onsets = [false, true].map(|right| onset(&ladders, right, here));
    let quantum = onsets.iter().flatten().map(|onset| onset.change).fold(0.0, f64::max);
    let floor = quantum.max(f64::EPSILON * here.abs());
    // A staircase that rises to one side and not at all to the other has shorter treads.
    line.constant |= match onsets.map(|onset| onset.map(|onset| onset.step)) {
        [Some(left), Some(right)] => {
            left.max(right).is_infinite()
                && left.min(right) > PLATEAU * if at == 0.0 { 1.0 } else { at.abs() }
        }
        _ => false,
    };
    line.coarse = quantum > 0.0;
    let noises: Vec<(f64, f64)> = match noise {
        Some(_) => Vec::new(),
        None => ladders.iter().flat_map(|ladder| ladder.noise(at, line.finite, &mut f)).collect(),
    };
    // The noise of differences over a step is what shorter distances have shown: longer ones show the function.
    let shortest = noises.iter().map(|(distance, _)| *distance).fold(f64::INFINITY, f64::min);
    let noise_at = |step: f64| {
        let near = (step * PROBE_FRACTION).max(SHORT * shortest);
        let seen = noises.iter().filter(|(distance, _)| *distance <= near);
        seen.map(|(_, noise)| *noise).fold(noise.unwrap_or(0.0), f64::max).max(floor)
    };
    let mut found: [Vec<Slope>; 3] = Default::default();
    for ladder in &ladders {
        for (side, found) in found.iter_mut().enumerate() {
            ladder.extrapolate(here, side, &noise_at, found);
        }
    }
    let [left, right, both] = &found;
    line.sides = [best(left), best(right)];
    line.both = best(both);
    // A value that does not change may be one in `f32`, and 0 what underflows there.
    let coarsest = if f64::from(here as f32) == here { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let hidden = coarsest * here.abs() + f64::from(f32::from_bits(1));
    let flat = |step: f64| Some(Slope { value: 0.0, error: hidden / step, step });
    for (side, onset) in line.sides.iter_mut().zip(onsets) {
        if onset.is_some_and(|onset| onset.step.is_infinite()) {
            *side = flat(ladders[0].steps[0]);
        }
    }
    if line.constant {
        let onset = onsets.iter().flatten().map(|onset| onset.step).fold(f64::INFINITY, f64::min);
        let step = onset.min(ladders[0].steps[0]) / 2.0;
        (line.both, line.sides) = (flat(step), [flat(step); 2]);
    }
    line.noise = line.both.or(line.sides[0]).or(line.sides[1]).map_or(floor, |slope| noise_at(slope.step));
    line
}

/// The slope with the least error, unless shorter steps contradict it: over long steps a function that turns many times
/// hardly rises, and one that bends hard looks like two straight lines.
fn best(found: &[Slope]) -> Option<Slope> {
    let least = |found: &[Slope]| found.iter().copied().reduce(|a, b| if b.error < a.error { b } else { a });
    let mut best = least(found)?;
    loop {
        let against = |slope: &&Slope| {
            slope.step < best.step
                && slope.contradicts(&best)
                && slope.error <= SHARP * (slope.value - best.value).abs()
        };
        let against: Vec<Slope> = found.iter().filter(against).copied().collect();
        let Some(shorter) = least(&against) else { return Some(best) };
        let mut steps: Vec<f64> =
            against.iter().filter(|slope| !slope.contradicts(&shorter)).map(|slope| slope.step).collect();
        steps.dedup();
        // Fewer may be chance.
        if steps.len() < FEWEST_STEPS {
            return Some(best);
        }
        best = shorter;
    }
}

/// Steps for a coordinate, powers of two: relative to it, and where it is small, also those of a function that does not
/// change over so little.
fn ladders(at: f64) -> impl Iterator<Item = (f64, Vec<f64>)> {
    let steps = |from: i32, to: i32, by: usize| -> Vec<f64> {
        (to..=from).rev().step_by(by).map(|exponent| 2f64.powi(exponent)).collect()
    };
    let exponent = if at == 0.0 { 0 } else { at.abs().log2().floor().max(-1020.0) as i32 };
    let relative = match at == 0.0 {
        true => (4.0, steps(10, -70, 2)),
        false => (2.0, steps(exponent + 2, exponent - 50, 1)),
    };
    let small = at != 0.0 && exponent < -4;
    let absolute = small.then(|| (4.0, steps(-1, (exponent + 2).max(-60), 2)));
    [relative].into_iter().chain(absolute)
}

/// Where values to one side begin to change, if the shortest steps do not change them.
fn onset(ladders: &[Ladder], right: bool, here: f64) -> Option<Onset> {
    let changes = |ladder: &Ladder| {
        let side = ladder.side(right);
        side.iter().rposition(|&value| value != here).map(|k| (ladder.steps[k], side[k]))
    };
    let shortest = ladders[0].steps.iter().rev().nth(SILENT - 1).copied().unwrap_or(0.0);
    let first = ladders.iter().filter_map(changes).reduce(|a, b| if b.0 < a.0 { b } else { a });
    let (step, value) = first.unwrap_or((f64::INFINITY, here));
    let change = Some((value - here).abs()).filter(|change| change.is_finite()).unwrap_or(0.0);
    (step > shortest).then_some(Onset { step, change })
}

/// The steepest rise or fall over steps between a thousandth and some percent of the coordinate.
fn scale(at: f64, here: f64, ladders: &[Ladder]) -> f64 {
    let size = if at == 0.0 { 1.0 } else { at.abs() };
    let within = |step: f64| step <= size / 32.0 && step >= size / 2048.0;
    let mut steepest = 0f64;
    for ladder in ladders {
        for (k, &step) in ladder.steps.iter().enumerate().filter(|(_, step)| within(**step)) {
            for value in [ladder.left[k], ladder.right[k]] {
                steepest = steepest.max((value - here).abs() / step);
            }
        }
    }
    steepest
}

impl Ladder {
    fn side(&self, right: bool) -> &[f64] {
        if right { &self.right } else { &self.left }
    }

    fn new(at: f64, ratio: f64, steps: Vec<f64>, f: &mut impl FnMut(f64) -> f64) -> Ladder {
        let mut sample = |x: f64| Some(f(x)).filter(|value| value.is_finite()).unwrap_or(f64::NAN);
        let right = steps.iter().map(|step| sample(at + step)).collect();
        let left = steps.iter().map(|step| sample(at - step)).collect();
        Ladder { ratio, steps, right, left }
    }

    /// How far values are off, by distances, from a side where they are finite.
    fn noise(&self, at: f64, finite: [bool; 2], f: &mut impl FnMut(f64) -> f64) -> Vec<(f64, f64)> {
        let sign = if finite[1] { 1.0 } else { -1.0 };
        let mut found = Vec::new();
        // Distances of whole units in the last place.
        let smallest = self.steps[self.steps.len() - 1] * PROBE_FRACTION.max(0.5);
        for step in self.steps.iter().step_by(PROBE_EVERY) {
            let distance = (step * PROBE_FRACTION).max(smallest);
            let values: [f64; PROBES] = std::array::from_fn(|k| f(at + sign * distance * (k + 1) as f64));
            let fourth = values.windows(5).map(|five| {
                let difference: f64 = five.iter().zip(FOURTH).map(|(value, weight)| value * weight).sum();
                difference.abs() / FOURTH_NORM
            });
            let most = fourth
                .fold(0.0, |most: f64, noise| if noise > most || noise.is_nan() { noise } else { most });
            if most.is_finite() {
                found.push((distance, most));
            }
        }
        found
    }

    /// Slopes of one side (0: left, 1: right) or of both (2), by Richardson's extrapolation.
    fn extrapolate(&self, here: f64, side: usize, noise_at: &impl Fn(f64) -> f64, found: &mut Vec<Slope>) {
        let mut before: Vec<f64> = Vec::new();
        for (k, &step) in self.steps.iter().enumerate() {
            let (left, right) = (self.left[k], self.right[k]);
            let difference = match side {
                0 => (here - left) / step,
                1 => (right - here) / step,
                _ => (right - left) / (2.0 * step),
            };
            // Steps that change nothing say nothing, where values may be too coarse for the input.
            let silent = match side {
                0 => left == here,
                1 => right == here,
                _ => left == here && right == here,
            };
            let mut row = vec![difference];
            for order in 1..=ORDERS.min(before.len()) {
                // Errors go with h, h², h³ to one side, with h², h⁴, h⁶ to both.
                let factor = self.ratio.powi(if side < 2 { order as i32 } else { 2 * order as i32 });
                let (lower, longer) = (row[order - 1], before[order - 1]);
                row.push(lower + (lower - longer) / (factor - 1.0));
                let value = row[order];
                let longest = self.steps[k - order];
                let largest = match side {
                    0 => self.left[k - order].abs(),
                    1 => self.right[k - order].abs(),
                    _ => self.left[k - order].abs().max(self.right[k - order].abs()),
                };
                let truncation = (value - lower).abs().max((value - longer).abs());
                let noise = noise_at(longest).max(f64::EPSILON * largest);
                let error = truncation + AMPLIFIED[usize::from(side < 2)] * noise / step;
                if error.is_finite() && !silent {
                    found.push(Slope { value, error, step });
                }
            }
            before = row;
        }
    }
}
