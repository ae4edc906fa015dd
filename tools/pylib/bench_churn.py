#!/usr/bin/python3
"""Changes a forwarder while it forwards: what that costs the forwarding, how soon changes are there, and that none is lost.

A worker forwards the packets of a file (net_pcap in, net_null out) as fast as it can. In turn windows without changes, and
windows in which a client of the API changes routes and SIDs as fast as it can, all of them beside those that the packets
take. A window's figure is packets per second of the worker's own CPU time.
"""

import json
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack

from bench_cases import CASES
from bench_forward import MEMORY, devices, start_needletail
from bench_report import arguments, figure, print_report, run
from hugepages import Hugepages
from live import Live
from process import Failure

ROUNDS, QUICK_ROUNDS = 20, 6
WINDOW_SECONDS = 0.5
ROUTES, SIDS, APPLIES, SINGLES = 1_000_000, 10_000, 100, 2_000
QUICK = 10
# Routes in one transaction of the churn.
BATCH = 5_000
NAME = "end-dt4-1k"


def routes(number):
    """The prefixes of one transaction, none of which the packets take."""
    for index in range(BATCH):
        value = (number * BATCH + index) % (1 << 20)
        yield f"172.{16 + (value >> 16)}.{value >> 8 & 255}.{value & 255}/32"


class Churn(threading.Thread):
    """Changes routes and SIDs until it is told to stop, or until so many are done."""

    def __init__(self, path, scale):
        super().__init__(daemon=True)
        self.live = Live(path)
        # Changes are made while it is set.
        self.gate = threading.Event()
        self.limit = ROUTES // scale, SIDS // scale
        self.routes = self.sids = 0
        self.failure = None

    def run(self):
        """Adds, replaces and deletes, a transaction each."""
        try:
            number = 0
            while self.routes < self.limit[0]:
                for verb, end in (("add", "via 10.254.0.2 dev ce"), ("replace", "blackhole"), ("del", "")):
                    self.gate.wait()
                    kind = "blackhole " if end == "blackhole" else ""
                    target = end if end != "blackhole" else ""
                    lines = [f"route {verb} {kind}{prefix} vrf v0 {target}" for prefix in routes(number)]
                    sids = [f"fc00:0:5:{number * 64 + index & 0xffff:x}::/128" for index in range(64)]
                    action = "" if verb == "del" else "encap seg6local action End.DT4 vrftable 1000 dev v0"
                    if self.sids < self.limit[1]:
                        lines += [f"-6 route {verb} {sid} {action}" for sid in sids]
                        self.sids += len(sids)
                    self.live.batch(lines)
                    self.routes += BATCH
                number += 1
        except Exception as failure:  # the main thread tells it
            self.failure = failure


def single_changes(path, count):
    """Milliseconds from a request for one change to its answer, which is sent when every worker has it."""
    live, times = Live(path), []
    for index in range(count):
        verb, end = (("add", "via 10.254.0.2 dev ce"), ("del", ""))[index % 2]
        line = f"route {verb} 172.31.{index // 2 % 256}.0/24 vrf v0 {end}"
        began = time.monotonic()
        live.batch([line])
        times.append((time.monotonic() - began) * 1000)
    return times


def apply_in_turn(path, text, batch, count):
    """Applies two configurations in turn, which differ in routes, SIDs and a VRF that the packets do not take."""
    live = Live(path)
    other = json.loads(text)
    other["vrfs"]["green"] = {"table": 999}
    other.setdefault("sids", []).append({"sid": "fc00:0:6:1::", "behavior": "End.DT4", "vrf": "green"})
    other.setdefault("routes", []).append({"vrf": "green", "prefix": "0.0.0.0/0", "type": "unreachable"})
    for number in range(count):
        live.configure((text, json.dumps(other))[number % 2], batch)


def window(side):
    """Packets sent per second of the worker's CPU time."""
    nanoseconds, sent = side.read()
    time.sleep(WINDOW_SECONDS)
    later, sent_later = side.read()
    return (sent_later - sent) / (later - nanoseconds) * 1e9


def churn_in_turns(side, churn, rounds):
    """Windows without changes and with them, in turn; the ratios of their rates."""
    ratios = []
    while churn.is_alive() or len(ratios) < rounds:
        churn.gate.clear()
        time.sleep(0.1)
        without = window(side)
        churn.gate.set()
        changing = window(side)
        if not churn.is_alive():
            break
        ratios.append(changing / without)
    if churn.failure:
        raise Failure(f"a change was refused: {churn.failure}")
    return ratios


def lost_packets(summary):
    """Packets that were received and not forwarded: every packet of the file has a route all the time."""
    dropped = sum(summary["drops"].values())
    return dropped + abs(summary["received"] + summary["generated"] - summary["transmitted"] - summary["punted"] - dropped)


def main():
    """The command."""
    options = arguments("churn", __doc__, "a tenth of the changes, and fewer rounds").parse_args()
    scale = QUICK if options.quick else 1
    case = CASES[NAME](NAME)
    with Hugepages(MEMORY["needletail"]) as huge, tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        side = start_needletail(
            stack, case, folder, options.binary, huge, devices(case, folder), MEMORY["needletail"]
        )
        side.resume()
        path = f"{folder}/{case.name}.sock"
        churn = Churn(path, scale)
        churn.start()
        ratios = churn_in_turns(side, churn, QUICK_ROUNDS if options.quick else ROUNDS)
        times = single_changes(path, SINGLES // scale)
        with open(f"{folder}/{case.name}.yaml") as text, open(f"{folder}/{case.name}.batch") as batch:
            apply_in_turn(path, text.read(), batch.read(), APPLIES // scale)
        summary = side.process.summary()
        figures = [
            figure("rate-while-updating", ratios, "ratio", "higher", 3),
            figure("visible-p99-ms", [statistics.quantiles(times, n=100)[98]], "ms", "lower", 2),
            figure("lost-packets", [lost_packets(summary)], "packets", "lower", 0),
        ]
        if options.json:
            print_report("churn", huge, figures)
            return
        print(f"{churn.routes:,} route changes, {churn.sids:,} SID changes, {APPLIES // scale} configurations applied")
        print(f"{summary['received']:,} packets received meanwhile")
        for one in figures:
            print(f"{one['name']:24}{one['value']} {one['unit']}")


if __name__ == "__main__":
    run(main)
