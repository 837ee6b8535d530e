"""SymPy expressions as text. Whatever is not listed here is refused by name: nothing is approximated or dropped."""

from __future__ import annotations

import re
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from ._chainrule import Refused

# Functions of one argument that mean the same in both languages, for real arguments where both are real.
_FUNCTIONS = {
    "sin": "sin", "cos": "cos", "tan": "tan", "sec": "sec", "csc": "csc", "cot": "cot",
    "asin": "asin", "acos": "acos", "atan": "atan", "asec": "asec", "acsc": "acsc",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "sech": "sech", "csch": "csch", "coth": "coth",
    "asinh": "asinh", "acosh": "acosh", "atanh": "atanh",
    "exp": "exp", "log": "ln", "Abs": "abs", "sign": "sign", "floor": "floor", "ceiling": "ceil",
    "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "loggamma": "lgamma", "sinc": "sinc",
}
# SymPy's acot is odd; ours is continuous.
_OF_RECIPROCALS = {"acot": "atan", "acoth": "atanh", "acsch": "asinh", "asech": "acosh"}
_RESERVED = {"let", "if", "pi", "e", "and", "or", "not", "sum", "prod", "iterate", "scan", "until", "π"}
_NAME = re.compile(r"[^\W\d]\w*'*\Z")
_RELATIONS = {"StrictLessThan": "<", "LessThan": "<=", "StrictGreaterThan": ">", "GreaterThan": ">="}
_RELATIONS |= {"Equality": "==", "Unequality": "!="}
# Operators by how strongly they bind.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)


def text(expression: Any) -> str:
    """The expression in the language of `chainrule.parse`."""
    expression = sympy.sympify(expression)
    if isinstance(expression, (sympy.MatrixBase, sympy.MatrixExpr)):
        raise _refused("a matrix")
    if not isinstance(expression, sympy.Expr):
        raise _refused(type(expression).__name__)
    return _Writer().write(expression, _SUM)


def _refused(what: str) -> Refused:
    return Refused(f"from_sympy has no exact word for {what}")


class _Writer:
    """Writes one expression; a name stands for one symbol only."""

    def __init__(self) -> None:
        self.symbols: dict[str, Any] = {}

    def write(self, node: Any, around: int) -> str:
        """The node, in parentheses where what is around it binds more strongly."""
        written, binds = self.node(node)
        return written if binds >= around else f"({written})"

    def node(self, node: Any) -> tuple[str, int]:
        if isinstance(node, sympy.Symbol):
            return self.symbol(node), _ATOM
        if isinstance(node, sympy.Integer):
            return self.signed(str(abs(int(node))), node < 0)
        if isinstance(node, sympy.Rational):
            written = f"{abs(node.p)}/{node.q}"
            return (f"-{written}", _SUM) if node.p < 0 else (written, _PRODUCT)
        if isinstance(node, sympy.Float):
            return self.decimal(node)
        if node is sympy.S.Pi:
            return "pi", _ATOM
        if node is sympy.S.Exp1:
            return "e", _ATOM
        if isinstance(node, sympy.Add):
            return self.sum(node), _SUM
        if isinstance(node, sympy.Mul):
            return self.product(node)
        if isinstance(node, sympy.Pow):
            return self.power(node)
        if isinstance(node, sympy.Piecewise):
            return self.piecewise(node), _ATOM
        if isinstance(node, (sympy.Min, sympy.Max)):
            name = "min" if isinstance(node, sympy.Min) else "max"
            return self.call(name, node.args), _ATOM
        name = type(node).__name__
        if isinstance(node, sympy.Function) and not isinstance(node, AppliedUndef):
            if name in _FUNCTIONS and len(node.args) == 1:
                return self.call(_FUNCTIONS[name], node.args), _ATOM
            if name in _OF_RECIPROCALS and len(node.args) == 1:
                return f"{_OF_RECIPROCALS[name]}(1/{self.write(node.args[0], _ATOM)})", _ATOM
            if name == "atan2":
                return self.call("atan2", node.args), _ATOM
            if name == "Mod":
                return self.call("mod", node.args), _ATOM
            if name == "polygamma" and node.args[0] in (0, 1):
                if not node.args[1].is_positive:
                    raise _refused(f"{node} unless its argument is known to be positive")
                return self.call("digamma" if node.args[0] == 0 else "trigamma", node.args[1:]), _ATOM
        raise _refused(f"{name}, in {node}" if node.args else str(node))

    def symbol(self, symbol: Any) -> str:
        name = symbol.name
        if not _NAME.match(name) or name in _RESERVED:
            raise _refused(f"the symbol {name!r}: names are letters, digits, _ and '")
        if symbol.is_commutative is False or symbol.is_extended_real is False:
            raise _refused(f"the symbol {name!r}, which is not real")
        if self.symbols.setdefault(name, symbol) != symbol:
            raise _refused(f"two different symbols called {name!r}")
        return name

    @staticmethod
    def signed(written: str, negative: bool) -> tuple[str, int]:
        return (f"-{written}", _SUM) if negative else (written, _ATOM)

    def decimal(self, node: Any) -> tuple[str, int]:
        value = float(node)
        if not (value == value and abs(value) != float("inf")) or sympy.Rational(node) != sympy.Rational(value):
            raise _refused(f"{node}, which is no double")
        return self.signed(repr(abs(value)), node.is_negative is True)

    def sum(self, node: Any) -> str:
        out = ""
        for term in node.as_ordered_terms():
            # A sign that a term begins with stands between it and the one before.
            written = self.write(term, _SUM)
            out += written if not out else f" - {written[1:]}" if written.startswith("-") else f" + {written}"
        return out

    def product(self, node: Any) -> tuple[str, int]:
        coefficient, rest = node.as_coeff_Mul()
        negative = coefficient.is_negative is True
        above: list[str] = []
        below: list[str] = []
        if abs(coefficient) != 1 or rest == 1:
            above.append(self.write(abs(coefficient), _PRODUCT))
        for factor in sympy.Mul.make_args(rest):
            if isinstance(factor, sympy.Pow) and factor.exp.is_Rational and factor.exp.is_negative:
                inverse = sympy.Pow(factor.base, -factor.exp, evaluate=False)
                plain = factor.exp == -1
                below.append(self.write(factor.base, _POWER) if plain else self.write(inverse, _POWER))
            else:
                above.append(self.write(factor, _POWER))
        written = "*".join(above) if above else "1"
        for divisor in below:
            written += f"/{divisor}"
        return (f"-{written}", _SUM) if negative else (written, _PRODUCT)

    def power(self, node: Any) -> tuple[str, int]:
        base, exponent = node.args
        if exponent == sympy.S.Half:
            return self.call("sqrt", (base,)), _ATOM
        if base is sympy.S.Exp1:
            return self.call("exp", (exponent,)), _ATOM
        if exponent.is_Rational and exponent.is_negative:
            inverse = base if exponent == -1 else sympy.Pow(base, -exponent, evaluate=False)
            return f"1/{self.write(inverse, _POWER)}", _PRODUCT
        return f"{self.write(base, _ATOM)}^{self.write(exponent, _ATOM)}", _POWER

    def piecewise(self, node: Any) -> str:
        *cases, (last, condition) = node.args
        if condition != True:  # noqa: E712 - SymPy's own truth
            raise _refused(f"a Piecewise without a last case, {node}")
        written = self.write(last, _SUM)
        for value, condition in reversed(cases):
            written = f"if({self.condition(condition)}, {self.write(value, _SUM)}, {written})"
        return written

    def condition(self, node: Any) -> str:
        if isinstance(node, Relational) and type(node).__name__ in _RELATIONS:
            return f"{self.write(node.lhs, _SUM)} {_RELATIONS[type(node).__name__]} {self.write(node.rhs, _SUM)}"
        if isinstance(node, Not):
            return f"not ({self.condition(node.args[0])})"
        if isinstance(node, (And, Or)):
            word = " and " if isinstance(node, And) else " or "
            return word.join(f"({self.condition(part)})" for part in node.args)
        if isinstance(node, (BooleanTrue, BooleanFalse)):
            return "0 == 0" if node else "0 == 1"
        raise _refused(f"the condition {node}")

    def call(self, name: str, arguments: Any) -> str:
        return f"{name}({', '.join(self.write(argument, _SUM) for argument in arguments)})"
