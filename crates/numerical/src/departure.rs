//! Where values leave the straight line that they follow close by, and whether they turn or jump there.
//!
//! Close by, a function that oscillates fast, one that is defined in pieces, and one whose values are rounded to a
//! coarse grid look the same: straight, and with another slope than over longer steps. They differ in how they
//! leave that line: by a turn; by a jump to one side; by jumps to both sides.

use crate::batch::{Batch, Move};
use crate::close::Near;

/// Distances grow by this factor until values have left the line, and to a tenth of the input at most.
const OUTWARD: f64 = 8.0;
const FURTHEST: f64 = 0.1;
/// Then the distance is known to this fraction.
const CLOSELY: f64 = 0.01;
/// Values have left the line when they have gone so far of the way to the other slope,
const PART: f64 = 0.25;
/// and rounding is exceeded by this factor.
const CLEAR: f64 = 8.0;
/// Where they leave it in a turn, they are not this much further off it after so small a part of the distance.
const SHARP: f64 = 4.0;
/// Evaluations to one side, at most.
const MOST_TO_A_SIDE: usize = 20;
/// Evaluations of [`leaves`], at most.
pub(crate) const MOST_EVALUATIONS: usize = 2 * MOST_TO_A_SIDE;

/// How values leave a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Leaves {
    /// In a turn.
    Turning,
    /// In a jump to one side, and not at all to the other.
    AtAJump,
    /// In jumps to both sides, the larger of which is this.
    InTreads(f64),
    /// They were not seen to leave it.
    Nowhere,
}

/// One side of it.
enum Side {
    Turn,
    Jump(f64),
    Straight,
}

/// How the values of one output leave the line `near`, towards those of the slope `far`.
pub(crate) fn leaves(
    x: &[f64],
    (input, output): (usize, usize),
    here: &[f64],
    (near, far, noise): (Near, f64, f64),
    f: &mut dyn FnMut(&Batch<'_>, &mut [f64]),
) -> (Leaves, u64) {
    let origin = x[input];
    let furthest = FURTHEST * if origin == 0.0 { 1.0 } else { origin.abs() };
    let mut evaluations = 0;
    let mut values = vec![0.0; here.len()];
    let mut deviation = |step: f64| {
        let place = origin + step;
        f(&Batch::new(x, &[Some(Move { input, value: place })]), &mut values);
        evaluations += 1;
        let step = place - origin;
        let off = (values[output] - here[output] - near.slope * step).abs();
        (off, off > PART * ((far - near.slope) * step).abs() + CLEAR * noise)
    };
    let mut side = |sign: f64| {
        let mut low = near.step;
        let (mut at_low, left) = deviation(sign * low);
        if left {
            // There is no line to begin with.
            return Side::Straight;
        }
        let mut high = low;
        let mut at_high = loop {
            high = (OUTWARD * high).min(furthest);
            let (off, left) = deviation(sign * high);
            if left {
                break off;
            }
            if !off.is_finite() || high >= furthest {
                return Side::Straight;
            }
            (low, at_low) = (high, off);
        };
        while high > (1.0 + CLOSELY) * low {
            let middle = low.sqrt() * high.sqrt();
            let (off, left) = deviation(sign * middle);
            if !(low < middle && middle < high && off.is_finite()) {
                break;
            }
            if left { (high, at_high) = (middle, off) } else { (low, at_low) = (middle, off) }
        }
        match at_high > SHARP * at_low.max(CLEAR * noise) {
            true => Side::Jump(at_high),
            false => Side::Turn,
        }
    };
    let found = match (side(1.0), side(-1.0)) {
        (Side::Turn, _) | (_, Side::Turn) => Leaves::Turning,
        (Side::Jump(above), Side::Jump(below)) => Leaves::InTreads(above.max(below)),
        (Side::Jump(_), Side::Straight) | (Side::Straight, Side::Jump(_)) => Leaves::AtAJump,
        (Side::Straight, Side::Straight) => Leaves::Nowhere,
    };
    (found, evaluations)
}
