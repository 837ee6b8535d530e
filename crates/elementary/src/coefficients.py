#!/usr/bin/env python3
"""The constants of the kernels, with mpmath (pip install mpmath): python3 crates/expr/src/elementary/coefficients.py

Each polynomial is the best one in the sense of Chebyshev for the error that it makes in the result (Remez 1934, with a
weight), its coefficients rounded to doubles, lowest first; the error printed is that of the rounded ones.
Constants in parts have so many bits each, so that products with small integers are exact.
"""
from mpmath import mp, mpf

mp.prec = 300


def remez(f, weight, low, high, powers):
    """The coefficients of these powers that make the largest |weight * (f - p)| on [low, high] least."""
    low, high = mpf(low), mpf(high)
    count = len(powers) + 1
    at = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    grid = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * k / 1200) for k in range(1, 1200)]
    values = [(x, f(x), weight(x)) for x in grid]
    for _ in range(12):
        rows = [[x**p for p in powers] + [(-1)**k / weight(x)] for k, x in enumerate(at)]
        solution = mp.lu_solve(mp.matrix(rows), mp.matrix([f(x) for x in at]))
        coefficients = [solution[k] for k in range(len(powers))]
        error = [w * (y - sum(c * x**p for c, p in zip(coefficients, powers))) for x, y, w in values]
        # The largest error in each stretch of one sign.
        peaks = []
        for x, e in zip(grid, error):
            if peaks and (peaks[-1][1] > 0) == (e > 0):
                if abs(e) > abs(peaks[-1][1]):
                    peaks[-1] = (x, e)
            else:
                peaks.append((x, e))
        while len(peaks) > count:
            peaks.pop(0 if abs(peaks[0][1]) < abs(peaks[-1][1]) else -1)
        if len(peaks) < count:
            break
        new = [x for x, _ in peaks]
        if new == at:
            break
        at = new
    return coefficients, values


def polynomial(name, f, weight, low, high, powers):
    coefficients, values = remez(f, weight, low, high, powers)
    rounded = [float(c) for c in coefficients]
    error = max(abs(w * (y - sum(mpf(c) * x**p for c, p in zip(rounded, powers)))) for x, y, w in values)
    print(f"{name}: error 2^{float(mp.log(error, 2)):.1f}")
    for c in rounded:
        print(f"    {c!r},")


def parts(name, value, *bits):
    print(name)
    rest = mpf(value)
    for count in bits:
        exponent = mp.floor(mp.log(abs(rest), 2)) + 1
        unit = mpf(2)**(exponent - count)
        part = (mp.nint if count == 53 else mp.floor if rest > 0 else mp.ceil)(rest / unit) * unit
        assert mpf(float(part)) == part
        print(f"    {float(part)!r},")
        rest -= part


def main():
    half_ln_2 = mp.ln(2) / 2 * (1 + mpf(2)**-20)
    parts("ln 2, for an integer below 2^11", mp.ln(2), 42, 53)
    parts("ln 2, for a double of 26 bits", mp.ln(2), 26, 53)
    parts("1 / ln 2", 1 / mp.ln(2), 53, 53)
    parts("1 / ln 2, for a double of 26 bits", 1 / mp.ln(2), 26, 53)
    parts("1 / ln 10, for a double of 26 bits", 1 / mp.ln(10), 26, 53)
    parts("log10 2, for an integer below 2^11", mp.log10(2), 42, 53)
    parts("pi / 2, for an integer below 2^15", mp.pi / 2, 38, 38, 53)
    parts("2 / pi", 2 / mp.pi, 53)
    parts("pi / 2", mp.pi / 2, 53, 53)
    parts("pi / 4", mp.pi / 4, 53, 53)
    # e^r = 1 + r + r^2/2 + r^3 p(r)
    polynomial("exp", lambda r: (mp.exp(r) - 1 - r - r * r / 2) / r**3, lambda r: abs(r)**3,
               -half_ln_2, half_ln_2, range(9))
    # ln((1 + s) / (1 - s)) = 2s + s z p(z), z = s^2
    end = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1))**2 * (1 + mpf(2)**-20)
    atanh = lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z
    polynomial("ln", atanh, lambda z: z, mpf(2)**-30, end, range(7))
    quarter = (mp.pi / 4 * (1 + mpf(2)**-15))**2
    # sin r = r + r z p(z), cos r = 1 - z/2 + z^2 p(z), z = r^2
    polynomial("sin", lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z, mpf(2)**-30, quarter, range(6))
    polynomial("cos", lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, lambda z: z**2, mpf(2)**-30, quarter, range(6))
    # atan q = q + q z p(z), z = q^2
    eighth = mp.tan(mp.pi / 8)**2 * (1 + mpf(2)**-20)
    polynomial("atan", lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z, mpf(2)**-30, eighth, range(11))
    # asin q = q + q z p(z), z = q^2
    polynomial("asin", lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z, mpf(2)**-30, mpf(1) / 4, range(13))
    # The double nearest to a multiple of pi/2, of those that are reduced.
    nearest = min((abs(mpf(float(n * mp.pi / 2)) - n * mp.pi / 2), n) for n in range(1, 2**15))
    print(f"nearest to a multiple of pi/2: 2^{float(mp.log(nearest[0], 2)):.1f} at n = {nearest[1]}")


if __name__ == "__main__":
    main()
