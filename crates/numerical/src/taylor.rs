//! A verdict without a step size: the order at which the Taylor remainder of a claimed slope vanishes.
//!
//! If g is the slope of f along input i, then |f(x + h) - f(x) - h·g| falls like h²; if not, like h. The order is read
//! off where truncation still stands out of the rounding noise, so a tiny error in f does not hide a wrong slope. It is
//! told only where an error of a thousandth of the slope would have shown.

use crate::adaptive::sight;
use crate::tableau::Best;

/// What the remainders say of a slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Remainder {
    /// They vanish at this order: 2 for the right slope of a curved function, 1 for a wrong slope.
    Order(f64),
    /// They are rounding noise as far as an error of the slope would show: the function is straight and the slope right.
    Noise,
    /// Nothing can be said: noise would hide an error of the slope, or the function oscillates, jumps, has a corner or is
    /// not finite nearby.
    Unclear,
}

impl Remainder {
    /// Whether the slope is confirmed.
    pub fn confirms(self) -> bool {
        matches!(self, Remainder::Noise) || matches!(self, Remainder::Order(order) if order >= RIGHT)
    }

    /// Whether the slope is shown to be wrong; where it is neither confirmed nor refuted, nothing can be said.
    pub fn refutes(self) -> bool {
        matches!(self, Remainder::Order(order) if order < RIGHT)
    }
}

/// Steps, each half the one before; the longest is a tenth of the scale.
const STEPS: usize = 48;
const LONGEST: f64 = 0.1;
/// So many remainders in a row that are rounding noise: shorter steps have no others.
const ENOUGH: usize = 4;
/// A remainder counts when it is this many times the rounding noise.
const ABOVE_NOISE: f64 = 32.0;
/// Orders that tell the slope right, and wrong; and by how much the last two of them may differ.
const RIGHT: f64 = 1.9;
const WRONG: std::ops::RangeInclusive<f64> = 0.8..=1.2;
const SETTLED: f64 = 0.3;
/// Orders are read off so many pairs of steps.
const PAIRS: usize = 3;
/// A remainder that falls by this factor at once falls in a jump of the function, not by any order.
const SUDDEN: f64 = 64.0;
/// What an error of the slope may hide behind, as a fraction of the slope: half of a thousandth.
const RESOLUTION: f64 = 5e-4;
/// At an order near 2, a linear part is less than this fraction of the remainder.
const LINEAR_PART: f64 = 0.5;
/// Differences that know the slope no better than to this fraction of it leave nothing for remainders to see.
const COARSE: f64 = 0.05;

/// The value at one step.
#[derive(Clone, Copy)]
struct Sample {
    step: f64,
    change: f64,
    /// What one rounding does to it.
    unit: f64,
}

/// The remainder at one step.
struct Point {
    step: f64,
    size: f64,
    /// Below this it is rounding noise.
    noise: f64,
}

impl Point {
    fn counts(&self) -> bool {
        self.size > self.noise
    }
}

/// Examines `slope` as the derivative of `f` at `at`, with steps to both sides of up to a tenth of `scale`.
pub fn remainder(at: f64, scale: f64, slope: f64, mut f: impl FnMut(f64) -> f64) -> Remainder {
    let here = f(at);
    if !here.is_finite() {
        return Remainder::Unclear;
    }
    let Some((best, noise)) = sight(at, &mut f) else { return Remainder::Unclear };
    if best.error > COARSE * best.slope.abs().max(slope.abs()) && slope != 0.0 {
        return Remainder::Unclear;
    }
    let sides = [1.0, -1.0].map(|side| samples(at, side * LONGEST * scale, here, slope, noise, &mut f));
    let noise = sides.iter().map(|samples| scatter(samples, &best)).fold(noise, f64::max);
    let mut said = sides.map(|samples| {
        let point = |sample: &Sample| Point {
            step: sample.step.abs(),
            size: (sample.change - sample.step * slope).abs(),
            noise: ABOVE_NOISE * noise.max(sample.unit),
        };
        side_says(&samples.iter().map(point).collect::<Vec<_>>(), slope.abs())
    });
    // A side that says something decides, but not against the other.
    said.sort_by_key(|side| matches!(side, Remainder::Unclear));
    match said {
        [one, Remainder::Unclear] => one,
        [Remainder::Noise, other] | [other, Remainder::Noise] => other,
        [one, other] if one.confirms() != other.confirms() => Remainder::Unclear,
        [Remainder::Order(one), Remainder::Order(other)] => Remainder::Order(one.max(other)),
        [Remainder::Unclear, _] => Remainder::Unclear,
    }
}

/// Values to one side, the longest step first, until remainders are nothing but noise.
fn samples(
    at: f64,
    longest: f64,
    here: f64,
    slope: f64,
    noise: f64,
    f: &mut impl FnMut(f64) -> f64,
) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    let mut silent = 0;
    for k in 0..STEPS {
        let x = at + longest * 0.5f64.powi(k as i32);
        let (step, there) = (x - at, f(x));
        if step == 0.0 || silent == ENOUGH {
            break;
        }
        if !there.is_finite() {
            samples.clear();
            continue;
        }
        let sample = Sample {
            step,
            change: there - here,
            unit: f64::EPSILON * (here.abs() + there.abs() + (step * slope).abs()),
        };
        let counts = (sample.change - step * slope).abs() > noise.max(sample.unit);
        silent = if counts { 0 } else { silent + 1 };
        samples.push(sample);
    }
    samples
}

/// How far values are off the tangent that differences found, at steps too short for those and beyond what curvature
/// explains: values that are rounded to a grid coarser than doubles do not show it from one double to the next.
fn scatter(samples: &[Sample], best: &Best) -> f64 {
    let off = |sample: &Sample| (sample.change - sample.step * best.slope).abs();
    let split = samples.iter().position(|sample| sample.step.abs() < best.step).unwrap_or(samples.len());
    let Some(reach) = split.checked_sub(1).map(|k| &samples[k]) else { return 0.0 };
    let curvature = |sample: &Sample| 4.0 * off(reach) * (sample.step / reach.step).powi(2);
    samples[split..].iter().map(|sample| off(sample) - curvature(sample)).fold(0.0, f64::max)
}

/// What the remainders to one side say, the longest step first.
fn side_says(points: &[Point], slope: f64) -> Remainder {
    let noise_from = points.iter().rposition(Point::counts).map_or(0, |last| last + 1);
    // Whether an error of the slope would stand out of the noise where remainders are nothing else.
    let straight = || match points.get(noise_from) {
        Some(point) if point.noise <= RESOLUTION * slope * point.step || slope == 0.0 => Remainder::Noise,
        _ => Remainder::Unclear,
    };
    let Some(last) = noise_from.checked_sub(1).map(|last| &points[last]) else { return straight() };
    if let Some(next) = points.get(noise_from)
        && last.size > SUDDEN * next.size.max(next.noise / SUDDEN)
        && last.size > SUDDEN * last.noise
    {
        return straight();
    }
    let counting: Vec<&Point> =
        points[..noise_from].iter().rev().take_while(|point| point.counts()).take(PAIRS + 1).collect();
    let orders: Vec<f64> = counting.windows(2).map(|pair| (pair[1].size / pair[0].size).log2()).collect();
    let [first, second, ..] = orders[..] else { return Remainder::Unclear };
    let hidden = (last.noise + LINEAR_PART * last.size) / last.step;
    let told = hidden <= RESOLUTION * slope || slope == 0.0;
    if first.max(second) >= RIGHT && (first - second).abs() <= SETTLED && told {
        Remainder::Order(first.max(second))
    } else if orders.iter().all(|order| WRONG.contains(order)) {
        Remainder::Order(first)
    } else {
        Remainder::Unclear
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_slope_has_order_two_and_a_wrong_one_has_order_one() {
        for error in [0.0, 1e-4, 0.03, -0.03, 1.0] {
            let found = remainder(1.3, 1.3, 1.3f64.cos() * (1.0 + error), f64::sin);
            assert_eq!(found.confirms(), error == 0.0, "{error}: {found:?}");
            assert_eq!(found.refutes(), error != 0.0, "{error}: {found:?}");
        }
    }

    #[test]
    fn straight_functions_leave_noise() {
        assert_eq!(remainder(3.0, 3.0, 2.0, |x| 2.0 * x + 1.0), Remainder::Noise);
        assert!(remainder(3.0, 3.0, 2.1, |x| 2.0 * x + 1.0).refutes());
    }

    #[test]
    fn outside_the_domain_nothing_is_claimed() {
        assert_eq!(remainder(-1.0, 0.1, 1.0, f64::ln), Remainder::Unclear);
    }

    #[test]
    fn where_values_do_not_tell_nothing_is_claimed() {
        // Stairs, a corner, a function that turns from one double to the next.
        assert_eq!(remainder(1.5, 1.5, 1.0, |x| x + 1e16 - 1e16), Remainder::Unclear);
        assert_eq!(remainder(0.0, 1.0, 0.0, f64::abs), Remainder::Unclear);
        assert_eq!(remainder(700.0, 700.0, 1.0, |x| x.exp().sin()), Remainder::Unclear);
    }

    #[test]
    fn a_jump_nearby_and_fast_turns_hide_nothing() {
        let jump = |x: f64| if x < 1.0 { x } else { x + 1.0 };
        assert!(remainder(1.0 - 1e-6, 1.0, 1.0, jump).confirms());
        let fast = |x: f64| (1e7 * x).sin();
        assert!(remainder(1.0, 1.0, 1e7 * 1e7f64.cos(), fast).confirms());
        assert!(remainder(1.0, 1.0, 1e7 * 1e7f64.cos() * 1.001, fast).refutes());
    }
}
