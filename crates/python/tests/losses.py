"""Losses as SciPy's and scikit-learn's users write them, each with its gradient by hand and a point: fifty of them."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def losses():
    """Name, function, gradient, point."""
    for seed, (n, d) in enumerate([(7, 3), (20, 5)]):
        r = np.random.default_rng(seed)
        A, y, w = r.normal(size=(n, d)), r.normal(size=n), r.normal(size=d)
        label = np.where(r.random(n) < 0.5, -1.0, 1.0)
        counts, positive = r.poisson(3, size=n) + 0.0, r.random(d) + 0.5
        Q = A.T @ A
        W, B = r.normal(size=(d, 4)), r.normal(size=(n, 4))
        T = np.eye(4)[r.integers(0, 4, n)]
        t, i = np.linspace(0.1, 3, n), np.arange(1, d + 1)
        P = r.random((d, d)) + d * np.eye(d)

        def named(name, fun, grad, x):
            return f"{name}, d = {d}", fun, grad, x

        yield named("least squares", lambda x: ((A @ x - y) ** 2).sum(), lambda x: 2 * A.T @ (A @ x - y), w)
        yield named(
            "ridge", lambda x: ((A @ x - y) ** 2).mean() + 0.3 * x @ x,
            lambda x: 2 / n * A.T @ (A @ x - y) + 0.6 * x, w,
        )
        yield named(
            "logistic", lambda x: np.logaddexp(0, -label * (A @ x)).sum(),
            lambda x: -A.T @ (label * sigmoid(-label * (A @ x))), w,
        )
        yield named(
            "poisson", lambda x: (np.exp(A @ x) - counts * (A @ x)).sum(), lambda x: A.T @ (np.exp(A @ x) - counts), w / 3,
        )
        yield named(
            "squared hinge", lambda x: (np.maximum(0, 1 - label * (A @ x)) ** 2).sum(),
            lambda x: -2 * A.T @ (label * np.maximum(0, 1 - label * (A @ x))), w,
        )
        yield named(
            "pseudo-Huber", lambda x: (np.sqrt(1 + (A @ x - y) ** 2) - 1).sum(),
            lambda x: A.T @ ((A @ x - y) / np.sqrt(1 + (A @ x - y) ** 2)), w,
        )
        yield named(
            "Cauchy", lambda x: np.log1p((A @ x - y) ** 2).sum(),
            lambda x: A.T @ (2 * (A @ x - y) / (1 + (A @ x - y) ** 2)), w,
        )
        yield named(
            "softmax regression", lambda V: -(T * np.log(softmax(A @ V))).sum(), lambda V: A.T @ (softmax(A @ V) - T), W,
        )
        yield named("matrix regression", lambda V: ((A @ V - B) ** 2).sum(), lambda V: 2 * A.T @ (A @ V - B), W)
        yield named(
            "multi-output Huber", lambda V: np.sqrt(1 + (A @ V - B) ** 2).mean(),
            lambda V: A.T @ ((A @ V - B) / np.sqrt(1 + (A @ V - B) ** 2)) / (4 * n), W,
        )
        yield named("quadratic form", lambda x: 0.5 * x @ P @ x - x.sum(), lambda x: 0.5 * (P + P.T) @ x - 1, w)
        yield named(
            "Rosenbrock", lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum(),
            lambda x: np.r_[-400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1]), 0]
            + np.r_[0, 200 * (x[1:] - x[:-1] ** 2)], w,
        )
        yield named("sum of powers", lambda x: (x ** (i + 1)).sum(), lambda x: (i + 1) * x**i, positive)
        yield named("entropy", lambda x: (x * np.log(x)).sum(), lambda x: np.log(x) + 1, positive)
        yield named("log barrier", lambda x: i @ x - np.log(x).sum(), lambda x: i - 1 / x, positive)
        yield named("log sum exp", lambda x: np.log(np.exp(x).sum()), lambda x: softmax(x), w)
        yield named("Rayleigh quotient", lambda x: x @ Q @ x / (x @ x),
                    lambda x: 2 * (Q @ x - (x @ Q @ x) / (x @ x) * x) / (x @ x), w)
        yield named("log determinant", lambda X: np.log(np.linalg.det(X)), lambda X: np.linalg.inv(X).T, P)
        yield named("trace of a square", lambda X: np.trace(X @ X @ X), lambda X: 3 * (X @ X).T, P / d)
        yield named(
            "exponential decay", lambda x: ((x[0] * np.exp(-x[1] * t) + x[2] - y) ** 2).sum(),
            lambda x: np.array([
                2 * (x[0] * np.exp(-x[1] * t) + x[2] - y) @ np.exp(-x[1] * t),
                -2 * x[0] * (x[0] * np.exp(-x[1] * t) + x[2] - y) @ (t * np.exp(-x[1] * t)),
                2 * (x[0] * np.exp(-x[1] * t) + x[2] - y).sum(),
            ]), np.array([1.5, 0.7, 0.2]),
        )
        yield named(
            "normal likelihood", lambda x: n * np.log(x[1]) + ((y - x[0]) ** 2).sum() / (2 * x[1] ** 2),
            lambda x: np.array([-(y - x[0]).sum() / x[1] ** 2, n / x[1] - ((y - x[0]) ** 2).sum() / x[1] ** 3]),
            np.array([0.3, 1.2]),
        )
        yield named("Rastrigin", lambda x: (x**2 - 10 * np.cos(2 * np.pi * x) + 10).sum(),
                    lambda x: 2 * x + 20 * np.pi * np.sin(2 * np.pi * x), w)
        yield named("smooth total variation", lambda x: np.sqrt(np.diff(x) ** 2 + 0.01).sum(),
                    lambda x: np.r_[0, np.diff(x) / np.sqrt(np.diff(x) ** 2 + 0.01)]
                    - np.r_[np.diff(x) / np.sqrt(np.diff(x) ** 2 + 0.01), 0], w)
        yield named("RBF", lambda x: np.exp(-((A - x) ** 2).sum(axis=1) / 4).sum(),
                    lambda x: (np.exp(-((A - x) ** 2).sum(axis=1) / 4) @ (A - x)) / 2, w / 3)
        yield named("factorisation", lambda U: ((U @ U.T - Q) ** 2).sum(), lambda U: 4 * (U @ U.T - Q) @ U, W)


def slips(grad, point):
    """One slip each, as people make them: name, gradient."""
    right = np.asarray(grad(point), dtype=float)
    k = int(np.argmax(abs(right)))

    def at(number):
        wrong = right.copy()
        wrong.flat[k] = number
        return wrong

    yield "sign", at(-right.flat[k])
    yield "factor", at(2 * right.flat[k])
    yield "off by one", np.roll(right.ravel(), 1).reshape(right.shape)
    if right.ndim == 2:
        transposed = right.T.copy().reshape(right.shape)
        if not np.allclose(transposed, right):
            yield "transposed", transposed
