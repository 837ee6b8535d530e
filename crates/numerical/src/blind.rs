//! Why differences of values cannot tell a slope.

use std::fmt;

/// What keeps a difference quotient from seeing the slope at a point.
///
/// An estimate of the error is infinite where a reason stands, or NaN where there is not even a guess at the slope: a
/// caller that ignores reasons takes such a component for one without information, never for a precise one.
///
/// ```
/// use numerical::{Blind, Scheme, gradient};
/// let found = gradient(Scheme::Adaptive, &[0.0], |x| x[0].abs());
/// assert_eq!(found.blind, [Some(Blind::Kink)]);
/// assert_eq!(found.error, Some(vec![f64::INFINITY]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blind {
    /// Rounding of the values outweighs what the slope changes in them, at every step that is short enough.
    Noise,
    /// The function turns within the shortest step that its rounding allows.
    Oscillation,
    /// The value jumps at the point, or within the shortest step that its rounding allows.
    Jump,
    /// The slopes of both sides differ, however short the steps.
    Kink,
    /// The function is not finite at the point, on both sides of it, or beyond steps of a few units in the last place.
    DomainEdge,
    /// The values are constant over short steps and not over longer ones: they are too coarse for the input, as those of
    /// `x + 1e16 - 1e16`, or of `floor`.
    Staircase,
    /// The value is 0 here and would not be with a larger range of exponents.
    Underflow,
}

impl fmt::Display for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Blind::Noise => "rounding of the values hides the slope",
            Blind::Oscillation => "the function turns within the shortest usable step",
            Blind::Jump => "the value jumps within the shortest usable step",
            Blind::Kink => "the slopes of both sides differ",
            Blind::DomainEdge => "the function is not finite close by",
            Blind::Staircase => "the values are constant over short steps only",
            Blind::Underflow => "the value underflows to 0",
        })
    }
}
