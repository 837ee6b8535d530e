//! What is seen from close by: values a few units in the last place from the point, and at some longer distances that
//! are still far shorter than any step that extrapolation likes.
//!
//! A function that turns many times within a step looks tame to long steps, whatever their number; it does not from
//! close by. What is seen there is coarse, but it is enough to contradict.

use crate::Blind;
use crate::batch::{Batch, Move};
use crate::tableau::Best;

/// Distances, as powers of two of the size of the input, from the closest on.
pub(crate) const RUNGS: [i32; 5] = [-50, -44, -38, -32, -26];
/// How much more of a bend one rung sees than the closer one, at least, when it is the function's and not rounding's:
/// a smooth function bends 4096 times as much, a corner 64 times, noise no more.
const BENDS: f64 = 256.0;
/// Bends show rounding at a few places only: it may be so many times as large elsewhere.
const MARGIN: f64 = 8.0;
/// A change of this many units in the last place is not rounding.
const CLEAR: f64 = 64.0;

/// Values to both sides of the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rung {
    /// How far above and below.
    steps: [f64; 2],
    /// The changes there, from the value at the point.
    changes: [f64; 2],
    values: [f64; 2],
}

impl Rung {
    /// Whether both values are numbers and so is the one at the point.
    fn whole(&self) -> bool {
        self.changes.iter().all(|change| change.is_finite()) && self.steps.iter().all(|&step| step > 0.0)
    }

    /// Half the second difference.
    fn bend(&self) -> f64 {
        0.5 * (self.changes[0] + self.changes[1]).abs()
    }

    fn flat(&self) -> bool {
        self.changes == [0.0, 0.0]
    }

    /// The slope between both sides, or to the one side that is there; and the step that it rests on.
    fn slope(&self) -> Option<(f64, f64)> {
        let one_sided = |side: usize, sign: f64| {
            (self.steps[side] > 0.0 && self.changes[side].is_finite())
                .then(|| (sign * self.changes[side] / self.steps[side], 0.5 * self.steps[side]))
        };
        let width = self.steps[0] + self.steps[1];
        match self.values.iter().all(|value| value.is_finite()) && width > 0.0 {
            true => Some(((self.values[0] - self.values[1]) / width, 0.5 * width)),
            false => one_sided(0, 1.0).or_else(|| one_sided(1, -1.0)),
        }
    }
}

/// A slope from close by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    pub(crate) slope: f64,
    /// How far rounding may put it off.
    pub(crate) uncertainty: f64,
    /// How far a bend may put it off, be it the function's or of its rounding.
    bend: f64,
    pub(crate) step: f64,
}

/// What close values say of one component.
#[derive(Clone, Debug)]
pub(crate) struct Close {
    /// How much rounding moves the value from one double to the next.
    pub(crate) noise: f64,
    /// Likewise, with what may be rounding in larger treads, or a turn of the function.
    pub(crate) roughness: f64,
    /// Slopes, the closest first.
    pub(crate) slopes: [Option<Near>; RUNGS.len()],
    /// A corner or a jump at the point itself.
    pub(crate) irregular: Option<Blind>,
    /// Whether no value differed from the one at the point.
    pub(crate) flat: bool,
    /// Whether some value is not a number, though the one at the point is.
    pub(crate) edge: bool,
    /// How far the slopes of both sides are apart at the closest rung.
    pub(crate) split: f64,
}

impl Close {
    fn of(here: f64, rungs: &[Rung; RUNGS.len()]) -> Close {
        let unit = if here.is_finite() { f64::EPSILON * here.abs() } else { 0.0 };
        let [noise, roughness] = noise(unit, rungs);
        let mut slopes = std::array::from_fn(|k| {
            // Without the value at the point, rounding cannot be told from the function's own turns.
            if here.is_finite() { Near::of(&rungs[k], noise.max(unit)) } else { None }
        });
        let apart = differences(plateau(&slopes));
        for near in slopes.iter_mut().flatten() {
            near.uncertainty += MARGIN * apart / near.step;
        }
        let side = |side: usize| rungs[0].changes[side] / rungs[0].steps[side];
        let split = side(0) + side(1);
        Close {
            noise: noise.max(apart),
            roughness: roughness.max(apart),
            slopes,
            irregular: irregular(unit, rungs),
            flat: rungs.iter().all(Rung::flat),
            edge: here.is_finite() && rungs.iter().any(|rung| !rung.whole()),
            split: if split.is_finite() { split.abs() } else { 0.0 },
        }
    }

    /// The closest slope, known to what the next one and the sides make of it: all there is where no tableau is to be had.
    pub(crate) fn one_sided(&self) -> Option<Best> {
        let near: Vec<&Near> = self.slopes.iter().flatten().collect();
        let [first, second, ..] = near[..] else { return None };
        let apart = (first.slope - second.slope).abs().max(self.split);
        let Near { slope, uncertainty, step, .. } = *first;
        Some(Best { slope, error: apart + uncertainty, roundoff: uncertainty, step })
    }

    /// Of the slopes that no closer one contradicts the most certain, where it is certain enough.
    pub(crate) fn plateau(&self) -> Option<Near> {
        let sharpest =
            plateau(&self.slopes).into_iter().min_by(|a, b| a.uncertainty.total_cmp(&b.uncertainty));
        sharpest.filter(|near| near.slope == 0.0 || near.resolved())
    }
}

impl Near {
    fn resolved(&self) -> bool {
        self.uncertainty <= RESOLVED * self.slope.abs()
    }

    fn of(rung: &Rung, noise: f64) -> Option<Near> {
        let (slope, step) = rung.slope()?;
        // A bend may be the function's, or a tread that one side has left.
        let bend = if rung.whole() { 2.0 * rung.bend() } else { 0.0 };
        let unit =
            f64::EPSILON * rung.values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        Some(Near { slope, uncertainty: (MARGIN * noise.max(unit) + bend) / step, bend: bend / step, step })
    }
}

/// Slopes, from the closest on, as long as none contradicts a closer one.
fn plateau(slopes: &[Option<Near>; RUNGS.len()]) -> Vec<Near> {
    let mut plateau: Vec<Near> = Vec::new();
    for near in slopes.iter().flatten() {
        let agrees = |closer: &Near| {
            let apart = (closer.slope - near.slope).abs();
            apart <= closer.uncertainty + near.uncertainty + PLATEAU * near.slope.abs()
        };
        if !plateau.iter().all(agrees) {
            break;
        }
        plateau.push(*near);
    }
    plateau
}

/// The noise by which slopes differ that should be the same: bends may be small by chance.
fn differences(plateau: Vec<Near>) -> f64 {
    let pairs = plateau.windows(2).map(|pair| ((pair[0].slope - pair[1].slope).abs(), pair));
    let rounding = pairs.filter(|(apart, pair)| *apart > pair[1].bend && pair[1].resolved());
    rounding.map(|(apart, pair)| apart * pair[0].step).fold(0.0, f64::max)
}

/// Slopes on a plateau differ by no more than this fraction.
const PLATEAU: f64 = 0.1;
/// A slope is resolved when rounding takes no more than this fraction of it.
const RESOLVED: f64 = 0.25;

/// How much rounding moves the values: bends, from the closest rung on, until they are the function's (Hamming 1971;
/// Moré and Wild 2011 for the general method). The first number stops at the first bend that grows, the second only where
/// it goes on growing at the next rung: values that are rounded to a coarser grid than doubles have no bend at all
/// within a tread of that grid.
fn noise(unit: f64, rungs: &[Rung; RUNGS.len()]) -> [f64; 2] {
    let whole: Vec<f64> = rungs.iter().filter(|rung| rung.whole()).map(Rung::bend).collect();
    let grows = |k: usize| k > 0 && k < whole.len() && whole[k] >= BENDS * whole[k - 1].max(0.25 * unit);
    let until = |stop: &dyn Fn(usize) -> bool| {
        let own = (0..whole.len().min(RUNGS.len() - 1)).take_while(|&k| !stop(k));
        own.map(|k| whole[k]).fold(0.0, f64::max)
    };
    [until(&grows), until(&|k| grows(k) && grows(k + 1))]
}

/// A corner: bends that fall like the step; or a jump: values that have limits, and not the same or not the value.
fn irregular(unit: f64, rungs: &[Rung; RUNGS.len()]) -> Option<Blind> {
    let whole: Vec<&Rung> = rungs.iter().filter(|rung| rung.whole()).collect();
    let clear = CLEAR * unit;
    if let [first, second, third, ..] = whole[..] {
        let spread = |side: usize| {
            (third.changes[side] - first.changes[side])
                .abs()
                .max((second.changes[side] - first.changes[side]).abs())
        };
        let gap = first.changes[0].abs().max(first.changes[1].abs());
        if gap > clear && gap > CLEAR * spread(0).max(spread(1)) {
            return Some(Blind::Jump);
        }
    }
    let corner = |pair: &[&Rung]| {
        let lengths = pair[1].steps[0] / pair[0].steps[0];
        let bends = pair[1].bend() / pair[0].bend();
        pair[0].bend() > clear && bends > 0.5 * lengths && bends < 2.0 * lengths
    };
    let corners = whole.windows(2).filter(|pair| corner(pair)).count();
    (corners >= 2
        && whole.len() >= 3
        && whole.windows(2).take(2).all(|pair| pair[0].bend() <= clear || corner(pair)))
    .then_some(Blind::Kink)
}

/// The values at the point, what is seen close by of each component, and the number of evaluations.
pub(crate) fn look(
    x: &[f64],
    outputs: usize,
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> (Vec<f64>, Vec<Close>, u64) {
    let mut moves = vec![None];
    for (input, &value) in x.iter().enumerate() {
        for rung in RUNGS {
            let step = power_below(value) * 2f64.powi(rung);
            moves.extend([step, -step].map(|step| Some(Move { input, value: value + step })));
        }
    }
    let mut values = vec![0.0; moves.len() * outputs];
    f(&Batch::new(x, &moves), &mut values);
    let here = values[..outputs].to_vec();
    let mut close = Vec::with_capacity(outputs * x.len());
    for (output, &here) in here.iter().enumerate() {
        for (input, &x) in x.iter().enumerate() {
            let rungs = std::array::from_fn(|rung| {
                let first = 1 + 2 * (RUNGS.len() * input + rung);
                let at = [first, first + 1].map(|k| moves[k].map_or(f64::NAN, |moved| moved.value));
                let values = [first, first + 1].map(|k| values[k * outputs + output]);
                Rung { steps: [at[0] - x, x - at[1]], changes: values.map(|value| value - here), values }
            });
            close.push(Close::of(here, &rungs));
        }
    }
    (here, close, moves.len() as u64)
}

/// The power of two below the size of an input; 1 for 0.
fn power_below(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { f64::from_bits(x.abs().to_bits() & 0x7ff0_0000_0000_0000) }
}
