"""The node that most tests run: a core port, two tenants with the same addresses, and 802.1Q sub-interfaces."""

import packets

CORE_MAC, RED_MAC, BLUE_MAC = "02:00:00:00:00:01", "02:00:00:00:00:0a", "02:00:00:00:00:0b"
PEER_MAC, RED_PEER, BLUE_PEER, SITE_PEER = (
    "02:00:00:00:ff:01",
    "02:00:00:00:ff:0a",
    "02:00:00:00:ff:0b",
    "02:00:00:00:ff:0c",
)
SOURCE = "2001:db8:ffff::1"
DT4, DT6, DX4 = "fc00:0:1:d4::", "fc00:0:1:d6::", "fc00:0:1:14::"
BLUE_DT4, BLUE_DT6, BLUE_DX4 = "fc00:0:2:d4::", "fc00:0:2:d6::", "fc00:0:2:14::"

CONFIGURATION = {
    "ports": {
        "core": {"device": "net_null0", "mac": CORE_MAC, "addresses": ["2001:db8:1::1/64"], "mtu": 9000},
        "core-100": {"parent": "core", "vlan": 100, "addresses": ["2001:db8:2::1/64"], "mtu": 9000},
        "ce-red": {
            "device": "net_null1",
            "mac": RED_MAC,
            "vrf": "red",
            "addresses": ["10.254.0.1/24", "fd00:fffe::1/64"],
            "mtu": 9000,
        },
        "ce-blue": {
            "device": "net_null2",
            "mac": BLUE_MAC,
            "vrf": "blue",
            "addresses": ["10.254.0.1/24", "fd00:fffe::1/64"],
        },
        # A second site of red as a VLAN of blue's port.
        "red-site": {"parent": "ce-blue", "vlan": 20, "vrf": "red", "addresses": ["10.253.0.1/24"]},
    },
    "vrfs": {"red": {"table": 100}, "blue": {"table": 200}},
    "sids": [
        {"sid": DT4, "behavior": "End.DT4", "vrf": "red"},
        {"sid": DT6, "behavior": "End.DT6", "vrf": "red"},
        {"sid": DX4, "behavior": "End.DX4", "nexthop": "10.254.0.2", "port": "ce-red"},
        {"sid": BLUE_DT4, "behavior": "End.DT4", "vrf": "blue"},
        {"sid": BLUE_DT6, "behavior": "End.DT6", "vrf": "blue"},
        {"sid": BLUE_DX4, "behavior": "End.DX4", "nexthop": "10.254.0.2", "port": "ce-blue"},
    ],
    "routes": [
        {"vrf": "red", "prefix": "10.0.0.0/8", "via": "10.254.0.2", "port": "ce-red"},
        {"vrf": "red", "prefix": "10.9.0.0/16", "via": "10.253.0.2", "port": "red-site"},
        {"vrf": "red", "prefix": "10.66.1.0/24", "type": "blackhole"},
        {"vrf": "red", "prefix": "10.66.2.0/24", "type": "unreachable"},
        {"vrf": "red", "prefix": "10.66.3.0/24", "type": "prohibit"},
        {"vrf": "red", "prefix": "10.77.0.0/16", "via": "10.254.0.99", "port": "ce-red"},
        {"vrf": "red", "prefix": "fd00::/16", "via": "fd00:fffe::2", "port": "ce-red"},
        {"vrf": "blue", "prefix": "10.0.0.0/8", "via": "10.254.0.2", "port": "ce-blue"},
        {"vrf": "blue", "prefix": "fd00::/16", "via": "fd00:fffe::2", "port": "ce-blue"},
        {"prefix": "2001:db8:5::/48", "via": "2001:db8:2::2", "port": "core-100"},
        {"prefix": "2001:db8:6::/48", "via": "2001:db8:1::2", "port": "core"},
    ],
    "neighbors": [
        {"port": "core", "address": "2001:db8:1::2", "mac": PEER_MAC},
        {"port": "core-100", "address": "2001:db8:2::2", "mac": PEER_MAC},
        {"port": "ce-red", "address": "10.254.0.2", "mac": RED_PEER},
        {"port": "ce-red", "address": "fd00:fffe::2", "mac": RED_PEER},
        {"port": "red-site", "address": "10.253.0.2", "mac": SITE_PEER},
        {"port": "ce-blue", "address": "10.254.0.2", "mac": BLUE_PEER},
        {"port": "ce-blue", "address": "fd00:fffe::2", "mac": BLUE_PEER},
    ],
}


def inner4(destination="10.1.2.3", size=32, **fields):
    """A tenant's IPv4 packet."""
    return packets.ipv4("10.250.0.1", destination, packets.NEXT_UDP, packets.udp(4000, 5000, bytes(size)), **fields)


def inner6(destination="fd00:1::3", size=32, **fields):
    """A tenant's IPv6 packet."""
    return packets.ipv6("fd00:250::1", destination, packets.NEXT_UDP, packets.udp(4000, 5000, bytes(size)), **fields)


def frame6(packet, destination=CORE_MAC, vlan=None):
    """An IPv6 packet in a frame from the core's peer."""
    return packets.ethernet(destination, PEER_MAC, packets.ETHERTYPE_IPV6, packet, vlan)


def tunnel(sid, next_header, payload, segments=None, left=0, vlan=None, **fields):
    """A frame with the payload in IPv6 to the SID; behind an SRH if there are segments. `length` is the IPv6 header's."""
    length = fields.pop("ipv6_length", None)
    if segments is not None:
        payload = packets.srh(segments, left, next_header, payload, **fields)
        next_header = packets.NEXT_ROUTING
    return frame6(packets.ipv6(SOURCE, sid, next_header, payload, length=length), vlan=vlan)


def sent4(packet, tenant="red"):
    """The frame in which a tenant's neighbour gets an IPv4 packet."""
    peer, own = (RED_PEER, RED_MAC) if tenant == "red" else (BLUE_PEER, BLUE_MAC)
    return packets.ethernet(peer, own, packets.ETHERTYPE_IPV4, packets.routed_ipv4(packet))


def sent6(packet, tenant="red"):
    """The frame in which a tenant's neighbour gets an IPv6 packet."""
    peer, own = (RED_PEER, RED_MAC) if tenant == "red" else (BLUE_PEER, BLUE_MAC)
    return packets.ethernet(peer, own, packets.ETHERTYPE_IPV6, packets.routed_ipv6(packet))
