"""Links that go down and come back: flows of a group leave the member that lost its link, and come back to it.

    feeder (frames by hand) in0 === in0 [needletail] out1 === eth0 one (Linux)
                                                     out2 === eth0 two (Linux)

The hosts' neighbours are found by ARP, so that what was learned before the link went down has to be found again.
"""

import select
import socket
import statistics
import time

import pytest

import packets
from conftest import adds_up, wait_for
from live import Live
from namespaces import mac, namespaces, veth

# Fewer than a socket holds, all to one.
FLOWS = 100
HOSTS = {"one": 1, "two": 2}


@pytest.fixture
def network(unique):
    """The namespaces of the feeder, the forwarder and two hosts that take what comes."""
    with namespaces("feeder", "nt", "one", "two", unique=unique) as made:
        veth(made["feeder"], "in0", made["nt"], "in0")
        made["feeder"].sysctl("ipv6/conf/in0/disable_ipv6", 1)
        for name, number in HOSTS.items():
            veth(made[name], "eth0", made["nt"], f"out{number}")
            made[name].ip("address", "add", f"10.{number}.0.2/24", "dev", "eth0")
            made[name].sysctl("ipv6/conf/eth0/disable_ipv6", 1)
        for device in ("in0", "out1", "out2"):
            made["nt"].sysctl(f"ipv6/conf/{device}/disable_ipv6", 1)
        yield made


def configuration(driver="net_af_packet"):
    """A port for the feeder and one for each host, with a sub-interface, and routes by both hosts and by one."""
    ports = {"in0": {"device": f"{driver}0,iface=in0", "addresses": ["10.3.0.1/24"]}}
    for number in HOSTS.values():
        ports[f"out{number}"] = {"device": f"{driver}{number},iface=out{number}", "addresses": [f"10.{number}.0.1/24"]}
    ports["out1-100"] = {"parent": "out1", "vlan": 100, "addresses": ["10.4.0.1/24"]}
    routes = [
        {"prefix": "10.9.0.0/16", "nexthops": [{"via": "10.1.0.2"}, {"via": "10.2.0.2"}]},
        {"prefix": "10.8.0.0/16", "via": "10.1.0.2"},
    ]
    return {"ports": ports, "routes": routes}


class Traffic:
    """Frames from the feeder, and what the hosts receive of them."""

    def __init__(self, network):
        self.feeder = network["feeder"].packet_socket("in0")
        self.sinks = {name: network[name].packet_socket("eth0") for name in HOSTS}
        self.addresses = mac(network["nt"], "in0"), mac(network["feeder"], "in0")
        self.round = 0

    def send(self, prefix="10.9"):
        """A packet of each flow: by flow, the hosts that it reached."""
        self.round += 1
        for flow in range(FLOWS):
            data = packets.udp(4000 + flow, 5000, self.round.to_bytes(4, "big") + flow.to_bytes(4, "big"))
            packet = packets.ipv4("10.3.0.2", f"{prefix}.{flow % 7}.{flow % 250 + 1}", packets.NEXT_UDP, data)
            self.feeder.send(packets.ethernet(*self.addresses, packets.ETHERTYPE_IPV4, packet))
        return self.received()

    def received(self):
        """The hosts that this round's packets reached, by flow, once nothing has come for a while."""
        found = {}
        while True:
            ready, _, _ = select.select(list(self.sinks.values()), [], [], 0.5)
            if not ready:
                return found
            for name, sink in self.sinks.items():
                if sink not in ready:
                    continue
                frame = sink.recv(2048)
                if frame[12:14] == b"\x08\x00" and frame[42:46] == self.round.to_bytes(4, "big"):
                    found.setdefault(int.from_bytes(frame[46:50], "big"), []).append(name)


def links(process):
    """The links by port."""
    return {row["name"]: row["link"] for row in process.show("ports")}


def reached(found):
    """The hosts that were reached, after a look that every flow came to one, once."""
    assert sorted(found) == list(range(FLOWS))
    assert all(len(hosts) == 1 for hosts in found.values())
    return {hosts[0] for hosts in found.values()}


def set_link(network, traffic, process, name, is_up):
    """Sets a host's link, and waits until the forwarder shows it."""
    network[name].ip("link", "set", "eth0", "up" if is_up else "down")
    # The socket says once that its device went down.
    traffic.sinks[name].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    wait_for(lambda: links(process)[f"out{HOSTS[name]}"] == ("up" if is_up else "down"))


@pytest.mark.parametrize("driver", ["net_af_packet", "net_af_xdp"])
def test_flows_leave_a_member_without_link_and_come_back(network, forwarder, driver):
    process = forwarder(configuration(driver), namespace=network["nt"].name)
    traffic = Traffic(network)
    wait_for(lambda: set(links(process).values()) == {"up"})
    # Both hosts are found first: up to 64 packets wait for a neighbour.
    for _ in range(2):
        before = traffic.send()
    assert reached(before) == {"one", "two"}

    set_link(network, traffic, process, "one", False)
    assert links(process) == {"in0": "up", "out1": "down", "out2": "up", "out1-100": "down"}
    moved = traffic.send()
    assert reached(moved) == {"two"}
    assert "10.1.0.2" not in {row["address"] for row in process.show("neighbors")}
    actions = {row["prefix"]: row["action"] for row in process.show("routes")}
    assert actions["10.9.0.0/16"] == "via 10.1.0.2 port out1 linkdown weight 1, via 10.2.0.2 port out2 weight 1"
    assert actions["10.8.0.0/16"] == "via 10.1.0.2 port out1 linkdown"
    assert traffic.send("10.8") == {}

    set_link(network, traffic, process, "one", True)
    # Without a packet for it: flows come back when it has answered.
    wait_for(lambda: "10.1.0.2" in {row["address"] for row in process.show("neighbors") if row.get("mac")})
    back = traffic.send()
    assert reached(back) == {"one", "two"}
    assert back == before, "every flow takes the way that it took"
    assert reached(traffic.send("10.8")) == {"one"}
    assert process.log.count("port out1: link down") == 1 and process.log.count("port out1: link up") == 2
    assert adds_up(process.summary())


def test_a_link_is_seen_within_100_ms(network, forwarder, tmp_path):
    forwarder(configuration(), namespace=network["nt"].name)
    live = Live(tmp_path / "api.sock")
    seen = []
    for word in ("down", "up") * 5:
        began = time.monotonic()
        network["one"].ip("link", "set", "eth0", word)
        wait_for(lambda: {row["link"] for row in live.ask("GET", "/v1/ports")[1] if row["name"] == "out1"} == {word})
        seen.append(time.monotonic() - began)
    # Of many, as the machine of the test has other things to do.
    assert statistics.median(seen) <= 0.1, seen
