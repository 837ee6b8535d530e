"""SymPy expressions: accepted ones have SymPy's values and derivatives, the rest is refused by name.

CHAINRULE_EXPRESSIONS=1000 python -m unittest tests/test_sympy.py says how many of so many random ones are accepted.
"""

import os
import random
import unittest

import chainrule as cr

try:
    import mpmath
    import sympy
    from sympy import S
except ImportError:
    raise unittest.SkipTest("SymPy is not installed") from None

X, Y = sympy.symbols("x y", real=True)
COMMON = [
    sympy.sin, sympy.cos, sympy.tan, sympy.exp, sympy.log, sympy.sqrt, sympy.Abs, sympy.atan, sympy.sinh, sympy.cosh,
    sympy.tanh, sympy.asinh, sympy.erf, sympy.sec, sympy.cot, sympy.acot, sympy.asin, sympy.acosh, sympy.atanh,
    sympy.sign, sympy.floor, sympy.ceiling, sympy.sech, sympy.csch, sympy.coth, sympy.erfc, sympy.sinc,
    sympy.loggamma, sympy.acos, sympy.csc, sympy.acoth, sympy.acsch,
]
# Of these there is none in our language, or none with the same domain.
OTHERS = [sympy.gamma, sympy.LambertW, sympy.Si, sympy.zeta, sympy.fresnels, sympy.Heaviside, sympy.airyai, sympy.digamma]


def expression(chance: random.Random, depth: int):
    """As SymPy's own tests are made of: sums, products, powers, functions, cases."""
    if depth == 0 or chance.random() < 0.1:
        leaves = [X, Y, X, Y, S(chance.randint(-5, 5)), sympy.Rational(chance.randint(-9, 9), chance.randint(2, 9))]
        return chance.choice([*leaves, sympy.Float(round(chance.uniform(-3, 3), 3)), sympy.pi, sympy.E])
    inner = [expression(chance, depth - 1) for _ in range(2)]
    kind = chance.random()
    if kind < 0.25:
        return inner[0] + inner[1]
    if kind < 0.5:
        return inner[0] * inner[1]
    if kind < 0.6:
        return inner[0] ** chance.choice([2, 3, -1, -2, S.Half, -S.Half, sympy.Rational(3, 2), inner[1]])
    if kind < 0.66:
        return chance.choice([sympy.Min, sympy.Max])(*inner)
    if kind < 0.7:
        return sympy.Piecewise((inner[0], X < chance.randint(-1, 1)), (inner[1], True))
    if kind < 0.73:
        return chance.choice([sympy.atan2, sympy.Mod])(*inner)
    if kind < 0.76:
        return chance.choice(OTHERS)(inner[0])
    return chance.choice(COMMON)(inner[0])


def is_real_throughout(expr, order, at) -> bool:
    """Whether no part of an expression is a complex number: there SymPy has values that no real function has."""
    for part in sympy.preorder_traversal(expr):
        if isinstance(part, sympy.Expr):
            try:
                value = sympy.lambdify(order, part, "mpmath")(*map(mpmath.mpf, at))
            except Exception:
                return False
            if mpmath.im(value) != 0:
                return False
    return True


def difference(expr, f, chance: random.Random) -> tuple[int, str | None]:
    """At how many of five points a function was compared with the expression, and where value or derivative is another."""
    names = f.inputs
    symbols = {symbol.name: symbol for symbol in expr.free_symbols}
    order = [symbols[name] for name in names]
    # SymPy's own program of Mod(a, 1/b) reads as (a mod 1)/b.
    expr = expr.replace(sympy.Mod, lambda a, b: a - b * sympy.floor(a / b))
    value_alone = sympy.lambdify(order, expr, "mpmath")
    slopes = [sympy.diff(expr, symbol) for symbol in order]
    if any(slope.has(sympy.Derivative, sympy.Subs, sympy.DiracDelta) for slope in slopes):

        def exact(*at):
            """Slopes of rounding and remainders SymPy leaves undone: those of its values."""
            along = [lambda t, k=k: value_alone(*at[:k], t, *at[k + 1 :]) for k in range(len(at))]
            return [value_alone(*at), *(mpmath.diff(line, at[k]) for k, line in enumerate(along))]

    else:
        exact = sympy.lambdify(order, [expr, *slopes], "mpmath")
    seen = 0
    for _ in range(40):
        at = [chance.uniform(-2.5, 2.5) for _ in order]
        try:
            with mpmath.workdps(40):
                truth = [mpmath.mpmathify(number) for number in exact(*map(mpmath.mpf, at))]
        except Exception:
            continue  # Complex numbers are not compared, poles not divided by: no point for SymPy's program.
        if any(mpmath.im(number) != 0 or not mpmath.isfinite(number) or abs(number) > 1e250 for number in truth):
            continue
        truth = [mpmath.re(number) for number in truth]
        value, gradient = f.value_and_gradient(at)
        if value != value and not is_real_throughout(expr, order, at):
            continue
        for what, true, ours in zip(["value", *names], truth, [value, *gradient]):
            if not abs(ours - true) <= 1e-6 * max(1e-3, abs(true), *(abs(float(t)) * 1e-3 for t in truth)):
                # What cancels in doubles cancels in both; the certified derivative does not.
                reference = f.compare(at).to_dict()["points"][0]["reference"]
                index = names.index(what) if what in names else None
                known = reference and index is not None and reference["gradient"][index]
                if not (isinstance(known, float) and abs(known - true) <= 1e-9 * max(1e-9, abs(true))):
                    return seen, f"{what} at {dict(zip(names, at))}: SymPy {mpmath.nstr(true, 17)}, ours {ours}"
        seen += 1
        if seen == 5:
            break
    return seen, None


class Expressions(unittest.TestCase):
    def test_random_expressions_are_right_or_refused_by_name(self):
        self.maxDiff = None
        count = int(os.environ.get("CHAINRULE_EXPRESSIONS", "40"))
        chance = random.Random(23)
        accepted, compared, refused, wrong = 0, 0, {}, []
        made = 0
        while made < count:
            try:
                expr = expression(chance, chance.randint(1, 4))
            except (ValueError, ZeroDivisionError):
                continue  # SymPy compares no complex numbers, and divides by no 0.
            if not expr.free_symbols or expr.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.ImaginaryUnit):
                continue
            made += 1
            foreign = expr.has(*OTHERS)
            try:
                f = cr.from_sympy(expr)
            except cr.Refused as error:
                self.assertIn("from_sympy has no exact word for", str(error))
                refused[str(error).split(" for ")[1].split(",")[0]] = expr
                continue
            self.assertFalse(foreign, expr)
            accepted += 1
            seen, found = difference(expr, f, chance)
            compared += seen == 5
            if found:
                wrong.append(f"{expr} as {f.text}: {found}")
        self.assertEqual(wrong, [])
        self.assertGreaterEqual(accepted, 0.8 * count, refused)
        self.assertGreaterEqual(compared, 0.6 * count)
        if count > 40:
            print(f"{accepted} of {count} accepted, {compared} compared at 5 points; refused: {sorted(refused)}")

    def test_what_would_be_read_otherwise(self):
        z = sympy.Symbol("z")
        for expr, text in [
            (-X**2, "-x^2"), (sympy.digamma(sympy.Symbol("p", positive=True)), "digamma(p)"), ((-X) ** 3, None), (X ** (Y**2), "x^(y^2)"), (sympy.Pow(X**Y, 2, evaluate=False), "(x^y)^2"),
            (sympy.Rational(2, 3) * X, "2/3*x"), (1 / (X * Y), "1/x/y"), (sympy.Float(0.1) + z, None),
        ]:
            f = cr.from_sympy(expr)
            if text:
                self.assertEqual(f.text, text)
            at = {symbol: 0.7 + k for k, symbol in enumerate(sorted(expr.free_symbols, key=str))}
            ours = f(**{symbol.name: value for symbol, value in at.items()})
            self.assertAlmostEqual(ours, float(expr.subs(at)), places=12)

    def test_what_is_not_known_is_refused_by_name(self):
        f = sympy.Function("f")
        n, i = sympy.symbols("n i", integer=True)
        for expr, name in [
            (sympy.besselj(1, X), "besselj"), (f(X), "f"), (sympy.I * X, "I"), (sympy.oo + 0 * S.One, "oo"),
            (sympy.Sum(X**i, (i, 1, n)), "Sum"), (sympy.Integral(sympy.exp(X**2), X), "Integral"),
            (sympy.Symbol("x_{1}"), "x_{1}"), (sympy.Symbol("e"), "'e'"), (sympy.Symbol("z", imaginary=True), "'z'"),
            (X + sympy.Symbol("x"), "two different symbols"), (sympy.Float("0.1", 40) * X, "no double"),
            (sympy.Piecewise((X, X > 0)), "without a last case"), (sympy.Matrix([X]), "a matrix"),
            (sympy.digamma(X), "known to be positive"), (sympy.Eq(X, Y), "Equality"), (sympy.Derivative(f(X), X), "Derivative"),
        ]:
            with self.assertRaisesRegex(cr.Refused, name.replace("{", r"\{")):
                cr.from_sympy(expr)


if __name__ == "__main__":
    unittest.main()
