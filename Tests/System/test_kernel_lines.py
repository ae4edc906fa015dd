"""Lines of `ip route` mean the same to the host's kernel and to Needletail.

Each line is given to both as it stands; `ip -j route show` says what the kernel took it for, `show routes` and `show sids`
what Needletail did.
"""

import ipaddress
import json

import pytest

from conftest import forwarders
from namespaces import namespaces, run

CONFIGURATION = {
    "ports": {
        "core": {"device": "net_null0,no-rx=1", "addresses": ["192.0.2.1/24", "2001:db8:1::1/64"]},
        "ce": {"device": "net_null1,no-rx=1", "addresses": ["10.1.0.1/24", "2001:db8:a::1/64"]},
        "ce-red": {"device": "net_null2,no-rx=1", "vrf": "red", "addresses": ["10.2.0.1/24"]},
    },
    "vrfs": {"red": {"table": 100}},
}

LINES = """\
route add 10.10.0.0/16 via 192.0.2.2 dev core
route add 10.11.0.0/16 via 192.0.2.2
route add to 10.12.0.0/16 dev core
route add unicast 10.13.0.0/16 via inet 192.0.2.3 dev core onlink
route add 10.14.0.1 via 10.1.0.2 metric 20
route add 10.14.0.1 via 192.0.2.2 metric 30
route add 10.15.0.0/16 table 300 via 192.0.2.2 dev core proto static src 192.0.2.1
route add 10.16.0.0/16 nexthop via 192.0.2.2 dev core weight 3 nexthop via 10.1.0.2 dev ce
route add 10.17.0.0/16 metric 5 table 300 nexthop dev core weight 2 nexthop via 10.1.0.9
route add default via 10.1.0.2 dev ce metric 100
route append 10.18.0.0/16 via 192.0.2.9 dev core
route replace 10.19.0.0/16 via 192.0.2.9
route add blackhole 10.20.0.0/16
route add unreachable 10.21.0.0/16 metric 9
route add to prohibit 10.22.0.0/16 table 300
-6 route add fc01:10::/32 via 2001:db8:1::2 dev core
-6 route add fc01:11::/32 via 2001:db8:a::2
route add fc01:12::/32 via fe80::2 dev core metric 5
-6 route add fc01:13::1 dev ce
-6 route add fc01:14::/32 nexthop via 2001:db8:1::2 dev core weight 2 nexthop via fe80::3 dev ce
-6 route add fc01:15::/32 table 300 via 2001:db8:1::2 preference 7 pref high
-6 route add default via fe80::9 dev core metric 512
-6 route add fc01:16::1/32 dev core
-6 route add blackhole fc01:20::/32
-6 route add unreachable fc01:21::/32 metric 4278198272
-6 route add prohibit fc01:22::/32 dev lo
route add 10.30.0.0/16 encap seg6 mode encap segs fc00::a dev core
route add 10.31.0.0/16 encap seg6 mode encap segs fc00::a,fc00::b,fc00::c dev core metric 3
route add 10.32.0.0/16 table 300 encap seg6 mode encap.red segs fc00::a,fc00::b dev ce
-6 route add fc01:30::/32 encap seg6 mode encap segs fc00::a,fc00::b dev core
-6 route add fc01:31::/32 encap seg6 mode encap.red segs fc00::a dev core
-6 route add fc01:32::/32 encap seg6 mode inline segs fc00::a,fc00::b dev core
-6 route add fc02::1/128 encap seg6local action End count dev core
-6 route add fc02::2/128 encap seg6local action End flavors psp dev core
-6 route add fc02:3::/64 encap seg6local action End.X nh6 2001:db8:1::2 dev core
-6 route add fc02::4 encap seg6local action End.X nh6 fe80::2 oif core dev core
-6 route add fc02::5 encap seg6local action End.X nh6 2001:db8:a::2 dev core
-6 route add fc02::6 encap seg6local action End.T table 300 dev core
-6 route add fc02::7 encap seg6local action End.T table main count dev core
-6 route add fc02::8 encap seg6local action End.DX4 nh4 192.0.2.2 dev core
-6 route add fc02::9 encap seg6local action End.DX4 nh4 0.0.0.0 dev core
-6 route add fc02::a encap seg6local action End.DX6 nh6 2001:db8:1::2 dev core
-6 route add fc02::b encap seg6local action End.DX6 nh6 :: dev core
-6 route add fc02::c encap seg6local action End.DT6 table 300 dev core
-6 route add fc02::d encap seg6local action End.DT6 table main dev core
-6 route add fc02::e encap seg6local action End.B6 srh segs fc00::a,fc00::b dev core
-6 route add fc02::f encap seg6local action End.B6.Encaps srh segs fc00::a,fc00::b dev core
""".splitlines()

# Behaviours that end in a VRF, which the kernel would need a device for; the VRF's name stands for its table.
VRF_LINES = """\
-6 route add fc02::10 encap seg6local action End.DT4 vrftable 100 dev red
-6 route add fc02::11 encap seg6local action End.DT6 vrftable 100 dev red
-6 route add fc02::12 encap seg6local action End.DT46 vrftable 100 dev red
""".splitlines()
VRF_SIDS = [
    {"prefix": f"fc02::{number}/128", "action": action, "table": "red"}
    for number, action in (("10", "End.DT4"), ("11", "End.DT6"), ("12", "End.DT46"))
]


def prefix(text, is_ipv6=False):
    """A destination with its length, whatever way it is written."""
    if text == "default":
        return "::/0" if is_ipv6 else "0.0.0.0/0"
    return str(ipaddress.ip_network(text))


def order(rows):
    """Rows in an order of their own."""
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


# MARK: the kernel's answers


def kernel_row(row, is_ipv6):
    """A row of `ip -j route` in the words that both are compared in."""
    known = {"prefix": prefix(row["dst"], is_ipv6)}
    if row.get("encap") == "seg6local":
        # What `dev` is named for is the kernel's need of a device, and no part of the behaviour.
        parts = {"action": row["action"], "table": row.get("table"), "nexthop": row.get("nh6") or row.get("nh4")}
        parts |= {"port": row.get("oif"), "flavors": row.get("flavors"), "segments": row.get("srh", {}).get("segs")}
        if row["action"] == "End.B6":
            parts["segments"] = parts["segments"][:-1]  # The place of the packet's own destination.
        return known | {key: value for key, value in parts.items() if value is not None}
    known |= {"table": row.get("table", "main"), "metric": row.get("metric", 0)}
    if "encap" in row:
        segments = row["segs"][:-1] if row["mode"] == "inline" else row["segs"]
        return known | {"mode": row["mode"], "segments": segments}
    if "type" in row:
        return known | {"type": row["type"]}
    hops = row.get("nexthops") or [row]
    return known | {"hops": order([hop.get("gateway"), hop["dev"], hop.get("weight", 1)] for hop in hops)}


def kernel_rows(namespace):
    """Everything that lines have put into the kernel."""
    rows = []
    for family in ("-4", "-6"):
        for row in json.loads(namespace.ip("-j", family, "route", "show", "table", "all")):
            if row.get("protocol") != "kernel" and row.get("table") != "local" and row.get("type") != "multicast":
                rows.append(kernel_row(row, family == "-6"))
    return order(rows)


# MARK: Needletail's answers


def our_hop(text):
    """`via ADDRESS port NAME weight N`, each but the port where it is."""
    words = text.split()
    found = dict(zip(words[::2], words[1::2]))
    return [found.get("via"), found["port"], int(found.get("weight", 1))]


def our_route(row):
    """A row of `show routes` in the words that both are compared in."""
    known = {"prefix": prefix(row["prefix"]), "table": row["vrf"].removeprefix("table "), "metric": row["metric"]}
    action = row["action"]
    if action.startswith("mode "):
        _, mode, _, segments = action.split()
        return known | {"mode": mode, "segments": segments.split(",")}
    if action.startswith(("via ", "port ")):
        return known | {"hops": order(our_hop(hop) for hop in action.split(", "))}
    return known | {"type": action.removeprefix("route-")}


def our_sid(row):
    """A row of `show sids` in the words that both are compared in."""
    known = {"prefix": prefix(row["sid"]), "action": row["behavior"]}
    parts = {key: row.get(key) for key in ("nexthop", "port", "segments")}
    parts["table"] = str(row["table"]) if "table" in row else row.get("vrf")
    parts["flavors"] = [flavor.lower() for flavor in row["flavors"]] if "flavors" in row else None
    return known | {key: value for key, value in parts.items() if value is not None}


def our_rows(process):
    """Everything that lines have put into Needletail: what the ports' addresses made has other sources."""
    made = {"connected", "local", "sid"}
    routes = [our_route(row) for row in process.show("routes") if row["source"] not in made]
    return order(routes + [our_sid(row) for row in process.show("sids")])


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A namespace whose kernel has taken the lines: what it shows."""
    unique = tmp_path_factory.mktemp("lines").parent.name.rpartition("-")[2]
    with namespaces("lines", unique=unique) as made:
        namespace = made["lines"]
        for name in ("core", "ce"):
            namespace.ip("link", "add", name, "type", "veth", "peer", "name", f"{name}-peer")
            for device in (name, f"{name}-peer"):
                namespace.ip("link", "set", device, "up")
            for address in CONFIGURATION["ports"][name]["addresses"]:
                nodad = ["nodad"] if ":" in address else []
                namespace.ip("address", "add", address, "dev", name, *nodad)
        for line in LINES:
            namespace.ip(*line.split())
        yield kernel_rows(namespace)


@pytest.mark.parametrize("way", ["at the start", "while it runs, line by line", "while it runs, as a batch"])
def test_lines_mean_what_they_mean_to_the_kernel(kernel, cli, binary, tmp_path, unique, way):
    lines = LINES + VRF_LINES
    batch = tmp_path / "lines"
    batch.write_text("\n".join(lines))
    with forwarders(binary, tmp_path, unique) as start:
        process = start(CONFIGURATION, batch=batch if way == "at the start" else None)
        socket = ["--socket", tmp_path / "api.sock"]
        if way.endswith("batch"):
            result = cli("batch", *socket, batch)
            assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        elif way != "at the start":
            for line in lines:
                # `-6` stands behind `route` here: `needletail route -6 add ...`.
                words = [word for word in line.split() if word != "route"]
                result = cli("route", *socket, *words)
                assert (result.returncode, result.stdout, result.stderr) == (0, "", ""), line
        ours = our_rows(process)
    assert len(kernel) == len(LINES)
    assert ours == order(kernel + VRF_SIDS)
