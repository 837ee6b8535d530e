"""Gradients of functions, and how far to trust them.

>>> import chainrule as cr
>>> f = cr.parse("x^2 + 7*y")
>>> f.gradient([3.0, 1.0])
array([6., 7.])
"""

from typing import Any

from ._chainrule import (
    Check,
    Claims,
    Function,
    Gap,
    OtherFunction,
    OtherParameters,
    Overlap,
    ParseError,
    Partial,
    PartialError,
    PartTwice,
    Refused,
    Report,
    Steps,
    SumOver,
    Total,
    Trace,
    check,
    check_gradient,
    merge,
    parse,
)

__all__ = [
    "Check",
    "Claims",
    "Function",
    "Gap",
    "OtherFunction",
    "OtherParameters",
    "Overlap",
    "ParseError",
    "PartTwice",
    "Partial",
    "PartialError",
    "Refused",
    "Report",
    "Steps",
    "SumOver",
    "Total",
    "Trace",
    "check",
    "check_gradient",
    "from_sympy",
    "merge",
    "parse",
]


def from_sympy(expression: Any) -> Function:
    """Reads a SymPy expression of real symbols; what it has no exact word for is `Refused` by name.

    It knows sums, products, powers, integers, rationals, doubles, pi and E; Piecewise with a last case, under comparisons,
    And, Or and Not; Min, Max, Mod and atan2; sin, cos, tan, sec, csc, cot, sinh, cosh, tanh, sech, csch, coth and their
    inverses; exp, log, Abs, sign, floor, ceiling, erf, erfc, erfinv, loggamma and sinc; digamma and trigamma of what SymPy
    knows to be positive. Where SymPy passes through complex numbers the function is NaN.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> from_sympy(x**2 * sympy.sin(y)).text
    'x^2*sin(y)'
    """
    # Read when it is first needed, so that importing the package takes no longer for it.
    from ._sympy import text

    return parse(text(expression))
