//! Values in double precision of the operators that std lacks, or has with a trap.

/// -1, 0 or 1; ±0 gives 0 (std's `signum` gives ±1 there), NaN gives NaN.
pub fn sign(a: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a.signum() }
}

/// The smaller; NaN if either is (std drops NaN).
#[inline]
pub fn min(a: f64, b: f64) -> f64 {
    if a <= b {
        a
    } else if b < a {
        b
    } else {
        a + b
    }
}

/// The larger; NaN if either is (std drops NaN).
#[inline]
pub fn max(a: f64, b: f64) -> f64 {
    if a >= b {
        a
    } else if b > a {
        b
    } else {
        a + b
    }
}

/// `a^b` for an integer `b`: by multiplication where that is within 1.5 ULP, else by `powf`.
#[inline]
pub fn powi(a: f64, b: f64) -> f64 {
    if b == 2.0 {
        a * a
    } else if b == 3.0 {
        a * a * a
    } else if b == 1.0 {
        a
    } else if b == -1.0 {
        1.0 / a
    } else {
        a.powf(b)
    }
}

/// The inverse hyperbolic cosine by `log1p`: std's formula loses seven digits near 1.
pub fn acosh(a: f64) -> f64 {
    let t = a - 1.0;
    if t < 0.0 {
        // Far below 1 the square would overflow to an infinity that is no NaN.
        f64::NAN
    } else if a > 1e8 {
        a.ln() + std::f64::consts::LN_2
    } else {
        (t + (t * (a + 1.0)).sqrt()).ln_1p()
    }
}

/// The inverse hyperbolic sine; far out by ln 2a, where std's formula overflows.
pub fn asinh(a: f64) -> f64 {
    if a.abs() > 1e300 { (a.abs().ln() + std::f64::consts::LN_2).copysign(a) } else { a.asinh() }
}

/// The inverse hyperbolic tangent, odd by construction: the formula cancels on the negative side.
pub fn atanh(a: f64) -> f64 {
    let m = a.abs();
    (0.5 * (2.0 * m / (1.0 - m)).ln_1p()).copysign(a)
}

/// `1 / (1 + e^-a)`, with the exponential that cannot overflow.
pub fn sigmoid(a: f64) -> f64 {
    let t = (-a.abs()).exp();
    if a < 0.0 { t / (1.0 + t) } else { 1.0 / (1.0 + t) }
}

/// `ln(1 + e^a)`, with the exponential that cannot overflow.
pub fn softplus(a: f64) -> f64 {
    max(a, 0.0) + (-a.abs()).exp().ln_1p()
}

/// `e^(-a²)`: the square is taken with its rounding error (Dekker 1971), or the result would lose a² ULP.
pub fn expmsq(a: f64) -> f64 {
    // Beyond this the result is 0, and the splitting below would overflow.
    if a.abs() > 28.0 {
        return 0.0;
    }
    let split = 134_217_729.0 * a; // 2^27 + 1
    let high = split - (split - a);
    let low = a - high;
    let square = a * a;
    let error = ((high * high - square) + 2.0 * high * low) + low * low;
    let main = (-square).exp();
    main - main * error
}

/// `a ln b`, and 0 where `a` is 0, unless `b` is NaN.
pub fn xlogy(a: f64, b: f64) -> f64 {
    if a == 0.0 && !b.is_nan() { 0.0 } else { a * b.ln() }
}
