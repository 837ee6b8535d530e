//! Checking a gradient that was written by hand in Rust, for tests: it agrees with the values of the function, disagrees,
//! or values cannot tell.

mod cause;
mod line;
mod report;
#[cfg(test)]
mod tests;

use line::{HONESTY, Line, follow};

pub use line::Slope;
pub use report::{Agreement, CheckedComponent, GradientCheck};

/// How a gradient is checked.
///
/// ```
/// use chainrule::{CheckOptions, check_gradient_with};
/// // A measurement with three decimals.
/// let f = |x: &[f64]| (x[0].powi(2) * 1e3).round() / 1e3;
/// let options = CheckOptions { noise: Some(5e-4) };
/// assert!(check_gradient_with(f, &[6.0], &[3.0], &options)?.agrees());
/// # Ok::<(), chainrule::WrongLength>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CheckOptions {
    /// How far a value of the function may be off, as an absolute error: of a simulation, say. Measured where it is not
    /// given, so that closures in `f32` are known as such.
    pub noise: Option<f64>,
}

/// A gradient has another number of components than the point has numbers.
///
/// ```
/// use chainrule::{WrongLength, check_gradient};
/// let checked = check_gradient(|x| x[0], &[1.0, 2.0], &[3.0]);
/// assert_eq!(checked, Err(WrongLength { expected: 1, given: 2 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gradient has {given} components at a point of {expected} numbers")]
pub struct WrongLength {
    /// How many components the gradient should have.
    pub expected: usize,
    /// How many it has.
    pub given: usize,
}

/// Differences closer than this fraction are taken for rounding of a gradient that was computed in `f32`.
const CLOSE: f64 = 1e-6;
/// A component agrees when its error is at most this fraction of it, or at a stationary point of the slopes nearby.
const MEANINGFUL: f64 = 1e-3;
/// Rounding in terms of a gradient that cancel, as a fraction of the slopes nearby.
const CANCELLED: f64 = 1e-12;

/// Checks a gradient at a point against differences of the function.
///
/// # Errors
/// When the gradient has another length than the point. Whether it is right is in [`GradientCheck::agreement`].
///
/// ```
/// use chainrule::{Agreement, check_gradient};
/// let check = check_gradient(|x| x[0] * x[0], &[6.0], &[3.0]).unwrap();
/// assert!(check.agrees());
/// let check = check_gradient(|x| x[0].abs(), &[0.0], &[0.0]).unwrap();
/// assert_eq!(check.to_string(), "the gradient was not checked in 1 of 1 component:\n  \
///     component 0: 0e0 was not checked; one-sided slopes -1 and 1 differ");
/// ```
pub fn check_gradient(
    f: impl Fn(&[f64]) -> f64,
    claimed: &[f64],
    at: &[f64],
) -> Result<GradientCheck, WrongLength> {
    check_gradient_with(f, claimed, at, &CheckOptions::default())
}

/// [`check_gradient`] with options.
///
/// ```
/// use chainrule::{CheckOptions, check_gradient_with};
/// let check = |noise| {
///     check_gradient_with(|x| x[0].sin(), &[0.5f64.cos()], &[0.5], &CheckOptions { noise: Some(noise) })
/// };
/// assert!(check(1e-9)?.agrees());
/// assert_eq!(check(1e-3)?.unchecked().count(), 1); // so much noise hides the slope
/// # Ok::<(), chainrule::WrongLength>(())
/// ```
///
/// # Errors
/// When the gradient has another length than the point.
pub fn check_gradient_with(
    f: impl Fn(&[f64]) -> f64,
    claimed: &[f64],
    at: &[f64],
    options: &CheckOptions,
) -> Result<GradientCheck, WrongLength> {
    if claimed.len() != at.len() {
        return Err(WrongLength { expected: at.len(), given: claimed.len() });
    }
    let mut evaluations = 0;
    let mut point = at.to_vec();
    let lines: Vec<Line> = (0..at.len())
        .map(|k| {
            let line = follow(at[k], options.noise, |x| {
                evaluations += 1;
                point[k] = x;
                f(&point)
            });
            point[k] = at[k];
            line
        })
        .collect();
    let found: Vec<Option<Slope>> = lines.iter().map(slope).collect();
    let components = (0..at.len()).map(|k| {
        let agreement = match judge(&lines[k], claimed[k]) {
            Judged::Agrees(digits) => Agreement::Agrees { digits },
            Judged::CannotSee(why) => Agreement::CannotSee { why },
            Judged::Disagrees(why) => {
                let cause = why.unwrap_or_else(|| cause::cause(k, claimed, &found));
                Agreement::Disagrees { cause }
            }
        };
        CheckedComponent { component: k, claimed: claimed[k], found: found[k], agreement }
    });
    Ok(GradientCheck { components: components.collect(), evaluations })
}

/// The slope to show: of both sides, or of the only one.
fn slope(line: &Line) -> Option<Slope> {
    match line.finite {
        [true, true] => line.both,
        [true, false] => line.sides[0],
        [false, true] => line.sides[1],
        [false, false] => None,
    }
}

enum Judged {
    Agrees(f64),
    /// With what is the matter, where the slope alone does not say it.
    Disagrees(Option<String>),
    CannotSee(String),
}

fn judge(line: &Line, claim: f64) -> Judged {
    if !line.here.is_finite() {
        return Judged::CannotSee(format!("the function is {} at the point", line.here));
    }
    let sides = match line.finite {
        [false, false] => {
            return Judged::CannotSee("the function is not finite on either side of the point".to_owned());
        }
        [true, true] => line.sides,
        _ => [None; 2],
    };
    if let [Some(left), Some(right)] = sides
        && left.contradicts(&right)
    {
        return kink(line, left, right, claim);
    }
    let Some(found) = slope(line) else {
        return Judged::CannotSee("the function is too rough for differences here".to_owned());
    };
    let off = (claim - found.value).abs();
    let error = HONESTY * found.error;
    let size = claim.abs().max(found.value.abs());
    if !claim.is_finite() {
        // A slope that grows as steps shrink may be infinite.
        return match error <= MEANINGFUL * found.value.abs().max(line.scale) || line.constant {
            true => Judged::Disagrees(Some(format!("{claim} is no slope of a function that is smooth here"))),
            false => Judged::CannotSee(format!(
                "slopes are {:.3e} over steps of {:.1e} and do not settle as these shrink",
                found.value, found.step
            )),
        };
    }
    // What is small is small against the slopes nearby, at a stationary point; where nothing changes there are none.
    if line.constant || error > MEANINGFUL * size && size + error <= MEANINGFUL * line.scale {
        if off > error.max(CANCELLED * line.scale) {
            return Judged::Disagrees(None);
        }
        if line.constant && claim != 0.0 {
            let here = line.here;
            let why =
                format!("no value changes; a slope below {error:.1e} would not show in values of {here:.3e}");
            return Judged::CannotSee(why);
        }
        let nearby = if line.scale > 0.0 { line.scale } else { line.here.abs().max(1.0) };
        return Judged::Agrees(digits((off + found.error) / nearby));
    }
    match off <= error.max(CLOSE * size) {
        true if error <= MEANINGFUL * size => Judged::Agrees(digits((off + found.error) / size)),
        true => Judged::CannotSee(unsharp(line, found)),
        false => Judged::Disagrees(None),
    }
}

fn unsharp(line: &Line, found: Slope) -> String {
    match line.noise > 64.0 * f64::EPSILON * line.here.abs() {
        true => {
            format!("values are off by some {:.1e}, which leaves a slope of {}", line.noise, number(found))
        }
        false => format!("differences leave a slope of {}", number(found)),
    }
}

/// Where one-sided slopes differ there is no derivative: what lies between them is a matter of convention.
fn kink(line: &Line, left: Slope, right: Slope, claim: f64) -> Judged {
    let mut text = format!("one-sided slopes {} and {} differ", rounded(left), rounded(right));
    if line.coarse {
        // Shorter steps, which change nothing, may belong to something smooth.
        text += &format!(" over steps of {:.0e} and more", left.step.min(right.step));
    }
    let low = (left.value - HONESTY * left.error).min(right.value - HONESTY * right.error);
    let high = (left.value + HONESTY * left.error).max(right.value + HONESTY * right.error);
    match (low..=high).contains(&claim) {
        true => Judged::CannotSee(text),
        false => Judged::Disagrees(Some(format!("{text}, and {claim:e} is not between them"))),
    }
}

fn digits(relative: f64) -> f64 {
    (-relative.log10()).clamp(0.0, 15.9)
}

fn number(slope: Slope) -> String {
    format!("{:.6e} ± {:.1e}", slope.value, slope.error)
}

/// With as many digits as are known.
fn rounded(slope: Slope) -> String {
    let known = digits(slope.error / slope.value.abs()).min(6.0) as i32;
    let exponent = if slope.value == 0.0 { 0 } else { slope.value.abs().log10().floor() as i32 };
    let places = (known - 1 - exponent).clamp(0, 12) as usize;
    match slope.error >= slope.value.abs() {
        true => "0".to_owned(),
        false => {
            let text = format!("{:.places$}", slope.value);
            match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text,
            }
        }
    }
}

/// Asserts that a gradient written by hand is that of a function: `assert_gradient!(f, gradient, at)`, or with the
/// absolute error of values of `f` behind these: `assert_gradient!(f, gradient, at, noise = 1e-4)`.
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
/// Where a component disagrees: "the gradient is wrong", which one, both numbers and the likely cause. Where values cannot
/// tell, at a kink or in noise: "the gradient was not checked", and why. Where the gradient has another length.
#[macro_export]
macro_rules! assert_gradient {
    ($f:expr, $gradient:expr, $at:expr $(,)?) => {
        $crate::assert_gradient!(@check $f, $gradient, $at, $crate::CheckOptions::default())
    };
    ($f:expr, $gradient:expr, $at:expr, noise = $noise:expr $(,)?) => {
        $crate::assert_gradient!(@check $f, $gradient, $at, $crate::CheckOptions { noise: Some($noise) })
    };
    (@check $f:expr, $gradient:expr, $at:expr, $options:expr) => {{
        let at: &[f64] = $at;
        let gradient = ($gradient)(at);
        match $crate::check_gradient_with($f, AsRef::<[f64]>::as_ref(&gradient), at, &$options) {
            Ok(check) => assert!(check.agrees(), "{check}"),
            Err(error) => panic!("{error}"),
        }
    }};
}
