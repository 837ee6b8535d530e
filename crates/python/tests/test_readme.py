"""README's lines in Python, and those of docstrings, do what they show."""

import doctest
import re
import unittest
from pathlib import Path

import chainrule as cr
from chainrule import _chainrule

README = Path(__file__).parents[3] / "README.md"


class Samples(unittest.TestCase):
    def run_samples(self, text: str, name: str) -> int:
        test = doctest.DocTestParser().get_doctest(text, {"cr": cr, "from_sympy": cr.from_sympy}, name, None, 0)
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        runner.run(test, out=said.append)
        self.assertEqual(runner.summarize(verbose=False).failed, 0, "".join(said))
        return len(test.examples)

    def test_readme(self):
        blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
        self.assertTrue(blocks)
        samples = "\n".join(block for block in blocks if ">>>" in block)
        if "scipy" in samples:
            try:
                import scipy.optimize  # noqa: F401
            except ImportError:
                self.skipTest("SciPy is not installed")
        self.assertGreater(self.run_samples(samples, "README"), 5)

    def test_docstrings(self):
        owners = [cr, cr.from_sympy, *(getattr(_chainrule, name) for name in dir(_chainrule) if name[0] != "_")]
        owners += [getattr(cr.Function, name) for name in dir(cr.Function) if name[0] != "_"]
        count = 0
        for owner in owners:
            doc = owner.__doc__ or ""
            if "sympy" in doc:
                try:
                    import sympy  # noqa: F401
                except ImportError:
                    continue
            count += self.run_samples(doc, getattr(owner, "__name__", "chainrule")) if ">>>" in doc else 0
        self.assertGreater(count, 5)


if __name__ == "__main__":
    unittest.main()
