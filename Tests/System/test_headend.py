"""The headend: what the outer header takes over from the packet inside, and what is counted."""

import copy
import json
import time

import pytest

import packets
from node import *
from packets import ETHERTYPE_IPV4, ETHERTYPE_IPV6, NEXT_UDP

FAR = "2001:db8:6::d4"
TOS = 0xB9  # DSCP 46, ECN 1


def node(**srv6):
    """The node with headend routes of red: two for IPv4 with the same path, one for IPv6."""
    configuration = copy.deepcopy(CONFIGURATION)
    encap = {"mode": "encap", "segments": [FAR]}
    for prefix in ("198.51.100.0/24", "203.0.113.0/24", "2001:db8:9::/48"):
        configuration["routes"].append({"vrf": "red", "prefix": prefix, "encap": encap})
    return {**configuration, "srv6": {"encap-source": "2001:db8:1::1", "flow-label": "zero", **srv6}}


def four(destination="198.51.100.7", ttl=31):
    inner = packets.ipv4("10.250.0.1", destination, NEXT_UDP, packets.udp(1, 2, bytes(8)), ttl=ttl, tos=TOS)
    return inner, packets.ethernet(RED_MAC, RED_PEER, ETHERTYPE_IPV4, inner)


def six(hop_limit=31):
    inner = packets.ipv6("fd00:250::1", "2001:db8:9::7", NEXT_UDP, packets.udp(1, 2, bytes(8)), hop_limit)
    inner = bytes([0x60 | TOS >> 4, (TOS & 15) << 4]) + inner[2:]
    return inner, packets.ethernet(RED_MAC, RED_PEER, ETHERTYPE_IPV6, inner)


# Keys, then traffic class and hop limit outside of an IPv4 and of an IPv6 packet. Linux's are the defaults.
OUTER = [
    ({}, (0, 63), (TOS, 30)),
    ({"hop-limit": "copy"}, (0, 30), (TOS, 30)),
    ({"hop-limit": 255}, (0, 254), (TOS, 254)),
    ({"hop-limit": 2}, (0, 1), (TOS, 1)),
    ({"dscp": "copy"}, (TOS, 63), (TOS, 30)),
    ({"dscp": 0}, (0, 63), (0, 30)),
    ({"dscp": 46}, (0xB8, 63), (0xB8, 30)),
    ({"dscp": 63, "hop-limit": 100}, (0xFC, 99), (0xFC, 99)),
]


@pytest.mark.parametrize("keys, around4, around6", OUTER)
def test_outer_header(explain, keys, around4, around6):
    rows = explain(node(**keys), [four()[1], six()[1]], "ce-red")
    for row, (inner, _), (traffic_class, hop_limit) in zip(rows, (four(), six()), (around4, around6)):
        (sent,) = row["tx"]
        packet = bytes.fromhex(sent["frame"])[14:]
        assert (sent["port"], int.from_bytes(packet[:4], "big")) == ("core", 6 << 28 | traffic_class << 20)
        assert packet[7] == hop_limit
        # Behind the outer header and an SRH of one segment comes the packet as it was.
        assert packet[64:] == inner


def test_copied_hops_run_out_for_the_sender(explain):
    (row,) = explain(node(**{"hop-limit": "copy"}), [four(ttl=1)[1]], "ce-red")
    (error,) = [bytes.fromhex(sent["frame"]) for sent in row["tx"]]
    assert row["drop"] == "hop-limit-exceeded" and error[34:36] == b"\x0b\x00"


def test_each_route_is_counted(forwarder, tmp_path, cli):
    frames = [four("198.51.100.7")[1]] * 3 + [four("203.0.113.9")[1]] * 2
    frames += [six()[1]]
    packets.write_pcap(tmp_path / "in.pcap", frames)
    configuration = node()
    configuration["ports"]["ce-red"]["device"] = f"net_pcap1,rx_pcap={tmp_path}/in.pcap"
    forwarder(configuration)
    counted, deadline = {}, time.monotonic() + 20
    while sum(row[0] for row in counted.values()) < len(frames):
        assert time.monotonic() < deadline, counted
        shown = cli("show", "routes", "--socket", tmp_path / "api.sock", "--json")
        assert shown.returncode == 0, shown.stderr
        routes = json.loads(shown.stdout)
        counted = {row["prefix"]: (row["packets"], row["bytes"], row["errors"]) for row in routes if "packets" in row}
        time.sleep(0.05)
    assert counted == {
        "198.51.100.0/24": (3, 3 * 36, 0), "203.0.113.0/24": (2, 2 * 36, 0), "2001:db8:9::/48": (1, 56, 0),
    }  # fmt: skip
