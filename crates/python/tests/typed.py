"""What mypy reads: every call as a program writes it."""

import chainrule as cr
import numpy as np
from numpy.typing import NDArray

f: cr.Function = cr.parse("sum(i, 1, n, (a*x[i] + b)^2)", n=2)
flat: NDArray[np.float64] = f.gradient(np.ones(4))
named: dict[str, NDArray[np.float64]] = f.gradient(a=1.0, b=2, x=[1.0, 2.0])
value, gradient = f.value_and_gradient([1.0, 2.0, 3.0, 4.0])
total: NDArray[np.float64] = gradient + flat
values, columns = f.batch(a=np.ones(3), b=1.0, x=np.ones((3, 2)))
by_a: NDArray[np.float64] = columns["a"]
agrees: bool = f.compare(np.ones(4)).verdict == "agree"
text: str = f.derive("latex") + str(f.trace(np.ones(4)))
sizes: dict[str, int | None] = f.with_sizes(n=3).sizes
errors: dict[str, NDArray[np.float64]] = f.with_budget(nodes=10**6).steps(np.ones(4), by="b").errors
proved: bool = cr.check("x^2", x="2*x").status == "proved"


def loss(x: NDArray[np.float64]) -> float:
    return float(x @ x)


def slope(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2.0 * x


checked: bool = cr.check_gradient(loss, slope, [1.0, 2.0], noise=1e-9).status == "agrees"

summed: cr.SumOver = cr.parse("(a*x - y)^2").sum_over("x", "y", order="any")
parts: list[cr.Partial] = [summed.partial({"x": np.ones(3), "y": [1, 2, 3]}, a=1.0, part=name) for name in "ab"]
whole: cr.Total = cr.merge(parts).finish(rows=6)
slopes: dict[str, NDArray[np.float64]] = whole.gradient
same: bool = cr.Partial.from_bytes(bytes(parts[0] + parts[1])).rows == whole.rows
try:
    missing = parts[0].finish(rows=4)
except cr.Gap as gap:
    ranges: list[tuple[int, int]] = gap.missing
except cr.PartialError:
    first: int | tuple[str, int] | None = whole.first_undefined
