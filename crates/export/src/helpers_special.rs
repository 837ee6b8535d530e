/// 1/cosh a, by the exponential that cannot overflow.
fn sech(a: f64) -> f64 {
    let t = (-a.abs()).exp();
    (t + t) / (1.0 + t * t)
}

/// 1/sinh a, by the exponentials that cannot overflow.
fn csch(a: f64) -> f64 {
    let m = a.abs();
    let t = (-m).exp();
    ((t + t) / -(-(m + m)).exp_m1()).copysign(a)
}

/// √((|a| - 1)(|a| + 1))
fn leg(a: f64) -> f64 {
    (a.abs() - 1.0).sqrt() * (a.abs() + 1.0).sqrt()
}

/// The inverse secant.
fn asec(a: f64) -> f64 {
    leg(a).atan2(1f64.copysign(a))
}

/// The inverse cosecant.
fn acsc(a: f64) -> f64 {
    1f64.atan2(leg(a)).copysign(a)
}

/// The remainder with the sign of the divisor.
fn modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

/// ln(a/(1 - a)); about 1/2 by the exact difference from it.
fn logit(a: f64) -> f64 {
    if (0.25..=0.75).contains(&a) { ((a + a - 1.0) / (1.0 - a)).ln_1p() } else { (a / (1.0 - a)).ln() }
}

/// ln(1 - e^a), by whichever of the two is not near 0.
fn log1mexp(a: f64) -> f64 {
    if a > -std::f64::consts::LN_2 { (-a.exp_m1()).ln() } else { (-a.exp()).ln_1p() }
}

/// Whether k is an order of a derivative for which there are values.
fn is_order(k: f64) -> bool {
    (0.0..=1000.0).contains(&k) && k.fract() == 0.0
}

/// The derivative of order k of sin a/a: from a·s = sin a, k times differentiated; near 0 by its power series.
fn sinc(a: f64, k: f64) -> f64 {
    if !is_order(k) {
        return f64::NAN;
    }
    if a.abs() < f64::max(1.0, k / 2.0) {
        let mut m = (k / 2.0).ceil();
        let mut exponent = 2.0 * m - k;
        let mut power = if exponent == 0.0 { 1.0 } else { a };
        if m % 2.0 == 1.0 {
            power = -power;
        }
        let mut sum = power / (2.0 * m + 1.0);
        for _ in 0..100 {
            power *= -(a * a) / ((exponent + 1.0) * (exponent + 2.0));
            (exponent, m) = (exponent + 2.0, m + 1.0);
            sum += power / (2.0 * m + 1.0);
        }
        return sum;
    }
    let turned = [a.sin(), a.cos(), -a.sin(), -a.cos()];
    let (mut value, mut j) = (a.sin() / a, 1.0);
    while j <= k {
        value = (turned[(j % 4.0) as usize] - j * value) / a;
        j += 1.0;
    }
    value
}

/// ζ(k) - 1 for k = 2, 3, …
fn zeta_less_one(k: usize) -> f64 {
    [
        0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
        0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
        0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-05,
        3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06, 3.81729326499984e-06,
        1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07, 2.38450502727733e-07,
        1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08, 1.4901554828365043e-08,
        7.45071178983543e-09, 3.725334024788457e-09, 1.862659723513049e-09, 9.313274324196682e-10,
        4.656629065033784e-10, 2.3283118336765053e-10, 1.164155017270052e-10,
    ][k - 2]
}

/// The Bernoulli number of index 2m, m = 1, 2, …
fn bernoulli(m: usize) -> f64 {
    [
        1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0,
        -3617.0 / 510.0, 43867.0 / 798.0, -174611.0 / 330.0,
    ][m - 1]
}

/// What Stirling's series adds to (x - 1/2) ln x - x + ln √(2π).
fn stirling_rest(x: f64) -> f64 {
    (1..11).rev().fold(0.0, |sum, m| sum / (x * x) + bernoulli(m) / (2 * m * (2 * m - 1)) as f64) / x
}

/// The logarithm of the gamma function of a positive number: beside its zeros by Taylor's series, far out by Stirling's.
fn lgamma(a: f64) -> f64 {
    if a == 0.0 || a == f64::INFINITY {
        return f64::INFINITY;
    } else if a.is_nan() || a < 0.0 {
        return f64::NAN;
    } else if a < 0.5 {
        return lgamma(a + 1.0) - a.ln();
    } else if a >= 12.0 {
        return (a - 0.5) * a.ln() - a + 0.918_938_533_204_672_7 + stirling_rest(a);
    }
    let (mut near, mut product) = (a, 1.0);
    while near > 2.5 {
        near -= 1.0;
        product *= near;
    }
    let t = if near < 1.5 { near - 1.0 } else { near - 2.0 };
    let sum = (2..34).rev().fold(0.0, |sum, k| (sum + zeta_less_one(k) / k as f64) * -t);
    let value = (0.422_784_335_098_467_14 - sum) * t;
    product.ln() + if near < 1.5 { value - t.ln_1p() } else { value }
}

/// The derivative of order k + 1 of the logarithm of the gamma function of a positive number.
fn polygamma(a: f64, k: f64) -> f64 {
    let sign = if k % 2.0 == 0.0 { -1.0 } else { 1.0 };
    if a.is_nan() || a < 0.0 || !is_order(k) {
        return f64::NAN;
    } else if a == 0.0 {
        return sign * f64::INFINITY;
    } else if a == f64::INFINITY {
        return if k == 0.0 { a } else { 0.0 };
    } else if k == 0.0 && a < 12.0 {
        if a < 0.5 {
            return polygamma(a + 1.0, 0.0) - 1.0 / a;
        }
        let (mut near, mut above) = (a, 0.0);
        while near > 2.5 {
            near -= 1.0;
            above += 1.0 / near;
        }
        let t = if near < 1.5 { near - 1.0 } else { near - 2.0 };
        let sum = (2..34).rev().fold(0.0, |sum, k| zeta_less_one(k) - t * sum);
        let value = 0.422_784_335_098_467_14 + t * sum;
        return above + if near < 1.5 { value - 1.0 / near } else { value };
    }
    // k!/x^(k+1)
    let power = |x: f64, k: f64| {
        let (mut p, mut i) = (1.0 / x, 1.0);
        while i <= k {
            (p, i) = (p * (i / x), i + 1.0);
        }
        p
    };
    let (mut far, mut sum) = (a, 0.0);
    while far < 12.0 + 2.0 * k {
        sum += power(far, k);
        far += 1.0;
    }
    let first = if k == 0.0 { -far.ln() } else { power(far, k - 1.0) };
    let (mut term, mut series) = (power(far, k) * (k + 1.0) / (2.0 * far), power(far, k) / 2.0);
    for m in 1..11 {
        series += term * bernoulli(m);
        let twice = 2.0 * m as f64;
        term *= (twice + k) / (twice + 1.0) * (twice + k + 1.0) / (twice + 2.0) / (far * far);
    }
    sign * (sum + (series + first))
}

/// The logarithm of the beta function, by differences that do not cancel; where it is near 0, as exact as 1 is.
fn lbeta(a: f64, b: f64) -> f64 {
    let (mut p, mut q) = if a < b { (a, b) } else { (b, a) };
    if p.is_nan() || q.is_nan() || p < 0.0 || (p == 0.0 && q == f64::INFINITY) {
        return f64::NAN;
    } else if p == 0.0 || q == f64::INFINITY {
        return if p == 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
    } else if q < 12.0 {
        let mut ratio = 1.0;
        while q > 2.5 {
            q -= 1.0;
            ratio *= q / (p + q);
        }
        while p > 2.5 {
            p -= 1.0;
            ratio *= p / (q + p);
        }
        return ratio.ln() + (lgamma(p) + (lgamma(q) - lgamma(p + q)));
    }
    let grown = (p / q).ln_1p();
    let rest = stirling_rest(q) - stirling_rest(p + q);
    if p < 12.0 {
        return lgamma(p) - ((p + q - 0.5) * grown + (p * q.ln() - p)) + rest;
    }
    let main = p * (q / p).ln_1p() + (q - 0.5) * grown;
    0.918_938_533_204_672_7 - 0.5 * p.ln() - main + stirling_rest(p) + rest
}

/// 1 - (x/(x + b))^n
fn part_gone(x: f64, b: f64, n: f64) -> f64 {
    if n == 1.0 { b / (x + b) } else { -(-n * (b / x).ln_1p()).exp_m1() }
}

/// polygamma(a, k) - polygamma(a + b, k): of each 1/x^n of the first the part that is left.
fn digammadiff(a: f64, b: f64, k: f64) -> f64 {
    let sign = if k % 2.0 == 0.0 { -1.0 } else { 1.0 };
    if a.is_nan() || b.is_nan() || a < 0.0 || b <= 0.0 || !is_order(k) || a.min(b) == f64::INFINITY {
        return f64::NAN;
    } else if a == f64::INFINITY {
        return 0.0;
    } else if a == 0.0 || b == f64::INFINITY {
        return if k == 0.0 { f64::NEG_INFINITY } else { polygamma(a, k) };
    }
    // k!/x^(k+1)
    let power = |x: f64, k: f64| {
        let (mut p, mut i) = (1.0 / x, 1.0);
        while i <= k {
            (p, i) = (p * (i / x), i + 1.0);
        }
        p
    };
    let (mut far, mut sum) = (a, 0.0);
    while far < 12.0 + 2.0 * k {
        sum += power(far, k) * part_gone(far, b, k + 1.0);
        far += 1.0;
    }
    let first = if k == 0.0 { (b / far).ln_1p() } else { power(far, k - 1.0) * part_gone(far, b, k) };
    let mut term = power(far, k) * (k + 1.0) / (2.0 * far);
    let mut series = power(far, k) / 2.0 * part_gone(far, b, k + 1.0);
    for m in 1..11 {
        let twice = 2.0 * m as f64;
        series += term * bernoulli(m) * part_gone(far, b, k + twice);
        term *= (twice + k) / (twice + 1.0) * (twice + k + 1.0) / (twice + 2.0) / (far * far);
    }
    sign * (sum + (series + first))
}

/// The inverse of the error function: Newton's method with the second derivative, above 1/2 of the complement.
fn erfinv(a: f64) -> f64 {
    let m = a.abs();
    if m >= 1.0 || m < 1e-20 {
        let small = if m < 1.0 { m / std::f64::consts::FRAC_2_SQRT_PI } else { f64::INFINITY };
        return if m > 1.0 { f64::NAN } else { small.copysign(a) };
    }
    let rest = (-m).ln_1p() + m.ln_1p();
    let first = 2.0 / (std::f64::consts::PI * 0.147) + rest / 2.0;
    let mut y = ((first * first - rest / 0.147).sqrt() - first).sqrt();
    for _ in 0..4 {
        let slope = std::f64::consts::FRAC_2_SQRT_PI * expmsq(y);
        let off = if m > 0.5 { (1.0 - m) - erfc(y) } else { erf(y) - m } / slope;
        y -= off / (1.0 + y * off);
    }
    y.copysign(a)
}

/// The distribution function of the standard normal distribution, with what is lost of a/√2.
fn normcdf(a: f64) -> f64 {
    if a < -39.0 || a > 9.0 {
        return if a > 0.0 { 1.0 } else { 0.0 };
    }
    let t = -a * std::f64::consts::FRAC_1_SQRT_2;
    let lost = (-a).mul_add(std::f64::consts::FRAC_1_SQRT_2, -t) + a * 4.833_646_656_726_457e-17;
    0.5 * (erfc(t) - std::f64::consts::FRAC_2_SQRT_PI * expmsq(t) * lost)
}

/// Its logarithm.
fn lognormcdf(a: f64) -> f64 {
    if a >= 0.0 {
        (-normcdf(-a)).ln_1p()
    } else if a > -2.0 {
        normcdf(a).ln()
    } else {
        mills(-a, 0.0).ln() - 0.918_938_533_204_672_7 - 0.5 * a * a
    }
}

/// e^(a²/2) times the k-th repeated integral of e^(-t²/2) from a on: for order 0 Mills' ratio.
fn mills(a: f64, k: f64) -> f64 {
    if !is_order(k) {
        return f64::NAN;
    } else if a < -39.0 {
        return f64::INFINITY;
    } else if a.is_nan() || a == f64::INFINITY {
        return 1.0 / a;
    }
    if a < 0.5 {
        let bell = expmsq(a / 2.0);
        let (mut before, mut value) = (1.0, normcdf(-a) / bell * 2.506_628_274_631_000_5 / bell);
        let mut j = 1.0;
        while j <= k {
            (before, value) = (value, (before - a * value) / j);
            j += 1.0;
        }
        return value;
    }
    let mut n = k + (800.0 / (a * a)).ceil() + 24.0;
    let (mut ratio, mut value) = (2.0 / (a + (a * a + 4.0 * n).sqrt()), 1.0);
    while n >= 0.0 {
        ratio = 1.0 / (a + (n + 1.0) * ratio);
        if n <= k {
            value *= ratio;
        }
        n -= 1.0;
    }
    value
}
