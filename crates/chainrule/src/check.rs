//! Checking a gradient that was written by hand in Rust, for tests.

use std::fmt;

use numerical::{Remainder, Scheme, gradient, remainder};

/// Components of a gradient that are wrong, or cannot be checked.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientError {
    /// One per component that failed.
    pub components: Vec<WrongComponent>,
    /// How long the gradient should be and is, if that differs.
    pub lengths: Option<(usize, usize)>,
}

/// One component that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongComponent {
    /// Its position.
    pub component: usize,
    /// What the gradient under test says.
    pub claimed: f64,
    /// What adaptive differences of the function say, and their estimate of their own error.
    pub found: (f64, f64),
    /// What the Taylor remainder says of the claimed slope.
    pub remainder: Remainder,
    /// What is probably the matter, in words.
    pub cause: String,
}

/// Differences closer than this fraction are taken as equal where the estimate allows it.
const CLOSE: f64 = 1e-6;

/// Checks a gradient at a point against adaptive differences of the function, and in doubt by the order at which the
/// Taylor remainder vanishes, which needs no tolerance.
///
/// # Errors
/// Which components are wrong, both numbers, and the likely cause. A component at which the function is not finite
/// nearby, or so rough that nothing can be said, is an error as well: it was not checked.
pub fn check_gradient(f: impl Fn(&[f64]) -> f64, claimed: &[f64], at: &[f64]) -> Result<(), GradientError> {
    if claimed.len() != at.len() {
        return Err(GradientError { components: Vec::new(), lengths: Some((at.len(), claimed.len())) });
    }
    let found = gradient(Scheme::Adaptive, at, &f);
    let errors = found.error.as_deref().unwrap_or_default();
    let mut components = Vec::new();
    for (k, (&claim, &slope)) in claimed.iter().zip(&found.derivative).enumerate() {
        let error = errors.get(k).copied().unwrap_or(f64::NAN);
        let size = claim.abs().max(slope.abs());
        let off = (claim - slope).abs();
        // Two sharp numbers that are near each other are enough; else the remainder decides.
        if off <= CLOSE * size && error <= CLOSE * size || claim == slope {
            continue;
        }
        let mut moved = at.to_vec();
        let scale = if at[k] == 0.0 { 1.0 } else { at[k].abs() };
        let order = remainder(at[k], scale, claim, |x| {
            moved[k] = x;
            f(&moved)
        });
        // A true zero among rounding, or a slope that only the remainder can see.
        let sharp = error <= CLOSE * size && off > 10.0 * error;
        if !sharp && (off <= 10.0 * error && order == Remainder::Noise || order.confirms()) {
            continue;
        }
        let cause = cause(k, claim, slope, error, claimed, &found.derivative);
        components.push(WrongComponent {
            component: k,
            claimed: claim,
            found: (slope, error),
            remainder: order,
            cause,
        });
    }
    if components.is_empty() { Ok(()) } else { Err(GradientError { components, lengths: None }) }
}

fn cause(k: usize, claim: f64, slope: f64, error: f64, claimed: &[f64], found: &[f64]) -> String {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 * a.abs().max(b.abs()) && b != 0.0;
    if !claim.is_finite() {
        return format!("{claim} is no slope");
    }
    if !slope.is_finite() {
        return "the function is not finite on either side, so this was not checked".to_owned();
    }
    if near(claim, -slope) {
        return "the sign is flipped".to_owned();
    }
    if claim == 0.0 {
        return "a term is missing: 0 where the function rises or falls".to_owned();
    }
    let swapped = (0..found.len()).find(|&j| j != k && near(claim, found[j]) && near(claimed[j], slope));
    if let Some(j) = swapped {
        return format!("exchanged with component {j}");
    }
    for (factor, name) in
        [(2.0, "twice"), (0.5, "half"), (3.0, "three times"), (std::f64::consts::PI, "π times")]
    {
        if near(claim, factor * slope) {
            return format!("{name} what it should be");
        }
    }
    if error > 1e-3 * slope.abs() {
        return "the function is too rough or too noisy here for differences, so this was not checked"
            .to_owned();
    }
    format!("off by a factor of {:.6}", claim / slope)
}

impl fmt::Display for GradientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((expected, got)) = self.lengths {
            return write!(f, "the gradient has {got} components at a point with {expected}");
        }
        write!(
            f,
            "the gradient is wrong in {} component{}:",
            self.components.len(),
            if self.components.len() == 1 { "" } else { "s" }
        )?;
        for wrong in self.components.iter().take(10) {
            let (slope, error) = wrong.found;
            let order = match wrong.remainder {
                Remainder::Order(order) => {
                    format!("the Taylor remainder of the gradient has order {order:.2}, not 2")
                }
                Remainder::Noise => "the Taylor remainder of the gradient is noise".to_owned(),
                Remainder::Unclear => "the Taylor remainder of the gradient is unclear".to_owned(),
            };
            write!(
                f,
                "\n  component {}: gradient under test {:e}, differences of the function {slope:e} ± {error:.1e}; {}; {order}",
                wrong.component, wrong.claimed, wrong.cause
            )?;
        }
        if self.components.len() > 10 {
            write!(f, "\n  … {} more", self.components.len() - 10)?;
        }
        Ok(())
    }
}

impl std::error::Error for GradientError {}

/// Asserts that a gradient written by hand is that of a function: `assert_gradient!(f, gradient, at)`.
///
/// `f` maps a slice to a number, `gradient` a slice to something that is a slice of numbers, `at` is the point.
///
/// ```
/// use chainrule::assert_gradient;
/// let f = |x: &[f64]| x[0] * x[0] * x[1];
/// assert_gradient!(f, |x: &[f64]| [2.0 * x[0] * x[1], x[0] * x[0]], &[3.0, -1.5]);
/// ```
///
/// # Panics
/// With [`check_gradient`]'s message: which component, which side is which, and the likely cause.
#[macro_export]
macro_rules! assert_gradient {
    ($f:expr, $gradient:expr, $at:expr $(,)?) => {{
        let at: &[f64] = $at;
        let gradient = ($gradient)(at);
        if let Err(error) = $crate::check_gradient($f, AsRef::<[f64]>::as_ref(&gradient), at) {
            panic!("{error}");
        }
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pair = (fn(&[f64]) -> f64, fn(&[f64]) -> Vec<f64>);

    const PAIRS: [Pair; 5] = [
        (|x| x[0] * x[1].sin() + x[2].exp(), |x| vec![x[1].sin(), x[0] * x[1].cos(), x[2].exp()]),
        (
            |x| (x[0] * x[0] + x[1] * x[1]).sqrt() * x[2],
            |x| {
                let r = (x[0] * x[0] + x[1] * x[1]).sqrt();
                vec![x[0] / r * x[2], x[1] / r * x[2], r]
            },
        ),
        (|x| x[0] * x[1] * x[2], |x| vec![x[1] * x[2], x[0] * x[2], x[0] * x[1]]),
        (
            |x| (x[0] / x[1]).atan() + x[2].powi(3),
            |x| {
                let r = x[0] * x[0] + x[1] * x[1];
                vec![x[1] / r, -x[0] / r, 3.0 * x[2] * x[2]]
            },
        ),
        (
            |x| (1.0 + x[0] * x[0]).ln() + x[1] * x[2].tanh(),
            |x| vec![2.0 * x[0] / (1.0 + x[0] * x[0]), x[2].tanh(), x[1] / x[2].cosh().powi(2)],
        ),
    ];

    /// Fifty functions: five, with inputs and outputs scaled over ten orders of magnitude.
    fn scaled() -> impl Iterator<Item = (Pair, f64, Vec<f64>)> {
        (0..50).map(|k| {
            let scale = 10f64.powi(k / 5 - 5);
            let at = vec![0.7 + 0.01 * f64::from(k), -1.3 + 0.02 * f64::from(k % 7), 0.4];
            (PAIRS[(k % 5) as usize], scale, at)
        })
    }

    #[test]
    fn right_gradients_pass_and_wrong_ones_fail_at_every_scale() {
        for ((f, gradient), scale, at) in scaled() {
            let own = |x: &[f64]| scale * f(&x.iter().map(|x| x / scale).collect::<Vec<_>>());
            let point: Vec<f64> = at.iter().map(|x| x * scale).collect();
            let right = gradient(&at);
            check_gradient(own, &right, &point).unwrap_or_else(|error| panic!("scale {scale}: {error}"));
            for k in 0..3 {
                let mut wrong = right.clone();
                wrong[k] *= 1.0 + 1e-4;
                let error = check_gradient(own, &wrong, &point).expect_err("one component is off");
                assert_eq!(
                    error.components.iter().map(|wrong| wrong.component).collect::<Vec<_>>(),
                    [k],
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn the_message_says_which_side_is_which_and_why() {
        let f = |x: &[f64]| x[0] * x[1] * x[1];
        let message = |gradient: [f64; 2]| check_gradient(f, &gradient, &[2.0, 3.0]).unwrap_err().to_string();
        assert!(
            message([-9.0, 12.0]).contains("component 0: gradient under test -9e0"),
            "{}",
            message([-9.0, 12.0])
        );
        assert!(message([-9.0, 12.0]).contains("sign"));
        assert!(message([9.0, 24.0]).contains("component 1") && message([9.0, 24.0]).contains("twice"));
        assert!(message([12.0, 9.0]).contains("exchanged"));
        assert!(message([9.0, 0.0]).contains("missing"));
        assert!(message([f64::NAN, 12.0]).contains("NaN"));
        assert!(check_gradient(f, &[9.0], &[2.0, 3.0]).unwrap_err().to_string().contains("1 components"));
        assert!(
            check_gradient(|x: &[f64]| x[0].ln(), &[1.0], &[-2.0])
                .unwrap_err()
                .to_string()
                .contains("not checked")
        );
    }

    #[test]
    #[should_panic(expected = "half what it should be")]
    fn the_macro_panics_with_the_message() {
        assert_gradient!(|x: &[f64]| x[0] * x[0], |x: &[f64]| vec![x[0]], &[3.0]);
    }
}
