"""What `tools/bench forward` sends, and the configuration that forwards it."""

import ipaddress
import json
import random

import packets
from traffic import CORE_MAC, OUTER_SOURCE, SOURCE_MAC

PACKETS = 1024
NEXTHOP_MAC = "02:00:00:00:01:02"
NEXTHOPS = {4: "10.254.0.2", 6: "fd00:fffe::2"}
ADDRESSES = ["10.254.0.1/24", "fd00:fffe::1/64"]
PAYLOAD = packets.udp(4000, 5000, b"needletail12345678")

# Prefix lengths as the Internet has them, roughly: most at /24 and /48, some shorter, a few longer.
LENGTHS = {4: [24] * 12 + [22, 20, 19, 16, 23, 28], 6: [48] * 10 + [32, 36, 40, 44, 56, 64]}
NETWORKS = {4: "64.0.0.0/3", 6: "2a00::/12"}


class Case:
    """A bench case: frames for the core port, and sections of needletail's configuration."""

    def __init__(self, name, family, routes, sid=None):
        self.name = name
        self.family = family
        self.sid = sid
        self.random = random.Random(name)
        self.prefixes = [self._prefix() for _ in range(routes)]

    def _prefix(self):
        network = ipaddress.ip_network(NETWORKS[self.family])
        length = self.random.choice(LENGTHS[self.family])
        bits = self.random.getrandbits(length - network.prefixlen) << (network.max_prefixlen - length)
        return type(network)((int(network.network_address) + bits, length))

    def _destination(self, index):
        prefix = self.prefixes[index % len(self.prefixes)]
        return str(prefix[self.random.randrange(prefix.num_addresses)])

    def _frame(self, index):
        destination = self._destination(index)
        if self.family == 4:
            ethertype, next_header = packets.ETHERTYPE_IPV4, packets.NEXT_IPV4
            packet = packets.ipv4("192.0.2.1", destination, packets.NEXT_UDP, PAYLOAD)
        else:
            ethertype, next_header = packets.ETHERTYPE_IPV6, packets.NEXT_IPV6
            packet = packets.ipv6("2001:db8:1::9", destination, packets.NEXT_UDP, PAYLOAD)
        if self.sid:
            # One segment in an SRH: what Linux's `encap seg6 mode encap` sends.
            tunnel = packets.srh([self.sid["sid"]], 0, next_header, packet)
            packet = packets.ipv6(OUTER_SOURCE, self.sid["sid"], packets.NEXT_ROUTING, tunnel)
            ethertype = packets.ETHERTYPE_IPV6
        return packets.ethernet(CORE_MAC, SOURCE_MAC, ethertype, packet)

    def frames(self):
        """The frames of the file that both sides of the bench read endlessly."""
        return [self._frame(index) for index in range(PACKETS)]

    def configuration(self, eal, socket, lcores, core_device, ce_device):
        """needletail's configuration; JSON, which is YAML too."""
        vrf = {"vrf": "red"} if self.sid else {}
        nexthop = NEXTHOPS[self.family]
        sections = {
            "dpdk": {"eal": eal, "mbufs": 32768},
            "api": {"socket": socket},
            "lcores": lcores,
            "ports": {
                "core": {"device": core_device, "mac": CORE_MAC, "addresses": ["2001:db8:1::1/64"]},
                "ce": {"device": ce_device, "addresses": ADDRESSES, **vrf},
            },
            "vrfs": {"red": {"table": 100}},
            "routes": [
                {"prefix": prefix, "via": nexthop, "port": "ce", **vrf}
                for prefix in dict.fromkeys(str(prefix) for prefix in self.prefixes)
            ],
            "neighbors": [{"port": "ce", "address": nexthop, "mac": NEXTHOP_MAC}],
        }
        if self.sid:
            sections["sids"] = [self.sid]
        return json.dumps(sections, indent=1)


CASES = [
    Case("end-dt4-1k", 4, 1000, {"sid": "fc00:0:1:d4::", "behavior": "End.DT4", "vrf": "red"}),
    Case(
        "end-dx4", 4, 1000, {"sid": "fc00:0:1:14::", "behavior": "End.DX4", "nexthop": NEXTHOPS[4], "port": "ce"}
    ),
    Case("end-dt6-1k", 6, 1000, {"sid": "fc00:0:1:d6::", "behavior": "End.DT6", "vrf": "red"}),
    Case("ipv4-1k", 4, 1000),
    Case("ipv6-1k", 6, 1000),
]
