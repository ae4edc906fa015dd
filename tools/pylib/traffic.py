"""The demo's traffic: two tenants with the same addresses, through each behaviour, and packets that must be dropped."""

import packets

CORE_MAC = "02:00:00:00:00:01"
SOURCE_MAC = "02:00:00:00:ff:01"
OUTER_SOURCE = "2001:db8:ffff::1"
TENANTS = {"red": 0xA, "blue": 0xB}
COPIES = 80


def sids(tenant):
    """The SIDs of a tenant by behaviour."""
    node = f"fc00:0:{TENANTS[tenant]:x}"
    return {"End.DT4": f"{node}:d4::", "End.DT6": f"{node}:d6::", "End.DX4": f"{node}:14::"}


def encapsulate(sid, next_header, inner, with_srh, segments_left=0, **srh_fields):
    """A frame for the core port: the inner packet in an IPv6 packet to the SID, with or without an SRH."""
    if with_srh:
        segments = [sid] if segments_left == 0 else ["fc00:0:ff::", sid]
        inner = packets.srh(segments, segments_left, next_header, inner, **srh_fields)
        next_header = packets.NEXT_ROUTING
    outer = packets.ipv6(OUTER_SOURCE, sid, next_header, inner)
    return packets.ethernet(CORE_MAC, SOURCE_MAC, packets.ETHERTYPE_IPV6, outer)


def inner_v4(index, destination=None, **fields):
    """A tenant's IPv4 packet; every tenant uses the same ones."""
    destination = destination or f"10.{index % 250}.{index * 7 % 250}.{index % 200 + 1}"
    return packets.ipv4("10.255.0.1", destination, packets.NEXT_UDP, packets.udp(4000, 5000, b"needletail" * 2), **fields)


def inner_v6(index, destination=None, **fields):
    """A tenant's IPv6 packet; every tenant uses the same ones."""
    destination = destination or f"fd00:{index % 200:x}::{index + 1:x}"
    return packets.ipv6("fd00:ffff::1", destination, packets.NEXT_UDP, packets.udp(4000, 5000, b"needletail" * 2), **fields)


def good(tenant, index):
    """One packet for each behaviour of a tenant, with and without an SRH in turn."""
    by_name, with_srh = sids(tenant), index % 2 == 0
    yield encapsulate(by_name["End.DT4"], packets.NEXT_IPV4, inner_v4(index), with_srh)
    yield encapsulate(by_name["End.DT6"], packets.NEXT_IPV6, inner_v6(index), with_srh)
    yield encapsulate(by_name["End.DX4"], packets.NEXT_IPV4, inner_v4(index), with_srh)


def bad(tenant):
    """One packet for each way to be dropped."""
    dt4, dt6 = sids(tenant)["End.DT4"], sids(tenant)["End.DT6"]
    v4, v6 = packets.NEXT_IPV4, packets.NEXT_IPV6
    yield encapsulate(dt4, v4, inner_v4(1, "172.16.0.1"), True)  # the VRF has no route
    yield encapsulate(dt6, v6, inner_v6(1, "2001:db8:bad::1"), False)  # the same for IPv6
    yield encapsulate(dt4, v4, inner_v4(2, ttl=1), False)  # the TTL ends here
    yield encapsulate(dt6, v6, inner_v6(2, hop_limit=1), True)  # the hop limit ends here
    yield encapsulate(dt4, v4, inner_v4(3, header_checksum=0xBAD), True)  # damaged inner header
    yield encapsulate(dt4, v4, inner_v4(4), True, last=5)  # Last Entry beyond the segment list
    yield encapsulate(dt4, v4, inner_v4(5), True, segments_left=1)  # End.DT4 takes only the last segment
    yield encapsulate(dt4, v6, inner_v6(6), True)  # IPv6 inside at a SID for IPv4
    yield encapsulate("fc00:0:dead::1", v4, inner_v4(7), False)  # no such SID, no route to it


def demo():
    """All frames of the demo, the tenants and behaviours mixed as they would come."""
    frames = []
    for index in range(COPIES):
        for tenant in TENANTS:
            frames += good(tenant, index)
    for tenant in TENANTS:
        frames += bad(tenant)
    # An odd stride spreads the bad packets over the file and keeps the order the same in every run.
    count, stride = len(frames), 211
    return [frames[index * stride % count] for index in range(count)]
