"""Gradients of functions, and how far to trust them.

>>> import chainrule as cr
>>> f = cr.parse("x^2 + 7*y")
>>> f.gradient([3.0, 1.0])
array([6., 7.])
"""

from ._chainrule import Function, ParseError, Refused, parse

__all__ = ["Function", "ParseError", "Refused", "parse"]
