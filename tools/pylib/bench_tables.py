"""The lookup tables beside DPDK's rte_fib and rte_fib6: cycles per lookup, bytes, changes per second, churn.

Both sides are in one process, on one core, and take turns in short windows. A window's figure is the thread's own CPU
time. What they answer is compared before anything is measured.
"""

import json
import os
import shutil
import statistics
import subprocess
from contextlib import closing

from bench_report import arguments, figure, print_report, run
from hugepages import Hugepages
from process import Failure, two_cores
from telemetry import runtime_folder

# Mebibytes for the peers' tables; a DIR-24-8 or a trie takes 64 for its first level however few its routes are.
MEMORY, DIVIDED_MEMORY = 1536, 384
SEED = 1


def digits(runs):
    """How many decimals say three or more significant digits of a figure."""
    size = abs(statistics.median(runs))
    return None if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 4


def figures_of(measurement):
    """The figures of one measurement: the ratio if it has two sides, and each side."""
    unit, better = measurement["unit"], measurement["better"]
    sides = [measurement[side] for side in ("ours", "theirs") if side in measurement]
    figures = []
    if len(sides) == 2:
        ratios = [ours / theirs for ours, theirs in zip(*(side["runs"] for side in sides))]
        ratio = figure(measurement["ratio"], ratios, "ratio", better, 3)
        if "variant" in measurement:
            ratio["beside"] = measurement["variant"]
        figures.append(ratio)
    return figures + [figure(side["name"], side["runs"], unit, better, digits(side["runs"])) for side in sides]


def print_row(measurement):
    """One line of the table for people."""
    values = {found["name"]: found["value"] for found in figures_of(measurement)}
    ours = measurement["ours"]["name"]
    row = f"{ours:32}{values[ours]:>14,}"
    if "theirs" in measurement:
        row += f"{values[measurement['theirs']['name']]:>14,}{values[measurement['ratio']]:8.2f}"
    row = f"{row:68}  {measurement['unit']}"
    print(row + (f"; beside {measurement['variant']}" if "variant" in measurement else ""), flush=True)


def measurements(options, huge, mebibytes):
    """Runs the program; its measurements as they come."""
    core = two_cores()[1]
    prefix = f"tables-bench-{os.getpid()}"
    words = [options.binary, f"--seed={options.seed}", f"--divide={options.divide}"] + ["--quick"] * options.quick
    words += ["--", "--no-pci", f"--file-prefix={prefix}", f"--lcores=0@{core}", "--log-level=error"]
    words += ["--force-max-simd-bitwidth=512", *huge.eal(mebibytes)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        yield from map(json.loads, child.stdout)
        if child.wait() != 0:
            raise Failure(f"tables-bench ended with status {child.returncode}")
    finally:
        child.kill()
        child.wait()
        shutil.rmtree(runtime_folder(prefix), ignore_errors=True)


def main():
    """The command."""
    parser = arguments("tables", __doc__, "fewer runs, and 1 million random changes instead of 10")
    parser.add_argument("--seed", type=int, default=SEED, help=f"the seed of all random numbers (default {SEED})")
    parser.add_argument("--divide", type=int, default=1, help="try the bench itself on that many times fewer routes")
    options = parser.parse_args()
    mebibytes = MEMORY if options.divide == 1 else DIVIDED_MEMORY
    figures = []
    if not options.json:
        print(f"seed {options.seed}\n{'figure':32}{'needletail':>14}{'beside':>14}{'ratio':>8}", flush=True)
    # However the loop ends, the program ends before its hugepages are given back.
    with Hugepages(mebibytes) as huge, closing(measurements(options, huge, mebibytes)) as found:
        for measurement in found:
            figures += figures_of(measurement)
            if not options.json:
                print_row(measurement)
        if options.json:
            print_report("tables", huge, figures, seed=options.seed)


if __name__ == "__main__":
    run(main)
