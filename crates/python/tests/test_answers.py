"""Reports, derivations, traces, claims, and gradients written by hand."""

import html.parser
import re
import unittest
import warnings

import chainrule as cr
import numpy as np


class Closed(html.parser.HTMLParser):
    """What is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in ("br", "input", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


class Commands(unittest.TestCase):
    def test_a_report_is_the_table_the_json_and_a_verdict(self):
        report = cr.parse("let q = x + y; q*z").compare([-2.0, 5.0, -4.0])
        self.assertEqual(report.verdict, "agree")
        self.assertIn("all three strategies give the certified gradient", str(report).replace("\n", " "))
        document = report.to_dict()
        self.assertEqual(document["schema"], "chainrule/compare/2")
        self.assertEqual(document["points"][0]["reference"]["gradient"], [-4.0, -4.0, 3.0])
        names = [entry["strategy"] for entry in report.strategies]
        self.assertEqual(names, ["numerical", "symbolic", "backprop"])
        shown = report._repr_html_()
        self.assertIn("<table", shown)
        # Three components, digits, times and verdicts, of a reference and three strategies.
        self.assertEqual(shown.count("<td style"), 6 * 4)
        self.assertIn("<strong>agree</strong>", shown)
        self.assertEqual(cr.parse("abs(x)").compare(x=0.0).verdict, "kink")
        with self.assertRaisesRegex(TypeError, "verdict"):
            bool(report)

    def test_a_report_of_bound_sizes_and_data(self):
        f = cr.parse("sum(i, 1, m, (x[k[i]] - y[i])^2)").with_data(k=[2, 1, 2], y=[0.5, 0.0, 1.5])
        self.assertEqual(f.compare([3.0, 1.0]).to_dict()["points"][0]["reference"]["gradient"], [6.0, 0.0])
        f = cr.parse("sum(i, 1, n, x[i]^2)")
        self.assertEqual(f.compare(x=[1.0, 2.0]).to_dict()["inputs"], ["x[1]", "x[2]"])

    def test_derivatives_as_text_and_code(self):
        f = cr.parse("x^2*sin(y)")
        self.assertIn("2*x*sin(y)", f.derive())
        self.assertIn(r"\partial", f.derive("latex"))
        self.assertIn("double f_and_gradient", f.derive("c"))
        space: dict = {}
        exec(f.derive("python"), space)
        with self.assertRaisesRegex(ValueError, "fortran is none of text, latex"):
            f.derive("fortran")
        self.assertIn("df_dx_j", cr.parse("sum(i, 1, n, x[i]^2)").derive())

    def test_a_trace_is_text_json_and_a_page(self):
        trace = cr.parse("let q = x + y; q*z").trace([-2.0, 5.0, -4.0])
        nodes = {node["name"]: node for node in trace.to_dict()["nodes"]}
        self.assertEqual((nodes["q"]["value"], nodes["q"]["gradient"]), (3.0, -4.0))
        self.assertIn("upstream gradient", str(trace))
        self.assertIn("<!DOCTYPE html>", trace.to_html())
        self.assertIn("&lt;!DOCTYPE html&gt;", trace._repr_html_())
        with self.assertRaisesRegex(ValueError, "one output"):
            cr.parse("[x, y]").trace([1.0, 2.0])

    def test_steps_are_errors_and_a_chart(self):
        steps = cr.parse("exp(sin(3*x))*y").steps([0.8, 2.0])
        self.assertEqual(steps.input, "x")
        self.assertAlmostEqual(steps.certified, 6 * np.exp(np.sin(2.4)) * np.cos(2.4), places=12)
        self.assertEqual(list(steps.errors), ["forward", "central-2", "central-4", "central-6"])
        # Each scheme is best at a longer step than the one of lower order, and has more digits there.
        best = [int(np.nanargmin(errors)) for errors in steps.errors.values()]
        self.assertEqual(best, sorted(best, reverse=True))
        self.assertIn("<svg", steps._repr_html_())
        self.assertEqual(cr.parse("x*y^2").steps(x=1.0, y=2.0, by="y").certified, 4.0)
        with self.assertRaisesRegex(ValueError, "kink"):
            cr.parse("abs(x)").steps([0.0])

    def test_what_notebooks_show_is_closed_and_escaped(self):
        f = cr.parse("if(x < 1, x*q[2], sum(i, 1, n, q[i]))", n=3)
        shown = [f._repr_html_(), f.compare(x=0.5, q=[1, 2, 3])._repr_html_(), f.trace(x=0.5, q=[1, 2, 3])._repr_html_(),
                 f.steps(x=0.5, q=[1, 2, 3])._repr_html_(), cr.check("x^2", x="2*x")._repr_html_()]
        for html in shown:
            parser = Closed()
            parser.feed(html)
            self.assertEqual(parser.open, [])
            self.assertNotIn("http", re.sub(r"http://www.w3.org/\S*", "", html))
        self.assertIn("if(x &lt; 1", shown[0])
        for part in ("size, 3", "input, a vector"):
            self.assertIn(part, shown[0])

    def test_claims_are_proved_refuted_or_unknown(self):
        self.assertEqual(cr.check("x^x", x="x^x*(ln(x) + 1)").status, "proved")
        self.assertEqual(cr.check("sum(i, 1, n, x[i]^2)", **{"x[j]": "2*x[j]"}).status, "proved")
        wrong = cr.check("x^2*y", x="2*x*y", y="2*x")
        self.assertEqual([claim["status"] for claim in wrong.claims], ["proved", "refuted"])
        self.assertEqual(wrong.status, "refuted")
        self.assertEqual(set(wrong.claims[1]["counterexample"]["at"]), {"x", "y"})
        with self.assertRaisesRegex(TypeError, "proved, refuted or unknown"):
            bool(wrong)
        with self.assertRaises(cr.ParseError):
            cr.check("x^2", x="2*")
        with self.assertRaisesRegex(ValueError, "nothing is claimed"):
            cr.check("x^2")


class GradientsByHand(unittest.TestCase):
    def test_three_outcomes(self):
        def fun(x):
            return x[0] ** 2 + abs(x[1]) + np.sin(x[2])

        check = cr.check_gradient(fun, [3.0, 0.0, -np.cos(1.0)], [1.5, 0.0, -1.0])
        self.assertEqual([row["status"] for row in check.components], ["agrees", "cannot_see", "disagrees"])
        self.assertEqual(check.components[2]["cause"], "the sign is flipped")
        self.assertEqual(check.status, "disagrees")
        with self.assertRaisesRegex(TypeError, "agrees, disagrees or cannot see"):
            bool(check)
        right = cr.check_gradient(fun, lambda x: [2 * x[0], np.sign(x[1]), np.cos(x[2])], np.array([3.0, 1.0, -1.0]))
        self.assertEqual(right.status, "agrees")
        self.assertGreater(right.digits, 9)

    def test_shapes_exceptions_and_values_that_are_no_numbers(self):
        weights = np.arange(6.0).reshape(2, 3)
        check = cr.check_gradient(lambda w: float((w**2).sum()), lambda w: 2 * w, weights)
        self.assertEqual((check.status, len(check.components)), ("agrees", 6))
        self.assertEqual(cr.check_gradient(lambda x: np.array([x @ x]), lambda x: 2 * x, [1.0, 2.0]).status, "agrees")
        with self.assertRaises(ZeroDivisionError):
            cr.check_gradient(lambda x: 1 // 0, lambda x: x, [1.0])
        with self.assertRaisesRegex(TypeError, "not one real number"):
            cr.check_gradient(lambda x: x, lambda x: x, [1.0, 2.0])
        with self.assertRaisesRegex(ValueError, "1 components at a point of 2 numbers"):
            cr.check_gradient(lambda x: x @ x, lambda x: x[:1], [1.0, 2.0])

    def test_noise_and_single_precision(self):
        def measured(x):
            return round(float(x[0]) ** 2, 3)

        self.assertEqual(cr.check_gradient(measured, [6.0], [3.0], noise=5e-4).status, "agrees")

        def single(x):
            x = x.astype(np.float32)
            return (x * x).sum()

        self.assertEqual(cr.check_gradient(single, lambda x: 2 * x, [1.0, 2.0, 3.0]).status, "agrees")


class Optimizers(unittest.TestCase):
    def setUp(self):
        try:
            import scipy.optimize
        except ImportError:
            self.skipTest("SciPy is not installed")
        self.optimize = scipy.optimize

    def test_minimize_and_least_squares(self):
        f = cr.parse("sum(i, 1, n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)")
        found = self.optimize.minimize(**f.scipy([-1.2, 1.0, 0.5]), method="BFGS")
        np.testing.assert_allclose(found.x, 1.0, atol=1e-4)
        residuals = cr.parse("[10*(y - x^2), 1 - x]")
        found = self.optimize.least_squares(**residuals.least_squares([-1.2, 1]))
        np.testing.assert_allclose(found.x, 1.0, atol=1e-8)

    def test_compiled_callers(self):
        import scipy.integrate

        f = cr.parse("f(x, a, b) = a*exp(-b*x) + x^2")
        callback = f.low_level_callable()
        area, _ = scipy.integrate.quad(callback, 0.0, 2.0, args=(3.0, 1.5))
        self.assertAlmostEqual(area, 2.0 * (1 - np.exp(-3.0)) + 8 / 3, places=12)
        # The callable keeps what it calls.
        del f
        area, _ = scipy.integrate.nquad(callback, [[0.0, 2.0], [1.0, 3.0]], args=(1.5,))
        self.assertAlmostEqual(area, 4.0 * (1 - np.exp(-3.0)) / 1.5 + 16 / 3, places=10)
        # Another number of arguments has no value.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.assertTrue(np.isnan(scipy.integrate.quad(callback, 0.0, 2.0, args=(3.0,))[0]))
        with self.assertRaisesRegex(ValueError, "several"):
            cr.parse("[x, x^2]").low_level_callable()
        with self.assertRaisesRegex(ValueError, "elements"):
            cr.parse("x[1]*x[2]").low_level_callable()


if __name__ == "__main__":
    unittest.main()
