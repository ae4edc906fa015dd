"""testpmd throws two tenants' SRv6 traffic at needletail over memif, takes back what comes out, and both counts must agree.

    testpmd [core A]                                    needletail [core B]
    net_pcap, endless --> memif "core"    ------------> core
    sink              <-- memif "ce-red"  <------------ ce-red   (VRF red)
    sink              <-- memif "ce-blue" <------------ ce-blue  (VRF blue)
"""

import argparse
import ipaddress
import json
import os
import sys
import tempfile
import time

import packets
import traffic
from hugepages import Hugepages
from process import Failure, Needletail, Testpmd, interrupt_on_signals, two_cores

TESTPMD_MEMORY, NEEDLETAIL_MEMORY = 512, 1024

# testpmd's ports, in the order of its devices: each memif beside what it is paired with.
PORT_CORE, PORTS_CE = 1, {"red": 2, "blue": 4}
DRAINING_PORTS = "2,3,4,5"

CONFIGURATION = """\
dpdk:
  eal: {eal}
  mbufs: 32768
api: {{socket: "{folder}/api.sock"}}
lcores: {{main: {main_core}, workers: [{core}]}}
ports:
  core:    {{device: "{device_core}", mac: "{core_mac}", addresses: ["2001:db8:1::1/64"]}}
  ce-red:  {{device: "{device_red}", vrf: red, addresses: ["10.254.0.1/24", "fd00:fffe::1/64"]}}
  ce-blue: {{device: "{device_blue}", vrf: blue, addresses: ["10.254.0.1/24", "fd00:fffe::1/64"]}}
vrfs:
  red:  {{table: 100}}
  blue: {{table: 200}}
sids:
{sids}
routes:
{routes}
neighbors:
{neighbors}
"""


def device(name, number, folder, role):
    """A memif device; the ring towards needletail is short, so that what it holds at the end fits the rings back."""
    ring = 10 if name == "core" else 12
    return f"net_memif{number},role={role},id={number},socket={folder}/memif.sock,socket-abstract=no,rsize={ring}"


def configuration(folder, eal, main_core, core):
    """needletail's configuration, as YAML."""
    sids, routes, neighbors = [], [], []
    for tenant in traffic.TENANTS:
        by_name = traffic.sids(tenant)
        sids += [
            f'  - {{sid: "{by_name["End.DT4"]}", behavior: End.DT4, vrf: {tenant}}}',
            f'  - {{sid: "{by_name["End.DT6"]}", behavior: End.DT6, vrf: {tenant}}}',
            f'  - {{sid: "{by_name["End.DX4"]}", behavior: End.DX4, nexthop: 10.254.0.2, port: ce-{tenant}}}',
        ]
        for prefix, gateway in (("10.0.0.0/8", "10.254.0.2"), ("fd00::/16", "fd00:fffe::2")):
            routes.append(f'  - {{vrf: {tenant}, prefix: "{prefix}", via: "{gateway}", port: ce-{tenant}}}')
            neighbors.append(f'  - {{port: ce-{tenant}, address: "{gateway}", mac: "02:00:00:00:01:02"}}')
    return CONFIGURATION.format(
        eal=json.dumps(eal),
        folder=folder,
        main_core=main_core,
        core=core,
        core_mac=traffic.CORE_MAC,
        device_core=device("core", 0, folder, "server"),
        device_red=device("ce-red", 1, folder, "server"),
        device_blue=device("ce-blue", 2, folder, "server"),
        sids="\n".join(sids),
        routes="\n".join(routes),
        neighbors="\n".join(neighbors),
    )


def testpmd_devices(folder):
    """testpmd's devices; testpmd joins them in pairs, in this order."""
    return [
        f"net_pcap0,rx_pcap={folder}/traffic.pcap,infinite_rx=1",
        device("core", 0, folder, "client"),
        device("ce-red", 1, folder, "client"),
        "net_null0,no-rx=1",
        device("ce-blue", 2, folder, "client"),
        "net_null1,no-rx=1",
    ]


class Meter:
    """testpmd's own counters: what it offered and what came back, by tenant."""

    def __init__(self, telemetry):
        self.telemetry = telemetry

    def read(self):
        """Packets offered, and packets delivered by tenant."""
        offered = self.telemetry.stats(PORT_CORE)["opackets"]
        return offered, {tenant: self.telemetry.stats(port)["ipackets"] for tenant, port in PORTS_CE.items()}


def wait_for_links(testpmd, seconds=10):
    """Waits until every memif is connected."""
    deadline = time.monotonic() + seconds
    for port in (PORT_CORE, *PORTS_CE.values()):
        while testpmd.telemetry.ask(f"/ethdev/link_status,{port}")["status"] != "UP":
            if time.monotonic() > deadline:
                raise Failure(f"testpmd's memif port {port} did not connect to needletail:\n{testpmd.tail()}")
            time.sleep(0.05)


def watch(meter, seconds):
    """Prints the rates once a second, and gives the time for which packets were offered."""
    begin = time.monotonic()
    last_time, (last_offered, last_delivered) = begin, meter.read()
    while last_time - begin < seconds - 0.01:
        time.sleep(max(0.0, min(1.0, begin + seconds - last_time)))
        now, (offered, delivered) = time.monotonic(), meter.read()
        span = (now - last_time) * 1e6
        rates = [(offered - last_offered) / span]
        rates += [(delivered[tenant] - last_delivered[tenant]) / span for tenant in delivered]
        words = "   ".join(f"{name} {rate:5.2f}" for name, rate in zip(("offered", *delivered), rates))
        print(f"{now - begin:5.1f} s   Mpps: {words}", file=sys.stderr, flush=True)
        last_time, last_offered, last_delivered = now, offered, delivered
    return last_time - begin


def drain(testpmd, meter, seconds=10):
    """Stops the source, lets the sinks take what is under way, and gives the final counts."""
    for line in ("stop", f"set portlist {DRAINING_PORTS}", "start"):
        testpmd.command(line)
    counts, since = meter.read(), time.monotonic()
    deadline = since + seconds
    while time.monotonic() - since < 0.5:
        time.sleep(0.05)
        if time.monotonic() > deadline:
            raise Failure("testpmd's counters still move after its source was stopped")
        latest = meter.read()
        if latest != counts:
            counts, since = latest, time.monotonic()
    return counts


def run(binary, seconds):
    """Runs both processes; what testpmd counted, needletail's summary and the seconds that packets were offered for."""
    main_core, core = two_cores()
    prefixes = {name: f"{name}-demo-{os.getpid()}" for name in ("testpmd", "needletail")}
    with tempfile.TemporaryDirectory(prefix="needletail-demo-") as folder:
        packets.write_pcap(f"{folder}/traffic.pcap", traffic.demo())
        with Hugepages(TESTPMD_MEMORY + NEEDLETAIL_MEMORY) as huge:
            eal = ["--no-pci", f"--file-prefix={prefixes['needletail']}", *huge.eal(NEEDLETAIL_MEMORY)]
            with open(f"{folder}/needletail.yaml", "w") as file:
                file.write(configuration(folder, eal, main_core, core))
            with Needletail(
                "needletail", folder, prefixes["needletail"], binary, f"{folder}/needletail.yaml"
            ) as needletail:
                needletail.wait_until_forwarding()
                with Testpmd(
                    "testpmd",
                    folder,
                    prefixes["testpmd"],
                    huge.eal(TESTPMD_MEMORY),
                    testpmd_devices(folder),
                    [],
                    main_core,
                    main_core,
                ) as testpmd:
                    testpmd.wait_for_prompt()
                    testpmd.connect()
                    wait_for_links(testpmd)
                    testpmd.command("start")
                    meter = Meter(testpmd.telemetry)
                    elapsed = watch(meter, seconds)
                    offered, delivered = drain(testpmd, meter)
                    summary = needletail.summary()
                    testpmd.quit()
    return offered, delivered, elapsed, summary


def sid_rows(summary):
    """Packets and bytes of each SID, with its behaviour and tenant."""
    counted = {ipaddress.IPv6Address(row["sid"].split("/")[0]): row for row in summary["sids"]}
    rows = {}
    for tenant in traffic.TENANTS:
        for behavior, sid in traffic.sids(tenant).items():
            row = counted.get(ipaddress.IPv6Address(sid), {"packets": 0, "bytes": 0})
            rows[sid] = {
                "behavior": behavior,
                "tenant": tenant,
                "packets": row["packets"],
                "bytes": row["bytes"],
            }
    return rows


def result(offered, elapsed, summary):
    """The figures of `--json`."""
    lcores = [row for row in summary["lcores"] if row["packets"] > 0]
    cycles = sum(row["busy-cycles"] for row in lcores) / max(1, sum(row["packets"] for row in lcores))
    return {
        "offered": offered,
        "forwarded": summary["transmitted"] - summary["generated"],
        "generated": summary["generated"],
        "drops": summary["drops"],
        "sids": sid_rows(summary),
        "vrfs": {
            row["name"]: {"packets": row["rx-packets"], "bytes": row["rx-bytes"]}
            for row in summary["vrfs"]
            if row["name"] in traffic.TENANTS
        },
        "mpps": round((summary["transmitted"] - summary["generated"]) / elapsed / 1e6, 3),
        "cycles-per-packet": round(cycles, 1),
    }


def faults(figures, delivered, summary):
    """What does not add up, in words; empty if every packet is accounted for."""
    found = []

    def must_equal(what, one, other):
        if one != other:
            found.append(f"{what}: {one} is not {other}")

    dropped = sum(figures["drops"].values())
    must_equal("offered by testpmd, received by needletail", figures["offered"], summary["received"])
    must_equal("offered, forwarded + drops", figures["offered"], figures["forwarded"] + dropped)
    leaving = figures["forwarded"] + figures["generated"]
    must_equal("forwarded and generated by needletail, delivered to testpmd", leaving, sum(delivered.values()))
    sent = {row["name"]: row["tx-packets"] for row in summary["ports"]}
    for tenant, count in delivered.items():
        must_equal(f"sent on ce-{tenant}, delivered to testpmd", sent.get(f"ce-{tenant}"), count)
    for sid, row in figures["sids"].items():
        if row["packets"] == 0:
            found.append(f"{row['behavior']} of tenant {row['tenant']} ({sid}) carried nothing")
    if figures["offered"] == 0:
        found.append("testpmd offered nothing")
    return found


def print_table(figures, delivered):
    """The same figures for people."""
    dropped = sum(figures["drops"].values())
    print(f"\n{'offered':34}{figures['offered']:>16,}   testpmd's count of what it sent to core")
    print(f"{'forwarded':34}{figures['forwarded']:>16,}   needletail's count")
    print(f"{'generated':34}{figures['generated']:>16,}   ICMP errors to the tenants' senders")
    for tenant, count in delivered.items():
        print(f"{'  to ce-' + tenant:34}{count:>16,}   testpmd's count of what came back")
    print(f"{'dropped':34}{dropped:>16,}")
    for reason, count in sorted(figures["drops"].items(), key=lambda item: -item[1]):
        if count:
            print(f"{'  ' + reason:34}{count:>16,}")
    print(f"\n{'SID':18}{'behaviour':10}{'tenant':6}{'packets':>16}{'bytes':>20}")
    for sid, row in figures["sids"].items():
        print(f"{sid:18}{row['behavior']:10}{row['tenant']:6}{row['packets']:>16,}{row['bytes']:>20,}")
    print(f"\n{'VRF':34}{'packets':>16}{'bytes':>20}")
    for name, row in figures["vrfs"].items():
        print(f"{name:34}{row['packets']:>16,}{row['bytes']:>20,}")
    print(f"\n{figures['mpps']:.2f} Mpps forwarded, {figures['cycles-per-packet']:.0f} cycles per packet")


def main():
    """The command; exit status 0 only if every packet is accounted for."""
    parser = argparse.ArgumentParser(prog="tools/demo", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="how long to offer packets (default 10)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--binary", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seconds <= 0:
        parser.error("--seconds takes a number greater than 0")
    offered, delivered, elapsed, summary = run(options.binary, options.seconds)
    figures = result(offered, elapsed, summary)
    if options.json:
        print(json.dumps(figures))
    else:
        print_table(figures, delivered)
    problems = faults(figures, delivered, summary)
    for problem in problems:
        print(f"demo: error: does not add up: {problem}", file=sys.stderr)
    if not problems and not options.json:
        print("offered = forwarded + drops, to the packet, by both processes' counts")
    return 1 if problems else 0


if __name__ == "__main__":
    interrupt_on_signals()
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"demo: error: {failure}")
    except KeyboardInterrupt:
        print("demo: interrupted; everything it started is stopped", file=sys.stderr)
        sys.exit(130)
