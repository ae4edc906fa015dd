"""What `tools/bench forward` sends, and the configuration that forwards it."""

import ipaddress
import json
import random

import packets
from traffic import CORE_MAC, OUTER_SOURCE, SOURCE_MAC

PACKETS = 1024
# As many as the file may have before reading it takes longer than forwarding it: for tables that do not fit a cache.
MANY_PACKETS = 4096
NEXTHOP_MAC = "02:00:00:00:01:02"
NEXTHOPS = {4: "10.254.0.2", 6: "fd00:fffe::2"}
ADDRESSES = ["10.254.0.1/24", "fd00:fffe::1/64"]
PAYLOAD = packets.udp(4000, 5000, b"needletail12345678")

# Prefix lengths as the Internet has them, roughly: most at /24 and /48, some shorter, a few longer.
LENGTHS = {4: [24] * 12 + [22, 20, 19, 16, 23, 28], 6: [48] * 10 + [32, 36, 40, 44, 56, 64]}
NETWORKS = {4: ipaddress.ip_network("64.0.0.0/3"), 6: ipaddress.ip_network("2a00::/12")}

# Beyond the numbers that are the kernel's own.
FIRST_TABLE = 1000
# The block of the SIDs that packets go on to.
FAR = "fc00:1::"


class Case:
    """A bench case: frames for the core port, and sections of needletail's configuration.

    With `segments`, the routes are headends with a path of so many; with `vrfs`, each of so many VRFs has a SID like `sid`
    and all the routes. Routes and SIDs stand in a batch, which is read faster than YAML.
    """

    def __init__(self, name, family, routes, sid=None, segments=0, vrfs=1, packets=PACKETS):
        self.name = name
        self.family = family
        self.sid = sid
        self.segments = segments
        self.vrfs = vrfs
        self.packets = packets
        self.random = random.Random(name)
        self.prefixes = list(dict.fromkeys(self._prefix() for _ in range(routes)))

    def _prefix(self):
        network = NETWORKS[self.family]
        length = self.random.choice(LENGTHS[self.family])
        bits = self.random.getrandbits(length - network.prefixlen) << (network.max_prefixlen - length)
        return int(network.network_address) + bits, length

    def _text(self, address):
        return str(ipaddress.IPv4Address(address) if self.family == 4 else ipaddress.IPv6Address(address))

    def _destination(self, index):
        # A stride that shares no factor with the number of routes spreads few packets over all of them.
        address, length = self.prefixes[index * 7919 % len(self.prefixes)]
        return self._text(address + self.random.randrange(1 << (NETWORKS[self.family].max_prefixlen - length)))

    def _sid(self, number):
        return f"fc00:0:{1 + (number >> 16):x}:{number & 0xFFFF:x}::"

    def _inner(self, index):
        destination = self._destination(index)
        if self.family == 4:
            return packets.NEXT_IPV4, packets.ipv4("192.0.2.1", destination, packets.NEXT_UDP, PAYLOAD)
        return packets.NEXT_IPV6, packets.ipv6("2001:db8:1::9", destination, packets.NEXT_UDP, PAYLOAD)

    def _frame(self, index):
        next_header, packet = self._inner(index)
        ethertype = packets.ETHERTYPE_IPV4 if self.family == 4 else packets.ETHERTYPE_IPV6
        if self.sid:
            ethertype = packets.ETHERTYPE_IPV6
            packet = tunnel(self._sid(index * 4099 % self.vrfs), self.sid, next_header, packet)
        return packets.ethernet(CORE_MAC, SOURCE_MAC, ethertype, packet)

    def frames(self):
        """The frames of the file that both sides of the bench read endlessly."""
        return [self._frame(index) for index in range(self.packets)]

    def _tables(self):
        """The VRFs' names; none for main."""
        return [f"v{number}" for number in range(self.vrfs)] if self.sid else [None]

    def batch(self):
        """The lines of routes and SIDs."""
        via = f"via {NEXTHOPS[self.family]} dev ce"
        if self.segments:
            via = f"encap seg6 mode encap segs {','.join(f'{FAR}{number:x}' for number in range(1, self.segments + 1))}"
        family = "-4" if self.family == 4 else "-6"
        prefixes = [f"{self._text(address)}/{length}" for address, length in self.prefixes]
        for vrf in self._tables():
            where = f"vrf {vrf} " if vrf else ""
            yield from (f"{family} route add {prefix} {where}{via}" for prefix in prefixes)
        for number, vrf in enumerate(self._tables() if self.sid else []):
            action = self.sid.format(table=FIRST_TABLE + number, vrf=vrf)
            yield f"-6 route add {self._sid(number)}/128 encap seg6local action {action}"
        yield f"-6 route add {FAR}/64 via {NEXTHOPS[6]} dev ce"

    def configuration(self, eal, socket, lcores, core_device, ce_device):
        """needletail's configuration; JSON, which is YAML too."""
        sections = {
            "dpdk": {"eal": eal, "mbufs": 32768},
            "api": {"socket": socket},
            "lcores": lcores,
            "ports": {
                "core": {"device": core_device, "mac": CORE_MAC, "addresses": ["2001:db8:1::1/64"]},
                "ce": {"device": ce_device, "addresses": ADDRESSES},
            },
            "vrfs": {name: {"table": FIRST_TABLE + number} for number, name in enumerate(self._tables()) if name},
            "neighbors": [{"port": "ce", "address": address, "mac": NEXTHOP_MAC} for address in NEXTHOPS.values()],
        }
        return json.dumps(sections, indent=1)


def tunnel(sid, action, next_header, packet):
    """A packet in IPv6 to a SID, with an SRH; one whose behaviour needs a segment has one left."""
    is_transit = action.split()[0] in ("End", "End.X", "End.T")
    segments = [f"{FAR}9", sid] if is_transit else [sid]
    payload = packets.srh(segments, len(segments) - 1, next_header, packet)
    return packets.ipv6(OUTER_SOURCE, sid, packets.NEXT_ROUTING, payload)


class ManySIDs(Case):
    """SIDs of mixed behaviours, so many of each."""

    ACTIONS = [
        (4, "End.DT4 vrftable {table} dev {vrf}"),
        (6, "End.DT6 vrftable {table} dev {vrf}"),
        (4, f"End.DX4 nh4 {NEXTHOPS[4]} dev ce"),
        (6, f"End.DX6 nh6 {NEXTHOPS[6]} dev ce"),
        (4, "End.DT46 vrftable {table} dev {vrf}"),
        (6, "End dev core"),
        (4, f"End.X nh6 {NEXTHOPS[6]} dev ce"),
        (6, "End.T table main dev core"),
    ]

    def __init__(self, name, sids):
        super().__init__(name, 4, 1000, "End.DT4", packets=MANY_PACKETS)
        self.sids = sids
        self.inner6 = Case(name, 6, 1000)

    def _frame(self, index):
        # Each packet's behaviour and inner destination are the same whatever the number of SIDs.
        kind = index % len(self.ACTIONS)
        number = index * 4099 % self.sids // len(self.ACTIONS) * len(self.ACTIONS) + kind
        family, action = self.ACTIONS[kind]
        next_header, packet = (self if family == 4 else self.inner6)._inner(index)
        packet = tunnel(self._sid(number), action, next_header, packet)
        return packets.ethernet(CORE_MAC, SOURCE_MAC, packets.ETHERTYPE_IPV6, packet)

    def batch(self):
        """The lines of SIDs, and of two tables of routes for what they take out."""
        for case in (self, self.inner6):
            family, via = f"-{case.family}", f"via {NEXTHOPS[case.family]} dev ce"
            yield from (f"{family} route add {case._text(one)}/{length} vrf v0 {via}" for one, length in case.prefixes)
        for number in range(self.sids):
            action = self.ACTIONS[number % len(self.ACTIONS)][1].format(table=FIRST_TABLE, vrf="v0")
            yield f"-6 route add {self._sid(number)}/128 encap seg6local action {action}"
        yield f"-6 route add {FAR}/64 via {NEXTHOPS[6]} dev ce"


DT4, DT6 = "End.DT4 vrftable {table} dev {vrf}", "End.DT6 vrftable {table} dev {vrf}"

# By name, made when they run: a million prefixes take a while.
CASES = {
    "end-dt4-1k": lambda name: Case(name, 4, 1000, DT4),
    "end-dt4-1m": lambda name: Case(name, 4, 1_000_000, DT4, packets=MANY_PACKETS),
    "end-dt4-4096vrf": lambda name: Case(name, 4, 100, DT4, vrfs=4096, packets=MANY_PACKETS),
    "end-dx4": lambda name: Case(name, 4, 1000, f"End.DX4 nh4 {NEXTHOPS[4]} dev ce"),
    "end-dt6-1k": lambda name: Case(name, 6, 1000, DT6),
    "end-dt6-100k": lambda name: Case(name, 6, 100_000, DT6, packets=MANY_PACKETS),
    "h-encaps-1": lambda name: Case(name, 4, 1000, segments=1),
    "h-encaps-3": lambda name: Case(name, 4, 1000, segments=3),
    "end": lambda name: Case(name, 6, 1000, "End dev core"),
    "ipv4-1k": lambda name: Case(name, 4, 1000),
    "ipv4-1m": lambda name: Case(name, 4, 1_000_000, packets=MANY_PACKETS),
    "ipv6-1k": lambda name: Case(name, 6, 1000),
    "ipv6-100k": lambda name: Case(name, 6, 100_000, packets=MANY_PACKETS),
}
MANY_SIDS = 100_000
