//! Exponentials: `e^a = 2^k e^r` with |r| at most half of ln 2, the two leading terms kept apart from the rest.
//!
//! The reduction is that of Cody and Waite (1980): ln 2 in two parts, the first so short that `k` times it is exact.
//! The sum `1 + r` is taken with its error, so that all that is rounded before the last addition is below 2^-4.

use super::Kernel;
use super::parts::{nearest, nine, quick_two_sum, scaled, square, upper};
use crate::value;

/// Where results, and what is met on the way, are normal: ln 2^1022 is 708.39.
const WIDEST: f64 = 708.0;

const LN_2: [f64; 2] = [0.6931471805598903, 5.497923018708371e-14];
/// The same, the first part of 26 bits.
const LN_2_SHORT: [f64; 2] = [0.6931471675634384, 1.2996506893889889e-08];

/// `(e^r - 1 - r - r²/2) / r³`, error 2^-57.2 in the result.
pub(super) const REST: [f64; 9] = [
    0.16666666666666685,
    0.041666666666602896,
    0.008333333333313988,
    0.0013888888927221501,
    0.00019841269904777593,
    2.4801508157732044e-05,
    2.75572261959116e-06,
    2.762539102842104e-07,
    2.5115059592437196e-08,
];

/// `e^a = 2^k (1 + first + rest)`.
#[derive(Clone, Copy)]
pub(super) struct Power {
    /// In the last bits.
    k: u64,
    first: f64,
    rest: f64,
}

impl Power {
    /// Of e, for |a| at most 708, with `more` added to the exponent that is no larger than its last digits.
    #[inline(always)]
    fn of_e(a: f64, more: f64, rest: &[f64; 9]) -> Power {
        let (integer, k) = nearest(a * std::f64::consts::LOG2_E);
        let first = a - integer * LN_2[0];
        let low = integer * LN_2[1] - more;
        Power::near(k, first, low, rest)
    }

    /// Of 2, for |a| at most 1021.
    #[inline(always)]
    fn of_2(a: f64) -> Power {
        let (integer, k) = nearest(a);
        let rest = a - integer;
        let high = upper(rest);
        // Exact in its first part.
        let first = high * LN_2_SHORT[0];
        let low = high * LN_2_SHORT[1] + (rest - high) * std::f64::consts::LN_2;
        Power::near(k, first, -low, &REST)
    }

    /// `2^k e^(first - low)`
    #[inline(always)]
    fn near(k: u64, first: f64, low: f64, rest: &[f64; 9]) -> Power {
        let r = first - low;
        let r2 = r * r;
        Power { k, first, rest: r2 * (0.5 + r * nine(r, rest)) - low }
    }

    #[inline(always)]
    fn value(self) -> f64 {
        let (sum, error) = quick_two_sum(1.0, self.first);
        scaled(sum + (error + self.rest), self.k)
    }

    /// The value less 1, as a sum of two.
    #[inline(always)]
    fn less_one(self) -> (f64, f64) {
        let scale = scaled(1.0, self.k);
        // 2^k - 1 is not smaller than what is added, or it is 0.
        let (sum, error) = quick_two_sum(scale - 1.0, scale * self.first);
        (sum, error + scale * self.rest)
    }
}

/// The exponential by these coefficients, so that tests can plant wrong ones.
#[inline(always)]
pub(super) fn exp_with(a: f64, rest: &[f64; 9]) -> f64 {
    Power::of_e(a, 0.0, rest).value()
}

/// `e^a` for |a| at most 708.
#[inline(always)]
pub(super) fn exp(a: f64) -> f64 {
    exp_with(a, &REST)
}

/// `e^(a + low)` for |a| at most 708, where `low` is in the last digits of `a`.
#[inline(always)]
pub(super) fn exp_of_sum(a: f64, low: f64) -> f64 {
    Power::of_e(a, low, &REST).value()
}

/// `e^a - 1` for |a| at most 708 as a sum of two, the second in the last digits of the first.
#[inline(always)]
pub(super) fn expm1_parts(a: f64) -> (f64, f64) {
    Power::of_e(a, 0.0, &REST).less_one()
}

/// `e^a`: 0.52 ULP.
pub(crate) struct Exp;

impl Kernel<1> for Exp {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= WIDEST
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        exp(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.exp()
    }
}

/// `2^a`
pub(crate) struct Exp2;

impl Kernel<1> for Exp2 {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= 1021.0
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        Power::of_2(a).value()
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.exp2()
    }
}

/// `e^a - 1`
pub(crate) struct Expm1;

impl Kernel<1> for Expm1 {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= WIDEST
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (high, low) = expm1_parts(a);
        // Of -0 too.
        (high + low).copysign(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.exp_m1()
    }
}

/// `e^(-a²)`: the square has a rest, or the result would lose a² ULP.
pub(crate) struct Expmsq;

impl Kernel<1> for Expmsq {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        // The square root of 707.56.
        a.abs() <= 26.6
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (high, low) = square(a);
        let (sum, rest) = quick_two_sum(high, low);
        exp_of_sum(-sum, -rest)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        value::expmsq(a)
    }
}
