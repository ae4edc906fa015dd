"""TAP twins: the host's own programs use the addresses of DPDK-owned ports.

    left (Linux) eth0 === red0  [needletail, VRF red]  twin red0 in namespace red, tagged twin red0.20
    also (Linux) eth0 === blue0 [needletail, VRF blue] twin blue0 in namespace blue, with the same address
    pe (Linux, seg6) pe0 === core0 [needletail, main]  twin core-tap in the forwarder's own namespace

What listens in the namespaces red and blue is a program of the host's; left, also and pe are other machines.
"""

import contextlib
import os

import pytest

from namespaces import namespaces, veth

NEEDS_TUN = pytest.mark.skipif(not os.path.exists("/dev/net/tun"), reason="skipped, because there is no /dev/net/tun")

DT4, DT6, THEIR_DT4, THEIR_DT6 = "fc00:0:1:d4::", "fc00:0:1:d6::", "fc00:0:2:d4::", "fc00:0:2:d6::"
LLDP = "01:80:c2:00:00:0e"


def host(namespace, port_namespace, device, octet):
    """A Linux machine at a port: 10.1.0.`octet` and fd00:1::`octet`."""
    namespace.sysctl("ipv6/conf/default/accept_dad", 0)
    veth(namespace, "eth0", port_namespace, device)
    port_namespace.sysctl(f"ipv6/conf/{device}/disable_ipv6", 1)
    namespace.ip("address", "add", f"10.1.0.{octet}/24", "dev", "eth0")
    namespace.ip("address", "add", f"fd00:1::{octet}/64", "dev", "eth0", "nodad")


@contextlib.contextmanager
def wired(unique):
    """The namespaces by their names, wired and with addresses."""
    with namespaces("nt", "red", "blue", "left", "also", "pe", unique=unique) as made:
        nt, pe = made["nt"], made["pe"]
        host(made["left"], nt, "red0", 2)
        host(made["also"], nt, "blue0", 2)
        pe.sysctl("ipv6/conf/default/accept_dad", 0)
        veth(pe, "pe0", nt, "core0")
        nt.sysctl("ipv6/conf/core0/disable_ipv6", 1)
        pe.sysctl("ipv6/conf/all/seg6_enabled", 1)
        pe.sysctl("ipv6/conf/pe0/seg6_enabled", 1)
        pe.ip("address", "add", "2001:db8:1::2/64", "dev", "pe0", "nodad")
        yield made


def configuration(made, **more):
    return {
        "ports": {
            "red0": {
                "device": "net_af_packet0,iface=red0",
                "vrf": "red",
                "tap": "red0",
                "addresses": ["10.1.0.1/24", "fd00:1::1/64"],
            },
            "red0-20": {"parent": "red0", "vlan": 20, "vrf": "red", "tap": "red0.20", "addresses": ["10.3.0.1/24"]},
            "blue0": {
                # net_af_packet puts IPv4 fragments together, and does not tell of its device's link.
                "device": "net_af_xdp0,iface=blue0",
                "vrf": "blue",
                "tap": "red0",
                "addresses": ["10.1.0.1/24", "fd00:1::1/64"],
            },
            "core": {"device": "net_af_packet2,iface=core0", "tap": "core-tap", "addresses": ["2001:db8:1::1/64"]},
        },
        "vrfs": {
            "red": {"table": 100, "netns": made["red"].name},
            "blue": {"table": 200, "netns": f"/run/netns/{made['blue'].name}"},
        },
        "srv6": {"encap-source": "2001:db8:1::1"},
        "sids": [
            {"sid": DT4, "behavior": "End.DT4", "vrf": "red"},
            {"sid": DT6, "behavior": "End.DT6", "vrf": "red"},
        ],
        "routes": [
            {"vrf": "red", "prefix": "10.9.0.0/24", "encap": {"mode": "encap", "segments": [THEIR_DT4]}},
            {"vrf": "red", "prefix": "fd09::/64", "encap": {"mode": "encap", "segments": [THEIR_DT6]}},
            {"vrf": "red", "prefix": "10.8.0.0/24", "via": "10.1.0.2"},
            {"prefix": "fc00:0:2::/48", "via": "2001:db8:1::2"},
        ],
        **more,
    }


def twin(process, port):
    return next(row for row in process.show("ports") if row["name"] == port)["tap"]


def forget(*places):
    """Has Linux forget the neighbours that it found."""
    for namespace, device in places:
        namespace.ip("neighbor", "flush", "dev", device)
