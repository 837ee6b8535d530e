//! Sine, cosine and tangent: `a = n·π/2 + r`, `r` with its own rounding error, then one of two polynomials by `n`.
//!
//! The reduction is that of Cody and Waite (1980) with π/2 in three parts. The first two have 38 bits, so that products
//! with `n` below 2^15 are exact; no double below 5·10^4 is so near to a multiple of π/2 that what is left of the third is
//! missed (the nearest is found by `coefficients.py`).

use super::Kernel;
use super::parts::{choose_odd, nearest, quick_two_sum, quotient, six, upper};

const WIDEST: f64 = 5e4;

const HALF_PI: [f64; 3] = [1.5707963267923333, 2.5633441515839558e-12, 1.0562999066987428e-23];

/// `(sin(r)/r - 1) / r²` in powers of `r²`, error 2^-57.3 relative to the result.
const SINE: [f64; 6] = [
    -0.16666666666666632,
    0.008333333333322422,
    -0.00019841269829814248,
    2.7557313694248407e-06,
    -2.5050758494221063e-08,
    1.589681838716505e-10,
];

/// `(cos(r) - 1 + r²/2) / r⁴` in powers of `r²`, error 2^-59.9 in the result.
const COSINE: [f64; 6] = [
    0.0416666666666666,
    -0.0013888888888874133,
    2.480158728948895e-05,
    -2.755731435437464e-07,
    2.0875723561910076e-09,
    -1.1359663295420288e-11,
];

/// `n` in the last bits, and the rest of the angle as a sum of two.
#[inline(always)]
fn reduced(a: f64) -> (u64, f64, f64) {
    let (n, word) = nearest(a * std::f64::consts::FRAC_2_PI);
    // Exact, as is its sum with the next: where the two cancel, the difference has few bits.
    let first = a - n * HALF_PI[0];
    let (second, error) = quick_two_sum(first, -(n * HALF_PI[1]));
    let third = n * HALF_PI[2] - error;
    // As differences, so that -0 remains.
    let rest = second - third;
    (word, rest, (second - rest) - third)
}

/// `sin(r + low)` as a sum of two.
#[inline(always)]
fn sine(r: f64, low: f64) -> (f64, f64) {
    let z = r * r;
    (r, r * z * six(z, &SINE) + low * (1.0 - 0.5 * z))
}

/// `cos(r + low)` as a sum of two.
#[inline(always)]
fn cosine(r: f64, low: f64) -> (f64, f64) {
    let z = r * r;
    let short = upper(r);
    // Half of the square exactly, and the rest of it.
    let (sum, error) = quick_two_sum(1.0, -(0.5 * short * short));
    let rest = 0.5 * (r - short) * (r + short) + r * low;
    (sum, error + (z * z * six(z, &COSINE) - rest))
}

/// The sine or, where the last bit of the word is set, the cosine.
#[inline(always)]
fn sine_or_cosine(word: u64, r: f64, low: f64) -> f64 {
    let (sine, cosine) = (sine(r, low), cosine(r, low));
    // Of -0 too.
    choose_odd(word, cosine.0 + cosine.1, (sine.0 + sine.1).copysign(r))
}

/// The other sign where bit 1 of the word is set.
#[inline(always)]
fn turned(a: f64, word: u64) -> f64 {
    f64::from_bits(a.to_bits() ^ ((word & 2) << 62))
}

#[inline(always)]
fn fits(a: f64) -> bool {
    a.abs() <= WIDEST
}

/// The sine.
pub(crate) struct Sin;

impl Kernel<1> for Sin {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        fits(a)
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (n, r, low) = reduced(a);
        turned(sine_or_cosine(n, r, low), n)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.sin()
    }
}

/// The cosine.
pub(crate) struct Cos;

impl Kernel<1> for Cos {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        fits(a)
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (n, r, low) = reduced(a);
        let n = n.wrapping_add(1);
        turned(sine_or_cosine(n, r, low), n)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.cos()
    }
}

/// Sine and cosine of one angle, which have all but the choice in common.
#[inline(always)]
pub(super) fn sin_cos(a: f64) -> (f64, f64) {
    let (n, r, low) = reduced(a);
    let next = n.wrapping_add(1);
    (turned(sine_or_cosine(n, r, low), n), turned(sine_or_cosine(next, r, low), next))
}

/// The tangent.
pub(crate) struct Tan;

impl Kernel<1> for Tan {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        fits(a)
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (n, r, low) = reduced(a);
        let (sine, cosine) = (sine(r, low), cosine(r, low));
        let (sine, cosine) = (quick_two_sum(sine.0, sine.1), quick_two_sum(cosine.0, cosine.1));
        // Of -0 too, here and in the end.
        let sine = (sine.0.copysign(r), sine.1);
        let over = (choose_odd(n, cosine.0, sine.0), choose_odd(n, cosine.1, sine.1));
        let under = (choose_odd(n, -sine.0, cosine.0), choose_odd(n, -sine.1, cosine.1));
        let (high, low) = quotient(over, under);
        (high + low).copysign(high)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.tan()
    }
}
