"""The notebooks under examples run from beginning to end, and show what they say they show."""

import unittest
from pathlib import Path

try:
    import ipykernel  # noqa: F401
    import nbclient
    import nbformat
    import scipy  # noqa: F401
except ImportError as missing:
    raise unittest.SkipTest(f"notebooks are run by nbclient, ipykernel and SciPy: {missing}") from None

EXAMPLES = Path(__file__).parents[3] / "examples"
# What a notebook shows, as a part of what a cell gives.
SHOWN = {
    "article.ipynb": ["certified", "srcdoc=", "<svg", r"\frac"],
    "checking-a-gradient.ipynb": ["the sign is flipped", "proved", "refuted"],
    "fitting.ipynb": ["certified", "input, a number"],
}


def outputs(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("text", "")
            yield from (str(data) for data in output.get("data", {}).values())


class Notebooks(unittest.TestCase):
    def test_they_run(self):
        paths = sorted(EXAMPLES.glob("*.ipynb"))
        self.assertEqual([path.name for path in paths], sorted(SHOWN))
        for path in paths:
            with self.subTest(path.name):
                notebook = nbformat.read(path, as_version=4)
                nbformat.validate(notebook)
                nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
                shown = "\n".join(outputs(notebook))
                for part in SHOWN[path.name]:
                    self.assertTrue(part in shown, part)
                # Self-contained: nothing is loaded from elsewhere.
                self.assertNotRegex(shown, r"<script[^>]+src|<link |@import|url\(http")

    def test_a_cell_that_fails_is_found(self):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("assert 1 == 2")])
        with self.assertRaises(nbclient.exceptions.CellExecutionError):
            nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()


if __name__ == "__main__":
    unittest.main()
