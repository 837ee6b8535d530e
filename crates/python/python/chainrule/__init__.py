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
    ParseError,
    Refused,
    Report,
    Trace,
    check,
    check_gradient,
    parse,
)

__all__ = [
    "Check",
    "Claims",
    "Function",
    "ParseError",
    "Refused",
    "Report",
    "Trace",
    "check",
    "check_gradient",
    "from_sympy",
    "parse",
]


def from_sympy(expression: Any) -> Function:
    """Reads a SymPy expression of real symbols; what it has no exact word for is `Refused` by name.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> from_sympy(x**2 * sympy.sin(y)).text
    'x^2*sin(y)'
    """
    # Read when it is first needed, so that importing the package takes no longer for it.
    from ._sympy import text

    return parse(text(expression))
