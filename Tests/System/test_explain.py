"""`needletail explain`: every frame in gives the right frame out, byte for byte, or the right reason."""

import json
import struct

import pytest

import packets
from node import *
from packets import NEXT_IPV4, NEXT_IPV6, NEXT_UDP

V4, V6 = packets.ETHERTYPE_IPV4, packets.ETHERTYPE_IPV6

# The three ways a packet comes to a SID that ends its path: no SRH, one with a single segment, one with more behind it.
ARRIVALS = {
    "without SRH": lambda sid: None,
    "SRH of one": lambda sid: [sid],
    "SRH of three": lambda sid: [sid, "fc00:0:7::", "fc00:0:8::"],
}


def forwarded_cases():
    """Name, frame in, port and frame out."""
    for arrival, segments in ARRIVALS.items():
        for tenant, dt4, dt6, dx4 in (("red", DT4, DT6, DX4), ("blue", BLUE_DT4, BLUE_DT6, BLUE_DX4)):
            out = f"ce-{tenant}"
            name = f"{tenant}, {arrival}"
            four, six = inner4(), inner6()
            yield f"End.DT4 {name}", tunnel(dt4, NEXT_IPV4, four, segments(dt4)), out, sent4(four, tenant)
            yield f"End.DT6 {name}", tunnel(dt6, NEXT_IPV6, six, segments(dt6)), out, sent6(six, tenant)
            # End.DX4 asks no table: a destination that the VRF has no route for goes to the adjacency all the same.
            four = inner4("198.51.100.7")
            yield f"End.DX4 {name}", tunnel(dx4, NEXT_IPV4, four, segments(dx4)), out, sent4(four, tenant)
    four, six = inner4(), inner6()
    with_tlv = dict(segments=[DT4], tlvs=b"\x04\x06" + bytes(6))
    yield "an SRH with a PadN TLV", tunnel(DT4, NEXT_IPV4, four, **with_tlv), "ce-red", sent4(four)
    behind = packets.options(packets.NEXT_ROUTING, packets.srh([DT4], 0, NEXT_IPV4, four))
    options = frame6(packets.ipv6(SOURCE, DT4, packets.NEXT_DESTINATION, behind))
    yield "destination options before the SRH", options, "ce-red", sent4(four)
    yield "a tagged frame", tunnel(DT4, NEXT_IPV4, four, [DT4], vlan=100), "ce-red", sent4(four)
    yield "a priority-tagged frame", tunnel(DT4, NEXT_IPV4, four, [DT4], vlan=0), "ce-red", sent4(four)
    site = inner4("10.9.1.1")
    tagged = packets.ethernet(SITE_PEER, BLUE_MAC, V4, packets.routed_ipv4(site), vlan=20)
    yield "out by a sub-interface", tunnel(DT4, NEXT_IPV4, site), "red-site", tagged
    jumbo = inner4(size=8800)
    yield "a jumbo frame", tunnel(DT4, NEXT_IPV4, jumbo, [DT4]), "ce-red", sent4(jumbo)
    jumbo = inner6(size=8800)
    yield "a jumbo IPv6 packet", tunnel(DT6, NEXT_IPV6, jumbo, [DT6]), "ce-red", sent6(jumbo)
    padded = tunnel(DT4, NEXT_IPV4, inner4(size=0)) + bytes(20)
    yield "bytes behind the packet", padded, "ce-red", sent4(inner4(size=0))
    inner_padding = tunnel(DT4, NEXT_IPV4, four + bytes(9))
    yield "bytes behind the inner packet", inner_padding, "ce-red", sent4(four)
    yield "TTL 2", tunnel(DT4, NEXT_IPV4, inner4(ttl=2)), "ce-red", sent4(inner4(ttl=2))
    transit = packets.ipv6(SOURCE, "2001:db8:6::9", NEXT_UDP, packets.udp(1, 2, b"transit"))
    out = packets.ethernet(PEER_MAC, CORE_MAC, V6, packets.routed_ipv6(transit))
    yield "IPv6 in transit", frame6(transit), "core", out
    transit = packets.ipv6(SOURCE, "2001:db8:5::9", NEXT_UDP, packets.udp(1, 2, b"transit"))
    out = packets.ethernet(PEER_MAC, CORE_MAC, V6, packets.routed_ipv6(transit), vlan=100)
    yield "IPv6 in transit to a sub-interface", frame6(transit), "core-100", out


def dropped_cases():
    """Name, frame in, reason."""
    four, six = inner4(), inner6()

    def dt4(inner, **fields):
        return tunnel(DT4, NEXT_IPV4, inner, **fields)

    yield "no route in the VRF", dt4(inner4("172.16.0.1")), "no-route"
    yield "no IPv6 route in the VRF", tunnel(DT6, NEXT_IPV6, inner6("2001:db8:bad::1")), "no-route"
    yield "no such SID", tunnel("fc00:0:dead::", NEXT_IPV4, four), "no-route"
    yield "TTL 1", dt4(inner4(ttl=1)), "hop-limit-exceeded"
    yield "TTL 0", dt4(inner4(ttl=0)), "hop-limit-exceeded"
    yield "hop limit 1", tunnel(DT6, NEXT_IPV6, inner6(hop_limit=1)), "hop-limit-exceeded"
    yield "TTL 1 at End.DX4", tunnel(DX4, NEXT_IPV4, inner4(ttl=1), [DX4]), "hop-limit-exceeded"
    two = [DT4, "fc00:0:7::"]
    yield "segments left", tunnel(DT4, NEXT_IPV4, four, two, left=1), "srh-segments-left"
    yield "one more segment left than listed", tunnel(DT4, NEXT_IPV4, four, two, left=2), "srh-segments-left"
    yield "segments left beyond the list", tunnel(DT4, NEXT_IPV4, four, two, left=3), "srh-malformed"
    yield "255 segments left", tunnel(DT4, NEXT_IPV4, four, two, left=255), "srh-malformed"
    yield "a last entry beyond the header", dt4(four, segments=[DT4], last=1), "srh-malformed"
    yield "a TLV beyond the header", dt4(four, segments=[DT4], tlvs=b"\x04\x07" + bytes(6)), "srh-malformed"
    yield "an SRH without a segment", dt4(four, segments=[], last=0), "srh-malformed"
    yield "an SRH longer than the packet", dt4(four, segments=[DT4], length=255), "truncated"
    yield "another routing header", dt4(four, segments=[DT4], routing_type=0, left=1), "unknown-routing-header"
    yield "IPv6 at End.DT4", tunnel(DT4, NEXT_IPV6, six, [DT4]), "wrong-next-header"
    yield "IPv4 at End.DT6", tunnel(DT6, NEXT_IPV4, four), "wrong-next-header"
    yield "IPv6 at End.DX4", tunnel(DX4, NEXT_IPV6, six), "wrong-next-header"
    yield "UDP at a SID", tunnel(DT4, NEXT_UDP, packets.udp(1, 2, b"x"), [DT4]), "wrong-next-header"
    yield "no next header at a SID", tunnel(DT4, packets.NEXT_NONE, b""), "wrong-next-header"
    yield "an Ethernet frame at a SID", tunnel(DT4, packets.NEXT_ETHERNET, bytes(60)), "wrong-next-header"
    fragment = struct.pack("!BBHI", NEXT_IPV4, 0, 1, 7) + four
    yield "a fragment at a SID", tunnel(DT4, packets.NEXT_FRAGMENT, fragment), "outer-fragment"
    yield "inner checksum", dt4(inner4(header_checksum=0xBAD)), "ipv4-checksum"
    yield "inner version", dt4(inner4(version=5)), "ipv4-malformed"
    yield "inner header length", dt4(inner4(words=4)), "ipv4-malformed"
    yield "inner total length below the header's", dt4(inner4(total=19)), "ipv4-malformed"
    yield "inner total length beyond the packet", dt4(inner4(total=61)), "truncated"
    yield "inner options beyond the packet", dt4(inner4(words=15, size=0, total=28)), "ipv4-malformed"
    yield "inner IPv6 version", tunnel(DT6, NEXT_IPV6, inner6(version=4)), "ipv6-malformed"
    yield "inner IPv6 length beyond the packet", tunnel(DT6, NEXT_IPV6, inner6(length=41)), "truncated"
    yield "outer version", frame6(packets.ipv6(SOURCE, DT4, NEXT_IPV4, four, version=7)), "ipv6-malformed"
    yield "outer length beyond the frame", tunnel(DT4, NEXT_IPV4, four, ipv6_length=500), "truncated"
    yield "another MAC address", frame6(packets.ipv6(SOURCE, DT4, NEXT_IPV4, four), RED_MAC), "not-our-mac"
    yield "a multicast MAC address", frame6(packets.ipv6(SOURCE, DT4, NEXT_IPV4, four), "33:33:00:00:00:01"), "multicast"
    yield "an unknown VLAN", tunnel(DT4, NEXT_IPV4, four, vlan=101), "unknown-vlan"
    yield "an unknown EtherType", packets.ethernet(CORE_MAC, PEER_MAC, 0x88CC, bytes(50)), "unknown-ethertype"
    yield "a blackhole route", dt4(inner4("10.66.1.1")), "blackhole"
    yield "an unreachable route", dt4(inner4("10.66.2.1")), "unreachable"
    yield "a prohibit route", dt4(inner4("10.66.3.1")), "prohibit"
    yield "an address of the node", frame6(packets.ipv6(SOURCE, "2001:db8:1::1", NEXT_UDP, b"12345678")), "local-checksum"
    yield "an inner address of the node", dt4(inner4("10.254.0.1")), "local-protocol"
    big = tunnel(BLUE_DT6, NEXT_IPV6, inner6(size=1453), [BLUE_DT6])
    yield "a packet one byte over the MTU", big, "packet-too-big"
    yield "a giant frame", tunnel(DT4, NEXT_IPV4, inner4(size=9000)), "giant-frame"
    loopback = packets.ipv4("127.0.0.1", "10.1.2.3", NEXT_UDP, bytes(8))
    yield "an inner source of loopback", dt4(loopback), "martian-source"
    yield "an outer source of multicast", frame6(packets.ipv6("ff02::1", DT4, NEXT_IPV4, four)), "martian-source"


FORWARDED = {case[0]: case[1:] for case in forwarded_cases()}
DROPPED = {case[0]: case[1:] for case in dropped_cases()}


@pytest.fixture(scope="module")
def answers(explain):
    """What one run says of all cases, by name."""
    frames = {name: case[0] for name, case in (FORWARDED | DROPPED).items()}
    return dict(zip(frames, explain(CONFIGURATION, list(frames.values()))))


@pytest.mark.parametrize("name", FORWARDED)
def test_forwarded(answers, name):
    _, port, frame = FORWARDED[name]
    answer = answers[name]
    assert answer["drop"] is None, answer["steps"]
    assert answer["tx"] == [{"port": port, "frame": frame.hex()}]


# The ICMP errors that senders get, as IP version, type and code; other drops are silent.
ERRORS = {
    "no route in the VRF": (4, 3, 0),
    "no IPv6 route in the VRF": (6, 1, 0),
    "TTL 1": (4, 11, 0),
    "TTL 0": (4, 11, 0),
    "hop limit 1": (6, 3, 0),
    "an unreachable route": (4, 3, 1),
    "a prohibit route": (4, 3, 13),
    "an inner address of the node": (4, 3, 3),
    "a packet one byte over the MTU": (6, 2, 0),
}


def icmp_error(frame):
    """IP version, type and code of the ICMP error in a frame without options; None for anything else."""
    version = frame[14] >> 4
    protocol, start = (frame[23], 34) if version == 4 else (frame[20], 54)
    return (version, *frame[start : start + 2]) if protocol == {4: 1, 6: 58}[version] else None


@pytest.mark.parametrize("name", DROPPED)
def test_dropped(answers, name):
    answer = answers[name]
    errors = [icmp_error(bytes.fromhex(sent["frame"])) for sent in answer["tx"]]
    expected = [ERRORS[name]] if name in ERRORS else []
    assert (answer["drop"], errors) == (DROPPED[name][1], expected), answer["steps"]


def shapes():
    """A good frame for each arrival and family."""
    for arrival, segments in ARRIVALS.items():
        yield arrival + ", IPv4", tunnel(DT4, NEXT_IPV4, inner4(), segments(DT4))
        yield arrival + ", IPv6", tunnel(DT6, NEXT_IPV6, inner6(), segments(DT6))


@pytest.mark.parametrize("frame", [pytest.param(frame, id=name) for name, frame in shapes()])
def test_cut_anywhere_is_truncated(explain, frame):
    """Cut as a wire would cut it, and cut by a sender whose outer length fits what is left."""
    cut = [frame[:length] for length in range(1, len(frame))]
    shortened = [
        frame[:18] + struct.pack("!H", length - 54) + frame[20:length] for length in range(54, len(frame))
    ]
    rows = explain(CONFIGURATION, cut + shortened)
    for row, sent in zip(rows, cut + shortened):
        assert (row["drop"], row["tx"]) == ("truncated", []), f"{len(sent)} bytes: {sent.hex()}"


def test_checksum_of_every_ttl(explain):
    """The checksum's incremental update is right for every TTL and over the wrap of its sum."""
    inners = [inner4(f"10.{tos}.{ttl}.9", ttl=ttl, tos=tos) for ttl in range(2, 256) for tos in (0, 255)]
    # Bodies whose checksums stand at the ends of the range, where one's complement has two zeroes.
    wanted = {0x0000, 0x0001, 0x00FF, 0x0100, 0xFEFF, 0xFF00, 0xFFFE, 0xFFFF}
    edges = {}
    for low in range(65536):
        packet = inner4(f"10.1.{low >> 8}.{low & 255}")
        value = struct.unpack_from("!H", packet, 10)[0]
        if value in wanted:
            edges[value] = packet
    inners += edges.values()
    assert len(edges) >= 7
    rows = explain(CONFIGURATION, [tunnel(DT4, NEXT_IPV4, inner) for inner in inners])
    for row, inner in zip(rows, inners):
        assert row["tx"] == [{"port": "ce-red", "frame": sent4(inner).hex()}], row["steps"]


def test_steps_name_sid_route_and_port(explain):
    (row,) = explain(CONFIGURATION, [tunnel(DT4, NEXT_IPV4, inner4(), [DT4])])
    assert row["steps"] == [
        f"sid {DT4} End.DT4 vrf red",
        "route 10.0.0.0/8 via 10.254.0.2 port ce-red",
        "tx ce-red",
    ]


def test_several_ports_and_text(cli, tmp_path):
    """`--rx` takes files port by port, numbers run on, and the text for people names ports and reasons."""
    (tmp_path / "node.yaml").write_text(json.dumps(CONFIGURATION))
    packets.write_pcap(tmp_path / "core.pcap", [tunnel(DT4, NEXT_IPV4, inner4())])
    plain = packets.ethernet(RED_MAC, RED_PEER, V4, inner4("172.16.0.1"))
    packets.write_pcap(tmp_path / "red.pcap", [plain])
    words = ["explain", "-c", tmp_path / "node.yaml", "--rx", f"core={tmp_path}/core.pcap", "--rx", f"ce-red={tmp_path}/red.pcap"]
    rows = [json.loads(line) for line in cli(*words, "--json").stdout.splitlines()]
    assert [(row["packet"], row["port"], row["drop"]) for row in rows] == [(0, "core", None), (1, "ce-red", "no-route")]
    text = cli(*words).stdout
    assert "End.DT4 vrf red" in text and "no-route" in text and "tx ce-red" in text


def test_explain_names_the_twin_and_opens_nothing(explain):
    """No namespace of these names is there."""
    configuration = json.loads(json.dumps(CONFIGURATION))
    configuration["ports"]["ce-red"]["tap"] = "red0"
    configuration["ports"]["core"]["tap"] = "core0"
    configuration["vrfs"]["red"]["netns"] = "no-such-namespace"
    tcp = packets.ipv4("10.250.0.1", "10.254.0.1", 6, bytes(20))
    lldp = packets.ethernet("01:80:c2:00:00:0e", PEER_MAC, 0x88CC, bytes(46))
    rows = explain(configuration, [tunnel(DT4, NEXT_IPV4, tcp), lldp])
    assert rows[0]["steps"][-2:] == ["local", "punt local to tap red0"]
    assert rows[1]["steps"] == ["punt link to tap core0"]
    assert all(row["drop"] is None and row["tx"] == [] for row in rows)
