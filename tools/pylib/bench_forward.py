"""Forwarding on one lcore, beside testpmd on the same devices: net_pcap (endless) in, net_null out.

needletail, testpmd's macswap and testpmd's io are alive together with their workers on one core. They take turns in
short windows, all but one stopped by SIGSTOP, so that what the machine does meanwhile meets all three alike. A window's
figure is packets per second of the worker's own CPU time.
"""

import os
import signal
import statistics
import tempfile
import time
from contextlib import ExitStack

import packets
from bench_cases import CASES
from bench_report import arguments, figure, print_report, run
from hugepages import Hugepages
from process import Failure, Needletail, Testpmd, two_cores, worker_thread

MEMORY = {"needletail": 1024, "macswap": 256, "io": 256}
WINDOW_SECONDS = 0.25
ROUNDS, QUICK_ROUNDS = 17, 5


class Side:
    """One of the processes that take turns; stopped whenever it is not its turn."""

    def __init__(self, process):
        self.process = process
        self.process.connect()
        self.port = process.telemetry.port_number("net_null0")
        self.schedstat = f"/proc/{process.pid}/task/{worker_thread(process.pid)}/schedstat"

    def pause(self):
        """Stops the process until its next turn."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        """Lets the process run again."""
        os.kill(self.process.pid, signal.SIGCONT)

    def _read(self):
        with open(self.schedstat) as file:
            nanoseconds = int(file.read().split()[0])
        return nanoseconds, self.process.telemetry.stats(self.port)["opackets"]

    def window(self, seconds):
        """Runs for a window; packets sent per second of the worker's CPU time."""
        self.resume()
        # The caches and the branch predictor were another process's.
        time.sleep(0.02)
        nanoseconds, sent = self._read()
        time.sleep(seconds)
        later, sent_later = self._read()
        self.pause()
        if sent_later == sent:
            raise Failure(f"{self.process.name} forwarded nothing:\n{self.process.tail()}")
        return (sent_later - sent) / (later - nanoseconds) * 1e9


def start(stack, case, folder, binary, huge):
    """Starts the three processes of a case and pauses them; the sides by name."""
    main_core, core = two_cores()
    pcap, null = f"net_pcap0,rx_pcap={folder}/{case.name}.pcap,infinite_rx=1", "net_null0,no-rx=1"
    packets.write_pcap(f"{folder}/{case.name}.pcap", case.frames())
    sides = {}
    for mode in ("macswap", "io"):
        prefix = f"testpmd-{mode}-{os.getpid()}"
        testpmd = stack.enter_context(
            Testpmd(mode, folder, prefix, huge.eal(MEMORY[mode]), [pcap, null], [f"--forward-mode={mode}"], main_core, core)
        )
        testpmd.wait_for_prompt()
        testpmd.command("start")
        sides[mode] = Side(testpmd)
        sides[mode].pause()
    prefix, path = f"needletail-bench-{os.getpid()}", f"{folder}/{case.name}.yaml"
    eal = ["--no-pci", f"--file-prefix={prefix}", *huge.eal(MEMORY["needletail"])]
    lcores = {"main": main_core, "workers": [core]}
    with open(path, "w") as file:
        file.write(case.configuration(eal, f"{folder}/api.sock", lcores, pcap, null))
    needletail = stack.enter_context(Needletail("needletail", folder, prefix, binary, path))
    needletail.wait_until_forwarding()
    sides["needletail"] = Side(needletail)
    sides["needletail"].pause()
    return sides


def measure(case, binary, huge, rounds):
    """Runs a case; packets per second by side and round, and the TSC's frequency."""
    with tempfile.TemporaryDirectory(prefix="needletail-bench-") as folder, ExitStack() as stack:
        sides = start(stack, case, folder, binary, huge)
        rates = {name: [] for name in sides}
        for _ in range(rounds):
            for name, side in sides.items():
                rates[name].append(side.window(WINDOW_SECONDS))
        for side in sides.values():
            side.resume()
        summary = sides["needletail"].process.summary()
        dropped = {reason: count for reason, count in summary["drops"].items() if count}
        if dropped:
            raise Failure(f"{case.name}: needletail dropped packets, so the figures mean nothing: {dropped}")
        return rates, summary["tsc-hz"]


def figures_of(case, rates, tsc_hz):
    """The figures of a case."""
    needletail, macswap, io = rates["needletail"], rates["macswap"], rates["io"]
    return [
        figure(f"{case.name}-vs-macswap", [ours / theirs for ours, theirs in zip(needletail, macswap)], "ratio", "higher", 3),
        figure(f"{case.name}-mpps", [rate / 1e6 for rate in needletail], "Mpps", "higher", 2),
        figure(
            f"{case.name}-cycles-beyond-io",
            [tsc_hz / ours - tsc_hz / bare for ours, bare in zip(needletail, io)],
            "TSC ticks per packet",
            "lower",
            1,
        ),
    ]


def print_row(case, rates, tsc_hz):
    """One line of the table for people."""
    words = f"{case.name:14}"
    for name in ("needletail", "macswap", "io"):
        rate = statistics.median(rates[name])
        words += f"{rate / 1e6:9.2f} {tsc_hz / rate:6.1f}"
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["needletail"], rates["macswap"]))
    print(f"{words}{ratio:12.2f}", flush=True)


def main():
    """The command."""
    parser = arguments("forward", __doc__, f"{QUICK_ROUNDS} rounds instead of {ROUNDS}")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], help="only this case")
    options = parser.parse_args()
    cases = [case for case in CASES if options.case is None or case.name in options.case]
    figures = []
    if not options.json:
        print("                    needletail         macswap              io  of macswap")
        print("case              Mpps  ticks     Mpps  ticks     Mpps  ticks", flush=True)
    with Hugepages(sum(MEMORY.values())) as huge:
        for case in cases:
            rates, tsc_hz = measure(case, options.binary, huge, QUICK_ROUNDS if options.quick else ROUNDS)
            figures += figures_of(case, rates, tsc_hz)
            if not options.json:
                print_row(case, rates, tsc_hz)
        if options.json:
            print_report("forward", huge, figures)


if __name__ == "__main__":
    run(main)
