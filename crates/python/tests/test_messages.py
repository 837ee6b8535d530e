"""Messages say what a Python caller can do: none names an option of the program."""

import re
import unittest
import warnings
from pathlib import Path

import chainrule as cr
import numpy as np
from chainrule import _chainrule

OPTION = re.compile(r"--[a-z]")
TERMS = "sum(i, 1, n, sin(i*x)*i)"


def said(call, *arguments, **named) -> str:
    """What a call says, as an error, a warning or an answer."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            answer = call(*arguments, **named)
            texts = [str(answer)]
            if hasattr(answer, "to_dict"):
                texts.append(str(answer.to_dict()))
        except Exception as error:  # noqa: BLE001
            texts = [str(error)]
    return "\n".join(texts + [str(one.message) for one in warned])


class Messages(unittest.TestCase):
    def expect(self, expected, call, *arguments, **named):
        text = said(call, *arguments, **named)
        self.assertRegex(text, expected)
        self.assertNotRegex(text, OPTION)

    def test_sizes(self):
        f = cr.parse(TERMS)
        self.expect(r"f\.with_sizes\(n=…\)", f, [1.0])
        self.expect(r"f\.with_sizes\(n=…\)", f, x=1.0)
        self.expect(r"f\.with_sizes\(n=…\)", cr.parse("[i: 1..n] x[i]*y").derive, "c")
        self.expect("no size", f.with_sizes, k=1)
        self.expect(r"f\.with_data\(k=…\)", cr.parse("sum(i, 1, m, x[k[i]])"), np.ones(2))

    def test_budgets(self):
        f = cr.parse("sum(i, 1, n, x[i]*sin(i*x[i]))", n=3000).with_budget(nodes=2000)
        self.expect(r"f\.with_budget\(nodes=…\)", f.derive)
        self.expect(r"f\.with_budget\(nodes=…\)", f.batch, x=np.ones((2, 3000)))
        self.expect(r"f\.with_budget\(nodes=…\)", f.trace, np.ones(3000))
        enough = f.with_budget(nodes=10**6)
        self.assertEqual(enough.batch(x=np.ones((2, 3000)))[0].shape, (2,))
        self.expect("no certified reference", cr.parse(TERMS, n=10**5).compare, [1.0])

    def test_numbers_that_no_function_has(self):
        self.expect(r"float\('inf'\)", cr.parse, "x + ∞")
        self.expect(r"float\('inf'\)", cr.parse, "inf*x")

    def test_languages_and_inputs(self):
        self.expect("none of text, latex", cr.parse("x").derive, "fortran")
        self.expect("dot: ", cr.parse("sum(i, 1, n, x[k[i]])").derive, "dot")
        self.expect("has no input y", cr.parse("x^2").steps, [1.0], by="y")

    def test_remedies(self):
        # Each of these has advice that the program gives as an option.
        for text, at in [
            ("(1 - cos(x))/x^2", 1e-9), ("exp(x) - exp(x + 1e-12)", 3.0), ("sqrt(x + 1) - sqrt(x)", 1e15),
            ("ln(1 + x) - x", 1e-12), ("1/sin(x) - 1/x", 1e-7), ("(1 - cos(x)^2)/x^2", 1e-9),
        ]:
            self.expect("∂f/∂x", cr.parse(text).compare, [at])

    def test_claims(self):
        self.expect("Decimals are the nearest doubles", cr.check, "0.1*x + 0.2*x", x="0.3")
        self.expect("check looks at one output", cr.check, "[x, x^2]", x="1")
        self.expect("x", cr.check, "x^2", y="2*y")

    def test_the_compiled_package_holds_no_option(self):
        code = Path(_chainrule.__file__).read_bytes()
        program = ["max-nodes", "size", "wrt", "data", "at", "to", "simplify", "variant", "reference-nodes",
                   "exact-decimals", "strategy", "file", "points", "claim", "seed", "domain", "format", "order"]
        found = re.findall(rb"--(?:%s)\b[^\x00]{0,40}" % "|".join(program).encode(), code)
        self.assertEqual(found, [])

    def test_an_option_would_be_found(self):
        with self.assertRaises(AssertionError):
            self.expect("x", lambda: "give x with --at")


if __name__ == "__main__":
    unittest.main()
