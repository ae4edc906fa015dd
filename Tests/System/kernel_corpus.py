"""What Linux kernels answered, recorded frame by frame, as configurations and packets for `needletail explain`.

`python3 Tests/System/kernel_corpus.py [NAME...]` compares the scenarios of these names, or all, and prints each difference.
With `--write` it counts the cases of each rule of differences.json, writes corpus/DIFFERENCES.md and prints the README's table.
"""

import argparse
import collections
import fnmatch
import gzip
import ipaddress
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(__file__).resolve().parent / "corpus"
sys.path.insert(0, str(ROOT / "tools" / "pylib"))

import packets  # noqa: E402

# Scenarios of switches that Needletail does not have: forwarding, SRv6 and VRFs are what it is for, and always on.
LEFT_OUT = {
    "end_dt4_fwdoff": "net.ipv4.ip_forward=0",
    "end_dt6_fwdoff": "net.ipv6.conf.all.forwarding=0",
    "end_fwdoff": "net.ipv6.conf.all.forwarding=0",
    "end_seg6off": "net.ipv6.conf.all.seg6_enabled=0",
    "local_srh_seg6off": "net.ipv6.conf.all.seg6_enabled=0",
    "end_dt4_nostrict": "net.vrf.strict_mode=0",
    "end_dt4_vrfdown": "a VRF that is down",
}
NAMES = sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))
RUN = [name for name in NAMES if name not in LEFT_OUT]
# Packets with random fields, for which the table of differences is not: all are answered as by Linux.
RANDOM = [name for name in NAMES if name.startswith("random_")]

# By the values of net.ipv6.seg6_flowlabel.
FLOW_LABELS = {1: "hash", 0: "copy", -1: "zero"}


def load(name):
    """A scenario as it was recorded."""
    with gzip.open(FOLDER / f"{name}.json.gz", "rt") as file:
        return json.load(file)


DIFFERENCES = json.loads((FOLDER / "differences.json").read_text())


def expected_differences():
    """Why a case is answered otherwise than by Linux even with `compat: linux`, by `scenario/case`."""
    return {case: group["reason"] for group in DIFFERENCES["compat"] for case in group["cases"]}


def default_rule(case, verdict):
    """The place of the rule by which the defaults answer a case otherwise than Linux; None if there is none."""
    for place, rule in enumerate(DIFFERENCES["defaults"]):
        if verdict in rule.get("drops", []) or any(fnmatch.fnmatch(case, name) for name in rule.get("cases", [])):
            return place
    return None


def table():
    """The README's rows: what is answered otherwise than by Linux, why, in how many cases, and if `compat` restores it."""
    rows = [(rule, rule["count"], "restored") for rule in DIFFERENCES["defaults"]]
    rows += [(rule, len(rule["cases"]), "not restored") for rule in DIFFERENCES["compat"] + DIFFERENCES["open"]]
    return [f"| {rule['rule']} | {rule['reason']} | {count} | {compat} |" for rule, count, compat in rows]


def page(found):
    """DIFFERENCES.md: the cases of each rule; `found` has those of the defaults' rules, by place."""
    lines = [
        "# The recorded cases that are answered otherwise than by Linux",
        "",
        "`kernel_corpus.py --write` writes this page, from [differences.json](differences.json) and a run. First what the defaults",
        "answer otherwise, each case under the rule that explains it, all restored by `srv6: {compat: linux}`; then what that key",
        "does not restore.",
    ]
    groups = [(rule, found[place]) for place, rule in enumerate(DIFFERENCES["defaults"])]
    groups += [(rule, rule["cases"]) for rule in DIFFERENCES["compat"] + DIFFERENCES["open"]]
    for rule, cases in groups:
        lines += ["", f"## {rule['rule']}", "", f"{rule['reason']}. {len(cases)} cases:", ""]
        by_scenario = collections.defaultdict(list)
        for case in cases:
            scenario, name = case.split("/")
            by_scenario[scenario].append(name)
        lines += [f"- {scenario}: {', '.join(sorted(names))}" for scenario, names in sorted(by_scenario.items())]
    return "\n".join(lines) + "\n"


def write_differences(binary):
    """Counts the cases of the defaults' rules, and writes what depends on that."""
    found = collections.defaultdict(list)
    for name in (name for name in RUN if name not in RANDOM):
        scenario = Scenario(name)
        with tempfile.TemporaryDirectory() as folder:
            if scenario.cases:
                for case, (_, verdict) in scenario.differences(binary, folder, compat=False).items():
                    found[default_rule(case, verdict)].append(case)
    for place, rule in enumerate(DIFFERENCES["defaults"]):
        rule["count"] = len(found[place])
    (FOLDER / "differences.json").write_text(json.dumps(DIFFERENCES, indent=1, ensure_ascii=False) + "\n")
    (FOLDER / "DIFFERENCES.md").write_text(page(found))
    print("\n".join(table()))


def link_local(mac):
    """The address that Linux gives a port by itself (RFC 4291, appendix A)."""
    octets = bytearray(bytes.fromhex(mac.replace(":", "")))
    octets[0] ^= 2
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + octets[:3] + b"\xff\xfe" + octets[3:]))


class Scenario:
    """A recorded scenario: its configuration, its batch and its packets."""

    def __init__(self, name):
        self.name = name
        self.recorded = load(name)
        self.cases = self.recorded["cases"]
        self.ports = {port["name"]: dict(port, addrs=list(port["addrs"])) for port in self.recorded["ports"]}
        self.vrfs = {vrf["name"]: vrf["table"] for vrf in self.recorded.get("vrfs", [])}
        self.batch = [line for line in self.recorded["cmds"] if not self.configures(shlex.split(line)[1:])]

    @property
    def is_refused(self):
        """The kernel or iproute2 refuses the configuration."""
        return bool(self.recorded.get("refused_by")) and not self.cases

    def configures(self, words):
        """Takes in a line about what stands in the configuration file: VRFs, ports and their addresses."""
        match words:
            case ["link", "add", name, "type", "vrf", "table", table]:
                self.vrfs[name] = int(table)
            case ["link", "set", _, "up"]:
                pass
            case ["link", "set", port, "master", vrf]:
                self.ports[port]["vrf"] = vrf
            case ["addr", "add", address, "dev", port, *_]:
                # Linux removes a port's IPv6 addresses when it joins a VRF, and this puts one back.
                if address not in self.ports[port]["addrs"]:
                    self.ports[port]["addrs"].append(address)
            case _:
                return False
        return True

    def rp_filter(self, device):
        """The filter of a port or VRF: Linux takes the most of the device's and that of `all`."""
        sysctl = {key: int(value) for key, value in self.recorded["sysctl"].items() if key.endswith("/rp_filter")}
        of = {name: sysctl.get(f"net/ipv4/conf/{name}/rp_filter") for name in ("all", "default", device)}
        return max(of["all"] or 0, of["default"] or 0 if of[device] is None else of[device])

    def configuration(self, compat):
        """The configuration file; with `compat`, the keys that make it answer like Linux."""
        sysctl = self.recorded["sysctl"]
        ports = {}
        for index, (name, port) in enumerate(self.ports.items()):
            addresses = [*port["addrs"], f"{link_local(port['mac'])}/64"]
            ports[name] = {
                "device": f"net_null{index}", "mac": port["mac"], "mtu": port["mtu"], "addresses": addresses,
            }  # fmt: skip
            if port.get("vrf"):
                ports[name]["vrf"] = port["vrf"]
            ports[name]["rp-filter"] = self.rp_filter(name)
        vrfs = {
            name: {"table": table, "fallback": "main", "rp-filter": self.rp_filter(name)}
            for name, table in self.vrfs.items()
        }
        srv6 = {"flow-label": FLOW_LABELS[int(sysctl.get("net/ipv6/seg6_flowlabel", 0))]}
        if compat:
            srv6["compat"] = "linux"
        neighbors = [
            {"port": one["port"], "address": one["ip"], "mac": one["mac"]} for one in self.recorded["neigh"]
        ]
        return {"ports": ports, "vrfs": vrfs, "srv6": srv6, "neighbors": neighbors}

    def write(self, folder, compat=True):
        """The files of a run; the words that `explain` and `check` take for them."""
        folder = pathlib.Path(folder)
        (folder / "node.yaml").write_text(json.dumps(self.configuration(compat), indent=1))
        (folder / "batch").write_text("".join(f"{line}\n" for line in self.batch))
        return ["-c", folder / "node.yaml", "--batch", folder / "batch"]

    def answers(self, binary, folder, compat=True):
        """What `explain` says of each case, in the order of the cases."""
        words = self.write(folder, compat)
        received = collections.defaultdict(list)
        for place, case in enumerate(self.cases):
            received[case["in"]["port"]].append(place)
        for port, places in received.items():
            path = pathlib.Path(folder) / f"{port}.pcap"
            packets.write_pcap(path, [bytes.fromhex(self.cases[place]["in"]["hex"]) for place in places])
            words += ["--rx", f"{port}={path}"]
        result = subprocess.run(
            [binary, "explain", *map(str, words), "--json"], capture_output=True, text=True, timeout=60
        )
        assert result.returncode == 0, f"{self.name}: {result.stderr}"
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        # explain takes the files one after the other.
        order = [place for places in received.values() for place in places]
        assert len(rows) == len(order), f"{self.name}: {len(rows)} answers to {len(order)} packets"
        return [row for _, row in sorted(zip(order, rows), key=lambda pair: pair[0])]

    def differences(self, binary, folder, compat=True):
        """The cases that are answered otherwise than by the kernel: each with a text that says how, and our verdict."""
        found = {}
        for case, row in zip(self.cases, self.answers(binary, folder, compat)):
            text = difference(case, row)
            if text:
                found[f"{self.name}/{case['id']}"] = text, row["drop"]
        return found


def difference(case, row):
    """How the answer to one case differs from the kernel's; an empty text if it does not."""
    wanted, got = collections.defaultdict(list), collections.defaultdict(list)
    for frame in case["out"]:
        wanted[frame["port"]].append((bytes.fromhex(frame["hex"]), frame.get("volatile_bits", [])))
    for frame in row["tx"]:
        got[frame["port"]].append(bytes.fromhex(frame["frame"]))
    lines = []
    for port in sorted(wanted.keys() | got.keys()):
        for place in range(max(len(wanted[port]), len(got[port]))):
            if place >= len(got[port]):
                frame, _ = wanted[port][place]
                lines.append(f"{port}: nothing, and Linux sends {summary(frame)}\n  linux {frame.hex()}")
            elif place >= len(wanted[port]):
                frame = got[port][place]
                lines.append(f"{port}: {summary(frame)}, and Linux sends nothing\n  ours  {frame.hex()}")
            else:
                lines += differing_frames(port, got[port][place], *wanted[port][place])
    if not lines:
        return ""
    verdict = row["drop"] or "; ".join(row["steps"])
    return f"{case['id']} ({case['note']}) [{verdict}]\n  in    {case['in']['hex']}\n" + "\n".join(lines)


def differing_frames(port, ours, linux, volatile):
    masked_ours, masked_linux = bytearray(ours), bytearray(linux)
    for frame in (masked_ours, masked_linux):
        for offset, mask in volatile:
            if offset < len(frame):
                frame[offset] &= ~mask
    if masked_ours == masked_linux:
        return []
    shorter = min(len(ours), len(linux))
    place = next((at for at in range(shorter) if masked_ours[at] != masked_linux[at]), shorter)
    values = f"{ours[place:place + 2].hex()} instead of {linux[place:place + 2].hex()}"
    what = f"byte {place}, {field(linux, place)}: {values}; {len(ours)} bytes, Linux {len(linux)}"
    return [f"{port}: {what}\n  ours  {ours.hex()}\n  linux {linux.hex()}"]


IPV6_FIELDS = [(4, "version, class, flow label"), (6, "payload length"), (7, "next header"), (8, "hop limit"),
               (24, "source"), (40, "destination")]  # fmt: skip
IPV4_FIELDS = [(1, "version, length"), (2, "DSCP, ECN"), (4, "total length"), (6, "id"), (8, "fragment"), (9, "TTL"),
               (10, "protocol"), (12, "checksum"), (16, "source"), (20, "destination")]  # fmt: skip
SRH_FIELDS = [(1, "next header"), (2, "length"), (3, "type"), (4, "segments left"), (5, "last entry"), (6, "flags"),
              (8, "tag")]  # fmt: skip
ICMP_FIELDS = [(1, "type"), (2, "code"), (4, "checksum"), (8, "rest of the header")]
ETHERNET_FIELDS = [(6, "destination"), (12, "source"), (14, "EtherType")]


def headers(frame):
    """The headers of a frame: offset, length, name and fields of each."""
    at = 14
    kind = {b"\x86\xdd": 41, b"\x08\x00": 4}.get(frame[12:14])
    yield 0, 14, "Ethernet", ETHERNET_FIELDS
    while kind is not None and at + 8 <= len(frame):
        match kind:
            case 41:
                size, name, fields, following = 40, "IPv6", IPV6_FIELDS, frame[at + 6]
            case 4:
                size, name, fields, following = (frame[at] & 15) * 4, "IPv4", IPV4_FIELDS, frame[at + 9]
            case 43:
                size, name, fields, following = 8 + frame[at + 1] * 8, "SRH", SRH_FIELDS, frame[at]
            case 0 | 60:
                size, name, fields, following = 8 + frame[at + 1] * 8, "options", [], frame[at]
            case 1 | 58:
                # What is quoted is another packet.
                size, name, fields, following = 8, "ICMP", ICMP_FIELDS, 4 if kind == 1 else 41
            case _:
                return
        yield at, size, name, fields
        at, kind = at + max(size, 8), following


def field(frame, place):
    """What a byte of a frame belongs to."""
    names = []
    for start, size, name, fields in headers(frame):
        if start <= place < start + size:
            inside = next((text for end, text in fields if place - start < end), f"+{place - start}")
            return " > ".join([*names, f"{name} {inside}"])
        names.append(name)
    return " > ".join([*names, "data"])


def summary(frame):
    return f"{len(frame)} bytes of {' > '.join(name for _, _, name, _ in headers(frame))}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", default=RUN)
    parser.add_argument("--defaults", action="store_true", help="without 'compat: linux'")
    parser.add_argument("--brief", action="store_true", help="only the counts")
    parser.add_argument("--write", action="store_true", help="count the cases of each rule anew")
    arguments = parser.parse_args()
    binary = os.environ.get("NEEDLETAIL", str(ROOT / ".build" / "release" / "needletail"))
    if arguments.write:
        write_differences(binary)
        return
    equal = total = 0
    for name in arguments.names:
        scenario = Scenario(name)
        if not scenario.cases:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = scenario.differences(binary, folder, compat=not arguments.defaults)
            except AssertionError as error:
                print(error)
                continue
        equal += len(scenario.cases) - len(found)
        total += len(scenario.cases)
        print(f"{name}: {len(scenario.cases) - len(found)}/{len(scenario.cases)} equal")
        if not arguments.brief:
            print("\n".join(text for text, _ in found.values()))
    print(f"{equal}/{total} equal")


if __name__ == "__main__":
    main()
