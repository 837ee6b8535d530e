//! Values at one length of step, along all directions and pairs of them.

use super::{Along, NOISE_POINTS, Points, SecondDifferences};
use crate::Blind;

/// What one length of step says of a pair.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// The second difference; NaN where a value is not finite.
    pub(super) difference: f64,
    /// How much of it may be rounding.
    pub(super) roundoff: f64,
    /// Along one direction: how far the second differences of both sides are apart, each of half the size, if they are known.
    pub(super) split: Option<f64>,
}

/// A function, and its values at the length of step that was last taken.
pub(super) struct Levels<'a> {
    x: &'a [f64],
    along: &'a [Along<'a>],
    pairs: &'a [(usize, usize)],
    f: &'a mut dyn FnMut(&Points<'_>, &mut [f64]),
    /// What a step is a fraction of, along each direction: a power of two.
    scales: Vec<f64>,
    here: f64,
    /// How much rounding moves a value.
    noise: f64,
    evaluations: u64,
    /// The steps, the values ahead and behind along each direction, and those of the level before.
    steps: Vec<f64>,
    ahead: Vec<[f64; 2]>,
    before: Vec<[f64; 2]>,
    /// Whether the level before had twice the step.
    doubled: bool,
    /// Ahead and behind along both of a pair.
    mixed: Vec<[f64; 2]>,
    /// The slopes along directions, with the step that each was found with.
    slopes: Vec<Slope>,
}

/// A slope by extrapolation from two lengths of step.
#[derive(Clone, Copy, Debug, Default)]
struct Slope {
    central: f64,
    best: f64,
    error: f64,
    known: u32,
}

/// The power of two below a number.
fn power_of_two(h: f64) -> f64 {
    if h.is_normal() { f64::from_bits(h.to_bits() & 0x7ff0_0000_0000_0000) } else { h.abs() }
}

impl<'a> Levels<'a> {
    pub(super) fn new(
        x: &'a [f64],
        along: &'a [Along<'a>],
        pairs: &'a [(usize, usize)],
        f: &'a mut dyn FnMut(&Points<'_>, &mut [f64]),
    ) -> Levels<'a> {
        let size = |numbers: &[f64]| numbers.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let scale = |along: &Along<'_>| {
            let (x, direction) = match *along {
                Along::Input(input) => (x[input].abs(), 1.0),
                Along::Direction(all) => (size(x), size(all)),
            };
            let x = if x > 0.0 && x.is_finite() { x } else { 1.0 };
            let scale = power_of_two(x / direction);
            if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
        };
        let scales: Vec<f64> = along.iter().map(scale).collect();
        let count = along.len();
        let mut levels = Levels {
            x,
            along,
            pairs,
            f,
            scales,
            here: 0.0,
            noise: 0.0,
            evaluations: 0,
            steps: vec![0.0; count],
            ahead: vec![[f64::NAN; 2]; count],
            before: vec![[f64::NAN; 2]; count],
            doubled: false,
            mixed: vec![[f64::NAN; 2]; pairs.len()],
            slopes: vec![Slope::default(); count],
        };
        levels.here = levels.values(&[[(0, 0.0); 2]])[0];
        levels.noise = f64::EPSILON * if levels.here.is_finite() { levels.here.abs() } else { 0.0 };
        levels
    }

    pub(super) fn noise(&self) -> f64 {
        self.noise
    }

    pub(super) fn here(&self) -> f64 {
        self.here
    }

    fn values(&mut self, moves: &[[(usize, f64); 2]]) -> Vec<f64> {
        let mut values = vec![0.0; moves.len()];
        if !moves.is_empty() {
            (self.f)(&Points { base: self.x, along: self.along, moves }, &mut values);
        }
        self.evaluations += moves.len() as u64;
        values
    }

    /// How much rounding moves values, by fourth differences of values close by, along the first two directions at once
    /// (Hamming 1971).
    pub(super) fn measure_noise(&mut self) {
        let Some(scale) = self.scales.first().copied() else { return };
        // Close enough that the function is a cubic, far enough that all points differ.
        let step = scale * 2f64.powi(-36);
        let moves: Vec<[(usize, f64); 2]> = (1..=NOISE_POINTS as i32 / 2)
            .flat_map(|k| [k, -k])
            .map(|k| {
                let second = if self.along.len() > 1 {
                    (1, f64::from(k) * self.scales[1] * 2f64.powi(-36))
                } else {
                    (0, 0.0)
                };
                [(0, f64::from(k) * step), second]
            })
            .collect();
        let values = self.values(&moves);
        let [a, b, c, d, e, f] = values[..] else { return };
        // In order: f, d, b, here, a, c, e at -3 … 3. Weights of fourth differences, whose squares sum to 70.
        let rows = [[f, d, b, self.here, a], [d, b, self.here, a, c], [b, self.here, a, c, e]];
        let fourth = |row: &[f64; 5]| (row[0] - 4.0 * row[1] + 6.0 * row[2] - 4.0 * row[3] + row[4]).abs();
        let measured = rows.iter().map(fourth).fold(0.0, f64::max) / 70f64.sqrt();
        if measured.is_finite() {
            self.noise = self.noise.max(measured);
        }
    }

    /// Takes values with steps that are such a fraction of the scale, for the pairs that are wanted.
    pub(super) fn take(&mut self, fraction: f64, wanted: impl Fn(usize) -> bool) {
        let mut used = vec![false; self.along.len()];
        let wanted: Vec<usize> = (0..self.pairs.len()).filter(|&pair| wanted(pair)).collect();
        for &pair in &wanted {
            let (a, b) = self.pairs[pair];
            (used[a], used[b]) = (true, true);
        }
        let mut moves = Vec::new();
        self.doubled = true;
        for k in (0..used.len()).filter(|&k| used[k]) {
            let step = fraction * self.scales[k];
            self.doubled &= self.steps[k] == 2.0 * step;
            self.steps[k] = step;
            moves.extend([step, -step].map(|step| [(k, step), (0, 0.0)]));
        }
        for &pair in &wanted {
            let (a, b) = self.pairs[pair];
            if a != b {
                moves.extend([1.0, -1.0].map(|side| [(a, side * self.steps[a]), (b, side * self.steps[b])]));
            }
        }
        let values = self.values(&moves);
        let mut values = values.chunks_exact(2).map(|two| [two[0], two[1]]);
        for k in (0..used.len()).filter(|&k| used[k]) {
            self.before[k] = self.ahead[k];
            self.ahead[k] = values.next().expect("two values along each direction");
            self.see_slope(k);
        }
        for &pair in &wanted {
            let (a, b) = self.pairs[pair];
            if a != b {
                self.mixed[pair] = values.next().expect("two values for each pair");
            }
        }
    }

    fn see_slope(&mut self, k: usize) {
        let [ahead, behind] = self.ahead[k];
        let central = (ahead - behind) / (2.0 * self.steps[k]);
        let Slope { central: coarser, best, error, known } = self.slopes[k];
        let (better, own) = match known {
            0 => (central, f64::INFINITY),
            _ => {
                let better = central + (central - coarser) / 3.0;
                (better, (better - central).abs() + 4.0 * self.noise / self.steps[k])
            }
        };
        let first = known == 0 || !best.is_finite();
        let (best, error) = if first || own < error { (better, own) } else { (best, error) };
        self.slopes[k] = Slope { central, best, error, known: known + 1 };
    }

    /// How much rounding moves values along a direction: of a point that is moved in all inputs at once each is rounded.
    fn noise_along(&self, k: usize) -> f64 {
        let Along::Direction(_) = self.along[k] else { return self.noise };
        let moved = self.along.iter().zip(&self.slopes).filter_map(|(along, slope)| match along {
            Along::Input(input) if slope.best.is_finite() => Some((slope.best * self.x[*input]).abs()),
            _ => None,
        });
        self.noise + f64::EPSILON * moved.sum::<f64>()
    }

    /// What the values that were taken say of a pair.
    pub(super) fn sample(&self, pair: usize) -> Sample {
        let (a, b) = self.pairs[pair];
        let here = self.here;
        let product = self.steps[a] * self.steps[b];
        let [ahead, behind] = self.ahead[a];
        if a == b {
            let difference = ((ahead - here) + (behind - here)) / product;
            let noise = self.noise_along(a).max(f64::EPSILON * ahead.abs().max(behind.abs()));
            let [far_ahead, far_behind] = self.before[a];
            // Both sides by themselves: they differ by 2 h f''' where the function is smooth.
            let split = ((far_ahead - ahead) - (ahead - here) - ((far_behind - behind) - (behind - here)))
                .abs()
                / product;
            return Sample {
                difference,
                roundoff: 4.0 * noise / product,
                split: (self.doubled && split.is_finite()).then_some(split),
            };
        }
        let [both, neither] = self.mixed[pair];
        let [other_ahead, other_behind] = self.ahead[b];
        let sum = (both - ahead) - (other_ahead - here) + ((neither - behind) - (other_behind - here));
        let largest = [both, neither, ahead, behind, other_ahead, other_behind].map(f64::abs);
        let largest = largest.into_iter().fold(0.0, f64::max);
        let noise = self.noise_along(a).max(self.noise_along(b)).max(f64::EPSILON * largest);
        Sample { difference: sum / (2.0 * product), roundoff: 4.0 * noise / product, split: None }
    }

    /// One-sided differences: of order 1.
    pub(super) fn forward(mut self) -> SecondDifferences {
        let fraction = power_of_two(f64::EPSILON.cbrt());
        let steps: Vec<f64> = self.scales.iter().map(|scale| fraction * scale).collect();
        let used =
            |k: usize, own: bool| self.pairs.iter().any(|&(a, b)| (a == k || b == k) && (!own || a == b));
        let once: Vec<usize> = (0..steps.len()).filter(|&k| used(k, false)).collect();
        let twice: Vec<usize> = (0..steps.len()).filter(|&k| used(k, true)).collect();
        let mixed: Vec<(usize, usize)> = self.pairs.iter().copied().filter(|(a, b)| a != b).collect();
        let mut moves: Vec<[(usize, f64); 2]> = once.iter().map(|&k| [(k, steps[k]), (0, 0.0)]).collect();
        moves.extend(twice.iter().map(|&k| [(k, 2.0 * steps[k]), (0, 0.0)]));
        moves.extend(mixed.iter().map(|&(a, b)| [(a, steps[a]), (b, steps[b])]));
        let values = self.values(&moves);
        let place = |all: &[usize], k: usize| all.binary_search(&k).expect("it is used");
        let ahead = |k: usize| values[place(&once, k)];
        let mut both = values[once.len() + twice.len()..].iter();
        let here = self.here;
        let derivative = |&(a, b): &(usize, usize)| {
            let (next, far) = match a == b {
                true => (ahead(a), values[once.len() + place(&twice, a)]),
                false => (ahead(b), *both.next().expect("a value for each pair")),
            };
            ((far - ahead(a)) - (next - here)) / (steps[a] * steps[b])
        };
        let derivative = self.pairs.iter().map(derivative).collect();
        for &k in &once {
            self.slopes[k].best = (ahead(k) - here) / steps[k];
        }
        self.found(derivative, None, Vec::new())
    }

    /// Differences at some steps, weighted so that errors of low orders cancel.
    pub(super) fn fixed(mut self, fraction: f64, multiples: &[f64], weights: &[f64]) -> SecondDifferences {
        let fraction = power_of_two(fraction);
        let mut derivative = vec![0.0; self.pairs.len()];
        let mut slopes = vec![0.0; self.along.len()];
        for (multiple, weight) in multiples.iter().zip(weights) {
            self.take(fraction * multiple, |_| true);
            derivative.iter_mut().enumerate().for_each(|(k, sum)| *sum += weight * self.sample(k).difference);
            slopes.iter_mut().zip(&self.slopes).for_each(|(sum, slope)| *sum += weight * slope.central);
        }
        self.slopes.iter_mut().zip(slopes).for_each(|(slope, sum)| slope.best = sum);
        self.found(derivative, None, Vec::new())
    }

    pub(super) fn found(
        self,
        derivative: Vec<f64>,
        error: Option<Vec<f64>>,
        blind: Vec<Option<Blind>>,
    ) -> SecondDifferences {
        SecondDifferences {
            value: self.here,
            slopes: self.slopes.iter().map(|slope| slope.best).collect(),
            derivative,
            error,
            blind,
            evaluations: self.evaluations,
        }
    }
}
