def sign(a):
    """-1, 0 or 1; 0 at 0, NaN at NaN."""
    return np.sign(a)

def clamp(x, lo, hi):
    """The upper bound wins where the bounds are in the wrong order."""
    return np.minimum(np.maximum(x, lo), hi)

def round_half_away(a):
    """To the nearest integer, halves away from zero."""
    t = np.trunc(a)
    return t + np.copysign(1.0, a) if np.abs(a - t) >= 0.5 else t

def powi(a, b):
    """a^b for an integer b."""
    if b == 2:
        return a * a
    if b == 3:
        return a * a * a
    if b == 1:
        return a
    if b == -1:
        return np.float64(1.0) / a
    return np.float64(a) ** np.float64(b)

def sigmoid(a):
    """1/(1 + e^-a), with the exponential that cannot overflow."""
    t = np.exp(-np.abs(a))
    return t / (1.0 + t) if a < 0.0 else 1.0 / (1.0 + t)

def softplus(a):
    """ln(1 + e^a), with the exponential that cannot overflow."""
    return np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a)))

def xlogy(a, b):
    """a*ln(b), and 0 where a is 0, unless b is NaN."""
    return np.float64(0.0) if a == 0.0 and b == b else a * np.log(b)

def expmsq(a):
    """e^(-a^2): the square is taken with its rounding error (Dekker 1971)."""
    if np.abs(a) > 28.0:
        return np.float64(0.0)
    split = 134217729.0 * a
    high = split - (split - a)
    low = a - high
    square = a * a
    error = ((high * high - square) + 2.0 * high * low) + low * low
    main = np.exp(-square)
    return main - main * error
