"""The stubs say what is there: mypy finds no fault with them, nor with a program that uses them."""

import inspect
import subprocess
import sys
import unittest
from pathlib import Path

import chainrule as cr

HERE = Path(__file__).parent


class Stubs(unittest.TestCase):
    def test_mypy_strict(self):
        try:
            import mypy  # noqa: F401
        except ImportError:
            self.skipTest("mypy is not installed")
        package = HERE.parent / "python" / "chainrule"
        command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "/dev/null"]
        for files in ([package / "__init__.pyi"], [HERE / "typed.py"]):
            ran = subprocess.run([*command, *files], capture_output=True, text=True, cwd=HERE.parent / "python")
            self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_every_public_name_is_in_the_stub_and_has_words(self):
        stub = Path(cr.__file__).with_name("__init__.pyi").read_text()
        for name in cr.__all__:
            self.assertRegex(stub, rf"(class|def) {name}\b")
            self.assertTrue(inspect.getdoc(getattr(cr, name)), name)
            owner = getattr(cr, name)
            if inspect.isclass(owner) and not issubclass(owner, Exception):
                for member in vars(owner):
                    if not member.startswith("_"):
                        self.assertRegex(stub, rf"def {member}\b", f"{name}.{member}")
                        self.assertTrue(inspect.getdoc(getattr(owner, member)), f"{name}.{member}")


if __name__ == "__main__":
    unittest.main()
