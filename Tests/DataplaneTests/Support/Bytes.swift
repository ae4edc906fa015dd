import Glibc

// Packets as byte arrays, written down from the RFCs and not with the code under test.

/// A number in network byte order.
func be16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)] }

/// The bytes of an address of either family.
func address(_ text: String) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: text.contains(":") ? 16 : 4)
  precondition(inet_pton(text.contains(":") ? AF_INET6 : AF_INET, text, &bytes) == 1, "\(text) is no address")
  return bytes
}

/// The bytes of an Ethernet address.
func mac(_ text: String) -> [UInt8] { text.split(separator: ":").map { UInt8($0, radix: 16)! } }

/// An Ethernet frame, with an 802.1Q tag if there is one.
func ethernet(_ destination: String, _ source: String, _ etherType: Int, _ payload: [UInt8], tag: Int? = nil) -> [UInt8]
{
  mac(destination) + mac(source) + (tag.map { be16(0x8100) + be16($0) } ?? []) + be16(etherType) + payload
}

/// RFC 1071: the ones' complement of the ones' complement sum of 16-bit words.
func checksum(_ bytes: [UInt8]) -> Int {
  var sum = 0
  for index in stride(from: 0, to: bytes.count, by: 2) { sum += Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
  while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
  return ~sum & 0xffff
}

/// The same packet with the checksum that its header wants.
func checksummed(_ packet: [UInt8]) -> [UInt8] {
  var packet = packet
  packet.replaceSubrange(10..<12, with: [0, 0])
  packet.replaceSubrange(10..<12, with: be16(checksum(Array(packet.prefix(Int(packet[0] & 15) * 4)))))
  return packet
}

/// An IPv4 packet (RFC 791) of UDP.
func ipv4(
  _ source: String, _ destination: String, ttl: UInt8 = 64, options: [UInt8] = [], payload: [UInt8]
) -> [UInt8] {
  let total = 20 + options.count + payload.count
  let fixed = [0x45 + UInt8(options.count / 4), 0] + be16(total) + [0x12, 0x34, 0, 0, ttl, 17, 0, 0]
  return checksummed(fixed + address(source) + address(destination) + options + payload)
}

/// An IPv6 packet (RFC 8200).
func ipv6(_ source: String, _ destination: String, next: UInt8, hopLimit: UInt8 = 64, payload: [UInt8]) -> [UInt8] {
  [0x60, 0, 0, 7] + be16(payload.count) + [next, hopLimit] + address(source) + address(destination) + payload
}

/// An SRH (RFC 8754, section 2) in front of `payload`, the first SID of the path last in the list.
func srh(
  _ segments: [String], left: Int = 0, next: UInt8, tlvs: [UInt8] = [], payload: [UInt8]
) -> [UInt8] {
  let list = segments.flatMap(address)
  return [next, UInt8((list.count + tlvs.count) / 8), 4, UInt8(left), UInt8(segments.count - 1), 0, 0, 0] + list + tlvs
    + payload
}

/// Bytes that count up, so that one that is out of place can be told.
func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) } }

/// The packet with some bytes replaced.
func patched(_ bytes: [UInt8], _ at: Int, _ new: UInt8...) -> [UInt8] {
  var bytes = bytes
  bytes.replaceSubrange(at..<at + new.count, with: new)
  return bytes
}

/// What a router makes of an IPv4 packet: TTL one less, and the checksum over the whole header anew.
func routed4(_ packet: [UInt8]) -> [UInt8] { checksummed(patched(packet, 8, packet[8] - 1)) }

/// What a router makes of an IPv6 packet.
func routed6(_ packet: [UInt8]) -> [UInt8] { patched(packet, 7, packet[7] - 1) }
