"""The programs of ENGINES.md, each where its engine is installed: the bits that one process has."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import chainrule as cr
import numpy as np

PAGE = Path(__file__).parents[1] / "ENGINES.md"
#: Rows of each file: cut beside chunks of 256 rows, and elsewhere.
LENGTHS = (1, 255, 256, 257, 9_999, 30_000, 1, 65_537)


def sections() -> dict[str, str]:
    """The program of each section by its heading."""
    found = re.findall(r"^## (.*?)\n.*?```python\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return dict(found)


def installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module.split(".")[0]) for module in modules)


class Engines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not installed("pyarrow"):
            raise unittest.SkipTest("pyarrow is not installed")
        import pyarrow as pa
        import pyarrow.parquet as pq

        cls.folder = tempfile.TemporaryDirectory()
        (Path(cls.folder.name) / "rows").mkdir()
        draw = np.random.default_rng(5)
        cls.x = draw.normal(size=sum(LENGTHS))
        cls.y = 2.0 * cls.x + 1.0 + 0.1 * draw.normal(size=sum(LENGTHS))
        start = 0
        for k, length in enumerate(LENGTHS):
            rows = {"x": cls.x[start : start + length], "y": cls.y[start : start + length]}
            pq.write_table(pa.table(rows), Path(cls.folder.name) / "rows" / f"{k}.parquet", row_group_size=4_000)
            start += length

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def expected(self, order: str) -> str:
        loss = cr.parse("(a*x + b - y)^2").sum_over("x", "y", order=order)
        place = {"first_row": 0} if order == "row" else {}
        return repr(loss.partial({"x": self.x, "y": self.y}, a=2.0, b=1.0, **place).finish(rows=sum(LENGTHS)))

    def run_program(self, text: str, **environment: str) -> str:
        program = Path(self.folder.name) / "program.py"
        program.write_text(text)
        ran = subprocess.run(
            [sys.executable, program],
            capture_output=True,
            text=True,
            cwd=self.folder.name,
            timeout=300,
            env={**os.environ, "PYSPARK_PYTHON": sys.executable, **environment},
        )
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def section(self, name: str, order: str, *modules: str, times: int = 1) -> str:
        if not installed(*modules):
            self.skipTest(f"{', '.join(modules)} not installed")
        said = ""
        for _ in range(times):
            said = self.run_program(sections()[name])
            self.assertIn(self.expected(order), said)
        return said

    def test_files_in_turn(self):
        said = self.section("One process, files in turn", "row", "pyarrow")
        self.assertRegex(said, r"fitted (2\.0|1\.999|2\.001) (1\.0|0\.999|1\.001)\n")

    def test_dask(self):
        self.section("Dask", "row", "dask", "distributed")

    def test_dask_after_a_worker_was_killed(self):
        if not installed("dask", "distributed"):
            self.skipTest("dask, distributed not installed")
        # The first to come to file 5 is killed, before it can tell its result.
        text = sections()["Dask"]
        killed = Path(self.folder.name) / "killed"
        fault = f"""    import os, signal
    if "5.parquet" in path and not os.path.exists({str(killed)!r}):
        open({str(killed)!r}, "w").write(str(os.getpid()))
        os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
        head, rest = text.split("def part(path: str, first_row: int) -> cr.Partial:\n")
        said = self.run_program(head + "def part(path: str, first_row: int) -> cr.Partial:\n" + fault + rest)
        self.assertTrue(killed.exists())
        self.assertIn(self.expected("row"), said)

    def test_dask_data_frame(self):
        if not installed("dask", "distributed", "pandas"):
            self.skipTest("dask, distributed, pandas not installed")
        [parts] = re.findall(r"^`(dask\.compute.*)`\.$", PAGE.read_text(), re.MULTILINE)
        program = f"""
import chainrule as cr
import dask
import dask.dataframe as dd

loss = cr.parse("(a*x + b - y)^2").sum_over("x", "y", order="any")
frame = dd.read_parquet("rows")
print(cr.merge({parts}).finish(rows=len(frame)))
"""
        self.assertIn(self.expected("any"), self.run_program(program))

    def test_datafusion(self):
        self.section("DataFusion", "any", "datafusion", times=5)

    def test_ray(self):
        self.section("Ray", "row", "ray")

    def test_spark(self):
        self.section("Spark", "any", "pyspark")

    def test_every_program_is_run(self):
        self.assertEqual(len(sections()), PAGE.read_text().count("```python"))
        self.assertEqual(set(sections()), {"One process, files in turn", "Dask", "DataFusion", "Ray", "Spark"})


if __name__ == "__main__":
    unittest.main()
