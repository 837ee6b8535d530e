"""SymEngine: a symbolic derivative per input, common parts shared, compiled by its LLVM back end."""

import common
import numpy as np
import symengine as se

# The derivatives are separate expressions, so their number times the size of the function has to be built.
MOST_INPUTS = 5_000


def rosenbrock(x, n):
    return se.Add(*[100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:])])


def product(x, n):
    return se.Mul(*x)


def chain(x, n):
    y = se.RealDouble(0.5)
    for factor in x:
        y = se.sin(y) * factor + se.exp(-(y**2))
    return y


def gmm(x, d, k, n):
    alpha, mu, q, l, points = (
        np.array(part, dtype=object).reshape(shape) for part, shape in common.split(x, common.gmm_shapes(d, k, n))
    )
    entry = lambda j, r, c: se.exp(q[j, r]) if r == c else l[j, r, c]
    cells = [(r, c) for r in range(d) for c in range(r + 1)]

    def term(point, j):
        z = [sum(entry(j, r, c) * (point[c] - mu[j, c]) for c in range(r + 1)) for r in range(d)]
        return se.exp(alpha[j] + sum(q[j]) - sum(z**2 for z in z) / 2)

    likelihood = se.Add(*[se.log(se.Add(*[term(point, j) for j in range(k)])) for point in points])
    prior = se.Add(*[entry(j, *cell) ** 2 for j in range(k) for cell in cells])
    return likelihood - n * se.log(se.Add(*map(se.exp, alpha))) - prior / 2


def article(x, n):
    return (x[0] + x[1]) * x[2]


def elementary(x, n):
    return se.sin(x[0] * x[1]) + se.exp(x[0] / x[1]) - se.log(x[0] ** 2 + x[1] ** 2)


def prepare(family, sizes, x):
    count = x.shape[0]
    if count > MOST_INPUTS:
        raise common.OutOfReach(f"not tried: {count:,} derivatives")
    variables = list(se.symbols(f"x:{count}"))
    y = globals()[family](variables, *sizes)
    point = x.T[0] if x.ndim == 2 else x
    outputs = [y] + [y.diff(x) for x in variables]
    f = se.Lambdify(variables, outputs, backend="llvm", cse=True)
    if not np.isclose(f(point)[0], se.Lambdify(variables, [y])(point), rtol=1e-9).all():
        # Version 0.15.0 computes another function with `cse` on gmm-2-5-100.
        f = se.Lambdify(variables, outputs, backend="llvm", cse=False)
    if x.ndim == 2:
        x = np.ascontiguousarray(x.T)
    out = np.zeros(x.shape[:-1] + (count + 1,))
    flat_x, flat_out = x.ravel(), out.ravel()
    rows = x.size // count
    call = (lambda: f.unsafe_real(flat_x, flat_out)) if rows == 1 else (lambda: f(x, out=out))
    return call, lambda: np.ravel(out[..., 1:].T)


common.main(prepare)
