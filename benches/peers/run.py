"""Runs every peer on every workload, one after another on one core, and writes the report.

`python run.py DRIVER INPUTS REPORTS`; `run` calls it.
"""

import csv
import io
import json
import os
import pathlib
import signal
import subprocess
import sys

import common
import report

PYTHON_PEERS = {
    "jax": ["peer_jax.py"],
    "casadi": ["peer_casadi.py"],
    "casadi-gcc": ["peer_casadi.py", "gcc"],
    "symengine": ["peer_symengine.py"],
}


def pinned():
    """Keeps this process, and so all that it starts, on one core."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})


def one(arguments, inputs, workload):
    script, *more = arguments
    here = pathlib.Path(__file__).parent
    command = [sys.executable, here / script, inputs, workload, *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    text, _ = process.communicate()
    if process.returncode == -signal.SIGALRM:
        # What it had started (a compiler) goes with it.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return {"remark": f"set-up > {common.SETUP_LIMIT} s"}
    if process.returncode != 0:
        return {"remark": "failed"}
    return json.loads(text)


def main():
    driver, inputs, reports = sys.argv[1:]
    load = os.getloadavg()
    pinned()
    lines = []
    output = subprocess.run([driver, inputs], stdout=subprocess.PIPE, text=True, check=True).stdout
    print(output, file=sys.stderr)
    for row in csv.DictReader(io.StringIO(output)):
        lines.append({key: value for key, value in row.items() if value})
    for peer, arguments in PYTHON_PEERS.items():
        gave_up = None  # the family that was too much already
        for workload, (family, *_) in common.WORKLOADS.items():
            if family == gave_up:
                answer = {"remark": "not tried: set-up"}
            else:
                answer = one(arguments, inputs, workload)
            if answer.get("remark", "").startswith("set-up"):
                gave_up = family
            print(workload, peer, answer, file=sys.stderr)
            lines.append({"workload": workload, "peer": peer} | answer)
    report.write(lines, pathlib.Path(reports), load)


if __name__ == "__main__":
    main()
