"""Forwarding on one lcore, beside testpmd on the same devices: net_pcap (endless) in, net_null out.

needletail, testpmd's macswap and testpmd's io are alive together with their workers on one core. They take turns in
short windows, all but one stopped by SIGSTOP, so that what the machine does meanwhile meets all three alike. A window's
figure is packets per second of the worker's own CPU time.
"""

import os
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack

import packets
from bench_cases import CASES, MANY_SIDS, ManySIDs
from bench_report import arguments, figure, print_report, run
from hugepages import Hugepages
from process import Failure, Needletail, Testpmd, two_cores, worker_thread

SIDS = "sids-100k"
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

    def read(self):
        """Nanoseconds of the worker's CPU time, and packets sent."""
        with open(self.schedstat) as file:
            nanoseconds = int(file.read().split()[0])
        return nanoseconds, self.process.telemetry.stats(self.port)["opackets"]

    def window(self, seconds):
        """Runs for a window; packets sent per second of the worker's CPU time."""
        self.resume()
        # The caches and the branch predictor were another process's.
        time.sleep(0.02)
        nanoseconds, sent = self.read()
        time.sleep(seconds)
        later, sent_later = self.read()
        self.pause()
        if sent_later == sent:
            raise Failure(f"{self.process.name} forwarded nothing:\n{self.process.tail()}")
        return (sent_later - sent) / (later - nanoseconds) * 1e9


def devices(case, folder):
    """The two devices of a case's sides, of which the first reads its frames."""
    packets.write_pcap(f"{folder}/{case.name}.pcap", case.frames())
    return f"net_pcap0,rx_pcap={folder}/{case.name}.pcap,infinite_rx=1", "net_null0,no-rx=1"


def start_needletail(stack, case, folder, binary, huge, ports, memory):
    """Starts Needletail with a case's configuration and pauses it."""
    main_core, core = two_cores()
    prefix, path = f"needletail-{case.name}-{os.getpid()}", f"{folder}/{case.name}.yaml"
    # Its pages are free again when it ends, for the next case.
    unlink = ["--huge-unlink"] if huge.available else []
    eal = ["--no-pci", f"--file-prefix={prefix}", *huge.eal(memory), *unlink]
    lcores = {"main": main_core, "workers": [core]}
    batch = f"{folder}/{case.name}.batch"
    with open(path, "w") as file:
        file.write(case.configuration(eal, f"{folder}/{case.name}.sock", lcores, *ports))
    with open(batch, "w") as file:
        file.writelines(f"{line}\n" for line in case.batch())
    process = stack.enter_context(Needletail("needletail", folder, prefix, binary, path, batch=batch))
    process.wait_until_forwarding()
    side = Side(process)
    side.pause()
    return side


def start(stack, case, folder, binary, huge):
    """Starts the three processes of a case and pauses them; the sides by name."""
    main_core, core = two_cores()
    pcap, null = devices(case, folder)
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
    sides["needletail"] = start_needletail(stack, case, folder, binary, huge, (pcap, null), MEMORY["needletail"])
    return sides


def measure(case, binary, huge, rounds):
    """Runs a case; packets per second by side and round, and the TSC's frequency."""
    with tempfile.TemporaryDirectory(prefix="needletail-bench-") as folder, ExitStack() as stack:
        sides = start(stack, case, folder, binary, huge)
        rates = take_turns(sides, rounds)
        return rates, finish(case, sides["needletail"])["tsc-hz"]


def take_turns(sides, rounds):
    """Lets each side run in turn; packets per second by side and round."""
    rates = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            rates[name].append(side.window(WINDOW_SECONDS))
    for side in sides.values():
        side.resume()
    return rates


def finish(case, side):
    """Stops Needletail; its summary, in which no packet may have been dropped."""
    summary = side.process.summary()
    dropped = {reason: count for reason, count in summary["drops"].items() if count}
    if dropped:
        raise Failure(f"{case.name}: needletail dropped packets, so the figures mean nothing: {dropped}")
    return summary


def many_sids(binary, huge, rounds):
    """Many SIDs of mixed behaviours beside one of each: how long they take to load, and what they cost per packet."""
    with tempfile.TemporaryDirectory(prefix="needletail-bench-") as folder, ExitStack() as stack:
        cases = [ManySIDs("sids-one", len(ManySIDs.ACTIONS)), ManySIDs(SIDS, MANY_SIDS)]
        memory = MEMORY["needletail"] // len(cases)
        sides = {
            case.name: start_needletail(stack, case, folder, binary, huge, devices(case, folder), memory)
            for case in cases
        }
        rates = take_turns(sides, rounds)
        for case in cases:
            finish(case, sides[case.name])
        loading = [load_seconds(binary, folder, *cases) for _ in range(3)]
    ratios = [many / one for many, one in zip(rates[SIDS], rates["sids-one"])]
    return [
        figure(f"{SIDS}-vs-one", ratios, "ratio", "higher", 3),
        figure(f"{SIDS}-load-seconds", loading, "seconds of CPU time", "lower", 2),
    ]


def load_seconds(binary, folder, one, many):
    """Seconds of CPU time of `explain` without packets: the SIDs are read, checked and put into the tables. What it takes
    with one SID of each behaviour is not theirs."""
    packets.write_pcap(f"{folder}/none.pcap", [])

    def seconds(case):
        words = ["-c", f"{folder}/{case.name}.yaml", "--batch", f"{folder}/{case.name}.batch"]
        before = os.times()
        subprocess.run([binary, "explain", *words, "--rx", f"core={folder}/none.pcap"], check=True)
        after = os.times()
        return after.children_user - before.children_user + after.children_system - before.children_system

    return seconds(many) - seconds(one)


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
    words = f"{case.name:16}"
    for name in ("needletail", "macswap", "io"):
        rate = statistics.median(rates[name])
        words += f"{rate / 1e6:9.2f} {tsc_hz / rate:6.1f}"
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["needletail"], rates["macswap"]))
    print(f"{words}{ratio:12.2f}", flush=True)


def main():
    """The command."""
    parser = arguments("forward", __doc__, f"{QUICK_ROUNDS} rounds instead of {ROUNDS}")
    parser.add_argument("--case", action="append", choices=[*CASES, SIDS], help="only this case")
    options = parser.parse_args()
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    figures = []
    if not options.json:
        print("                      needletail         macswap              io  of macswap")
        print("case                Mpps  ticks     Mpps  ticks     Mpps  ticks", flush=True)
    with Hugepages(sum(MEMORY.values())) as huge:
        for name in options.case or [*CASES, SIDS]:
            if name == SIDS:
                figures += many_sids(options.binary, huge, rounds)
                continue
            case = CASES[name](name)
            rates, tsc_hz = measure(case, options.binary, huge, rounds)
            figures += figures_of(case, rates, tsc_hz)
            if not options.json:
                print_row(case, rates, tsc_hz)
        if options.json:
            print_report("forward", huge, figures)
        else:
            for one in figures:
                if one["name"].startswith(SIDS):
                    print(f"{one['name']:24}{one['value']} {one['unit']}", flush=True)


if __name__ == "__main__":
    run(main)
