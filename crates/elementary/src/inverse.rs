//! Inverse circular functions: a quotient or a root brings the argument near 0, where an odd polynomial is enough.

use super::Kernel;
use super::parts::{choose, eleven, quick_two_sum, quotient, square, thirteen, two_sum};

const HALF_PI: [f64; 2] = [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17];
const QUARTER_PI: [f64; 2] = [std::f64::consts::FRAC_PI_4, 3.061616997868383e-17];

/// The tangent of π/8, and of 3π/8.
const NEAR: f64 = std::f64::consts::SQRT_2 - 1.0;
const FAR: f64 = std::f64::consts::SQRT_2 + 1.0;

/// `(arctan(q)/q - 1) / q²` in powers of `q²`, error 2^-58.6 relative to the result.
const ARC_TANGENT: [f64; 11] = [
    -0.333333333333332,
    0.19999999999954082,
    -0.14285714280248618,
    0.11111110786142588,
    -0.09090897836573898,
    0.076920616391936,
    -0.06663120406287076,
    0.05848009072427288,
    -0.05039846192155585,
    0.038078337820874504,
    -0.017922297412120612,
];

/// `(arcsin(q)/q - 1) / q²` in powers of `q²`, error 2^-58.5 relative to the result.
const ARC_SINE: [f64; 13] = [
    0.16666666666666763,
    0.07499999999970262,
    0.04464285717512104,
    0.030381942683613026,
    0.022372215660230496,
    0.01735160009603106,
    0.013980961373092458,
    0.011397776809849365,
    0.010786523648154392,
    0.003683064786395709,
    0.02176343889797949,
    -0.021077201204718503,
    0.032676829639141536,
];

/// The inverse tangent: of `a` up to tan π/8, else π/4 and that of (a - 1)/(a + 1), else π/2 and that of -1/a.
pub(crate) struct Atan;

impl Kernel<1> for Atan {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        // The inverse of larger ones may be subnormal.
        a.abs() <= 1e300
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let size = a.abs();
        let (near, far) = (size <= NEAR, size > FAR);
        let (less, less_error) = two_sum(size, -1.0);
        let (more, more_error) = two_sum(size, 1.0);
        let over = choose(near, size, choose(far, -1.0, less));
        let over_error = choose(near | far, 0.0, less_error);
        let under = choose(near, 1.0, choose(far, size, more));
        let under_error = choose(near | far, 0.0, more_error);
        let (q, q_low) = quotient((over, over_error), (under, under_error));
        let first = choose(near, 0.0, choose(far, HALF_PI[0], QUARTER_PI[0]));
        let first_low = choose(near, 0.0, choose(far, HALF_PI[1], QUARTER_PI[1]));
        let z = q * q;
        let (sum, error) = quick_two_sum(first, q);
        (sum + (error + (first_low + (q * z * eleven(z, &ARC_TANGENT) + q_low * (1.0 - z))))).copysign(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.atan()
    }
}

/// For |a| up to a half `a` itself, else √((1 - |a|)/2), whose arc sine is half of the arc cosine of |a|: that number as a
/// sum of two, and its arc sine less itself.
#[inline(always)]
fn halved(a: f64) -> (f64, f64, f64) {
    let size = a.abs();
    let far = size > 0.5;
    let half = 0.5 * (1.0 - size);
    let root = half.sqrt();
    // What the root leaves, by Newton's method.
    let (high, low) = square(root);
    let rest = choose(half > 0.0, ((half - high) - low) / (root + root), 0.0);
    let q = choose(far, root, size);
    let z = choose(far, half, size * size);
    (q, choose(far, rest, 0.0), q * z * thirteen(z, &ARC_SINE))
}

/// The inverse sine.
pub(crate) struct Asin;

impl Kernel<1> for Asin {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= 1.0
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (q, q_low, more) = halved(a);
        let (sum, error) = quick_two_sum(HALF_PI[0], -2.0 * q);
        let far = sum + (error + (HALF_PI[1] - 2.0 * (q_low + more)));
        choose(a.abs() > 0.5, far, q + more).copysign(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.asin()
    }
}

/// The inverse cosine.
pub(crate) struct Acos;

impl Kernel<1> for Acos {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= 1.0
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (q, q_low, more) = halved(a);
        let far = a.abs() > 0.5;
        // π/2 less the arc sine; twice the half angle; π less that.
        let first = choose(far, choose(a > 0.0, 0.0, 2.0 * HALF_PI[0]), HALF_PI[0]);
        let first_low = choose(far, choose(a > 0.0, 0.0, 2.0 * HALF_PI[1]), HALF_PI[1]);
        let factor = choose(far, 2.0, -1.0).copysign(choose(far, a, -a));
        let (sum, error) = quick_two_sum(first, factor * q);
        sum + (error + (first_low + factor * (q_low + more)))
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.acos()
    }
}
