"""TAP twins: floods, links, what is removed or cannot be made. The machines are drawn in tap_network.py."""

import json
import os
import subprocess

import pytest

import packets
from conftest import adds_up, forwarders, wait_for
from namespaces import mac
from tap_network import NEEDS_TUN, configuration, forget, wired
from test_neighbors import ping

pytestmark = NEEDS_TUN


@pytest.fixture(scope="module")
def network():
    with wired("tapl") as made:
        yield made


@pytest.fixture
def start(network, forwarder):
    """Starts the forwarder in the middle, with other keys."""

    def start(**more):
        return forwarder(configuration(network, **more), namespace=network["nt"].name)

    return start


def test_a_flood_leaves_the_rest_alone(network, start):
    process = start(punt={"local": 100})
    left = network["left"]
    own, source = mac(network["nt"], "red0"), mac(left, "eth0")
    packet = packets.ipv4("10.1.0.2", "10.1.0.1", packets.NEXT_UDP, packets.udp(9, 9, bytes(64)))
    with left.packet_socket("eth0") as link:
        for _ in range(20):
            for _ in range(500):
                link.send(packets.ethernet(own, source, packets.ETHERTYPE_IPV4, packet))
            forget((left, "eth0"), (network["red"], "red0"))
            ping(left, "10.1.0.1", "-c", "1")
    counts = process.show("drops")["punts"]
    assert counts["local"]["limited"] > 5000 and 0 < counts["local"]["punted"] < 5000
    assert counts["arp"]["punted"] > 0 and counts["arp"]["limited"] == 0
    summary = process.summary()
    assert adds_up(summary)
    assert summary["drops"]["punt-limited"] == sum(count["limited"] for count in summary["punts"].values())


def test_the_carrier_follows_the_port(network, start, binary, tmp_path):
    """A memif has a link while its other end is there; devices on veth pairs do not tell of theirs."""
    ports = configuration(network)["ports"]
    words = f"socket={tmp_path}/memif.sock,socket-abstract=no"
    ports["red0"]["device"] = f"net_memif0,role=server,{words}"
    process = start(ports=ports)

    def carriers():
        return [network["red"].exec("cat", f"/sys/class/net/{name}/carrier").strip() for name in ("red0", "red0.20")]

    wait_for(lambda: carriers() == ["0", "0"])
    assert network["blue"].exec("cat", "/sys/class/net/red0/carrier").strip() == "1"
    (tmp_path / "peer").mkdir()
    with forwarders(binary, tmp_path / "peer", f"{os.getpid()}-peer") as start_peer:
        peer = start_peer({"ports": {"peer": {"device": f"net_memif0,role=client,{words}"}}}, namespace=network["nt"].name)
        wait_for(lambda: carriers() == ["1", "1"])
        peer.summary()
    wait_for(lambda: carriers() == ["0", "0"])
    assert adds_up(process.summary())


def test_a_twin_that_is_removed_is_missed_by_nobody_else(network, start):
    process = start()
    network["red"].ip("link", "del", "red0.20")
    wait_for(lambda: "somebody has removed its twin red0.20" in process.log)
    network["red"].ip("route", "flush", "dev", "red0", "table", "all", "cache")
    ping(network["red"], "10.1.0.2")
    assert adds_up(process.summary())


def test_what_cannot_be_made_is_named(network, binary, tmp_path):
    red = network["red"]
    red.ip("tuntap", "add", "taken", "mode", "tap")
    no_capabilities = ["setpriv", "--bounding-set", "-net_admin,-sys_admin"]
    no_device = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /dev/net && exec "$@"', "sh"]
    cases = [
        ([], red.name, "taken", "there is a network device taken already: remove it with `ip link del taken`"),
        ([], "no-such-ns", "t", "there is no network namespace /run/netns/no-such-ns: make it with `ip netns add`"),
        ([], "/proc/self/status", "t", "/proc/self/status is no network namespace"),
        (no_capabilities, red.name, "t", f"/run/netns/{red.name} may not be entered: run as root, or with CAP_SYS_ADMIN"),
        (no_capabilities, "/proc/self/ns/net", "t", "/proc/self/ns/net may not be entered"),
        (no_device, red.name, "t", "/dev/net/tun is not there: load it with `modprobe tun`"),
    ]
    for number, (wrapper, netns, tap, message) in enumerate(cases):
        path = tmp_path / f"{number}.yaml"
        eal = ["--no-huge", "--no-pci", "-m", "128", f"--file-prefix=tap-{os.getpid()}-{number}", "--lcores=0@0,1@0"]
        path.write_text(
            json.dumps(
                {
                    "dpdk": {"eal": eal, "mbufs": 8192},
                    "api": {"socket": str(tmp_path / "api.sock")},
                    "ports": {"red0": {"device": "net_null0", "vrf": "red", "tap": tap}},
                    "vrfs": {"red": {"table": 100, "netns": netns}},
                }
            )
        )
        words = [*wrapper, binary, "run", "-c", str(path)]
        result = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert result.returncode != 0 and f"{path}:1:" in result.stderr, result.stderr
        assert f"ports.red0.tap: {message}" in result.stderr, result.stderr
