"""Ports that change while packets flow: addresses, sub-interfaces, VRFs and settings, between Linux hosts.

    left (Linux) eth0 === port0 [needletail, VRF red] port1 === eth0 right (Linux)
    10.1.0.2                                                    10.2.0.2
    10.5.0.2
"""

import copy
import json
import re

import pytest

from conftest import adds_up, wait_for
from live import Live
from namespaces import namespaces, run, veth

CONFIGURATION = {
    "ports": {
        f"port{number}": {
            "device": f"net_af_packet{number},iface=port{number}",
            "vrf": "red",
            "addresses": [f"10.{number + 1}.0.1/24"],
        }
        for number in (0, 1)
    },
    "vrfs": {"red": {"table": 100}, "blue": {"table": 200}},
}


@pytest.fixture
def network(unique):
    """The namespaces left, nt and right; left has an address too on a subnet that the forwarder does not know yet."""
    with namespaces("left", "nt", "right", unique=unique) as made:
        for number, name in enumerate(("left", "right")):
            made[name].sysctl("ipv6/conf/default/disable_ipv6", 1)
            veth(made[name], "eth0", made["nt"], f"port{number}")
            made["nt"].sysctl(f"ipv6/conf/port{number}/disable_ipv6", 1)
            made[name].ip("address", "add", f"10.{number + 1}.0.2/24", "dev", "eth0")
            made[name].ip("route", "add", "default", "via", f"10.{number + 1}.0.1")
        made["left"].ip("address", "add", "10.5.0.2/24", "dev", "eth0")
        yield made


class Running:
    """A forwarder, and configurations that it is given."""

    def __init__(self, process, folder):
        self.process = process
        self.live = Live(folder / "api.sock")
        self.started = json.loads(process.configuration.read_text())

    def file(self, change=lambda ports: None):
        """The configuration that it was started with, its ports changed."""
        wanted = copy.deepcopy(self.started)
        change(wanted["ports"])
        return json.dumps(wanted)

    def apply(self, change=lambda ports: None):
        """Applies such a configuration."""
        return self.live.configure(self.file(change))

    def port(self, name):
        """A port's row; None if there is no such port."""
        return {row["name"]: row for row in self.process.show("ports")}.get(name)


def answers(namespace, address, *words):
    """How many of three pings are answered."""
    words = ["ip", "netns", "exec", namespace.name, "ping", "-n", "-c", "3", "-i", "0.2", "-W", "1", *words, address]
    return int(re.search(r"(\d+) received", run(*words, check=False))[1])


def vlan(ports):
    """Another address, and a sub-interface."""
    ports["port0"]["addresses"].append("10.5.0.1/24")
    ports["port0-7"] = {"parent": "port0", "vlan": 7, "vrf": "red", "addresses": ["10.7.0.1/24"]}


def test_addresses_and_subinterfaces_come_and_go_under_traffic(network, forwarder, tmp_path):
    node = Running(forwarder(CONFIGURATION, namespace=network["nt"].name), tmp_path)
    left, right = network["left"], network["right"]
    assert answers(left, "10.2.0.2") == 3
    assert answers(right, "10.5.0.2") == 0
    stream = left.start("ping", "-n", "-q", "-i", "0.005", "-w", "8", "10.2.0.2")
    for _ in range(3):
        assert node.apply(vlan)["added"] == 1
        assert answers(left, "10.5.0.1") == 3, "the new address answers"
        assert answers(right, "10.5.0.2") == 3
        assert node.port("port0-7")["device"] == "port0 vlan 7"
        assert node.apply()["deleted"] == 1
        assert node.port("port0-7") is None
        assert answers(left, "10.5.0.1", "-t", "1") == 0
    text, _ = stream.communicate()
    assert " 0% packet loss" in text, text
    assert adds_up(node.process.summary())


def test_a_port_moves_between_vrfs(network, forwarder, tmp_path):
    node = Running(forwarder(CONFIGURATION, namespace=network["nt"].name), tmp_path)
    left = network["left"]
    assert answers(left, "10.2.0.2") == 3
    node.apply(lambda ports: ports["port1"].update(vrf="blue"))
    assert node.port("port1")["vrf"] == "blue"
    assert answers(left, "10.2.0.2") == 0
    assert answers(network["right"], "10.2.0.1") == 3
    node.apply()
    assert answers(left, "10.2.0.2") == 3


def test_the_mtu_changes_as_far_as_the_device_goes(network, forwarder, tmp_path):
    node = Running(forwarder(CONFIGURATION, namespace=network["nt"].name), tmp_path)
    left = network["left"]
    whole = ("10.2.0.2", "-s", "1472", "-M", "do")
    assert answers(left, *whole) == 3, "1500 bytes"
    assert node.apply(lambda ports: ports["port1"].update(mtu=1400))["replaced"] == 1
    assert answers(left, *whole) == 0
    before = node.process.show("routes"), node.port("port0")["mtu"]

    def huge(ports):
        vlan(ports)
        ports["port0"]["mtu"] = 9000

    status, answer = node.live.ask("POST", "/v1/apply", json.dumps({"configuration": node.file(huge), "file": "node.yaml"}).encode())
    assert status == 422
    assert answer["error"].startswith("ports.port0.mtu: the device (net_af_packet) does not change to 9000 while it runs"), answer
    assert (node.process.show("routes"), node.port("port0")["mtu"]) == before
    assert node.apply()["replaced"] == 1
    # The sender has learned the path's MTU meanwhile.
    left.ip("route", "flush", "cache")
    assert answers(left, *whole) == 3


def routes(process):
    """What becomes of packets, once all ports have seen their links."""
    wait_for(lambda: all(row["link"] == "up" for row in process.show("ports")))
    return {row["prefix"]: row["action"] for row in process.show("routes")}


def test_a_restart_finds_the_ports_as_they_were(network, forwarder, tmp_path):
    state = tmp_path / "state"
    node = Running(forwarder(CONFIGURATION, namespace=network["nt"].name, more=["--state", state]), tmp_path)
    node.apply(vlan)
    shown = routes(node.process)
    node.process.child.kill()
    node.process.wait()
    process = forwarder(CONFIGURATION, namespace=network["nt"].name, more=["--state", state, "--resume"])
    found = routes(process)
    assert found == {prefix: action for prefix, action in shown.items() if not prefix.endswith(".0.2/32")}
    assert answers(network["left"], "10.5.0.1") == 3
