//! The schemes, and what each is known to reach.

use std::fmt;

/// A way to approximate a slope by values.
///
/// The relative error of an order-p scheme is smallest at a step of about `ε^(1/(p+1))`, and then about `ε^(p/(p+1))`:
/// 7.8, 10.4, 12.5 and 13.4 digits for p = 1, 2, 4 and 6.
///
/// ```
/// use numerical::{Scheme, gradient};
/// let error = |scheme| (gradient(scheme, &[1.0], |x| x[0].exp()).derivative[0] - 1f64.exp()).abs();
/// assert!(error(Scheme::Forward) > 1e-9 && error(Scheme::Central2) < 1e-9 && error(Scheme::Central6) < 1e-12);
/// assert_eq!((Scheme::Central6.name(), Scheme::Central6.max_evaluations(10)), ("central-6", 61));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `(f(x+h) - f(x)) / h` with h = √ε·max(1, |x|). Order 1.
    Forward,
    /// `(f(x+h) - f(x-h)) / 2h` with h = ∛ε·max(1, |x|). Order 2.
    Central2,
    /// Four points, steps relative to |x|. Order 4.
    Central4,
    /// Six points, steps relative to |x|. Order 6.
    Central6,
    /// Central differences at four steps, each half the one before, extrapolated (Richardson 1911); the last two
    /// extrapolations tell its error.
    Richardson,
    /// Extrapolation until it no longer helps, from a step that is made smaller as long as the estimate is poor
    /// (Ridders 1982, with round-off carried through the tableau); the default.
    #[default]
    Adaptive,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Scheme; 6] = [
        Scheme::Forward,
        Scheme::Central2,
        Scheme::Central4,
        Scheme::Central6,
        Scheme::Richardson,
        Scheme::Adaptive,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Scheme::Forward => "forward",
            Scheme::Central2 => "central-2",
            Scheme::Central4 => "central-4",
            Scheme::Central6 => "central-6",
            Scheme::Richardson => "richardson",
            Scheme::Adaptive => "adaptive",
        }
    }

    /// The most points at which a function of so many inputs is evaluated.
    pub const fn max_evaluations(self, inputs: usize) -> u64 {
        let each: u64 = match self {
            Scheme::Forward => 1,
            Scheme::Central2 => 2,
            Scheme::Central4 => 4,
            Scheme::Central6 => 6,
            Scheme::Richardson => 8,
            Scheme::Adaptive => crate::adaptive::MOST_EVALUATIONS,
        };
        (inputs as u64).saturating_mul(each).saturating_add(1)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
