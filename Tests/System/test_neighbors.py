"""Neighbours are found by ARP and neighbour discovery: against Linux hosts that have no static entries either.

    left (Linux) eth0 === red0 [needletail, VRF red] red1 === eth0 right (Linux)
    10.1.0.2 fd00:1::2                                        10.2.0.2 fd00:2::2
"""

import concurrent.futures
import json
import re
import sys

import pytest

import node
import packets
from conftest import adds_up, wait_for
from live import Live
from namespaces import mac, namespaces, veth


@pytest.fixture(scope="module")
def network():
    """The namespaces left, nt and right, with routes and no neighbours."""
    with namespaces("left", "nt", "right", unique="neigh") as made:
        for number, (name, device) in enumerate((("left", "red0"), ("right", "red1")), 1):
            host = made[name]
            # Nobody else has the addresses: they are of use at once.
            host.sysctl("ipv6/conf/default/accept_dad", 0)
            veth(host, "eth0", made["nt"], device)
            made["nt"].sysctl(f"ipv6/conf/{device}/disable_ipv6", 1)
            host.ip("address", "add", f"10.{number}.0.2/24", "dev", "eth0")
            host.ip("address", "add", f"fd00:{number}::2/64", "dev", "eth0", "nodad")
            host.ip("route", "add", "default", "via", f"10.{number}.0.1")
            host.ip("-6", "route", "add", "default", "via", f"fd00:{number}::1")
        yield made


CONFIGURATION = {
    "ports": {
        f"red{number - 1}": {
            "device": f"net_af_packet{number},iface=red{number - 1}",
            "vrf": "red",
            "addresses": [f"10.{number}.0.1/24", f"fd00:{number}::1/64"],
        }
        for number in (1, 2)
    },
    "vrfs": {"red": {"table": 100}},
}


@pytest.fixture
def running(network, forwarder):
    """The forwarder between the hosts, all of which know no neighbour."""
    for name in ("left", "right"):
        network[name].ip("neighbor", "flush", "dev", "eth0")
    return forwarder(CONFIGURATION, namespace=network["nt"].name)


def ping(namespace, address, *words):
    """Pings from a namespace; fails unless every one is answered."""
    text = namespace.exec("ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", *words, address)
    assert " 0% packet loss" in text, text


def neighbors(process):
    return {row["address"]: row for row in process.show("neighbors")}


@pytest.mark.parametrize("address", ["10.2.0.2", "fd00:2::2"])
def test_forwarding_finds_both_ends(network, running, address):
    ping(network["left"], address)
    known = neighbors(running)
    source = "10.1.0.2" if "." in address else "fd00:1::2"
    for host, own in (("left", source), ("right", address)):
        assert known[own]["mac"] == mac(network[host], "eth0")
        assert known[own]["state"] in ("reachable", "stale", "probe")
    assert adds_up(running.summary())


@pytest.mark.parametrize("address", ["10.1.0.1", "fd00:1::1", "10.2.0.1", "fd00:2::1"])
def test_our_addresses_answer(network, running, address):
    ping(network["left"], address)


def test_link_local_addresses_answer(network, running):
    octets = bytearray(bytes.fromhex(mac(network["nt"], "red0").replace(":", "")))
    octets[0] ^= 2
    groups = (octets[:3] + b"\xff\xfe" + octets[3:]).hex()
    address = "fe80::" + ":".join(groups[place : place + 4] for place in range(0, 16, 4))
    ping(network["left"], f"{address}%eth0")


def test_traceroute_sees_the_router(network, running):
    for address, router in (("10.2.0.2", "10.1.0.1"), ("fd00:2::2", "fd00:1::1")):
        ping(network["left"], address)
        result = network["left"].start("ping", "-n", "-c", "1", "-W", "2", "-t", "1", address)
        output = result.communicate(timeout=10)[0]
        assert router in output and re.search("(?i)time to live exceeded|hop limit", output), output


def test_a_silent_host_is_unreachable(network, running):
    for address in ("10.2.0.99", "fd00:2::99"):
        result = network["left"].start("ping", "-n", "-c", "1", "-W", "6", address)
        output = result.communicate(timeout=10)[0]
        assert re.search("(?i)host unreachable|address unreachable", output), output
        assert neighbors(running)[address]["state"] == "failed"
    summary = running.summary()
    assert adds_up(summary)
    assert summary["drops"]["neighbor-unresolved"] >= 2


def announce(namespace, address, own):
    """Sends a gratuitous ARP request from a namespace."""
    sender = packets.mac(own) + packets.v4(address)
    arp = bytes.fromhex("0001080006040001") + sender + bytes(6) + packets.v4(address)
    frame = packets.ethernet("ff:ff:ff:ff:ff:ff", own, 0x0806, arp)
    program = f"""
import socket
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("eth0", 0))
link.send(bytes.fromhex("{frame.hex()}"))
"""
    namespace.exec(sys.executable, "-c", program)


def test_a_gratuitous_arp_moves_a_neighbour(network, running):
    ping(network["left"], "10.2.0.2")
    right = network["right"]
    before = mac(right, "eth0")
    right.ip("link", "set", "eth0", "address", "02:00:00:00:77:77")
    try:
        announce(right, "10.2.0.2", "02:00:00:00:77:77")
        wait_for(lambda: neighbors(running)["10.2.0.2"]["mac"] == "02:00:00:00:77:77")
        ping(network["left"], "10.2.0.2")
    finally:
        right.ip("link", "set", "eth0", "address", before)


def test_a_member_that_does_not_answer_loses_its_flows(network, forwarder):
    """10.9.0.0/16 by two next hops on the same link, one of which nobody has: after it has failed, nothing is lost."""
    configuration = json.loads(json.dumps(CONFIGURATION))
    configuration["routes"] = [
        {"vrf": "red", "prefix": "10.9.0.0/16", "nexthops": [{"via": "10.2.0.2"}, {"via": "10.2.0.98"}]}
    ]
    network["right"].ip("address", "replace", "10.9.0.0/16", "dev", "lo")
    process = forwarder(configuration, namespace=network["nt"].name)
    lost = network["left"].start(
        "sh", "-c", "for host in $(seq 1 16); do ping -n -c 1 -W 1 10.9.0.$host & done; wait"
    )  # fmt: skip
    lost.communicate(timeout=20)
    wait_for(lambda: neighbors(process).get("10.2.0.98", {}).get("state") == "failed")
    for host in range(1, 17):
        ping(network["left"], f"10.9.0.{host}", "-c", "1")


def test_neighbours_do_not_wait_for_a_long_batch(network, running):
    """Control applies 400,000 lines, and answers ARP in between."""
    lines = [f"route add {11 + (n >> 16)}.{n >> 8 & 255}.{n & 255}.0/24 vrf red via 10.2.0.2" for n in range(400_000)]
    socket = json.loads(running.configuration.read_text())["api"]["socket"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        batch = pool.submit(Live(socket).batch, lines)
        answered = 0
        while not batch.done():
            network["left"].ip("neighbor", "flush", "dev", "eth0")
            network["left"].exec("ping", "-n", "-c", "1", "-W", "2", "10.1.0.1")
            answered += not batch.done()
        assert batch.result()["added"] == len(lines)
    assert answered > 2


def test_explain_shows_the_question_and_then_the_packet(explain):
    configuration = {**node.CONFIGURATION, "neighbors": []}
    inner = node.inner4()
    arp = bytes.fromhex("0001080006040002") + packets.mac(node.RED_PEER) + bytes([10, 254, 0, 2]) + packets.mac(
        node.RED_MAC) + bytes([10, 254, 0, 1])  # fmt: skip
    reply = packets.ethernet(node.RED_MAC, node.RED_PEER, 0x0806, arp)
    rows = explain(
        configuration, {"core": [node.tunnel(node.DT4, packets.NEXT_IPV4, inner)], "ce-red": [reply]}
    )
    assert rows[0]["queued"] is True and rows[0]["drop"] is None
    assert [frame["port"] for frame in rows[0]["tx"]] == ["ce-red"]
    question = bytes.fromhex(rows[0]["tx"][0]["frame"])
    assert question[:14] == packets.mac("ff:ff:ff:ff:ff:ff") + packets.mac(node.RED_MAC) + b"\x08\x06"
    assert question[28:32] == bytes([10, 254, 0, 1]) and question[38:42] == bytes([10, 254, 0, 2])
    assert "queued" not in rows[1] and rows[1]["drop"] is None
    assert [bytes.fromhex(frame["frame"]) for frame in rows[1]["tx"]] == [node.sent4(inner)]
