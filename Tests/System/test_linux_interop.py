"""Linux encapsulates on one side, a plain Linux host answers on the other, and TCP passes through Needletail intact.

    pe (Linux, seg6 encap) pe0 === core0 [needletail] ce0 === host0 host (plain Linux)
    10.2.0.1 fd00:2::1                VRF red                10.1.0.2 fd00:1::2

The way there goes through a tunnel to a SID; the way back is routed in the VRF to a next hop on the core port.
"""

import sys
import pathlib

import pytest

from conftest import adds_up
from namespaces import mac, namespaces, veth

BYTES = 4 << 20
TRANSFER = pathlib.Path(__file__).with_name("transfer.py")
SIDS = {"End.DT4": "fc00:0:1:d4::", "End.DT6": "fc00:0:1:d6::", "End.DX4": "fc00:0:1:14::"}
DEVICES = {"af_xdp": "net_af_xdp{number},iface={device}", "af_packet": "net_af_packet{number},iface={device}"}


@pytest.fixture
def network(unique):
    """The namespaces pe, nt and host, with addresses, routes and neighbours on both Linux sides."""
    with namespaces("pe", "nt", "host", unique=unique) as made:
        wire(**made)
        yield made


def wire(pe, nt, host):
    """Cables and everything that Linux has to know."""
    veth(pe, "pe0", nt, "core0")
    veth(host, "host0", nt, "ce0")
    # The kernel of the forwarder's namespace sees the frames too; it must have nothing to say.
    for device in ("core0", "ce0"):
        nt.sysctl(f"ipv6/conf/{device}/disable_ipv6", 1)
    for namespace in (pe, host):
        namespace.sysctl("ipv4/conf/all/rp_filter", 0)
        namespace.sysctl("ipv4/conf/default/rp_filter", 0)
    core, ce = mac(nt, "core0"), mac(nt, "ce0")

    host.ip("address", "add", "10.1.0.2/24", "dev", "host0")
    host.ip("address", "add", "fd00:1::2/64", "dev", "host0", "nodad")
    for gateway, network in (("10.1.0.1", "10.2.0.0/16"), ("fd00:1::1", "fd00:2::/64")):
        host.ip("neighbor", "replace", gateway, "lladdr", ce, "dev", "host0", "nud", "permanent")
        host.ip("route", "add", network, "via", gateway, "dev", "host0")

    for address in ("10.9.0.2/24", "2001:db8:1::2/64"):
        pe.ip("address", "add", address, "dev", "pe0", *(["nodad"] if ":" in address else []))
    for address in ("10.2.0.1/32", "fd00:2::1/128"):
        pe.ip("address", "add", address, "dev", "lo")
    pe.ip("neighbor", "replace", "2001:db8:1::1", "lladdr", core, "dev", "pe0", "nud", "permanent")
    pe.ip("route", "add", "fc00:0:1::/48", "via", "2001:db8:1::1", "dev", "pe0")
    pe.ip("sr", "tunsrc", "set", "2001:db8:1::2")


def encapsulate(pe, behavior):
    """Linux's side of the tunnel."""
    network, source = ("fd00:1::/64", "fd00:2::1") if behavior == "End.DT6" else ("10.1.0.0/24", "10.2.0.1")
    pe.ip("route", "add", network, "encap", "seg6", "mode", "encap", "segs", SIDS[behavior], "dev", "pe0", "src", source)


def configuration(network, driver):
    """Needletail's side."""
    pe_mac, host_mac = mac(network["pe"], "pe0"), mac(network["host"], "host0")
    devices = {
        name: DEVICES[driver].format(number=number, device=name) for number, name in enumerate(("core0", "ce0"))
    }
    return {
        "ports": {
            "core": {"device": devices["core0"], "addresses": ["2001:db8:1::1/64", "10.9.0.1/24"]},
            "ce": {"device": devices["ce0"], "vrf": "red", "addresses": ["10.1.0.1/24", "fd00:1::1/64"]},
        },
        "vrfs": {"red": {"table": 100}},
        "sids": [
            {"sid": SIDS["End.DT4"], "behavior": "End.DT4", "vrf": "red"},
            {"sid": SIDS["End.DT6"], "behavior": "End.DT6", "vrf": "red"},
            {"sid": SIDS["End.DX4"], "behavior": "End.DX4", "nexthop": "10.1.0.2", "port": "ce"},
        ],
        "routes": [
            {"vrf": "red", "prefix": "10.2.0.0/16", "via": "10.9.0.2", "port": "core"},
            {"vrf": "red", "prefix": "fd00:2::/64", "via": "2001:db8:1::2", "port": "core"},
        ],
        "neighbors": [
            {"port": "core", "address": "10.9.0.2", "mac": pe_mac},
            {"port": "core", "address": "2001:db8:1::2", "mac": pe_mac},
            {"port": "ce", "address": "10.1.0.2", "mac": host_mac},
            {"port": "ce", "address": "fd00:1::2", "mac": host_mac},
        ],
    }


def transfer(network, addresses):
    """Sends BYTES both ways; the SHA-256 of what each end sent and received."""
    there, here = addresses
    server = network["host"].start(sys.executable, TRANSFER, "serve", there, there, BYTES, "host")
    client = None
    try:
        assert server.stdout.readline().strip() == "listening", server.stderr.read()
        client = network["pe"].start(sys.executable, TRANSFER, "connect", here, there, BYTES, "pe")
        results = []
        for process in (client, server):
            output, error = process.communicate(timeout=60)
            assert process.returncode == 0, error
            results.append(dict(line.split() for line in output.splitlines()))
        return results
    finally:
        for process in (server, client):
            if process and process.poll() is None:
                process.kill()
                process.wait()


@pytest.mark.parametrize("driver", DEVICES)
@pytest.mark.parametrize("behavior", SIDS)
def test_tcp_both_ways(network, forwarder, behavior, driver):
    encapsulate(network["pe"], behavior)
    process = forwarder(configuration(network, driver), namespace=network["nt"].name)
    addresses = ("fd00:1::2", "fd00:2::1") if behavior == "End.DT6" else ("10.1.0.2", "10.2.0.1")
    client, server = transfer(network, addresses)
    assert client["sent"] == server["received"]
    assert server["sent"] == client["received"]
    summary = process.summary()
    assert adds_up(summary)
    counted = {row["behavior"]: row["packets"] for row in summary["sids"]}
    # 4 MiB in segments of at most 1,460 bytes all came through the tunnel.
    assert counted[behavior] > BYTES // 1460
    assert sum(counted.values()) == counted[behavior]
