// What Rust's std lacks, or has with a trap: written into exported programs as it stands here.

/// -1, 0 or 1; 0 at ±0, NaN at NaN.
fn sign(a: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a.signum() }
}

/// The smaller; NaN if either is.
fn min(a: f64, b: f64) -> f64 {
    if a <= b {
        a
    } else if b < a {
        b
    } else {
        a + b
    }
}

/// The larger; NaN if either is.
fn max(a: f64, b: f64) -> f64 {
    if a >= b {
        a
    } else if b > a {
        b
    } else {
        a + b
    }
}

/// The upper bound wins where the bounds are in the wrong order.
fn clamp(x: f64, lo: f64, hi: f64) -> f64 {
    min(max(x, lo), hi)
}

/// max(a, 0), NaN at NaN.
fn relu(a: f64) -> f64 {
    max(a, 0.0)
}

/// a^b for an integer b.
fn powi(a: f64, b: f64) -> f64 {
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

/// The inverse hyperbolic cosine; by ln(1 + t), which keeps its digits near 1.
fn acosh(a: f64) -> f64 {
    let t = a - 1.0;
    if t < 0.0 {
        return f64::NAN;
    }
    if a > 1e8 { a.ln() + std::f64::consts::LN_2 } else { (t + (t * (a + 1.0)).sqrt()).ln_1p() }
}

/// The inverse hyperbolic sine; far out by ln 2a, which does not overflow.
fn asinh(a: f64) -> f64 {
    if a.abs() > 1e300 { (a.abs().ln() + std::f64::consts::LN_2).copysign(a) } else { a.asinh() }
}

/// The inverse hyperbolic tangent; odd, so that no sign cancels.
fn atanh(a: f64) -> f64 {
    let m = a.abs();
    (0.5 * (2.0 * m / (1.0 - m)).ln_1p()).copysign(a)
}

/// 1/(1 + e^-a), with the exponential that cannot overflow.
fn sigmoid(a: f64) -> f64 {
    let t = (-a.abs()).exp();
    if a < 0.0 { t / (1.0 + t) } else { 1.0 / (1.0 + t) }
}

/// ln(1 + e^a), with the exponential that cannot overflow.
fn softplus(a: f64) -> f64 {
    max(a, 0.0) + (-a.abs()).exp().ln_1p()
}

/// a·ln b, and 0 where a is 0, unless b is NaN.
fn xlogy(a: f64, b: f64) -> f64 {
    if a == 0.0 && !b.is_nan() { 0.0 } else { a * b.ln() }
}

/// e^(-a²): the square is taken with its rounding error (Dekker 1971).
fn expmsq(a: f64) -> f64 {
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

/// A product, and what rounding took from it.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// A sum, and what rounding took from it (Knuth).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

/// The error function: Kummer's series, all of whose terms are of one sign (Abramowitz and Stegun 7.1.6), in pairs of doubles, so that
/// only the exponential and the result are rounded.
fn erf(a: f64) -> f64 {
    if a == 0.0 {
        return a;
    }
    if a.abs() > 6.0 {
        return 1f64.copysign(a);
    }
    if a.abs() > 2.0 {
        return (1.0 - erfc(a.abs())).copysign(a);
    }
    let (square, square_low) = two_product(a, a);
    let (mut term, mut term_low, mut sum, mut sum_low, mut k) = (a, 0.0, a, 0.0, 3.0);
    while term.abs() > 1e-20 * sum.abs() {
        let (up, up_low) = two_product(term, 2.0 * square);
        let up_low = up_low + 2.0 * (term * square_low + term_low * square);
        let next = up / k;
        let (back, back_low) = two_product(next, k);
        (term, term_low) = (next, ((up - back) - back_low + up_low) / k);
        let (total, lost) = two_sum(sum, term);
        (sum, sum_low) = (total, sum_low + lost + term_low);
        k += 2.0;
    }
    let (scaled, scaled_low) = two_product(sum, std::f64::consts::FRAC_2_SQRT_PI);
    // 2/sqrt(pi) is not a double either.
    let low = scaled_low + sum_low * std::f64::consts::FRAC_2_SQRT_PI + sum * 1.533545961316588e-17 - scaled * square_low;
    let main = (-square).exp();
    let (result, lost) = two_product(scaled, main);
    result + (lost + low * main)
}

/// The complement of the error function: Laplace's continued fraction (Abramowitz and Stegun 7.1.14) from 1/2 onwards, in pairs of
/// doubles.
fn erfc(a: f64) -> f64 {
    if a < 0.5 {
        return 1.0 - erf(a);
    }
    if a > 28.0 {
        return 0.0;
    }
    let (mut tail, mut low) = (a, 0.0);
    let mut k = (20.0 + 190.0 / (a * a)).floor();
    while k > 0.0 {
        let part = 0.5 * k / tail;
        let rest = (-part).mul_add(tail, 0.5 * k) - part * low;
        let (sum, lost) = two_sum(a, part);
        (low, tail) = (lost + rest / tail, sum);
        k -= 1.0;
    }
    let (square, square_low) = two_product(a, a);
    let main = (-square).exp();
    let (up, up_low) = two_product(0.5 * std::f64::consts::FRAC_2_SQRT_PI, main);
    let up_low = up_low + main * 7.66772980658294e-18 - up * square_low;
    let result = up / tail;
    result + ((-result).mul_add(tail, up) + up_low - result * low) / tail
}
