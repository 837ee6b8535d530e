//! Hyperbolic and logistic functions, by the exponential of `|a|`, or of its negative where that may overflow.

use super::Kernel;
use super::exponential::{exp, expm1_parts};
use super::logarithm::log1p;
use super::parts::{choose, quick_two_sum, two_sum};
use crate::value;

const WIDEST: f64 = 708.0;

/// `(e^a - e^-a) / 2`, with `e^|a| - 1` so that nothing cancels.
pub(crate) struct Sinh;

impl Kernel<1> for Sinh {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= WIDEST
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let (high, low) = expm1_parts(a.abs());
        let (grown, low) = quick_two_sum(high, low);
        (0.5 * (grown + (grown / (grown + 1.0) + low))).copysign(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.sinh()
    }
}

/// `(e^a + e^-a) / 2`
pub(crate) struct Cosh;

impl Kernel<1> for Cosh {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= WIDEST
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let grown = exp(a.abs());
        0.5 * grown + 0.5 / grown
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.cosh()
    }
}

/// `(e^2a - 1) / (e^2a + 1)`
pub(crate) struct Tanh;

impl Kernel<1> for Tanh {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= f64::INFINITY
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        // From 19.07 on it is 1.
        let size = choose(a.abs() < 22.0, a.abs(), 22.0);
        let (high, low) = expm1_parts(2.0 * size);
        let (grown, low) = quick_two_sum(high, low);
        let (sum, error) = two_sum(grown, 2.0);
        let first = grown / sum;
        // What was rounded before; the inverse of the sum is half of what lacks to 1.
        let more = (low - first * (error + low)) * (0.5 * (1.0 - first));
        (first + more).copysign(a)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        a.tanh()
    }
}

/// `1 / (1 + e^-a)`
pub(crate) struct Sigmoid;

impl Kernel<1> for Sigmoid {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= WIDEST
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        let small = exp(-a.abs());
        let (sum, error) = quick_two_sum(1.0, small);
        let first = choose(a < 0.0, small, 1.0) / sum;
        // The sum is not the rounded one; its inverse is the larger of s and 1 - s.
        first - first * error * choose(a < 0.0, 1.0 - first, first)
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        value::sigmoid(a)
    }
}

/// `ln(1 + e^a)`
pub(crate) struct Softplus;

impl Kernel<1> for Softplus {
    #[inline(always)]
    fn fits([a]: [f64; 1]) -> bool {
        a.abs() <= WIDEST
    }

    #[inline(always)]
    fn near([a]: [f64; 1]) -> f64 {
        choose(a > 0.0, a, 0.0) + log1p(exp(-a.abs()))
    }

    fn elsewhere([a]: [f64; 1]) -> f64 {
        value::softplus(a)
    }
}
