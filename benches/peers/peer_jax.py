"""JAX: the functions as array code in double precision, compiled by XLA."""

import common
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

jax.config.update("jax_enable_x64", True)


def rosenbrock(x, n):
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def product(x, n):
    return jnp.prod(x)


def chain(x, n):
    return jax.lax.scan(lambda y, x: (jnp.sin(y) * x + jnp.exp(-(y**2)), None), 0.5, x)[0]


def network(x, *sizes):
    u, a, v, b, w, c, data, t = (part.reshape(shape) for part, shape in common.split(x, common.network_shapes(*sizes)))
    h = jnp.tanh(data @ u.T + a)
    k = jnp.tanh(h @ v.T + b)
    return jnp.sum((k @ w.T + c - t) ** 2)


def gmm(x, d, k, n):
    alpha, mu, q, l, points = (part.reshape(shape) for part, shape in common.split(x, common.gmm_shapes(d, k, n)))
    l = jnp.tril(l, -1)
    off = points[:, None, :] - mu
    z = jnp.exp(q) * off + jnp.einsum("krc,ikc->ikr", l, off[:, :, : d - 1])
    terms = alpha + q.sum(1) - jnp.sum(z**2, 2) / 2
    prior = -(jnp.sum(jnp.exp(q) ** 2) + jnp.sum(l**2)) / 2
    return jnp.sum(logsumexp(terms, axis=1)) - n * logsumexp(alpha) + prior


def article(x, y, z):
    return (x + y) * z


def elementary(x, y):
    return jnp.sin(x * y) + jnp.exp(x / y) - jnp.log(x**2 + y**2)


def prepare(family, sizes, x):
    f = globals()[family]
    if x.ndim == 2:  # many points
        arguments = tuple(map(jnp.asarray, x))
        run = jax.vmap(jax.value_and_grad(f, argnums=tuple(range(len(arguments)))))
    else:
        arguments = (jnp.asarray(x),)
        run = jax.value_and_grad(lambda x: f(x, *sizes))
    run = jax.jit(run).lower(*arguments).compile()
    answer = [None]

    def call():
        answer[0] = jax.block_until_ready(run(*arguments))

    call()
    return call, lambda: np.concatenate([np.ravel(g) for g in jax.tree.leaves(answer[0][1])])


common.main(prepare)
