"""CasADi: scalar graphs (SX), its gradient in its virtual machine, or (with `gcc` as last argument) as compiled C."""

import os
import subprocess
import sys
import tempfile

import casadi as ca
import common
import numpy as np

# gcc needs far more than a minute for so many; it is not worth waiting.
MOST_INSTRUCTIONS = 200_000


def rosenbrock(x, n):
    return ca.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def folded(step, start, x):
    """A step repeated over all inputs, expanded to scalars by CasADi itself: a loop in Python takes 70 times as long."""
    y, factor = ca.SX.sym("y"), ca.SX.sym("factor")
    return ca.Function("step", [y, factor], [step(y, factor)]).fold(x.shape[0])(start, x.T)


def product(x, n):
    return folded(lambda y, factor: y * factor, x[0], x[1:])


def chain(x, n):
    return folded(lambda y, factor: ca.sin(y) * factor + ca.exp(-(y**2)), 0.5, x)


def matrix(part, shape):
    """A vector in the order of rows."""
    return ca.reshape(part, shape[1], shape[0]).T if len(shape) == 2 else part


def network(x, *sizes):
    u, a, v, b, w, c, data, t = (matrix(*part) for part in common.split(x, common.network_shapes(*sizes)))
    row = lambda bias: ca.repmat(bias.T, sizes[-1], 1)
    h = ca.tanh(data @ u.T + row(a))
    k = ca.tanh(h @ v.T + row(b))
    return ca.sum1(ca.sum2((k @ w.T + row(c) - t) ** 2))


def gmm(x, d, k, n):
    alpha, mu, q, l, points = (matrix(*part) for part in common.split(x, common.gmm_shapes(d, k, n)))
    terms, prior = [], 0
    for j in range(k):
        full = matrix(l[j * d * (d - 1) : (j + 1) * d * (d - 1)], (d, d - 1))
        below = ca.tril(ca.horzcat(full, ca.SX(d, 1)), False)  # sparse: zeros take no part
        lower = ca.sparsify(below + ca.diag(ca.exp(q[j, :])))
        z = (points - ca.repmat(mu[j, :], n, 1)) @ lower.T
        terms.append(alpha[j] + ca.sum2(q[j, :]) - ca.sum2(z**2) / 2)
        prior -= ca.sumsqr(lower) / 2
    likelihood = ca.sum1(ca.log(ca.sum2(ca.exp(ca.horzcat(*terms)))))
    return likelihood - n * ca.log(ca.sum1(ca.exp(alpha))) + prior


def article(x, n):
    return (x[0] + x[1]) * x[2]


def elementary(x, n):
    return ca.sin(x[0] * x[1]) + ca.exp(x[0] / x[1]) - ca.log(x[0] ** 2 + x[1] ** 2)


def compiled(f):
    with tempfile.TemporaryDirectory() as folder:
        here = os.getcwd()
        os.chdir(folder)  # names of generated files have no folder
        f.generate("f.c")
        command = ["gcc", "-O3", "-march=native", "-fPIC", "-shared", "f.c", "-o", "f.so", "-lm"]
        # Not our standard output: whoever waits for its end would wait for a compiler that outlives us.
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        f = ca.external(f.name(), "./f.so")
        os.chdir(here)
    return f


def prepare(family, sizes, x):
    points = x.ndim == 2
    count = x.shape[0]
    variables = ca.SX.sym("x", count)
    y = globals()[family](variables, *sizes)
    f = ca.Function("f", [variables], [y, ca.densify(ca.gradient(y, variables))])
    instructions = f.n_instructions()
    if points:
        f = f.map(common.POINTS)
        x = np.ascontiguousarray(x.T)
    if sys.argv[-1] == "gcc":
        if instructions > MOST_INSTRUCTIONS:
            raise common.OutOfReach(f"not tried: {instructions:,} instructions")
        f = compiled(f)
    # Buffers: without copies between numbers of Python and of CasADi.
    value, gradient = np.zeros(x.shape[0] if points else 1), np.zeros(x.shape)
    buffer, call = f.buffer()
    buffer.set_arg(0, memoryview(x))
    buffer.set_res(0, memoryview(value))
    buffer.set_res(1, memoryview(gradient))
    keep = (f, buffer, x, value)
    return call, lambda: (keep, np.ravel(gradient.T))[1]


common.main(prepare)
