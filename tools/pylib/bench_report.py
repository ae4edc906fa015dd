"""What all benches share: their arguments, figures and the JSON object that holds them."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

from process import Failure, interrupt_on_signals


def arguments(name, documentation, quick):
    """A parser of the arguments that every bench takes; `quick` says what --quick does."""
    parser = argparse.ArgumentParser(prog=f"tools/bench {name}", description=documentation.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--binary", required=True, help=argparse.SUPPRESS)
    return parser


def figure(name, runs, unit, better, digits):
    """One figure of the JSON object: the median of its runs."""
    return {
        "name": name,
        "value": round(statistics.median(runs), digits),
        "unit": unit,
        "better": better,
        "runs": [round(run, digits) for run in runs],
    }


def machine(huge):
    """What the figures were measured on."""
    with open("/proc/cpuinfo") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    dpdk = subprocess.run(["pkg-config", "--modversion", "libdpdk"], capture_output=True, text=True).stdout.strip()
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "dpdk": dpdk,
        "hugepages": huge.available,
    }


def commit():
    """The commit of this tree; a plus sign says that it has changes, and an empty string that it has no history."""
    here = os.path.dirname(os.path.abspath(__file__))

    def git(*words):
        return subprocess.run(["git", "-C", here, *words], capture_output=True, text=True).stdout.strip()

    return git("rev-parse", "--verify", "--quiet", "HEAD") + ("+" if git("status", "--porcelain") else "")


def print_report(name, huge, figures, **more):
    """Prints the JSON object of a bench."""
    report = {"bench": name, "machine": machine(huge), "commit": commit(), **more, "figures": figures}
    print(json.dumps(report))


def run(main):
    """Runs a bench's command; whatever ends it is told without a traceback, and everything it started is stopped."""
    interrupt_on_signals()
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: error: {failure}")
    except KeyboardInterrupt:
        print("bench: interrupted; everything it started is stopped", file=sys.stderr)
        sys.exit(130)
