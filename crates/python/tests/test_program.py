"""Python gives the JSON that the program gives, times aside, on the cases files; CHAINRULE_CASES=all takes every line of them."""

import json
import os
import re
import subprocess
import unittest
import warnings
from pathlib import Path

import chainrule as cr

TOP = Path(__file__).parents[3]
CASES = TOP.parent / "shared" / "cases"
PROGRAM = TOP / "target" / "debug" / "compare"
STEP = 1 if os.environ.get("CHAINRULE_CASES") == "all" else 12


def rows(name: str) -> list[dict[str, str]]:
    head, *lines = [line.split("\t") for line in (CASES / name).read_text().splitlines()]
    return [dict(zip(head, line)) for line in lines][::STEP]


def told(*arguments: str):
    """What the program answers; nothing where it refuses."""
    ran = subprocess.run([PROGRAM, *arguments, "--format", "json"], capture_output=True, text=True)
    return None if ran.returncode == 2 else json.loads(ran.stdout)


def without_times(document):
    for point in document["points"]:
        for strategy in point["strategies"]:
            for key in ("prepare_ns", "gradient_ns", "function_ns"):
                del strategy[key]
    return document


class Program(unittest.TestCase):
    def setUp(self):
        if not (CASES.exists() and PROGRAM.exists()):
            self.skipTest("there are no cases files beside the checkout, or the program is not built")
        self.enterContext(warnings.catch_warnings())
        warnings.simplefilter("ignore")

    def test_reports(self):
        compared = 0
        for row in rows("points.tsv"):
            theirs = told(row["expression"], "--at", row["at"], "--no-times")
            at = re.findall(r"(\w+)=(\[.*?\]|[^,]+)", row["at"])
            try:
                point = {name: json.loads(value) for name, value in at}
            except ValueError:
                continue  # Constants such as pi/2 are read by the program alone.
            if theirs is not None:
                ours = cr.parse(row["expression"]).compare(**point).to_dict()
                self.assertEqual(without_times(ours), without_times(theirs), row)
                compared += 1
        self.assertGreater(compared, 80 // STEP)

    def test_claims(self):
        for row in rows("claims.tsv"):
            theirs = told("check", row["expression"], "--claim", row["claim"])
            name, formula = row["claim"].split("=", 1)
            try:
                ours = cr.check(row["expression"], **{name.strip(): formula}).to_dict()
            except ValueError:
                ours = None
            self.assertEqual(ours, theirs, row)


if __name__ == "__main__":
    unittest.main()
