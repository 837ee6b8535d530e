/* 1/cosh a, by the exponential that cannot overflow. */
static double sech(double a) {
    double t = exp(-fabs(a));
    return (t + t) / (1 + t * t);
}

/* 1/sinh a, by the exponentials that cannot overflow. */
static double csch(double a) {
    double m = fabs(a), t = exp(-m);
    return copysign((t + t) / -expm1(-(m + m)), a);
}

/* The square root of (|a| - 1)(|a| + 1). */
static double leg(double a) {
    return sqrt(fabs(a) - 1) * sqrt(fabs(a) + 1);
}

/* The inverse secant. */
static double asec(double a) {
    return atan2(leg(a), copysign(1.0, a));
}

/* The inverse cosecant. */
static double acsc(double a) {
    return copysign(atan2(1.0, leg(a)), a);
}

/* The remainder with the sign of the divisor. */
static double modulo(double a, double b) {
    double rest = fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/* ln(a/(1 - a)); about 1/2 by the exact difference from it. */
static double logit(double a) {
    return a >= 0.25 && a <= 0.75 ? log1p((a + a - 1) / (1 - a)) : log(a / (1 - a));
}

/* ln(1 - e^a), by whichever of the two is not near 0. */
static double log1mexp(double a) {
    return a > -0.6931471805599453 ? log(-expm1(a)) : log1p(-exp(a));
}

/* Whether k is an order of a derivative for which there are values. */
static int is_order(double k) {
    return k >= 0 && k <= 1000 && floor(k) == k;
}

/* The derivative of order k of sin a/a: from a·s = sin a, k times differentiated; near 0 by its power series. */
static double sinc(double a, double k) {
    double m = ceil(k / 2), exponent = 2 * m - k, power = exponent == 0 ? 1.0 : a, sum, value = sin(a) / a;
    if (!is_order(k)) return NAN;
    if (fabs(a) < fmax(1.0, k / 2)) {
        if (fmod(m, 2) == 1) power = -power;
        sum = power / (2 * m + 1);
        for (int j = 0; j < 100; j++) {
            power *= -(a * a) / ((exponent + 1) * (exponent + 2));
            exponent += 2;
            m += 1;
            sum += power / (2 * m + 1);
        }
        return sum;
    }
    double turned[4] = {sin(a), cos(a), -sin(a), -cos(a)};
    for (int j = 1; j <= k; j++) value = (turned[j % 4] - j * value) / a;
    return value;
}

/* ζ(k) - 1 for k = 2, 3, … */
static double zeta_less_one(int k) {
    static const double all[] = {
        0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
        0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
        0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-05,
        3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06, 3.81729326499984e-06,
        1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07, 2.38450502727733e-07,
        1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08, 1.4901554828365043e-08,
        7.45071178983543e-09, 3.725334024788457e-09, 1.862659723513049e-09, 9.313274324196682e-10,
        4.656629065033784e-10, 2.3283118336765053e-10, 1.164155017270052e-10,
    };
    return all[k - 2];
}

/* The Bernoulli number of index 2m, m = 1, 2, … */
static double bernoulli(int m) {
    static const double all[] = {
        1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0,
        -3617.0 / 510.0, 43867.0 / 798.0, -174611.0 / 330.0,
    };
    return all[m - 1];
}

/* What Stirling's series adds to (x - 1/2) ln x - x + ln √(2π). */
static double stirling_rest(double x) {
    double sum = 0;
    for (int m = 10; m > 0; m--) sum = sum / (x * x) + bernoulli(m) / (2 * m * (2 * m - 1));
    return sum / x;
}

/* The logarithm of the gamma function of a positive number: beside its zeros by Taylor's series, far out by Stirling's. */
static double log_gamma(double a) {
    double sum = 0, near = a, product = 1, t, value;
    if (a == 0 || a == INFINITY) return INFINITY;
    if (!(a > 0)) return NAN;
    if (a < 0.5) return log_gamma(a + 1) - log(a);
    if (a >= 12) return (a - 0.5) * log(a) - a + 0.9189385332046727 + stirling_rest(a);
    while (near > 2.5) product *= near -= 1;
    t = near < 1.5 ? near - 1 : near - 2;
    for (int k = 33; k > 1; k--) sum = (sum + zeta_less_one(k) / k) * -t;
    value = (0.42278433509846714 - sum) * t;
    return log(product) + (near < 1.5 ? value - log1p(t) : value);
}

/* k!/x^(k+1) */
static double factorial_over_power(double x, double k) {
    double p = 1 / x;
    for (int i = 1; i <= k; i++) p *= i / x;
    return p;
}

/* The derivative of order k + 1 of the logarithm of the gamma function of a positive number. */
static double polygamma(double a, double k) {
    double sign = fmod(k, 2) == 0 ? -1.0 : 1.0, sum = 0, series, term, first, power, t, value;
    if (!(a >= 0) || !is_order(k)) return NAN;
    if (a == 0) return sign * INFINITY;
    if (a == INFINITY) return k == 0 ? a : 0.0;
    if (k == 0 && a < 12) {
        if (a < 0.5) return polygamma(a + 1, 0) - 1 / a;
        while (a > 2.5) sum += 1 / (a -= 1);
        t = a < 1.5 ? a - 1 : a - 2;
        series = 0;
        for (int j = 33; j > 1; j--) series = zeta_less_one(j) - t * series;
        value = 0.42278433509846714 + t * series;
        return sum + (a < 1.5 ? value - 1 / a : value);
    }
    for (; a < 12 + 2 * k; a += 1) sum += factorial_over_power(a, k);
    power = factorial_over_power(a, k);
    first = k == 0 ? -log(a) : factorial_over_power(a, k - 1);
    term = power * (k + 1) / (2 * a);
    series = power / 2;
    for (int m = 1; m < 11; m++) {
        series += term * bernoulli(m);
        term *= (2 * m + k) / (2 * m + 1) * (2 * m + k + 1) / (2 * m + 2) / (a * a);
    }
    return sign * (sum + (series + first));
}

/* The logarithm of the beta function, by differences that do not cancel; where it is near 0, as exact as 1 is. */
static double lbeta(double a, double b) {
    double p = a < b ? a : b, q = a < b ? b : a, ratio = 1, grown, rest;
    if (!(p >= 0) || !(q >= 0) || (p == 0 && q == INFINITY)) return NAN;
    if (p == 0) return INFINITY;
    if (q == INFINITY) return -INFINITY;
    if (q < 12) {
        for (; q > 2.5; q -= 1) ratio *= (q - 1) / (p + (q - 1));
        for (; p > 2.5; p -= 1) ratio *= (p - 1) / (q + (p - 1));
        return log(ratio) + (log_gamma(p) + (log_gamma(q) - log_gamma(p + q)));
    }
    grown = log1p(p / q);
    rest = stirling_rest(q) - stirling_rest(p + q);
    if (p < 12) return log_gamma(p) - ((p + q - 0.5) * grown + (p * log(q) - p)) + rest;
    return 0.9189385332046727 - 0.5 * log(p) - (p * log1p(q / p) + (q - 0.5) * grown) + stirling_rest(p) + rest;
}

/* 1 - (x/(x + b))^n */
static double part_gone(double x, double b, double n) {
    return n == 1 ? b / (x + b) : -expm1(-n * log1p(b / x));
}

/* polygamma(a, k) - polygamma(a + b, k): of each 1/x^n of the first the part that is left. */
static double digammadiff(double a, double b, double k) {
    double sign = fmod(k, 2) == 0 ? -1.0 : 1.0, sum = 0, series, term, first, power;
    if (!(a >= 0) || !(b > 0) || !is_order(k) || (a == INFINITY && b == INFINITY)) return NAN;
    if (a == INFINITY) return 0;
    if (a == 0 || b == INFINITY) return k == 0 ? -INFINITY : polygamma(a, k);
    for (; a < 12 + 2 * k; a += 1) sum += factorial_over_power(a, k) * part_gone(a, b, k + 1);
    power = factorial_over_power(a, k);
    first = k == 0 ? log1p(b / a) : factorial_over_power(a, k - 1) * part_gone(a, b, k);
    term = power * (k + 1) / (2 * a);
    series = power / 2 * part_gone(a, b, k + 1);
    for (int m = 1; m < 11; m++) {
        series += term * bernoulli(m) * part_gone(a, b, k + 2 * m);
        term *= (2 * m + k) / (2 * m + 1) * (2 * m + k + 1) / (2 * m + 2) / (a * a);
    }
    return sign * (sum + (series + first));
}

/* The inverse of the error function: Newton's method with the second derivative, above 1/2 of the complement. */
static double erfinv(double a) {
    double m = fabs(a), two_over_root_pi = 1.1283791670955126, rest, first, y, off;
    if (m > 1) return NAN;
    if (m == 1) return copysign(INFINITY, a);
    if (m < 1e-20) return a / two_over_root_pi;
    rest = log1p(-m) + log1p(m);
    first = 2 / (3.141592653589793 * 0.147) + rest / 2;
    y = sqrt(sqrt(first * first - rest / 0.147) - first);
    for (int j = 0; j < 4; j++) {
        off = (m > 0.5 ? (1 - m) - erfc(y) : erf(y) - m) / (two_over_root_pi * expmsq(y));
        y -= off / (1 + y * off);
    }
    return copysign(y, a);
}

/* The distribution function of the standard normal distribution, with what is lost of a/√2. */
static double normcdf(double a) {
    double root_half = 0.7071067811865476, t = -a * root_half, lost = fma(-a, root_half, -t) + a * 4.833646656726457e-17;
    if (a < -39 || a > 9) return a > 0 ? 1.0 : 0.0;
    return 0.5 * (erfc(t) - 1.1283791670955126 * expmsq(t) * lost);
}

/* e^(a²/2) times the k-th repeated integral of e^(-t²/2) from a on: for order 0 Mills' ratio. */
static double mills(double a, double k) {
    double bell = expmsq(a / 2), before = 1, value = 1, next, n, ratio;
    if (!is_order(k)) return NAN;
    if (a < -39) return INFINITY;
    if (a != a || a == INFINITY) return 1 / a;
    if (a < 0.5) {
        value = normcdf(-a) / bell * 2.5066282746310005 / bell;
        for (int j = 1; j <= k; j++) {
            next = (before - a * value) / j;
            before = value;
            value = next;
        }
        return value;
    }
    n = k + ceil(800 / (a * a)) + 24;
    ratio = 2 / (a + sqrt(a * a + 4 * n));
    for (; n >= 0; n -= 1) {
        ratio = 1 / (a + (n + 1) * ratio);
        if (n <= k) value *= ratio;
    }
    return value;
}

/* The logarithm of normcdf. */
static double lognormcdf(double a) {
    if (a >= 0) return log1p(-normcdf(-a));
    return a > -2 ? log(normcdf(a)) : log(mills(-a, 0)) - 0.9189385332046727 - 0.5 * a * a;
}
