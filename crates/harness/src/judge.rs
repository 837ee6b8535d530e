//! The one comparator: how far a claimed number is from the truth, and what that says.
//!
//! Component by component and relative. Nothing passes because it is small: a tolerance is a fraction of the number
//! itself, or the rounding error that computing it must make, never a fixed floor.

use approx::{AbsDiffEq, RelativeEq};

/// A number somebody claims, and how far off they say it may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// The number.
    pub value: f64,
    /// The absolute error that is claimed not to be exceeded; 0 for a method that is exact up to rounding.
    pub radius: f64,
}

/// What the comparator finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The same number, to so many significant decimal digits.
    Agrees {
        /// Up to 17, which stands for "in every bit".
        digits: f64,
    },
    /// Within the claimed radius, but the radius is so wide that this says nothing.
    TooCoarse {
        /// The digits that it happens to have right.
        digits: f64,
    },
    /// Another number.
    Disagrees {
        /// How many doubles lie between the two; infinite when one is NaN or they are infinities apart.
        ulp: f64,
        /// The digits they share all the same.
        digits: f64,
    },
}

impl Verdict {
    /// Whether it is [`Verdict::Agrees`].
    pub fn agrees(self) -> bool {
        matches!(self, Verdict::Agrees { .. })
    }

    /// Whether it is [`Verdict::Disagrees`].
    pub fn disagrees(self) -> bool {
        matches!(self, Verdict::Disagrees { .. })
    }

    /// The significant digits that both numbers share.
    pub fn digits(self) -> f64 {
        match self {
            Verdict::Agrees { digits }
            | Verdict::TooCoarse { digits }
            | Verdict::Disagrees { digits, .. } => digits,
        }
    }
}

/// A method that is exact up to rounding may be off by this fraction without any reason given.
const RELATIVE: f64 = 1e-12;
/// A claimed radius may be too small by this factor.
pub(crate) const HONESTY: f64 = 10.0;
/// A radius wider than this fraction of what it surrounds says nothing.
const COARSE: f64 = 0.01;
/// With fewer right digits than this a number is not the derivative, whatever the reason.
pub const FEWEST_DIGITS: f64 = 3.0;

/// Judges a claim against the truth.
///
/// `rounding` is the absolute error that rounding alone can make in this component (see
/// [`rounding_error`](crate::rounding::rounding_error)); 0 asks for agreement to twelve digits. Nothing is small beside a
/// truth of 0: there the error is held against `scale`, for an analytic answer the sum of the absolute terms of the
/// derivative. NaN and infinities agree with nothing.
pub fn judge(claim: Claim, truth: f64, rounding: f64, scale: f64) -> Verdict {
    // Beside what is infinite everything would be small.
    let scale = if scale.is_finite() { scale } else { 0.0 };
    let distance = (claim.value - truth).abs();
    let size = if truth == 0.0 { scale } else { claim.value.abs().max(truth.abs()) };
    let digits = if !distance.is_finite() {
        0.0
    } else if truth == 0.0 {
        digits_of(distance, scale)
    } else {
        shared_digits(claim.value, truth)
    };
    if !(claim.value.is_finite() && truth.is_finite()) {
        return Verdict::Disagrees { ulp: ulp_distance(claim.value, truth), digits };
    }
    if distance <= RELATIVE * size {
        return Verdict::Agrees { digits };
    }
    let radius = HONESTY * claim.radius;
    if distance <= RELATIVE * size + radius + rounding {
        let enough = digits >= FEWEST_DIGITS && radius <= HONESTY * COARSE * size;
        return if enough { Verdict::Agrees { digits } } else { Verdict::TooCoarse { digits } };
    }
    // Where rounding alone takes all digits, its spread over a few runs is no bound: the errors of 1/sin(10^263) have none.
    if rounding > COARSE * size {
        return Verdict::TooCoarse { digits };
    }
    Verdict::Disagrees { ulp: ulp_distance(claim.value, truth), digits }
}

/// Equal as answers: NaN answers NaN, and the sign of zero is not a difference.
fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// How many doubles lie between two, counting one of them; infinite where that means nothing.
pub fn ulp_distance(a: f64, b: f64) -> f64 {
    if same(a, b) {
        return 0.0;
    }
    if !a.is_finite() || !b.is_finite() {
        return f64::INFINITY;
    }
    // Doubles of one sign are ordered like their bits.
    let ordinal = |v: f64| {
        let bits = v.abs().to_bits() as i128;
        if v.is_sign_negative() { -bits } else { bits }
    };
    (ordinal(a) - ordinal(b)).unsigned_abs() as f64
}

/// The significant decimal digits that two numbers share: 17 when they are equal, 0 when they share none.
pub fn shared_digits(a: f64, b: f64) -> f64 {
    if same(a, b) { 17.0 } else { digits_of((a - b).abs(), a.abs().max(b.abs())) }
}

/// The digits that an error leaves of something of this size.
fn digits_of(error: f64, size: f64) -> f64 {
    let relative = error / size;
    if error == 0.0 {
        17.0
    } else if relative < 1.0 {
        (-relative.log10()).clamp(0.0, 17.0)
    } else {
        0.0
    }
}

/// A gradient, to be compared by approx's macros with this comparator's idea of equality.
///
/// ```
/// use approx::assert_relative_eq;
/// use harness::Gradient;
/// let (x, y) = (3.0, 5.0);
/// assert_relative_eq!(Gradient(&[y, x]), Gradient(&[5.0, 3.0]), epsilon = 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient<'a>(pub &'a [f64]);

impl AbsDiffEq for Gradient<'_> {
    type Epsilon = f64;

    fn default_epsilon() -> f64 {
        0.0
    }

    fn abs_diff_eq(&self, other: &Self, epsilon: f64) -> bool {
        self.relative_eq(other, epsilon, 0.0)
    }
}

impl RelativeEq for Gradient<'_> {
    fn default_max_relative() -> f64 {
        RELATIVE
    }

    fn relative_eq(&self, other: &Self, epsilon: f64, max_relative: f64) -> bool {
        let close = |(&a, &b): (&f64, &f64)| {
            same(a, b) || (a - b).abs() <= epsilon + max_relative * a.abs().max(b.abs())
        };
        self.0.len() == other.0.len() && self.0.iter().zip(other.0).all(close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(value: f64) -> Claim {
        Claim { value, radius: 0.0 }
    }

    #[test]
    fn both_signs_of_an_error_are_rejected() {
        for error in [1e-6, -1e-6, 1e-9, -1e-9, 1.0, -1.0, -2.0] {
            for truth in [1.0, -1.0, 1e-300, -1e300] {
                assert!(
                    judge(exact(truth * (1.0 + error)), truth, 0.0, 1.0).disagrees(),
                    "{error} of {truth}"
                );
            }
        }
    }

    #[test]
    fn nothing_passes_because_it_is_small() {
        assert!(judge(exact(1e-20), 5e-20, 0.0, 1.0).disagrees());
        assert!(judge(exact(0.0), 5e-324, 0.0, 1.0).disagrees());
        assert!(judge(exact(0.0), 1e-200, 0.0, 1.0).disagrees());
    }

    #[test]
    fn what_is_not_finite_agrees_with_nothing() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        assert!(judge(exact(-0.0), 0.0, 0.0, 1.0).agrees());
        let pairs = [
            (nan, nan),
            (inf, inf),
            (nan, 1.0),
            (1.0, nan),
            (inf, -inf),
            (inf, 1e308),
            (1.0, inf),
            (nan, inf),
        ];
        for (a, b) in pairs {
            assert!(judge(exact(a), b, 0.0, 1.0).disagrees(), "{a} and {b}");
            assert_eq!(judge(exact(a), b, 0.0, 1.0).digits(), 0.0, "{a} and {b}");
            assert!(judge(Claim { value: a, radius: 1.0 }, b, 1.0, 1.0).disagrees(), "{a} and {b}");
        }
    }

    #[test]
    fn a_radius_that_says_nothing_is_told() {
        let wide = Claim { value: 2.0, radius: 5.0 };
        assert!(matches!(judge(wide, 1.0, 0.0, 1.0), Verdict::TooCoarse { .. }));
        // However right the number happens to be.
        let lucky = Claim { value: 1.0 + 1e-6, radius: 0.02 };
        assert!(matches!(judge(lucky, 1.0, 0.0, 1.0), Verdict::TooCoarse { .. }));
        assert!(judge(Claim { radius: 0.009, ..lucky }, 1.0, 0.0, 1.0).agrees());
        let narrow = Claim { value: 1.0 + 1e-9, radius: 1e-9 };
        assert!(judge(narrow, 1.0, 0.0, 1.0).agrees());
        // A true zero, found to a radius that is small beside the other components.
        assert!(judge(Claim { value: 1e-12, radius: 1e-12 }, 0.0, 0.0, 1.0).agrees());
        assert!(matches!(
            judge(Claim { value: 1e-12, radius: 1e-12 }, 0.0, 0.0, 1e-12),
            Verdict::TooCoarse { .. }
        ));
    }

    #[test]
    fn rounding_that_takes_all_digits_has_no_bound() {
        assert!(matches!(judge(exact(-2.0), 100.0, 5.0, 1.0), Verdict::TooCoarse { .. }));
        assert!(judge(exact(-2.0), 100.0, 0.5, 1.0).disagrees());
        // What is large beside its rounding error is wrong all the same.
        assert!(judge(exact(1.0), 0.0, 1e-16, 1.0).disagrees());
        assert!(judge(exact(0.0), 1.0, 1e-16, 1.0).disagrees());
    }

    #[test]
    fn without_digits_there_is_no_agreement() {
        // Rounding explains both; three digits are left of one, two of the other.
        assert!(judge(exact(1.0005), 1.0, 0.1, 1.0).agrees());
        assert!(matches!(judge(exact(1.005), 1.0, 0.1, 1.0), Verdict::TooCoarse { .. }));
        // However small beside the rest of the gradient.
        let tiny = Claim { value: 0.0, radius: 1e-9 };
        assert!(matches!(judge(tiny, 1e-10, 0.0, 1.0), Verdict::TooCoarse { .. }));
        // A zero is held against its terms.
        assert!(judge(exact(1e-16), 0.0, 0.0, 1.0).agrees());
        assert!(judge(exact(1e-5), 0.0, 1e-4, 1.0).agrees());
        assert!(judge(exact(1e-16), 0.0, 0.0, 1e-16).disagrees());
        assert!(judge(exact(5e-324), 0.0, 0.0, 0.0).disagrees());
        // Three digits are enough, and so is a radius of a hundredth.
        assert_eq!(judge(exact(1e-3), 0.0, 1e-2, 1.0), Verdict::Agrees { digits: 3.0 });
        assert!(judge(Claim { value: 1e-4, radius: 0.01 }, 0.0, 0.0, 1.0).agrees());
        assert_eq!(
            judge(Claim { value: 10.0, radius: 1.0 }, 0.0, 0.0, 0.0),
            Verdict::TooCoarse { digits: 0.0 }
        );
        // What is right to twelve digits agrees, however wide its radius.
        assert!(judge(Claim { value: 1.0, radius: f64::INFINITY }, 1.0, 0.0, 1.0).agrees());
        // And against nothing where those are not finite.
        for scale in [f64::INFINITY, f64::NAN] {
            assert!(judge(exact(0.5), 0.0, 0.0, scale).disagrees(), "{scale}");
            assert!(!judge(Claim { value: 0.5, radius: 1.0 }, 0.0, 0.0, scale).agrees(), "{scale}");
            assert!(judge(exact(0.0), 0.0, 0.0, scale).agrees(), "{scale}");
        }
    }

    #[test]
    fn ulp_counts_doubles() {
        assert_eq!(ulp_distance(1.0, 1.0 + f64::EPSILON), 1.0);
        assert_eq!(ulp_distance(-5e-324, 5e-324), 2.0);
        assert_eq!(ulp_distance(0.0, -0.0), 0.0);
        assert_eq!(ulp_distance(1.0, f64::NAN), f64::INFINITY);
        assert_eq!(ulp_distance(f64::NAN, 1.0), f64::INFINITY);
        assert_eq!(ulp_distance(f64::NAN, f64::NAN), 0.0);
        assert_eq!((shared_digits(2.5, 2.5), shared_digits(f64::NAN, f64::NAN)), (17.0, 17.0));
        assert_eq!((shared_digits(2.5, -2.5), shared_digits(1.0, f64::NAN)), (0.0, 0.0));
        assert!((shared_digits(1.0, 0.999) - 3.0).abs() < 1e-9);
        // Half a digit is one that is not whole; what is small beside its terms has no more digits than doubles do.
        assert!((shared_digits(1.0, 0.5) - 2f64.log10()).abs() < 1e-12);
        assert_eq!(judge(exact(1e-30), 0.0, 0.0, 1.0), Verdict::Agrees { digits: 17.0 });
        assert_eq!(judge(exact(-0.0), 0.0, 0.0, 0.0), Verdict::Agrees { digits: 17.0 });
        assert_eq!(ulp_distance(f64::INFINITY, f64::INFINITY), 0.0);
    }

    #[test]
    fn approx_floor_is_off() {
        assert!(!Gradient(&[1e-20]).relative_eq(&Gradient(&[5e-20]), Gradient::default_epsilon(), 1e-9));
    }

    #[test]
    fn gradients_are_equal_by_every_component_and_in_length() {
        let equal = |a: &[f64], b: &[f64], epsilon, relative| {
            let forth = Gradient(a).relative_eq(&Gradient(b), epsilon, relative);
            assert_eq!(forth, Gradient(b).relative_eq(&Gradient(a), epsilon, relative));
            forth
        };
        assert!(equal(&[1.0, 2.0], &[1.0, 2.0 + 1e-9], 0.0, 1e-9) && equal(&[], &[], 0.0, 0.0));
        assert!(!equal(&[1.0, 2.0], &[1.0, 2.0 + 1e-8], 0.0, 1e-9) && !equal(&[1.0], &[1.0, 2.0], 1.0, 1.0));
        assert!(
            equal(&[0.0, f64::NAN], &[-0.0, f64::NAN], 0.0, 0.0) && !equal(&[f64::NAN], &[1.0], 1.0, 1.0)
        );
        assert!(equal(&[0.0], &[0.5], 0.5, 0.0) && !equal(&[0.0], &[0.5], 0.4, 0.1));
        assert!(equal(&[0.0], &[1.0], 0.0, 1.0) && equal(&[-2.0], &[-1.0], 0.0, 0.5));
        assert!(Gradient(&[0.5]).abs_diff_eq(&Gradient(&[0.75]), 0.25));
        assert!(!Gradient(&[0.5]).abs_diff_eq(&Gradient(&[0.75]), 0.2));
    }

    proptest! {
        #[test]
        fn the_comparator_is_symmetric(a in any::<f64>(), b in any::<f64>(), radius in 0.0..1e3, condition in 0.0..1e-3) {
            prop_assume!(a != 0.0 && b != 0.0);
            let forth = judge(Claim { value: a, radius }, b, condition, 1.0);
            let back = judge(Claim { value: b, radius }, a, condition, 1.0);
            prop_assert_eq!(forth, back);
            let mirrored = judge(Claim { value: -a, radius }, -b, condition, 1.0);
            prop_assert_eq!(forth, mirrored);
        }

        #[test]
        fn a_relative_error_is_found_at_every_scale(truth in any::<f64>().prop_filter("normal", |v| v.is_normal())) {
            prop_assume!(truth.abs() < 1e300 && truth.abs() > 1e-300);
            prop_assert!(judge(exact(truth * (1.0 + 1e-6)), truth, 0.0, 1.0).disagrees());
            prop_assert!(judge(exact(truth * (1.0 + 1e-15)), truth, 0.0, 1.0).agrees());
        }
    }
}
