"""What the Python peers share: workloads, inputs, the check of a gradient, the clock.

A peer is run as `python peer_NAME.py FOLDER WORKLOAD`, in a process of its own, and prints one line of JSON.
"""

import json
import math
import pathlib
import signal
import sys
import time

import numpy as np

SETUP_LIMIT = 60  # seconds
POINTS = 1_000_000

# name: family and its sizes
WORKLOADS = {
    "rosenbrock-10": ("rosenbrock", 10),
    "rosenbrock-1000": ("rosenbrock", 1000),
    "rosenbrock-100000": ("rosenbrock", 100_000),
    "product-10": ("product", 10),
    "product-10000": ("product", 10_000),
    "chain-1000": ("chain", 1000),
    "chain-100000": ("chain", 100_000),
    "network-64": ("network", 32, 64, 64, 10, 64),
    "gmm-2-5-100": ("gmm", 2, 5, 100),
    "gmm-10-25-1000": ("gmm", 10, 25, 1000),
    "points-article": ("article", 3),
    "points-elementary": ("elementary", 2),
}


class OutOfReach(Exception):
    """Why a peer does not even try."""


def network_shapes(a, b, c, d, n):
    return [(b, a), (b,), (c, b), (c,), (d, c), (d,), (n, a), (n, d)]


def gmm_shapes(d, k, n):
    return [(k,), (k, d), (k, d), (k, d, d - 1), (n, d)]


def split(x, shapes):
    """Cuts a flat vector into its named parts, as (start, end, shape)."""
    start = 0
    for shape in shapes:
        end = start + math.prod(shape)
        yield x[start:end], shape
        start = end


def wrong(gradient, expected):
    """The first component that is off by more than 1e-9 of itself and 1e-12 of the largest."""
    if gradient.shape != expected.shape:
        return 0
    tolerance = 1e-9 * np.abs(expected) + 1e-12 * np.abs(expected).max()
    off = np.flatnonzero(~(np.abs(gradient - expected) <= tolerance))
    return int(off[0]) if off.size else None


def measure(call):
    """Least and median nanoseconds of at least five repeats and 0.3 seconds; quick calls in batches of 20 µs."""

    def once(batch):
        start = time.perf_counter_ns()
        for _ in range(batch):
            call()
        return (time.perf_counter_ns() - start) / batch

    once(1)
    batch = max(1, math.ceil(20e3 / once(1)))
    times, total = [], 0
    while len(times) < 5 or total < 0.3e9:
        times.append(once(batch))
        total += times[-1] * batch
    times.sort()
    return times[0], times[len(times) // 2]


def main(prepare):
    """`prepare(family, sizes, x)` gives a call, and a function that gives the flat gradient after a call."""
    folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
    family, *sizes = WORKLOADS[name]
    x = np.fromfile(folder / f"{name}.x")
    expected = np.fromfile(folder / f"{name}.g")
    points = name.startswith("points")
    if points:
        x = x.reshape(-1, POINTS)
    # Not even code that never comes back to Python outlives its set-up time.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SETUP_LIMIT)
    start = time.perf_counter()
    try:
        call, gradient = prepare(family, sizes, x)
    except OutOfReach as reason:
        return print(json.dumps({"remark": str(reason)}))
    setup = time.perf_counter() - start
    signal.alarm(SETUP_LIMIT)
    call()
    at = wrong(gradient(), expected)
    if at is not None:
        print(name, "component", at, "is", gradient()[at], "expected", expected[at], file=sys.stderr)
        return print(json.dumps({"remark": "gradient disagrees"}))
    least, median = measure(call)
    per = POINTS if points else 1
    print(json.dumps({"setup_s": setup, "min_ns": least / per, "median_ns": median / per}))
