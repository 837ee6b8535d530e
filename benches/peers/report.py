"""reports/peers.md and reports/peers.csv from measurements."""

import csv
import datetime
import importlib.metadata
import os
import pathlib
import platform
import subprocess

PEERS = {
    "chainrule": "Chainrule",
    "hand": "by hand, Rust",
    "jax": "JAX",
    "casadi": "CasADi VM",
    "casadi-gcc": "CasADi + gcc",
    "symengine": "SymEngine LLVM",
    "reverse": "`reverse`",
    "num-dual": "`num-dual`",
}

TITLES = {
    "rosenbrock-10": "Rosenbrock n=10",
    "rosenbrock-1000": "Rosenbrock n=10³",
    "rosenbrock-100000": "Rosenbrock n=10⁵",
    "product-10": "product n=10",
    "product-10000": "product n=10⁴",
    "chain-1000": "chain sin/exp, depth 10³",
    "chain-100000": "chain sin/exp, depth 10⁵",
    "network-64": "MLP 32-64-64-10, 64 points",
    "gmm-2-5-100": "GMM d=2 k=5 n=100",
    "gmm-10-25-1000": "GMM d=10 k=25 n=1000",
    "points-article": "(x+y)·z, per point",
    "points-elementary": "sin(xy)+exp(x/y)-ln(x²+y²), per point",
}

# What a peer does that Chainrule does not, for the list of where we are behind.
WHY = {
    "hand": "the formulas of this one gradient are compiled into straight code, with nothing to look up at run time",
    "jax": "XLA compiles whole arrays and loops for this very processor, and multiplies matrices with kernels made for that",
    "casadi": "its gradient is one graph, in which the backward part uses what the forward part has computed already",
    "casadi-gcc": "a C compiler keeps intermediate values in registers; the set-up table has the price",
    "symengine": "LLVM keeps intermediate values in registers; the set-up table has the price",
    "reverse": "recording and sweeping a tape so short is nearly free",
    "num-dual": "duals of a width known to the compiler are straight code, as long as inputs are few",
}

FIELDS = ["workload", "peer", "setup_s", "min_ns", "median_ns", "of_chainrule", "remark"]


def output(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.splitlines()[0].strip() if done.returncode == 0 and done.stdout else "unknown"


def header(load):
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    models = [line.split(":")[1].strip() for line in cpu.splitlines() if line.startswith("model name")]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("jax", "casadi", "symengine"))
    locked = pathlib.Path(__file__).with_name("Cargo.toml").read_text()
    crates = [line for line in locked.splitlines() if line.startswith(("reverse", "num-dual"))]
    crates = ", ".join(f"{line.split()[0]} {line.split(chr(34))[1].strip('=')}" for line in crates)
    dirty = output("git", "status", "--porcelain", "--untracked-files=no") != "unknown"
    return {
        "commit": output("git", "rev-parse", "--short", "HEAD") + (" and changes" if dirty else ""),
        "date": datetime.date.today().isoformat(),
        "processor": f"{models[0] if models else platform.machine()}, {len(models)} cores, one used",
        "load before": " ".join(f"{part:.2f}" for part in load),
        "compilers": f"{output('rustc', '--version')}; {output('gcc', '--version')}; Python {platform.python_version()}",
        "peers": f"{versions}; {crates}",
    } | ({"note": os.environ["PEERS_NOTE"]} if "PEERS_NOTE" in os.environ else {})


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(first, columns, rows):
    lines = [f"| {first} | " + " | ".join(columns) + " |", "|---" + "|--:" * len(columns) + "|"]
    return "\n".join(lines + [f"| {title} | " + " | ".join(cells) + " |" for title, cells in rows]) + "\n"


def write(lines, folder, load):
    known = {(line["workload"], line["peer"]): line for line in lines}

    def get(workload, peer, field):
        line = known.get((workload, peer), {})
        return float(line[field]) if field in line else None

    for line in lines:
        ours = get(line["workload"], "chainrule", "min_ns")
        if ours and "min_ns" in line:
            line["of_chainrule"] = f"{float(line['min_ns']) / ours:.4g}"

    def times(workload, peer):
        least, median = get(workload, peer, "min_ns"), get(workload, peer, "median_ns")
        if least is None:
            return known.get((workload, peer), {}).get("remark", "–")
        unit = 1 if workload.startswith("points") else 1000
        return f"{number(least / unit)} ({number(median / unit)})"

    def ratio(workload, peer):
        line = known.get((workload, peer), {})
        return number(float(line["of_chainrule"])) if "of_chainrule" in line else "–"

    def setup(workload, peer):
        seconds = get(workload, peer, "setup_s")
        if seconds is None:
            return known.get((workload, peer), {}).get("remark", "–")
        return f"{number(seconds * 1000)}"

    def rows(cell, peers):
        return [(title, [cell(workload, peer) for peer in peers]) for workload, title in TITLES.items()]

    prepared = [peer for peer in PEERS if peer not in ("hand", "reverse", "num-dual")]
    others = [peer for peer in PEERS if peer != "chainrule"]
    behind = []
    for workload, title in TITLES.items():
        for peer in others:
            of = known.get((workload, peer), {}).get("of_chainrule")
            if of and float(of) < 1 / 1.05:
                behind.append((peer, title, 1 / float(of)))
    page = f"""# Peers in one run

Generated by `benches/peers/run`; do not edit.

{table("", [""], [(key, [value]) for key, value in header(load).items()]).replace("|--:|", "|---|", 1)}
All of them differentiated the same functions at the same inputs, in this one run, on one core. A time is that of the
value with the gradient by all inputs: the least of at least five repeats that took at least 0.3 seconds, and in brackets
the median. Answers that come later are waited for. Every gradient was held against the one written by hand, component
by component; one that was off by more than 10⁻⁹ of the component and 10⁻¹² of the largest would have no time here.

Microseconds per gradient; in the last two rows nanoseconds per point, at 10⁶ points.

{table("workload", list(PEERS.values()), rows(times, PEERS))}
## Against ours

Least time ÷ that of Chainrule: below 1 it is quicker than we are.

{table("workload", [PEERS[peer] for peer in others], rows(ratio, others))}
## Where we are behind

Each with the reason that we see from outside.

{behind_text(behind)}
## Set-up

Milliseconds before the first gradient: reading and preparing (Chainrule), tracing and compiling (JAX), building the
graph of the gradient (CasADi; with gcc also writing, compiling and loading C), differentiating and compiling (SymEngine).
Loading the library itself is not counted. `reverse` records anew at each call, and `num-dual` has nothing to set up.

{table("workload", [PEERS[peer] for peer in prepared], rows(setup, prepared))}
## How each was asked

- **Chainrule**: `Backprop` on the text in sums over indices; `Many` for points. Built by `cargo build --release`, for any
  x86-64.
- **By hand**: plain loops over slices, std's functions, the same build, which for any x86-64 means SSE2.
- **JAX**: array code in double precision, `jit` of `value_and_grad`, `vmap` for points, `scan` for the chain, inputs on the
  device already; kernels for this very processor. Each call passes through Python, which is some microseconds of the
  small ones.
- **CasADi**: `SX` functions through buffers, so that no numbers are copied; `map` for points. With gcc:
  `-O3 -march=native`; functions above 200,000 instructions are not tried, since gcc is far beyond a minute there.
- **SymEngine**: one derivative per input, `Lambdify` with LLVM and `cse`, but without `cse` where that computes another function
  (version 0.15.0 does on the smaller GMM); more than 5,000 derivatives are not tried, since each is an expression of its own.
- **`reverse`**: generic Rust; a tape is recorded at each call.
- **`num-dual`**: generic Rust; static vectors of duals for ten inputs or fewer, else a sweep per input, up to 1,000 of them.
"""
    folder.mkdir(exist_ok=True)
    (folder / "peers.md").write_text(page)
    with open(folder / "peers.csv", "w", newline="") as file:
        sheet = csv.DictWriter(file, FIELDS, lineterminator=os.linesep)
        sheet.writeheader()
        sheet.writerows(lines)


def behind_text(behind):
    """One line per peer: by how much, where, and why."""
    if not behind:
        return "Nowhere in this run.\n"
    text = ""
    for peer, title in PEERS.items():
        mine = [f"{where} ({factor:.2g}×)" for who, where, factor in behind if who == peer]
        if mine:
            text += f"- **{title}** is quicker on {'; '.join(mine)}: {WHY[peer]}.\n"
    return text
