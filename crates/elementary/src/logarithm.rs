//! Logarithms: `a = 2^k (1 + f)` with `1 + f` between √½ and √2, and `ln(1 + f) = 2 artanh(f / (2 + f))`.
//!
//! Written with `s = f/(2 + f)`, which makes `2s = f - f²/2 + s·f²/2`, the series begins with `f - f²/2` (the form is
//! that of fdlibm, Ng 1993). That difference and the sum with `k ln 2` keep their rounding errors; f² is rounded, which
//! is at most an eighth of a unit of the result.

use super::Kernel;
use super::parts::{quick_two_sum, seven, two_sum, upper};
use crate::value;

const LN_2: [f64; 2] = [0.6931471805598903, 5.497923018708371e-14];
/// The first part has 26 bits.
const ONE_OVER_LN_2: [f64; 2] = [1.4426950216293335, 1.9259629911266175e-08];
/// Likewise.
const ONE_OVER_LN_10: [f64; 2] = [0.4342944771051407, 4.798111141615973e-09];
const LOG10_2: [f64; 2] = [0.30102999566395283, 2.8363394551044964e-14];

/// `(2 artanh(s)/s - 2) / s²` in powers of `s²`, error 2^-57.9 in the result.
const REST: [f64; 7] = [
    0.6666666666666734,
    0.3999999999941468,
    0.285714287423871,
    0.22222198573252183,
    0.1818356432189449,
    0.15314050676896643,
    0.14795948300997067,
];

/// The bits of √½.
const ROOT_OF_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
/// 2^52: with an integer below in its last bits it is the sum of the two.
const INTEGERS: f64 = 4_503_599_627_370_496.0;

/// A positive normal number as `2^k (1 + f)`: `k`, `f`, and 2^-k for k up to 1022.
#[inline(always)]
fn split(a: f64) -> (f64, f64, f64) {
    let bits = a.to_bits().wrapping_add(1f64.to_bits() - ROOT_OF_HALF);
    let exponent = bits >> 52;
    let k = f64::from_bits(INTEGERS.to_bits() | exponent) - (INTEGERS + 1023.0);
    let mantissa = f64::from_bits((bits & 0xf_ffff_ffff_ffff) + ROOT_OF_HALF);
    (k, mantissa - 1.0, f64::from_bits(2046u64.wrapping_sub(exponent) << 52))
}

/// `ln(1 + f)` as a sum of two, the second in the last digits of the first.
#[inline(always)]
fn near_one(f: f64) -> (f64, f64) {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let (high, error) = quick_two_sum(f, -half_square);
    (high, error + s * (half_square + z * seven(z, &REST)))
}

/// `k·(a[0] + a[1]) + high + low`, where the first product is exact and not smaller than what follows, or 0.
#[inline(always)]
fn total(k: f64, a: [f64; 2], high: f64, low: f64) -> f64 {
    let (sum, error) = quick_two_sum(k * a[0], high);
    sum + (error + (low + k * a[1]))
}

/// `ln a` for a positive normal number.
#[inline(always)]
fn ln(a: f64) -> f64 {
    let (k, f, _) = split(a);
    let (high, low) = near_one(f);
    total(k, LN_2, high, low)
}

/// `ln(1 + a)` for `a` above -1 up to 10^300.
#[inline(always)]
pub(super) fn log1p(a: f64) -> f64 {
    let (sum, error) = two_sum(1.0, a);
    let (k, f, scale) = split(sum);
    let (high, low) = near_one(f);
    // The slope 1/(1 + f), to a few digits: the error of the sum is in its last digits.
    let slope = (1.0 - f) * (1.0 + f * f);
    // Of -0 too.
    total(k, LN_2, high, low + error * scale * slope).copysign(a)
}

/// `k·a + (high + low)·b`, where `a` and `b` are in two parts: logarithms to another base.
#[inline(always)]
fn other_base(argument: f64, a: [f64; 2], b: [f64; 2]) -> f64 {
    let (k, f, _) = split(argument);
    let (high, low) = near_one(f);
    let short = upper(high);
    let rest = (high - short) + low;
    // Exact.
    let first = short * b[0];
    total(k, a, first, rest * b[0] + (short + rest) * b[1])
}

#[inline(always)]
fn is_positive_normal(a: f64) -> bool {
    let (above, below) = (a >= f64::MIN_POSITIVE, a <= f64::MAX);
    above & below
}

/// `ln a`
pub(crate) struct Ln;

impl Kernel<1> for Ln {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        is_positive_normal(a)
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        ln(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.ln()
    }
}

/// `ln(1 + a)`
pub(crate) struct Log1p;

impl Kernel<1> for Log1p {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        (a > -1.0) & (a <= 1e300)
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        log1p(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.ln_1p()
    }
}

/// The logarithm to base 2, exact at powers of two.
pub(crate) struct Log2;

impl Kernel<1> for Log2 {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        is_positive_normal(a)
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        other_base(a, [1.0, 0.0], ONE_OVER_LN_2)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.log2()
    }
}

/// The logarithm to base 10.
pub(crate) struct Log10;

impl Kernel<1> for Log10 {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        is_positive_normal(a)
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        other_base(a, LOG10_2, ONE_OVER_LN_10)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.log10()
    }
}

/// `a ln b`
pub(crate) struct Xlogy;

impl Kernel<2> for Xlogy {
    #[inline(always)]
    fn fits([a, b]: [f64; 2]) -> bool {
        (a != 0.0) & is_positive_normal(b)
    }

    #[inline(always)]
    fn near([a, b]: [f64; 2]) -> f64 {
        a * ln(b)
    }

    fn elsewhere([a, b]: [f64; 2]) -> f64 {
        value::xlogy(a, b)
    }
}
