/* What C99 lacks, or has otherwise: written into exported programs as it stands here. */

/* -1, 0 or 1; 0 at ±0, NaN at NaN. */
static double sign(double a) {
    return a > 0 ? 1.0 : a < 0 ? -1.0 : a == 0 ? 0.0 : a;
}

/* The smaller; NaN if either is. */
static double min(double a, double b) {
    return a <= b ? a : b < a ? b : a + b;
}

/* The larger; NaN if either is. */
static double max(double a, double b) {
    return a >= b ? a : b > a ? b : a + b;
}

/* The upper bound wins where the bounds are in the wrong order. */
static double clamp(double x, double lo, double hi) {
    return min(max(x, lo), hi);
}

/* max(a, 0), NaN at NaN. */
static double relu(double a) {
    return max(a, 0.0);
}

/* a^b for an integer b. */
static double powi(double a, double b) {
    return b == 2 ? a * a : b == 3 ? a * a * a : b == 1 ? a : b == -1 ? 1 / a : pow(a, b);
}

/* 1/(1 + e^-a), with the exponential that cannot overflow. */
static double sigmoid(double a) {
    double t = exp(-fabs(a));
    return a < 0 ? t / (1 + t) : 1 / (1 + t);
}

/* ln(1 + e^a), with the exponential that cannot overflow. */
static double softplus(double a) {
    return max(a, 0.0) + log1p(exp(-fabs(a)));
}

/* a·ln b, and 0 where a is 0, unless b is NaN. */
static double xlogy(double a, double b) {
    return a == 0 && b == b ? 0.0 : a * log(b);
}

/* e^(-a²): the square is taken with its rounding error (Dekker 1971). */
static double expmsq(double a) {
    double split = 134217729.0 * a, high = split - (split - a), low = a - high, square = a * a;
    double error = ((high * high - square) + 2.0 * high * low) + low * low, main = exp(-square);
    return fabs(a) > 28 ? 0.0 : main - main * error;
}
