"""Partial sums of 10^7 rows of Parquet: bits, sizes and times. `python heavy_partial.py [ROWS]`; asserts, and prints what it saw."""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import chainrule as cr
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from test_engines import sections

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10**7
POINT = {"a": 2.0, "b": 1.0}
FILES = 16


def timed(run: Callable[[], object], repeats: int = 5) -> tuple[object, str]:
    """What it gives, and the least and the median of its times."""
    found, times = None, []
    for _ in range(repeats):
        start = time.perf_counter()
        found = run()
        times.append(time.perf_counter() - start)
    times.sort()
    return found, f"{times[0] * 1e3:.0f} ms least, {times[len(times) // 2] * 1e3:.0f} ms median of {repeats}"


def write(folder: Path) -> None:
    (folder / "rows").mkdir()
    draw = np.random.default_rng(1)
    ends = np.linspace(0, ROWS, FILES + 1).astype(int)
    for k in range(FILES):
        x = draw.normal(size=ends[k + 1] - ends[k]) * 10.0 ** draw.integers(-3, 4, size=ends[k + 1] - ends[k])
        y = 2.0 * x + 1.0 + draw.normal(size=len(x))
        pq.write_table(pa.table({"x": x, "y": y}), folder / "rows" / f"{k:02}.parquet", row_group_size=100_000)


def run(folder: Path, text: str) -> str:
    (folder / "program.py").write_text(text)
    ran = subprocess.run([sys.executable, "program.py"], cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def cuts(batches: int, shuffle: random.Random) -> list[int]:
    """So many batches: cut at 1, 255, 257 and 999,983 as far as there are cuts, and at random rows."""
    given = [cut for cut in (257, 999_983, 1, 255) if cut < ROWS][: batches - 1]
    drawn = shuffle.sample(range(1000, ROWS), batches - 1 - len(given))
    return sorted([*given, *drawn])


def main(folder: Path) -> None:
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {ROWS:,} rows of x and y in {FILES} files")
    write(folder)
    table = ds.dataset(folder / "rows").to_table()
    shuffle = random.Random(23)
    parse = cr.parse("(a*x + b - y)^2")
    expected = {}
    for order in ("row", "any"):
        loss = parse.sum_over("x", "y", order=order)

        def part(start: int, end: int, loss: cr.SumOver = loss, order: str = order) -> cr.Partial:
            place = {"first_row": start} if order == "row" else {"part": str(start)}
            return loss.partial(table.slice(start, end - start), **place, **POINT)

        def in_batches(batches: int, part: Callable[[int, int], cr.Partial] = part) -> cr.Total:
            at = cuts(batches, shuffle)
            parts = [cr.Partial.from_bytes(bytes(part(*ends))) for ends in zip([0, *at], [*at, ROWS])]
            shuffle.shuffle(parts)
            return cr.merge(parts).finish(rows=ROWS)

        whole, one = timed(lambda part=part: part(0, ROWS).finish(rows=ROWS))
        expected[order] = repr(whole)
        print(f"order {order}: {whole}")
        print(f"  one call over the table: {one}; partial sum {len(bytes(part(0, ROWS)))} bytes")
        if order == "row":
            ragged = part(1, ROWS - 1)
            print(f"  rows 1..{ROWS - 1}: {len(bytes(ragged))} bytes")
            numpy = {name: table[name].combine_chunks().to_numpy() for name in ("x", "y")}
            loop = cr.parse("sum(i, 1, n, (a*x[i] + b - y[i])^2)", n=ROWS)
            assert loop(**numpy, **POINT) == whole.value
            print("  the same value in bits as sum(i, 1, n, …) in one process")
        for batches in (1, 2, 7, 64):
            for _ in range(3):
                found = in_batches(batches)
                assert repr(found) == expected[order], (order, batches)
            _, time_of = timed(lambda batches=batches: in_batches(batches), 3)
            print(f"  {batches} batches, shuffled, through bytes, 3 draws of cuts: the same bits; {time_of}")
    dask = sections()["Dask"]
    killed = folder / "killed"
    fault = f"""    import os
    if "05.parquet" in path and not os.path.exists({str(killed)!r}):
        open({str(killed)!r}, "w").close()
        os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
    for name, text in (("", dask), (", one killed", re.sub(r"(def part\(.*:\n)", lambda found: found[1] + fault, dask))):
        said, took = timed(lambda text=text: run(folder, text), 1)
        assert expected["row"] in said, said
        print(f"2 Dask workers{name}: the bits of one process; {took} with start and imports")
    assert killed.exists()
    # As the page's program descends: what a step takes, and the memory of the process at its highest.
    descent = sections()["One process, files in turn"].replace("range(60)", "range(3)")
    # Not the figure of getrusage, which begins with what the parent held.
    measured = r"""
import re
from pathlib import Path
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) >> 10, "MB")
"""
    said, took = timed(lambda: run(folder, descent + measured), 1)
    assert expected["row"] in said, said
    size = sum(path.stat().st_size for path in (folder / "rows").iterdir()) >> 20
    print(f"3 steps of descent and a total over {size} MB of files: {said.split()[-2]} MB at most; {took} with imports")
    for _ in range(5):
        assert expected["any"] in run(folder, sections()["DataFusion"])
    _, took = timed(lambda: run(folder, sections()["DataFusion"]), 1)
    print(f"DataFusion, 8 partitions, 5 runs: the same bits each time, those of one process; {took} with start and imports")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
