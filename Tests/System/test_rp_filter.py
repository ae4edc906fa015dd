"""`rp-filter`: the sources that IPv4 packets may have (RFC 3704), off the wire and out of a tunnel."""

import copy

import pytest

import packets
from node import *
from packets import ETHERTYPE_IPV4, NEXT_IPV4

# Sources by where red's routes send them back: by the port that receives, by another of red's, nowhere, to be dropped.
BACK, ELSEWHERE, NOWHERE, DROPPED = "10.250.0.1", "10.9.0.1", "192.0.2.1", "10.66.1.1"
# On a link whose neighbours are not known, and by two next hops, one of which is on the port.
UNRESOLVED, BALANCED = "10.254.0.200", "10.88.0.1"
SOURCES = (BACK, ELSEWHERE, NOWHERE, DROPPED, UNRESOLVED, BALANCED)


def node(ports=(), vrfs=(), **srv6):
    """The node with filters by port and by VRF."""
    configuration = copy.deepcopy(CONFIGURATION)
    configuration["routes"].append(
        {"vrf": "red", "prefix": "10.88.0.0/16", "nexthops": [{"via": "10.254.0.2"}, {"via": "10.253.0.2"}]}
    )
    for section, filters in (("ports", ports), ("vrfs", vrfs)):
        for name, number in dict(filters).items():
            configuration[section][name]["rp-filter"] = number
    return {**configuration, "srv6": srv6}


def from_source(source, destination="10.1.2.3"):
    return packets.ipv4(source, destination, packets.NEXT_UDP, packets.udp(1, 2, bytes(8)))


def passing(rows):
    """The sources of packets that were forwarded; all others were dropped, silently, for their source."""
    drops = [row["drop"] for row in rows]
    assert set(drops) <= {None, "rp-filter"}, drops
    assert all(len(row["tx"]) == (row["drop"] is None) for row in rows)
    return {source for source, row in zip(SOURCES, rows) if row["drop"] is None}


@pytest.mark.parametrize(
    "number, expected",
    [(0, set(SOURCES)), (1, {BACK, UNRESOLVED, BALANCED}), (2, {BACK, ELSEWHERE, UNRESOLVED, BALANCED})],
)
def test_port(explain, number, expected):
    frames = [packets.ethernet(RED_MAC, RED_PEER, ETHERTYPE_IPV4, from_source(source)) for source in SOURCES]
    assert passing(explain(node({"ce-red": number}), frames, "ce-red")) == expected


def test_ports_of_one_device_have_filters_of_their_own(explain):
    configuration = node({"red-site": 1})
    tagged = [packets.ethernet(BLUE_MAC, SITE_PEER, ETHERTYPE_IPV4, from_source(source), vlan=20) for source in SOURCES]
    assert passing(explain(configuration, tagged, "ce-blue")) == {ELSEWHERE, BALANCED}
    plain = [packets.ethernet(BLUE_MAC, BLUE_PEER, ETHERTYPE_IPV4, from_source(source)) for source in SOURCES]
    assert passing(explain(configuration, plain, "ce-blue")) == set(SOURCES)


# Out of a tunnel into red, every port of red leads back.
OF_RED = {BACK, ELSEWHERE, UNRESOLVED, BALANCED}


@pytest.mark.parametrize(
    "ports, vrfs, expected",
    [
        ({"ce-red": 1, "red-site": 1}, {}, set(SOURCES)),
        ({"core": 1}, {}, OF_RED),
        ({}, {"red": 1}, OF_RED),
        ({"core": 1}, {"red": 0}, set(SOURCES)),
        ({}, {"red": 2}, OF_RED),
        ({}, {"blue": 1}, set(SOURCES)),
    ],
)
@pytest.mark.parametrize("behavior", ["End.DT4", "End.DT46"])
@pytest.mark.parametrize("compat", [{}, {"compat": "linux"}])
def test_tunnel_into_a_vrf(explain, behavior, ports, vrfs, expected, compat):
    configuration = node(ports, vrfs, **compat)
    configuration["sids"][0]["behavior"] = behavior
    frames = [tunnel(DT4, NEXT_IPV4, from_source(source), segments) for source in SOURCES for segments in (None, [DT4])]
    rows = explain(configuration, frames)
    assert passing(rows[::2]) == passing(rows[1::2]) == expected


@pytest.mark.parametrize("port, expected", [("core", {BACK}), ("core-100", {ELSEWHERE})])
def test_adjacency_is_filtered_by_the_port_that_received_the_tunnel(explain, port, expected):
    """Main has two routes for tenants' sources, by `core` and by its sub-interface."""
    configuration = node({port: 1})
    for name, address in (("core", "10.251.0.1/24"), ("core-100", "10.252.0.1/24")):
        configuration["ports"][name]["addresses"] = [*configuration["ports"][name]["addresses"], address]
    configuration["routes"] += [
        {"prefix": "10.250.0.0/24", "via": "10.251.0.2"},
        {"prefix": "10.9.0.0/24", "via": "10.252.0.2"},
    ]
    vlan = 100 if port == "core-100" else None
    frames = [tunnel(DX4, NEXT_IPV4, from_source(source), vlan=vlan) for source in SOURCES]
    assert passing(explain(configuration, frames)) == expected
    # The other one of the two has no filter.
    frames = [tunnel(DX4, NEXT_IPV4, from_source(source), vlan=None if vlan else 100) for source in SOURCES]
    assert passing(explain(configuration, frames)) == set(SOURCES)


@pytest.mark.parametrize("compat, drop", [({}, "rp-filter"), ({"compat": "linux"}, "no-route")])
def test_errors_to_wrong_sources(explain, compat, drop):
    """Who has no right to its source gets no ICMP error, but from Linux, which sends it where that source is."""
    frame = packets.ethernet(RED_MAC, RED_PEER, ETHERTYPE_IPV4, from_source(ELSEWHERE, "172.16.0.1"))
    (row,) = explain(node({"ce-red": 1}, **compat), [frame], "ce-red")
    assert (row["drop"], [sent["port"] for sent in row["tx"]]) == (drop, ["red-site"] if compat else [])
