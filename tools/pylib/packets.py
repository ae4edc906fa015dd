"""Builds packets byte by byte. Any length or checksum can be forced; nothing is mended behind the caller's back."""

import ipaddress
import struct

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
ETHERTYPE_VLAN = 0x8100

NEXT_IPV4 = 4
NEXT_UDP = 17
NEXT_IPV6 = 41
NEXT_ROUTING = 43
NEXT_FRAGMENT = 44
NEXT_NONE = 59
NEXT_DESTINATION = 60
NEXT_ETHERNET = 143


def mac(text):
    """The 6 bytes of a MAC address."""
    return bytes.fromhex(text.replace(":", ""))


def v4(text):
    """The 4 bytes of an IPv4 address."""
    return ipaddress.IPv4Address(text).packed


def v6(text):
    """The 16 bytes of an IPv6 address."""
    return ipaddress.IPv6Address(text).packed


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(destination, source, ethertype, payload, vlan=None):
    """An Ethernet frame, with one 802.1Q tag if `vlan` is given; addresses as text."""
    tag = b"" if vlan is None else struct.pack("!HH", ETHERTYPE_VLAN, vlan)
    return mac(destination) + mac(source) + tag + struct.pack("!H", ethertype) + payload


def ipv4(source, destination, protocol, payload, ttl=64, header_checksum=None, total=None, words=5, version=4, tos=0):
    """An IPv4 packet without options."""
    total = 20 + len(payload) if total is None else total
    header = struct.pack("!BBHHHBBH", version << 4 | words, tos, total, 0x1234, 0, ttl, protocol, 0)
    header += v4(source) + v4(destination)
    if header_checksum is None:
        header_checksum = checksum(header)
    return header[:10] + struct.pack("!H", header_checksum) + header[12:] + payload


def ipv6(source, destination, next_header, payload, hop_limit=64, length=None, version=6, flow_label=0):
    """An IPv6 packet."""
    length = len(payload) if length is None else length
    word = version << 28 | flow_label
    return struct.pack("!IHBB", word, length, next_header, hop_limit) + v6(source) + v6(destination) + payload


def srh(segments, left, next_header, payload, last=None, length=None, routing_type=4, tlvs=b""):
    """A segment routing header (RFC 8754), `segments` in the order of the list in the header (last one first)."""
    body = b"".join(v6(segment) for segment in segments) + tlvs
    length = len(body) // 8 if length is None else length
    last = len(segments) - 1 if last is None else last
    return struct.pack("!BBBBBBH", next_header, length, routing_type, left, last, 0, 0) + body + payload


def options(next_header, payload):
    """A hop-by-hop or destination options header of 8 bytes that holds a PadN, before `payload`."""
    return struct.pack("!BB", next_header, 0) + b"\x01\x04\0\0\0\0" + payload


def udp(source_port, destination_port, data):
    """A UDP datagram with checksum 0 (none), which no forwarder looks at."""
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(data), 0) + data


def routed_ipv4(packet, hops=1):
    """The IPv4 packet after `hops` routers: TTL lower, checksum computed anew."""
    header = packet[:8] + bytes([packet[8] - hops]) + packet[9:10] + b"\0\0" + packet[12:20]
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + packet[20:]


def routed_ipv6(packet, hops=1):
    """The IPv6 packet after `hops` routers: hop limit lower."""
    return packet[:7] + bytes([packet[7] - hops]) + packet[8:]


def write_pcap(path, frames, snap_length=65535):
    """Writes frames as a classic pcap file, one microsecond apart."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap_length, 1))
        for index, frame in enumerate(frames):
            file.write(struct.pack("<IIII", 0, index, len(frame), len(frame)) + frame)


def read_pcap(path):
    """The frames of a classic pcap file, either time resolution, little-endian."""
    with open(path, "rb") as file:
        data = file.read()
    if not data:
        return []
    if struct.unpack_from("<I", data)[0] not in (0xA1B2C3D4, 0xA1B23C4D):
        raise ValueError(f"{path} is not a little-endian pcap file")
    frames, offset = [], 24
    while offset + 16 <= len(data):
        length = struct.unpack_from("<I", data, offset + 8)[0]
        frames.append(data[offset + 16 : offset + 16 + length])
        offset += 16 + length
    return frames
