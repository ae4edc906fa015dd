"""The host's kernel is the other end: its headends lead to our SIDs, ours to its SIDs, byte for byte.

    host h0 === l1 left (Linux, seg6) l0 === core [needletail] ce === r0 right
    10.20.0.2      2001:db8:1::2                      VRF red     10.1.0.2
    fd20::2                                           blue === b0 other, which must stay silent

Frames are put on `host` and `right` as bytes and read there as bytes; only `left` has a kernel that takes part.
"""

import contextlib
import select
import socket
import sys

import pytest

import packets
from conftest import forwarders, adds_up
from namespaces import mac, namespaces, veth
from packets import ETHERTYPE_IPV4, ETHERTYPE_IPV6, NEXT_IPV4, NEXT_IPV6, NEXT_ROUTING, NEXT_UDP
from test_linux_interop import transfer

OURS, THEIRS, BEYOND = "fc00:0:1:", "fc00:0:2:", "fc00:0:3:"
OUR_SOURCE, THEIR_SOURCE = "2001:db8:1::1", "2001:db8:1::2"
DT4, DT6, DT46, DX4, DX6 = (f"{OURS}{word}::" for word in ("d4", "d6", "d46", "14", "16"))
END, END_PSP, END_X, END_T, B6, B6_ENCAPS = (f"{OURS}{word}::" for word in ("1", "f1", "5", "9", "b6", "be"))
POLICY = [f"{BEYOND}b1::", f"{BEYOND}b2::"]

# Kernel SIDs by name: what `ip -6 route add SID encap seg6local action ...` says of each.
KERNEL = {
    "End": "End",
    "End.X": "End.X nh6 fd20::2",
    "End.T": "End.T table 77",
    # Behind a gateway: of an nh4 on its own link Linux resolves the inner destination instead.
    "End.DX4": "End.DX4 nh4 10.20.255.1",
    "End.DX6": "End.DX6 nh6 fd20::2",
    "End.DT6": "End.DT6 table 77",
    "End.B6": f"End.B6 srh segs {','.join(POLICY)}",
    "End.B6.Encaps": f"End.B6.Encaps srh segs {','.join(POLICY)}",
    # Where a TCP connection ends, and what comes back from a policy of ours.
    "local": "End.DX4 nh4 0.0.0.0",
    "local6": "End.DT6 table 255",
    "back": "End.DX6 nh6 ::",
}
SIDS = {name: f"{THEIRS}{number}::" for number, name in enumerate(KERNEL, 1)}

# Paths of the kernel's headends to our SIDs, for packets of a family; `hops` is what the packet inside loses.
TO_US = [
    ("End.DT4", 4, [DT4]),
    ("End.DX4", 4, [DX4]),
    ("End.DT46, IPv4", 4, [DT46]),
    ("End.DT6", 6, [DT6]),
    ("End.DX6", 6, [DX6]),
    ("End.DT46, IPv6", 6, [DT46]),
    ("End", 4, [END, DT4]),
    ("End with PSP", 6, [END_PSP, DT6]),
    ("End.X to the kernel, which sends it back", 4, [END_X, DT4]),
    ("End.T", 6, [END_T, DT6]),
    ("End.B6.Encaps by way of the kernel", 4, [B6_ENCAPS, DT4]),
    ("three SIDs", 6, [END, END_T, DT6]),
]
TO_US = [(f"{mode}: {name}", family, mode, path) for mode in ("encap", "encap.red") for name, family, path in TO_US]
# What our SIDs leave inside goes on beyond `left`.
THROUGH_US = [("our End.B6", 6, "encap", [B6, DT6]), ("inline", 6, "inline", [END]), ("inline, PSP", 6, "inline", [END_PSP])]

# The kernel's SIDs with a segment behind them where one is needed.
TO_KERNEL = [
    ("End.DX4", 4, [SIDS["End.DX4"]]),
    ("End.DX6", 6, [SIDS["End.DX6"]]),
    ("End.DT6", 6, [SIDS["End.DT6"]]),
    ("End, then End.DX4", 4, [SIDS["End"], SIDS["End.DX4"]]),
    ("End, then End.DT6", 6, [SIDS["End"], SIDS["End.DT6"]]),
]
TO_KERNEL = [
    (f"{mode}: the kernel's {name}", family, mode, path)
    for mode in ("encap", "encap.red")
    for name, family, path in TO_KERNEL
]
# Those whose packets go on with their outer header.
TRANSIT = [(name, family) for name in ("End", "End.X", "End.T", "End.B6", "End.B6.Encaps") for family in (4, 6)]


def inner(family, number, to_host):
    """The packet of a case: each has a destination of its own."""
    payload = packets.udp(4000, 5000, b"interop %d" % number)
    if family == 4:
        source, destination = ("10.1.0.2", f"10.20.{number}.9") if to_host else ("10.20.0.2", f"10.1.{number}.9")
        return packets.ipv4(source, destination, NEXT_UDP, payload)
    source, destination = ("fd00:1::2", f"fd20:{number:x}::9") if to_host else ("fd20::2", f"fd00:1:{number:x}::9")
    return packets.ipv6(source, destination, NEXT_UDP, payload)


def prefix(family, number, to_host):
    """The route of a case."""
    if family == 4:
        return f"10.20.{number}.0/24" if to_host else f"10.1.{number}.0/24"
    return f"fd20:{number:x}::/64" if to_host else f"fd00:1:{number:x}::/64"


def cases():
    """Every route that a headend on either side has: number, family, mode, path, and whether it is ours."""
    ours = TO_KERNEL + [
        (f"{name}, IPv{family}", family, "encap", [SIDS[name], f"{BEYOND}9::"]) for name, family in TRANSIT
    ]
    numbered = [(*case, False) for case in TO_US + THROUGH_US] + [(*case, True) for case in ours]
    return {name: (number, *rest, to_host) for number, (name, *rest, to_host) in enumerate(numbered, 1)}


CASES = cases()


@pytest.fixture(scope="module")
def network(binary, tmp_path_factory):
    """The namespaces and a forwarder; their MAC addresses; sockets for frames."""
    folder = tmp_path_factory.mktemp("seg6")
    unique = f"seg6-{folder.parent.name.rpartition('-')[2]}"
    with namespaces("host", "left", "nt", "right", "other", unique=unique) as made:
        wire(**made)
        with forwarders(binary, folder, unique) as start, contextlib.ExitStack() as sockets:
            made["process"] = start(configuration(made), namespace=made["nt"].name)
            made["sockets"] = {
                name: sockets.enter_context(made[name].packet_socket(device))
                for name, device in (("host", "h0"), ("right", "r0"), ("other", "b0"))
            }
            yield made


def wire(host, left, nt, right, other):
    """Cables, and what the kernel of `left` knows."""
    for one, other_end in (((host, "h0"), (left, "l1")), ((left, "l0"), (nt, "core0")), ((right, "r0"), (nt, "ce0")),
                           ((other, "b0"), (nt, "blue0"))):  # fmt: skip
        for namespace, _ in (one, other_end):
            namespace.sysctl("ipv6/conf/all/accept_dad", 0)
            namespace.sysctl("ipv6/conf/default/accept_dad", 0)
            namespace.sysctl("ipv6/conf/default/router_solicitations", 0)
            if namespace is not left and namespace is not right:
                namespace.sysctl("ipv6/conf/default/disable_ipv6", 1)
        veth(*one, *other_end)
    for name, value in (("ipv4/ip_forward", 1), ("ipv6/conf/all/forwarding", 1), ("ipv4/conf/all/rp_filter", 0)):
        left.sysctl(name, value)
    for device in ("all", "default", "l0", "l1", "lo"):
        left.sysctl(f"ipv6/conf/{device}/seg6_enabled", 1)
    for device in ("l0", "l1"):
        left.sysctl(f"ipv4/conf/{device}/rp_filter", 0)
    for address, device in (("2001:db8:1::2/64", "l0"), ("10.20.0.1/24", "l1"), ("fd20::1/64", "l1")):
        left.ip("address", "add", address, "dev", device)
    for address in ("10.99.0.1/32", "fd99::1/128"):
        left.ip("address", "add", address, "dev", "lo")
    for address, device, peer in (
        ("2001:db8:1::1", "l0", mac(nt, "core0")), ("10.20.0.2", "l1", mac(host, "h0")), ("fd20::2", "l1", mac(host, "h0")),
    ):  # fmt: skip
        left.ip("neighbor", "replace", address, "lladdr", peer, "dev", device, "nud", "permanent")
    left.ip("route", "add", "fc00:0:1::/48", "via", "2001:db8:1::1", "dev", "l0")
    for table in ("main", "77"):
        left.ip("route", "add", "fc00:0:3::/48", "via", "fd20::2", "dev", "l1", "table", table)
        left.ip("route", "add", "fd20::/16", "via", "fd20::2", "dev", "l1", "table", table)
    left.ip("route", "add", "10.20.0.0/16", "via", "10.20.0.2", "dev", "l1")
    left.ip("sr", "tunsrc", "set", THEIR_SOURCE)
    for name, action in KERNEL.items():
        left.ip("-6", "route", "add", SIDS[name], "encap", "seg6local", "action", *action.split(), "dev", "l0")
    for number, family, mode, path, to_host in CASES.values():
        if not to_host:
            left.ip("route", "add", prefix(family, number, False), "encap", "seg6", "mode", mode, "segs",
                    ",".join(path), "dev", "l0")  # fmt: skip
    # The way back of TCP, and the far end of the other direction's.
    for network, sid, source, size in (("10.1.0.0/24", DT4, "10.99.0.1", 1460), ("fd00:1::/64", DT6, "fd99::1", 1440)):
        # Left alone, the kernel would offer segments that fit its own tunnel.
        left.ip("route", "add", network, "encap", "seg6", "mode", "encap", "segs", sid, "dev", "l0", "src", source,
                "advmss", size)  # fmt: skip
    for address, gateway, network in (("10.1.0.2/24", "10.1.0.1", "10.99.0.0/16"), ("fd00:1::2/64", "fd00:1::1", "fd99::/16")):
        right.ip("address", "add", address, "dev", "r0")
        right.ip("neighbor", "replace", gateway, "lladdr", mac(nt, "ce0"), "dev", "r0", "nud", "permanent")
        right.ip("route", "add", network, "via", gateway, "dev", "r0")


def configuration(network):
    """Needletail's side."""
    left, right, other = mac(network["left"], "l0"), mac(network["right"], "r0"), mac(network["other"], "b0")
    tenant = {"addresses": ["10.1.0.1/24", "fd00:1::1/64"]}
    device = "net_af_packet{},iface={}".format
    routes = [
        {"vrf": vrf, "prefix": where, "via": gateway}
        for vrf in ("red", "blue")
        for where, gateway in (("10.1.0.0/16", "10.1.0.2"), ("fd00:1::/32", "fd00:1::2"))
    ]
    routes += [{"prefix": f"{block}:/48", "via": THEIR_SOURCE, "port": "core"} for block in (THEIRS, BEYOND)]
    # What an inserted path leads to is routed by main.
    routes.append({"prefix": "fd00:1::/32", "via": "fd00:1::2", "port": "ce"})
    for number, family, mode, path, to_host in CASES.values():
        if to_host:
            encap = {"mode": mode, "segments": path}
            routes.append({"vrf": "red", "prefix": prefix(family, number, True), "encap": encap})
    for where, name in (("10.99.0.0/16", "local"), ("fd99::/16", "local6")):
        routes.append({"vrf": "red", "prefix": where, "encap": {"mode": "encap", "segments": [SIDS[name]]}})
    return {
        "ports": {
            "core": {"device": device(0, "core0"), "addresses": [f"{OUR_SOURCE}/64"]},
            "ce": {"device": device(1, "ce0"), "vrf": "red", **tenant},
            "blue": {"device": device(2, "blue0"), "vrf": "blue", **tenant},
        },
        "vrfs": {"red": {"table": 100}, "blue": {"table": 200}},
        "srv6": {"encap-source": OUR_SOURCE, "flow-label": "zero"},
        "sids": [
            {"sid": DT4, "behavior": "End.DT4", "vrf": "red"},
            {"sid": DT6, "behavior": "End.DT6", "vrf": "red"},
            {"sid": DT46, "behavior": "End.DT46", "vrf": "red"},
            {"sid": DX4, "behavior": "End.DX4", "nexthop": "10.1.0.2", "port": "ce"},
            {"sid": DX6, "behavior": "End.DX6", "nexthop": "fd00:1::2", "port": "ce"},
            {"sid": END, "behavior": "End"},
            {"sid": END_PSP, "behavior": "End", "flavors": ["PSP"]},
            {"sid": END_X, "behavior": "End.X", "nexthop": THEIR_SOURCE, "port": "core"},
            {"sid": END_T, "behavior": "End.T", "table": "main"},
            {"sid": B6, "behavior": "End.B6", "segments": POLICY},
            {"sid": B6_ENCAPS, "behavior": "End.B6.Encaps", "segments": [SIDS["End"], SIDS["back"]]},
        ],
        "routes": routes,
        "neighbors": [
            {"port": "core", "address": THEIR_SOURCE, "mac": left},
            *({"port": port, "address": address, "mac": peer} for port, peer in (("ce", right), ("blue", other))
              for address in ("10.1.0.2", "fd00:1::2")),
        ],
    }  # fmt: skip


def frame(network, place, packet, received=False):
    """A packet in a frame from `host` or `right`, or to it."""
    peer = {"host": ("left", "l1"), "right": ("nt", "ce0")}[place]
    own = {"host": "h0", "right": "r0"}[place]
    addresses = [mac(network[peer[0]], peer[1]), mac(network[place], own)]
    kind = ETHERTYPE_IPV4 if packet[0] >> 4 == 4 else ETHERTYPE_IPV6
    return packets.ethernet(*(reversed(addresses) if received else addresses), kind, packet)


def exchange(network, place, packet, expected_at, expected):
    """Puts a packet in, and expects one frame at one place and none at the others; ARP and the like of the kernels' own
    devices is no packet of the test."""
    sockets = network["sockets"]
    for one in sockets.values():
        while select.select([one], [], [], 0)[0]:
            one.recv(65536)
    sockets[place].send(frame(network, place, packet))
    arrived = {name: [] for name in sockets}
    quiet = 2.0
    while True:
        ready = select.select(list(sockets.values()), [], [], quiet)[0]
        if not ready:
            break
        for name, one in sockets.items():
            if one in ready:
                data, address = one.recvfrom(65536)
                if address[2] != socket.PACKET_OUTGOING and b"interop" in data:
                    arrived[name].append(data.hex())
        if arrived[expected_at]:
            quiet = 0.05
    wanted = {name: [] for name in sockets}
    wanted[expected_at] = [frame(network, expected_at, expected, received=True).hex()]
    assert arrived == wanted


@pytest.mark.parametrize("name", [case[0] for case in TO_US])
def test_kernel_headend(network, name):
    number, family, _, _, _ = CASES[name]
    packet = inner(family, number, to_host=False)
    routed = packets.routed_ipv4(packet) if family == 4 else packets.routed_ipv6(packet)
    exchange(network, "host", packet, "right", routed)


@pytest.mark.parametrize("name", [case[0] for case in TO_KERNEL])
def test_kernel_decapsulates(network, name):
    number, family, _, _, _ = CASES[name]
    packet = inner(family, number, to_host=True)
    routed = packets.routed_ipv4(packet) if family == 4 else packets.routed_ipv6(packet)
    exchange(network, "right", packet, "host", routed)


@pytest.mark.parametrize("name, family", TRANSIT)
def test_kernel_passes_on(network, name, family):
    """Needletail encapsulates, the kernel's SID moves the packet on, with the outer header as RFC 8986 has it."""
    number, _, _, path, _ = CASES[f"{name}, IPv{family}"]
    packet = inner(family, number, to_host=True)
    kind = NEXT_IPV4 if family == 4 else NEXT_IPV6
    left, segments = (1 if name == "End.B6" else 0), list(reversed(path))
    tunnel = packets.srh(segments, left, kind, packet)
    # Needletail and the kernel each take a hop of the 64 that both families' packets begin with.
    if name == "End.B6":
        # The kernel inserts before it advances: the SID itself is the inserted path's last segment.
        tunnel = packets.srh([SIDS[name], POLICY[1], POLICY[0]], 2, NEXT_ROUTING, tunnel)
        outer = packets.ipv6(OUR_SOURCE, POLICY[0], NEXT_ROUTING, tunnel, hop_limit=62)
    elif name == "End.B6.Encaps":
        advanced = packets.ipv6(OUR_SOURCE, path[1], NEXT_ROUTING, tunnel, hop_limit=63)
        tunnel = packets.srh([POLICY[1], POLICY[0]], 1, NEXT_IPV6, advanced)
        outer = packets.ipv6(THEIR_SOURCE, POLICY[0], NEXT_ROUTING, tunnel, hop_limit=62)
    else:
        outer = packets.ipv6(OUR_SOURCE, path[1], NEXT_ROUTING, tunnel, hop_limit=62)
    exchange(network, "right", packet, "host", outer)


def test_our_end_b6_inserts(network):
    number, _, _, path, _ = CASES["our End.B6"]
    packet = inner(6, number, to_host=False)
    tunnel = packets.srh([DT6, B6], 1, NEXT_IPV6, packet)
    tunnel = packets.srh([B6, POLICY[1], POLICY[0]], 2, NEXT_ROUTING, tunnel)
    # Two hops at the kernel, one here.
    outer = packets.ipv6(THEIR_SOURCE, POLICY[0], NEXT_ROUTING, tunnel, hop_limit=61)
    exchange(network, "host", packet, "host", outer)


@pytest.mark.parametrize("name", ["inline", "inline, PSP"])
def test_kernel_inserts(network, name):
    """End, as the last SID of an inserted path, moves the packet to its own destination; PSP takes the header out."""
    number, _, _, path, _ = CASES[name]
    packet = inner(6, number, to_host=False)
    source, destination = "fd20::2", f"fd00:1:{number:x}::9"
    rest = packet[40:]
    kept = packets.ipv6(source, destination, NEXT_ROUTING, packets.srh([destination, path[0]], 0, NEXT_UDP, rest))
    expected = packets.ipv6(source, destination, NEXT_UDP, rest) if name.endswith("PSP") else kept
    exchange(network, "host", packet, "right", packets.routed_ipv6(expected, hops=2))


# What an IPv4 or IPv6 packet grows by: an IPv6 header and an SRH of one segment.
OVERHEAD = 40 + 8 + 16


@pytest.mark.parametrize(
    "here, there, fragments", [("10.1.0.2", "10.99.0.1", False), ("10.1.0.2", "10.99.0.1", True), ("fd00:1::2", "fd99::1", False)]
)
def test_tcp_finds_the_path_mtu(network, here, there, fragments):
    """Every link has 1,500 bytes: full segments do not fit the tunnel, and TCP learns so, or IPv4 is fragmented."""
    right = network["right"]
    right.sysctl("ipv4/ip_no_pmtu_disc", int(fragments))
    for family in ("-4", "-6"):
        right.ip(family, "route", "flush", "cache")
    ends = {"host": network["left"], "pe": right}
    client, server = transfer(ends, (there, here))
    assert client["sent"] == server["received"] and server["sent"] == client["received"]
    route = right.ip("route", "get", there)
    assert (f"mtu {1500 - OVERHEAD}" in route) != fragments, route


def test_everything_is_accounted_for(network):
    """Comes last: it stops the forwarder."""
    assert adds_up(network["process"].summary())
