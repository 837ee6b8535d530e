def sech(a):
    """1/cosh(a), by the exponential that cannot overflow."""
    t = np.exp(-np.abs(a))
    return (t + t) / (1.0 + t * t)

def csch(a):
    """1/sinh(a), by the exponentials that cannot overflow."""
    m = np.abs(np.float64(a))
    t = np.exp(-m)
    return np.copysign((t + t) / -np.expm1(-(m + m)), a)

def leg(a):
    """sqrt((|a| - 1)*(|a| + 1))"""
    return np.sqrt(np.abs(a) - 1.0) * np.sqrt(np.abs(a) + 1.0)

def asec(a):
    """The inverse secant."""
    return np.arctan2(leg(a), np.copysign(1.0, a))

def acsc(a):
    """The inverse cosecant."""
    return np.copysign(np.arctan2(1.0, leg(a)), a)

def modulo(a, b):
    """The remainder with the sign of the divisor."""
    rest = np.fmod(a, b)
    return rest + b if rest != 0.0 and (rest < 0.0) != (b < 0.0) else rest

def logit(a):
    """ln(a/(1 - a)); about 1/2 by the exact difference from it."""
    a = np.float64(a)
    return np.log1p((a + a - 1.0) / (1.0 - a)) if 0.25 <= a <= 0.75 else np.log(a / (1.0 - a))

def log1mexp(a):
    """ln(1 - e^a), by whichever of the two is not near 0."""
    return np.log(-np.expm1(a)) if a > -0.6931471805599453 else np.log1p(-np.exp(a))

def is_order(k):
    """Whether k is an order of a derivative for which there are values."""
    return 0.0 <= k <= 1000.0 and np.floor(k) == k

def sinc(a, k):
    """The derivative of order k of sin(a)/a; near 0 by its power series."""
    if not is_order(k):
        return np.float64(np.nan)
    a, k = np.float64(a), int(k)
    if np.abs(a) < max(1.0, k / 2):
        m = (k + 1) // 2
        exponent = 2 * m - k
        power = np.float64(1.0) if exponent == 0 else a
        power = -power if m % 2 == 1 else power
        sum = power / (2 * m + 1)
        for _ in range(100):
            power = power * -(a * a) / ((exponent + 1) * (exponent + 2))
            exponent, m = exponent + 2, m + 1
            sum = sum + power / (2 * m + 1)
        return sum
    turned = [np.sin(a), np.cos(a), -np.sin(a), -np.cos(a)]
    value = np.sin(a) / a
    for j in range(1, k + 1):
        value = (turned[j % 4] - j * value) / a
    return value

def zeta_less_one(k):
    """The zeta function at k, less 1, for k = 2, 3, ..."""
    return [
        0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
        0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853,
        0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-05,
        3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06, 3.81729326499984e-06,
        1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07, 2.38450502727733e-07,
        1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08, 1.4901554828365043e-08,
        7.45071178983543e-09, 3.725334024788457e-09, 1.862659723513049e-09, 9.313274324196682e-10,
        4.656629065033784e-10, 2.3283118336765053e-10, 1.164155017270052e-10,
    ][k - 2]

def bernoulli(m):
    """The Bernoulli number of index 2m, m = 1, 2, ..."""
    return [
        1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0,
        -3617.0 / 510.0, 43867.0 / 798.0, -174611.0 / 330.0,
    ][m - 1]

def stirling_rest(x):
    """What Stirling's series adds to (x - 1/2) ln x - x + ln √(2π)."""
    sum = np.float64(0.0)
    for m in range(10, 0, -1):
        sum = sum / (x * x) + bernoulli(m) / (2 * m * (2 * m - 1))
    return sum / x

def log_gamma(a):
    """ln(gamma(a)) of a > 0: beside its zeros by Taylor's series, far out by Stirling's."""
    a = np.float64(a)
    if a == 0.0 or a == np.inf:
        return np.float64(np.inf)
    if not a > 0.0:
        return np.float64(np.nan)
    if a < 0.5:
        return log_gamma(a + 1.0) - np.log(a)
    if a >= 12.0:
        return (a - 0.5) * np.log(a) - a + 0.9189385332046727 + stirling_rest(a)
    near, product = a, np.float64(1.0)
    while near > 2.5:
        near = near - 1.0
        product = product * near
    t = near - 1.0 if near < 1.5 else near - 2.0
    sum = np.float64(0.0)
    for k in range(33, 1, -1):
        sum = (sum + zeta_less_one(k) / k) * -t
    value = (0.42278433509846714 - sum) * t
    return np.log(product) + (value - np.log1p(t) if near < 1.5 else value)

def factorial_over_power(x, k):
    """k!/x^(k+1)"""
    p = 1.0 / x
    for i in range(1, k + 1):
        p = p * (i / x)
    return p

def polygamma(a, k):
    """The derivative of order k + 1 of ln(gamma(a)) for a > 0."""
    if not is_order(k):
        return np.float64(np.nan)
    a, k = np.float64(a), int(k)
    sign = -1.0 if k % 2 == 0 else 1.0
    if not a >= 0.0:
        return np.float64(np.nan)
    if a == 0.0:
        return np.float64(sign * np.inf)
    if a == np.inf:
        return a if k == 0 else np.float64(0.0)
    sum, series = np.float64(0.0), np.float64(0.0)
    if k == 0 and a < 12.0:
        if a < 0.5:
            return polygamma(a + 1.0, 0) - 1.0 / a
        while a > 2.5:
            a = a - 1.0
            sum = sum + 1.0 / a
        t = a - 1.0 if a < 1.5 else a - 2.0
        for j in range(33, 1, -1):
            series = zeta_less_one(j) - t * series
        value = 0.42278433509846714 + t * series
        return sum + (value - 1.0 / a if a < 1.5 else value)
    while a < 12.0 + 2.0 * k:
        sum = sum + factorial_over_power(a, k)
        a = a + 1.0
    power = factorial_over_power(a, k)
    first = -np.log(a) if k == 0 else factorial_over_power(a, k - 1)
    term, series = power * (k + 1) / (2.0 * a), power / 2.0
    for m in range(1, 11):
        series = series + term * bernoulli(m)
        term = term * ((2 * m + k) / (2 * m + 1) * (2 * m + k + 1) / (2 * m + 2)) / (a * a)
    return sign * (sum + (series + first))

def lbeta(a, b):
    """The logarithm of the beta function, by differences that do not cancel; where it is near 0, as exact as 1 is."""
    a, b = np.float64(a), np.float64(b)
    p, q = (a, b) if a < b else (b, a)
    if not p >= 0.0 or not q >= 0.0 or (p == 0.0 and q == np.inf):
        return np.float64(np.nan)
    if p == 0.0 or q == np.inf:
        return np.float64(np.inf if p == 0.0 else -np.inf)
    if q < 12.0:
        ratio = np.float64(1.0)
        while q > 2.5:
            q = q - 1.0
            ratio = ratio * (q / (p + q))
        while p > 2.5:
            p = p - 1.0
            ratio = ratio * (p / (q + p))
        return np.log(ratio) + (log_gamma(p) + (log_gamma(q) - log_gamma(p + q)))
    grown = np.log1p(p / q)
    rest = stirling_rest(q) - stirling_rest(p + q)
    if p < 12.0:
        return log_gamma(p) - ((p + q - 0.5) * grown + (p * np.log(q) - p)) + rest
    main = p * np.log1p(q / p) + (q - 0.5) * grown
    return 0.9189385332046727 - 0.5 * np.log(p) - main + stirling_rest(p) + rest

def part_gone(x, b, n):
    """1 - (x/(x + b))^n"""
    return b / (x + b) if n == 1 else -np.expm1(-n * np.log1p(b / x))

def digammadiff(a, b, k):
    """polygamma(a, k) - polygamma(a + b, k): of each 1/x^n of the first the part that is left."""
    a, b = np.float64(a), np.float64(b)
    if not is_order(k) or not a >= 0.0 or not b > 0.0 or (a == np.inf and b == np.inf):
        return np.float64(np.nan)
    k = int(k)
    sign = -1.0 if k % 2 == 0 else 1.0
    if a == np.inf:
        return np.float64(0.0)
    if a == 0.0 or b == np.inf:
        return np.float64(-np.inf) if k == 0 else polygamma(a, k)
    sum = np.float64(0.0)
    while a < 12.0 + 2.0 * k:
        sum = sum + factorial_over_power(a, k) * part_gone(a, b, k + 1)
        a = a + 1.0
    power = factorial_over_power(a, k)
    first = np.log1p(b / a) if k == 0 else factorial_over_power(a, k - 1) * part_gone(a, b, k)
    term, series = power * (k + 1) / (2.0 * a), power / 2.0 * part_gone(a, b, k + 1)
    for m in range(1, 11):
        series = series + term * bernoulli(m) * part_gone(a, b, k + 2 * m)
        term = term * ((2 * m + k) / (2 * m + 1) * (2 * m + k + 1) / (2 * m + 2)) / (a * a)
    return sign * (sum + (series + first))

def erfinv(a):
    """The inverse of erf: Newton's method with the second derivative, above 1/2 of the complement."""
    a = np.float64(a)
    m = np.abs(a)
    if not m < 1.0:
        return np.copysign(np.inf, a) if m == 1.0 else np.float64(np.nan)
    if m < 1e-20:
        return a / 1.1283791670955126
    rest = np.log1p(-m) + np.log1p(m)
    first = 2.0 / (3.141592653589793 * 0.147) + rest / 2.0
    y = np.sqrt(np.sqrt(first * first - rest / 0.147) - first)
    for _ in range(4):
        off = (1.0 - m) - math.erfc(y) if m > 0.5 else math.erf(y) - m
        off = off / (1.1283791670955126 * expmsq(y))
        y = y - off / (1.0 + y * off)
    return np.copysign(y, a)

def normcdf(a):
    """The distribution function of the standard normal distribution, with what is lost of a/sqrt(2)."""
    a = np.float64(a)
    if a < -39.0 or a > 9.0:
        return np.float64(a > 0.0)
    root = 0.7071067811865476
    t = -a * root
    split = 134217729.0 * a
    high = split - (split - a)
    low = a - high
    lost = ((-high * 0.7071067839860916 - t) - high * -2.7995440410322203e-09) - low * root + a * 4.833646656726457e-17
    return 0.5 * (math.erfc(t) - 1.1283791670955126 * expmsq(t) * lost)

def mills(a, k):
    """e^(a^2/2) times the k-th repeated integral of e^(-t^2/2) from a on: for order 0 Mills' ratio."""
    if not is_order(k):
        return np.float64(np.nan)
    a, k = np.float64(a), int(k)
    if a < -39.0:
        return np.float64(np.inf)
    if a == np.inf:
        return np.float64(0.0)
    value = np.float64(1.0)
    if a < 0.5:
        bell = expmsq(a / 2.0)
        before, value = value, normcdf(-a) / bell * 2.5066282746310005 / bell
        for j in range(1, k + 1):
            before, value = value, (before - a * value) / j
        return value
    n = k + int(np.ceil(min(800.0 / (a * a), 1e6))) + 24 if a == a else 0
    ratio = 2.0 / (a + np.sqrt(a * a + 4.0 * n))
    while n >= 0:
        ratio = 1.0 / (a + (n + 1) * ratio)
        value = value * ratio if n <= k else value
        n -= 1
    return value

def lognormcdf(a):
    """The logarithm of normcdf."""
    a = np.float64(a)
    if a >= 0.0:
        return np.log1p(-normcdf(-a))
    return np.log(normcdf(a)) if a > -2.0 else np.log(mills(-a, 0)) - 0.9189385332046727 - 0.5 * a * a
