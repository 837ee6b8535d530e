#!/usr/bin/env python3
"""The constants of the gamma function, with mpmath (pip install mpmath): python3 crates/expr/src/double/gamma.py"""
from mpmath import mp, mpf

mp.prec = 400


def halves(value):
    high = float(value)
    return high, float(value - mpf(high))


print("ζ(k) - 1, k = 2, 3, …")
for k in range(2, 62):
    print("    (%r, %r)," % halves(mp.zeta(k) - 1))
print("Bernoulli numbers B(2m), m = 1, 2, …: numerators and denominators")
for m in range(1, 17):
    print("    (%r, %r)," % tuple(map(float, mp.bernfrac(2 * m))))
print("1 - γ", halves(1 - mp.euler), "ln √(2π)", halves(mp.log(2 * mp.pi) / 2), "√(2π)", halves(mp.sqrt(2 * mp.pi)))
print("1/√2", halves(1 / mp.sqrt(2)))
