//! Values in double precision of functions beyond the elementary ones, and of their derivatives of any order.
//!
//! Where an asymptotic formula in doubles is right to the last bits it is used; elsewhere the double-double value
//! ([`DoubleDouble`](crate::DoubleDouble)) is rounded, which is slow and right.

use crate::double::DoubleDouble as Dd;
use elementary::{exp, expm1, expmsq, ln, log1p, sin};

/// The orders of derivatives for which there are values.
pub const MOST_ORDERS: f64 = 1000.0;

/// Whether `k` is an order.
fn is_order(k: f64) -> bool {
    (0.0..=MOST_ORDERS).contains(&k) && k.fract() == 0.0
}

/// `1 / cosh a` by the exponential that cannot overflow.
pub(crate) fn sech(a: f64) -> f64 {
    let t = exp(-a.abs());
    (t + t) / (1.0 + t * t)
}

/// `1 / sinh a` by the exponentials that cannot overflow.
pub(crate) fn csch(a: f64) -> f64 {
    let m = a.abs();
    let t = exp(-m);
    ((t + t) / -expm1(-(m + m))).copysign(a)
}

/// `√((|a| - 1)(|a| + 1))`, NaN inside (-1, 1).
fn leg(a: f64) -> f64 {
    let m = a.abs();
    (m - 1.0).sqrt() * (m + 1.0).sqrt()
}

/// The inverse secant, in [0, π]: the angle with the tangent ±√(a² - 1), as `1/a` is rounded.
pub(crate) fn asec(a: f64) -> f64 {
    leg(a).atan2(1f64.copysign(a))
}

/// The inverse cosecant, in [-π/2, π/2].
pub(crate) fn acsc(a: f64) -> f64 {
    1f64.atan2(leg(a)).copysign(a)
}

/// The remainder with the sign of the divisor; of the two the exact one is rounded once.
pub(crate) fn modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

/// `ln(a / (1 - a))`; about 1/2 by the exact difference from it.
pub(crate) fn logit(a: f64) -> f64 {
    if (0.25..=0.75).contains(&a) { log1p((a + a - 1.0) / (1.0 - a)) } else { ln(a / (1.0 - a)) }
}

/// `ln(1 - e^a)` by whichever of the two is not near 0.
pub(crate) fn log1mexp(a: f64) -> f64 {
    if a > -std::f64::consts::LN_2 { ln(-expm1(a)) } else { log1p(-exp(a)) }
}

/// The derivative of order `k` of `sin a / a`.
pub(crate) fn sinc(a: f64, k: f64) -> f64 {
    if !is_order(k) || !a.is_finite() {
        f64::NAN
    } else if k == 0.0 {
        if a == 0.0 { 1.0 } else { sin(a) / a }
    } else {
        Dd::from(a).sinc(k).hi
    }
}

/// The logarithm of the gamma function of a positive number.
pub(crate) fn lgamma(a: f64) -> f64 {
    match a {
        0.0 => f64::INFINITY,
        f64::INFINITY => a,
        _ if a > 0.0 => Dd::from(a).lgamma().hi,
        _ => f64::NAN,
    }
}

/// The derivative of order `k + 1` of the logarithm of the gamma function, of a positive number.
pub(crate) fn polygamma(a: f64, k: f64) -> f64 {
    if !is_order(k) || a.is_nan() || a < 0.0 {
        return f64::NAN;
    }
    let sign = if k % 2.0 == 0.0 { -1.0 } else { 1.0 };
    match a {
        0.0 => sign * f64::INFINITY,
        f64::INFINITY if k == 0.0 => a,
        f64::INFINITY => sign * 0.0,
        _ => match Dd::from(a).polygamma(k).hi {
            value if value.is_finite() => value,
            // Close to 0 pairs of doubles overflow before the value does, which is k!/a^(k+1) there.
            _ => sign * (1..=k as u64).map(|j| j as f64).product::<f64>() * a.recip().powf(k + 1.0),
        },
    }
}

/// The logarithm of the beta function of two positive numbers.
pub(crate) fn lbeta(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() || a < 0.0 || b < 0.0 {
        return f64::NAN;
    }
    match (a.min(b), a.max(b)) {
        // Between the limits to either side.
        (0.0, f64::INFINITY) => f64::NAN,
        (0.0, _) => f64::INFINITY,
        (_, f64::INFINITY) => f64::NEG_INFINITY,
        _ => Dd::from(a).lbeta(b.into()).hi,
    }
}

/// The derivative of order `k + 1` of the logarithm of the gamma function at a positive number, less that beyond another one.
pub(crate) fn polygamma_difference(a: f64, b: f64, k: f64) -> f64 {
    if !is_order(k) || a.is_nan() || b.is_nan() || a < 0.0 || b <= 0.0 {
        return f64::NAN;
    }
    if a == 0.0 || b == f64::INFINITY {
        // Infinitely far above, of all orders but the first nothing is left.
        return if a == f64::INFINITY {
            f64::NAN
        } else if k == 0.0 {
            f64::NEG_INFINITY
        } else {
            polygamma(a, k)
        };
    }
    if a == f64::INFINITY {
        return if k % 2.0 == 0.0 { -0.0 } else { 0.0 };
    }
    match Dd::from(a).polygamma_difference(b.into(), k).hi {
        value if value.is_finite() => value,
        // Close to 0 pairs of doubles overflow before the value does.
        _ => {
            let sign = if k % 2.0 == 0.0 { -1.0 } else { 1.0 };
            let left = -expm1((k + 1.0) * -log1p(b / a));
            (1..=k as u64).fold(sign * left / a, |p, j| p * (j as f64 / a))
        }
    }
}

/// The inverse of the error function.
pub(crate) fn erfinv(a: f64) -> f64 {
    match a.abs() {
        0.0 => a,
        1.0 => f64::INFINITY.copysign(a),
        size if size < 1.0 => Dd::from(a).erfinv().hi,
        _ => f64::NAN,
    }
}

/// The high and the low half of 1/√2.
const ROOT_HALF: Dd = Dd { hi: std::f64::consts::FRAC_1_SQRT_2, lo: -4.833646656726457e-17 };

/// `erfc(-a/√2) / 2`, with what is lost of `a/√2`.
pub(crate) fn normcdf(a: f64) -> f64 {
    if a.is_nan() {
        return a;
    }
    if !(-39.0..=9.0).contains(&a) {
        return f64::from(a > 0.0);
    }
    let t = Dd::from(-a).times(ROOT_HALF);
    let slope = -std::f64::consts::FRAC_2_SQRT_PI * expmsq(t.hi);
    0.5 * slope.mul_add(t.lo, libm::erfc(t.hi))
}

/// The logarithm of `normcdf(a)`, which underflows.
pub(crate) fn lognormcdf(a: f64) -> f64 {
    if a >= 0.0 {
        log1p(-normcdf(-a))
    } else if a > -2.0 {
        ln(normcdf(a))
    } else {
        // ln √(2π)
        -(0.5 * a * a) - 0.918_938_533_204_672_7 + ln(mills(-a, 0.0))
    }
}

/// `e^(a²/2)` times the integral of `(t - a)^k / k! · e^(-t²/2)` over all t above a: for order 0 Mills' ratio.
///
/// It falls, and its derivative is -(k + 1) times that of the next order.
pub(crate) fn mills(a: f64, k: f64) -> f64 {
    if !is_order(k) || a.is_nan() {
        f64::NAN
    } else if a < -39.0 {
        f64::INFINITY
    } else if a < 1.0 {
        Dd::from(a).mills(k).hi
    } else if a == f64::INFINITY {
        0.0
    } else {
        // Laplace's continued fraction: the quotient of each order and the one before.
        let terms = (450.0 / (a * a)).ceil() + 24.0;
        let mut n = k + terms;
        let mut ratio = 2.0 / (a + (a * a + 4.0 * n).sqrt());
        let mut value = 1.0;
        while n >= 0.0 {
            ratio = 1.0 / (a + (n + 1.0) * ratio);
            if n <= k {
                value *= ratio;
            }
            n -= 1.0;
        }
        value
    }
}
