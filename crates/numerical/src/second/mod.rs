//! Second derivatives from values: differences of differences along pairs of directions.
//!
//! With steps h and k along a and b, a mixed derivative is
//! `(f(x+ha+kb) + f(x-ha-kb) - f(x+ha) - f(x-ha) - f(x+kb) - f(x-kb) + 2 f(x)) / 2hk`, one along a alone
//! `(f(x+ha) - 2 f(x) + f(x-ha)) / h²`. So n inputs take 1 + 2n values, and 2 for each entry off the diagonal, at every length of
//! step that a scheme uses. No colouring makes that less: every value is that of the whole function.
//!
//! Rounding is divided by the square of the step, so that half of the digits that a slope has are lost at the best step of order 2.
//! Extrapolation takes longer steps, and keeps more of them: errors are series in h² along all pairs.

mod level;
mod tableau;
#[cfg(test)]
mod tests;

use crate::{Blind, Scheme};
use level::Levels;
use tableau::Tableau;

/// A direction in which points are moved.
///
/// ```
/// use numerical::{Along, Scheme, second_differences};
/// // d²(x²y) along (1, 1), twice, at (3, 5): 2y + 4x.
/// let along = [Along::Direction(&[1.0, 1.0])];
/// let found = second_differences(Scheme::Adaptive, &[3.0, 5.0], &along, &[(0, 0)], |points, out| {
///     points.each(|k, x| out[k] = x[0] * x[0] * x[1]);
/// });
/// assert!((found.derivative[0] - 22.0).abs() < 1e-8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Along<'a> {
    /// One input alone.
    Input(usize),
    /// All of them, each so many times the step.
    Direction(&'a [f64]),
}

/// Points to evaluate: each is the base point moved along at most two directions.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    pub(crate) base: &'a [f64],
    pub(crate) along: &'a [Along<'a>],
    /// Direction and step, a step of 0 where there is none.
    pub(crate) moves: &'a [[(usize, f64); 2]],
}

impl Points<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.moves.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty()
    }

    /// Writes point `k` out, one number per input.
    ///
    /// # Panics
    /// When there is no such point or `point` has another length.
    pub fn fill(&self, k: usize, point: &mut [f64]) {
        point.copy_from_slice(self.base);
        for (direction, step) in self.moves[k] {
            if step == 0.0 {
                continue;
            }
            match self.along[direction] {
                Along::Input(input) => point[input] += step,
                Along::Direction(all) => point.iter_mut().zip(all).for_each(|(x, along)| *x += step * along),
            }
        }
    }

    /// Hands over every point with its number.
    pub fn each(&self, mut take: impl FnMut(usize, &[f64])) {
        let mut point = self.base.to_vec();
        for k in 0..self.len() {
            self.fill(k, &mut point);
            take(k, &point);
        }
    }
}

/// Second derivatives of a function, and what they were found with.
#[derive(Clone, Debug, PartialEq)]
pub struct SecondDifferences {
    /// The value at the point itself.
    pub value: f64,
    /// The slope along each direction, from the same values.
    pub slopes: Vec<f64>,
    /// Of each pair.
    pub derivative: Vec<f64>,
    /// The scheme's own estimate of the absolute error of each, where it makes one: infinite or NaN where
    /// [`SecondDifferences::blind`] has a reason.
    pub error: Option<Vec<f64>>,
    /// Of each pair, why the scheme cannot see the derivative, if it found that it cannot. Empty for schemes that make no estimate.
    pub blind: Vec<Option<Blind>>,
    /// At how many points the function was evaluated.
    pub evaluations: u64,
}

impl Scheme {
    /// The most points at which a function is evaluated for second derivatives along so many directions, and so many pairs of
    /// two different ones.
    ///
    /// ```
    /// use numerical::Scheme;
    /// // The Hessian of a function of 10 inputs.
    /// assert_eq!(Scheme::Central2.max_second_evaluations(10, 45), 1 + 2 * 10 + 2 * 45);
    /// ```
    pub const fn max_second_evaluations(self, directions: usize, mixed: usize) -> u64 {
        let (along, mixed) = (directions as u64, mixed as u64);
        let levels: u64 = match self {
            Scheme::Forward => return along.saturating_mul(2).saturating_add(mixed).saturating_add(1),
            Scheme::Central2 => 1,
            Scheme::Central4 => 2,
            Scheme::Central6 => 3,
            Scheme::Richardson => 4,
            Scheme::Adaptive => MOST_LEVELS as u64,
        };
        let noise = if matches!(self, Scheme::Adaptive) { NOISE_POINTS as u64 } else { 0 };
        let each = along.saturating_add(mixed).saturating_mul(2);
        levels.saturating_mul(each).saturating_add(1 + noise)
    }
}

/// Steps that the adaptive scheme tries, each half of the one before.
pub(crate) const MOST_LEVELS: usize = 24;
/// It does not judge before so many of them.
const FEWEST_LEVELS: usize = 4;
/// Points close by that tell how much rounding moves values.
const NOISE_POINTS: usize = 6;
/// Noise beyond this fraction of a value hides derivatives, unless they are told this well in spite of it.
const ROUGH: f64 = 1.0 / (1u64 << 26) as f64;
const TOLD_IN_SPITE: f64 = 1.0 / (1u64 << 10) as f64;
/// What is better than this fraction of itself needs no shorter steps.
const GOOD: f64 = 1e-6;

/// Second derivatives of one function of `x` along pairs of `along`. `f` is given points and a slice with a place for the value at each;
/// a value that is not finite lies outside the function's domain.
///
/// ```
/// use numerical::{Along::Input, Scheme, second_differences};
/// let along = [Input(0), Input(1)];
/// let found = second_differences(Scheme::Adaptive, &[1.0, 2.0], &along, &[(0, 0), (1, 0), (1, 1)], |points, out| {
///     points.each(|k, x| out[k] = x[0].exp() * x[1] * x[1]);
/// });
/// let e = 1f64.exp();
/// for ((found, error), right) in found.derivative.iter().zip(found.error.unwrap()).zip([4.0 * e, 4.0 * e, 2.0 * e]) {
///     assert!((found - right).abs() <= 10.0 * error && error < 1e-8 * right);
/// }
/// ```
///
/// # Panics
/// When a pair names no direction.
pub fn second_differences(
    scheme: Scheme,
    x: &[f64],
    along: &[Along<'_>],
    pairs: &[(usize, usize)],
    mut f: impl FnMut(&Points<'_>, &mut [f64]),
) -> SecondDifferences {
    let mut levels = Levels::new(x, along, pairs, &mut f);
    match scheme {
        Scheme::Forward => levels.forward(),
        Scheme::Central2 => levels.fixed(f64::EPSILON.powf(0.25), &[1.0], &[1.0]),
        Scheme::Central4 => levels.fixed(f64::EPSILON.powf(1.0 / 6.0), &[1.0, 2.0], &[4.0 / 3.0, -1.0 / 3.0]),
        // Of Lagrange's polynomial in h² through h, 2h and 3h, at 0.
        Scheme::Central6 => levels.fixed(f64::EPSILON.powf(0.125), &[1.0, 2.0, 3.0], &[1.5, -0.6, 0.1]),
        Scheme::Richardson => {
            let mut tableaux = vec![Tableau::default(); pairs.len()];
            for k in 0..4 {
                levels.take(0.0625 * 0.5f64.powi(k), |_| true);
                tableaux
                    .iter_mut()
                    .enumerate()
                    .for_each(|(pair, tableau)| tableau.extend(&levels.sample(pair)));
            }
            let error = tableaux.iter().map(Tableau::last_error).collect();
            let derivative = tableaux.iter().map(Tableau::last).collect();
            levels.found(derivative, Some(error), Vec::new())
        }
        Scheme::Adaptive => adaptive(levels, pairs.len()),
    }
}

/// Halves the step of each pair until rounding is what is left of its error.
fn adaptive(mut levels: Levels<'_>, pairs: usize) -> SecondDifferences {
    levels.measure_noise();
    let mut tableaux = vec![Tableau::default(); pairs];
    let mut open = vec![true; pairs];
    for k in 0..MOST_LEVELS {
        if !open.contains(&true) {
            break;
        }
        levels.take(0.125 * 0.5f64.powi(k as i32), |pair| open[pair]);
        for (pair, tableau) in tableaux.iter_mut().enumerate() {
            if !open[pair] {
                continue;
            }
            let sample = levels.sample(pair);
            tableau.extend(&sample);
            let enough = k + 1 >= FEWEST_LEVELS && tableau.error() <= GOOD * tableau.best().abs();
            let rounding = sample.roundoff >= tableau.error() && k + 1 >= FEWEST_LEVELS;
            open[pair] = !(rounding || (enough && tableau.is_worse()));
        }
    }
    // Values that vary so much from one double to the next are no function's that these steps resolve.
    let rough = levels.noise() > ROUGH * levels.here().abs();
    let hidden = |tableau: &Tableau| rough && tableau.error() > TOLD_IN_SPITE * tableau.best().abs();
    let blind: Vec<Option<Blind>> = tableaux
        .iter()
        .map(|tableau| tableau.blind().or_else(|| hidden(tableau).then_some(Blind::Noise)))
        .collect();
    let error = |(tableau, blind): (&Tableau, &Option<Blind>)| match blind {
        None => tableau.error(),
        Some(Blind::DomainEdge) => f64::NAN,
        Some(_) => f64::INFINITY,
    };
    let errors = tableaux.iter().zip(&blind).map(error).collect();
    levels.found(tableaux.iter().map(Tableau::best).collect(), Some(errors), blind)
}
