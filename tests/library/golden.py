#!/usr/bin/env python3
"""Golden values of every operator, with mpmath (pip install mpmath): python3 tests/library/golden.py > tests/library/golden.tsv

The columns are the operator, its arguments (doubles, as Python prints them) and its value to 45 digits, from 3000 bits
They hold the value column of the table, which all strategies share, against a
library that knows nothing of this project.
"""
import math
from mpmath import mp, mpf

mp.prec = 400
TINY, LEAST, HUGE = 1e-300, 5e-324, 1e300
INF, NAN = math.inf, math.nan
ORDINARY = [0.1, 0.5, 1.0, 1.5, 2.0, 3.7, 10.0, 50.25, -0.1, -0.5, -1.0, -1.5, -2.0, -3.7, -10.0]
NEAR = [1 + 2.0**-52, 1 - 2.0**-53, 1 + 1e-8, 1 - 1e-8, 0.9999, -1 + 2.0**-53]
EXTREME = [TINY, -TINY, LEAST, -LEAST, 1e-20, -1e-20, 1e10, -1e10, 1e22]
WIDE = ORDINARY + NEAR + EXTREME


def stable_softplus(a):
    return a + mp.log1p(mp.exp(-a)) if a > 0 else mp.log1p(mp.exp(a))


def round_half_away(a):
    return mp.sign(a) * mp.floor(abs(a) + mpf(1) / 2)


def acosh(a):
    # mpmath's own cancels just above 1; more bits do not.
    with mp.workprec(2000):
        return +mp.acosh(a)


def sinc(a, k):
    if not a:
        return mpf(0) if int(k) % 2 else mpf((-1)**(int(k) // 2)) / (k + 1)
    s = mp.sin(a) / a
    for j in range(1, int(k) + 1):
        s = (mp.sin(a + j * mp.pi / 2) - j * s) / a
    return s


def mills(a, k):
    with mp.workprec(20000 if abs(a) > 60 else 3000):
        before, value = mpf(1), mp.erfc(a / mp.sqrt(2)) / 2 * mp.sqrt(2 * mp.pi) * mp.exp(a * a / 2)
        for j in range(1, int(k) + 1):
            before, value = value, (before - a * value) / j
        return +value


def normcdf(a):
    return mp.erfc(-a / mp.sqrt(2)) / 2


def lognormcdf(a):
    return mp.log1p(-normcdf(-a)) if a > 0 else mp.log(normcdf(a))


def erfinv(a):
    # By Newton's method from mpmath's own, which has the precision of its own guess beside 1.
    y = mp.erfinv(a)
    for _ in range(3):
        y -= (mp.erf(y) - a) * mp.sqrt(mp.pi) / 2 * mp.exp(y * y)
    return y


def lgamma(a):
    return mp.loggamma(a)


def lbeta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


UNARY = {
    "neg": (lambda a: -a, WIDE), "square": (lambda a: a * a, ORDINARY + NEAR + [1e-150, 1e150]),
    "recip": (lambda a: 1 / a, ORDINARY + NEAR + [TINY, HUGE, -HUGE]),
    "sqrt": (mp.sqrt, [a for a in WIDE if a > 0] + [HUGE]), "cbrt": (lambda a: mp.sign(a) * mp.cbrt(abs(a)), WIDE + [HUGE]),
    "exp": (mp.exp, WIDE[:-3] + [700.0, -700.0, -740.0]), "exp2": (lambda a: mpf(2)**a, WIDE[:-3] + [1000.0, -1060.5]),
    "expm1": (mp.expm1, WIDE[:-3] + [1e-8, 700.0, -700.0]), "ln": (mp.log, [a for a in WIDE if a > 0] + [HUGE]),
    "log1p": (mp.log1p, [a for a in WIDE if a > -1] + [-0.75, HUGE]), "log2": (lambda a: mp.log(a, 2), [a for a in WIDE if a > 0] + [HUGE, 8.0]),
    "log10": (mp.log10, [a for a in WIDE if a > 0] + [HUGE, 1000.0]),
    "sin": (mp.sin, WIDE + [HUGE, 355.0]), "cos": (mp.cos, WIDE + [HUGE, 355.0]), "tan": (mp.tan, WIDE + [HUGE, 355.0]),
    "asin": (mp.asin, [a for a in WIDE if abs(a) <= 1]), "acos": (mp.acos, [a for a in WIDE if abs(a) <= 1]),
    "atan": (mp.atan, WIDE + [HUGE, -HUGE]), "sinh": (mp.sinh, WIDE[:-3] + [700.0, -700.0]), "cosh": (mp.cosh, WIDE[:-3] + [700.0, -700.0]),
    "tanh": (mp.tanh, WIDE + [20.0]), "asinh": (mp.asinh, WIDE + [HUGE]), "acosh": (acosh, [a for a in WIDE if a >= 1] + [HUGE, 1.0001]),
    "atanh": (mp.atanh, [a for a in WIDE if abs(a) < 1]), "abs": (abs, WIDE), "sign": (mp.sign, WIDE + [0.0, -0.0]),
    "floor": (mp.floor, WIDE + [0.0]), "ceil": (mp.ceil, [a for a in WIDE if not -1 < a < 0]), "round": (round_half_away, [2.5, -2.5, 0.5, -0.5, 0.49999999999999994, 1e22, 3.7]),
    "trunc": (lambda a: mp.sign(a) * mp.floor(abs(a)), [2.5, -2.5, 1e22, 3.7, -1.0]),
    "sigmoid": (lambda a: 1 / (1 + mp.exp(-a)), ORDINARY + [40.0, -40.0, -700.0, 700.0, 1e-20]), "softplus": (stable_softplus, ORDINARY + [40.0, -40.0, -700.0, 700.0, 1e-20]),
    "relu": (lambda a: max(a, mpf(0)), WIDE), "erf": (mp.erf, WIDE + [5.0, 6.5]), "erfc": (lambda a: mp.erfc(a), ORDINARY[:-1] + [5.0, 10.0, 26.0, -6.0, 1e-20, TINY]),
    "sech": (mp.sech, ORDINARY + [0.0, TINY, 1e-20, 400.0, -705.0]), "csch": (mp.csch, ORDINARY + [TINY, -1e-20, 400.0, -705.0]),
    "asec": (lambda a: mp.acos(1 / a), [a for a in WIDE if abs(a) >= 1] + [HUGE, -HUGE, 1e160]), "acsc": (lambda a: mp.asin(1 / a), [a for a in WIDE if abs(a) >= 1] + [HUGE, -HUGE, 1e160]),
    "logit": (lambda a: mp.log(a) - mp.log1p(-a), [a for a in WIDE if 0 < a < 1] + [0.25, 0.75, 0.5 + 2.0**-40, 0.3]),
    "log1mexp": (lambda a: mp.log1p(-mp.exp(a)), [a for a in WIDE if a < 0 and a > -1e9] + [-0.7, -0.69, -40.0, -700.0]),
    "lgamma": (lgamma, [a for a in WIDE if a > 0] + [HUGE, 1.25, 2.25, 2.5, 19.5, 20.5, 1 - 2.0**-30]),
    "erfinv": (erfinv, [a for a in WIDE if abs(a) < 1] + [0.0, 0.3, -0.7, 0.99, 1 - 2.0**-40]),
    "normcdf": (normcdf, ORDINARY + [0.0, 5.0, 9.5, -20.0, -37.0, 1e-20]), "lognormcdf": (lognormcdf, ORDINARY + [0.0, 5.0, 20.0, -20.0, -37.0, -50.25, 1e-20]),
    "expmsq": (lambda a: mp.exp(-a * a), ORDINARY + [20.0, 26.5, -26.6, TINY, 1e10]),
}
PAIRS = [(0.1, 0.7), (2.0, 3.5), (-1.5, 2.25), (1e10, 1e-10), (3.7, -0.3), (1.0, 1.0), (TINY, 0.5), (7.0, 7.5), (1e22, -1e22)]
POSITIVE = [(0.1, 0.7), (2.0, 3.5), (1.5, -2.25), (1e10, 1e-10), (3.7, -0.3), (1.0, 50.0), (TINY, 0.5), (1 + 1e-8, 1e9), (0.5, 1000.0), (10.0, -300.5)]
ORDERS = [0.0, 1.0, 2.0, 5.0]
BETA = [(0.1, 0.7), (2.0, 3.5), (1.0, 1.0), (1.0, 50.25), (0.5, 4.5), (1e-20, 3.7), (1e10, 2.0), (2.0, 1e10), (1e10, 1e-10), (1e10, 0.1), (1e22, 1e22), (25.5, 19.5),
        (300.5, 0.75), (1e300, 1e-300), (HUGE, HUGE), (1e15, 1e5), (TINY, TINY), (0.25, 9.7), (1 - 2.0**-53, 1 + 2.0**-52), (0.1, 2.5e9)]
BINARY = {
    "mod": (lambda a, b: a - b * mp.floor(a / b), PAIRS[:-1] + [(7.0, -3.0), (-7.0, 3.0), (-7.0, -3.0), (1e22, 3.7), (-0.1, 1.0), (2.5, 0.3)]),
    "rem": (lambda a, b: mp.sign(a) * (abs(a) - abs(b) * mp.floor(abs(a / b))), PAIRS[:-1] + [(7.0, -3.0), (-7.0, 3.0), (-7.0, -3.0), (1e22, 3.7), (-0.1, 1.0), (2.5, 0.3)]),
    "sinc": (sinc, [(a, k) for a in [0.0, 1e-20, 0.1, -0.7, 1.0, 2.5, -3.7, 10.0, 1e10] for k in ORDERS]),
    "polygamma": (lambda a, k: mp.psi(int(k), a), [(a, k) for a in [1e-20, 0.1, 0.5, 1.0, 1.5, 2.0, 3.7, 25.5, 50.25, 1e10, 1e22] for k in ORDERS]),
    "mills": (mills, [(a, k) for a in [0.0, 0.1, -0.5, 1.0, 1.9, 2.0, 3.7, 10.0, 50.25, -3.7, -20.0] for k in ORDERS]),
    "lbeta": (lbeta, [(a, b) for a, b in BETA]),
    "add": (lambda a, b: a + b, PAIRS), "sub": (lambda a, b: a - b, PAIRS), "mul": (lambda a, b: a * b, PAIRS), "div": (lambda a, b: a / b, PAIRS),
    "pow": (lambda a, b: a**b, POSITIVE), "powi": (lambda a, b: a**int(b), [(1.7, 2.0), (-1.7, 3.0), (0.3, -1.0), (-2.5, -3.0), (1.1, 100.0), (-3.0, 0.0), (7.0, 1.0)]),
    "hypot": (lambda a, b: mp.sqrt(a * a + b * b), PAIRS + [(HUGE, HUGE), (TINY, TINY)]), "atan2": (mp.atan2, PAIRS + [(-1.0, -2.0), (TINY, -1.0), (HUGE, TINY)]),
    "min": (min, PAIRS), "max": (max, PAIRS), "xlogy": (lambda a, b: a * mp.log(b) if a else mpf(0), [(a, abs(b)) for a, b in POSITIVE] + [(0.0, 3.0), (-2.0, 0.5)]),
    "lt": (lambda a, b: mpf(a < b), PAIRS), "le": (lambda a, b: mpf(a <= b), PAIRS), "gt": (lambda a, b: mpf(a > b), PAIRS),
    "ge": (lambda a, b: mpf(a >= b), PAIRS), "eq": (lambda a, b: mpf(a == b), PAIRS), "ne": (lambda a, b: mpf(a != b), PAIRS),
}
TERNARY = {
    "digammadiff": (lambda a, b, k: mp.psi(int(k), a) - mp.psi(int(k), a + b), [(a, b, k) for a, b in BETA if a > 1e-30 and max(a, b) < 1e200 for k in ORDERS]),
    "clamp": (lambda x, lo, hi: min(max(x, lo), hi), [(0.5, 1.0, 2.0), (1.5, 1.0, 2.0), (2.5, 1.0, 2.0), (0.5, 2.0, 1.0)]),
    "select": (lambda c, a, b: a if c else b, [(1.0, 2.0, 3.0), (0.0, 2.0, 3.0), (-0.5, 2.0, 3.0)]),
}
# What IEEE and the conventions say of special arguments.
SPECIAL = [
    ("exp", (INF,), INF), ("exp", (-INF,), 0.0), ("exp", (800.0,), INF), ("exp", (-800.0,), 0.0), ("ln", (0.0,), -INF), ("ln", (-1.0,), NAN), ("ln", (INF,), INF),
    ("sqrt", (-1.0,), NAN), ("sqrt", (INF,), INF), ("div", (1.0, 0.0), INF), ("div", (0.0, 0.0), NAN), ("sin", (INF,), NAN), ("tanh", (INF,), 1.0), ("tanh", (-INF,), -1.0),
    ("sign", (NAN,), NAN), ("max", (NAN, 1.0), NAN), ("max", (1.0, NAN), NAN), ("min", (NAN, 1.0), NAN), ("clamp", (NAN, 0.0, 1.0), NAN), ("relu", (NAN,), NAN), ("pow", (0.0, 0.0), 1.0),
    ("acosh", (0.5,), NAN), ("atanh", (1.0,), INF), ("atanh", (2.0,), NAN), ("asin", (1.5,), NAN), ("erf", (INF,), 1.0), ("erfc", (-INF,), 2.0), ("erfc", (30.0,), 0.0), ("sigmoid", (-INF,), 0.0),
    ("sigmoid", (INF,), 1.0), ("softplus", (INF,), INF), ("softplus", (-INF,), 0.0), ("expmsq", (INF,), 0.0), ("hypot", (INF, NAN), INF), ("atan", (INF,), math.pi / 2), ("xlogy", (0.0, 0.0), 0.0),
    ("sech", (800.0,), 0.0), ("csch", (0.0,), INF), ("asec", (0.5,), NAN), ("acsc", (-0.5,), NAN), ("asec", (INF,), math.pi / 2), ("mod", (1.0, 0.0), NAN), ("rem", (INF, 1.0), NAN),
    ("logit", (0.0,), -INF), ("logit", (1.0,), INF), ("logit", (2.0,), NAN), ("log1mexp", (0.0,), -INF), ("log1mexp", (1.0,), NAN), ("log1mexp", (-INF,), 0.0),
    ("lgamma", (0.0,), INF), ("lgamma", (-0.5,), NAN), ("lgamma", (INF,), INF), ("polygamma", (0.0, 0.0), -INF), ("polygamma", (-1.5, 0.0), NAN), ("polygamma", (INF, 1.0), 0.0),
    ("lbeta", (0.0, 2.0), INF), ("lbeta", (2.0, -1.0), NAN), ("lbeta", (INF, 2.0), -INF), ("lbeta", (INF, 0.0), NAN), ("lbeta", (NAN, 1.0), NAN),
    ("digammadiff", (2.0, 0.0, 0.0), NAN), ("digammadiff", (INF, 1.0, 1.0), 0.0), ("digammadiff", (1.0, INF, 0.0), -INF), ("digammadiff", (0.0, 1.0, 1.0), INF),
    ("erfinv", (1.0,), INF), ("erfinv", (-1.0,), -INF), ("erfinv", (1.5,), NAN), ("normcdf", (INF,), 1.0), ("normcdf", (-INF,), 0.0), ("lognormcdf", (INF,), 0.0), ("lognormcdf", (-INF,), -INF),
    ("mills", (INF, 0.0), 0.0), ("mills", (-INF, 0.0), INF), ("mills", (NAN, 0.0), NAN), ("sinc", (NAN, 0.0), NAN),
    ("lt", (NAN, 1.0), 0.0), ("ne", (NAN, NAN), 1.0), ("log1p", (-2.0,), NAN), ("log1p", (-1.0,), -INF), ("cosh", (800.0,), INF), ("sinh", (-800.0,), -INF),
]


def row(name, arguments, value):
    shown = ("nan" if value != value else repr(value)) if isinstance(value, float) else mp.nstr(value, 45, min_fixed=0, max_fixed=0)
    print(name, ",".join("nan" if a != a else repr(a) for a in arguments), shown, sep="\t")


print("# Made by tests/library/golden.py with mpmath; do not edit.")
for table in UNARY, BINARY, TERNARY:
    for name, (f, points) in table.items():
        for point in points:
            point = point if isinstance(point, tuple) else (point,)
            with mp.workprec(3000):
                row(name, point, mpf(f(*map(mpf, point))))
for name, point, value in SPECIAL:
    row(name, point, value)
