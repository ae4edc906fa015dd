import Wire

/// A neighbour solicitation or advertisement (RFC 4861, sections 4.3 and 4.4) with its IPv6 header.
struct NDMessage: Equatable {
  enum Kind: UInt8 {
    case solicitation = 135
    case advertisement = 136
  }

  var kind: Kind
  var source: IPv6Address
  var destination: IPv6Address
  /// Whose Ethernet address is asked for or told.
  var target: IPv6Address
  /// The source (of a solicitation) or target link-layer address option; nil: none.
  var mac: MACAddress?
  /// Of an advertisement: the sender is a router, answers a question, and is to be believed over what is known.
  var isRouter = false
  var isSolicited = false
  var overrides = false

  /// The packet in network byte order.
  var bytes: [UInt8] {
    let flags: UInt8 = (isRouter ? 0x80 : 0) | (isSolicited ? 0x40 : 0) | (overrides ? 0x20 : 0)
    var message: [UInt8] = [kind.rawValue, 0, 0, 0, flags, 0, 0, 0] + target.networkBytes
    if let mac { message += [kind == .solicitation ? 1 : 2, 1] + mac.networkBytes }
    let checksum = Self.checksum(message, source, destination)
    (message[2], message[3]) = (UInt8(checksum >> 8), UInt8(checksum & 0xff))
    return [0x60, 0, 0, 0, 0, UInt8(message.count), IPProtocol.icmpv6, 255] + source.networkBytes
      + destination.networkBytes + message
  }

  private static func checksum(_ message: [UInt8], _ source: IPv6Address, _ destination: IPv6Address) -> UInt16 {
    let pseudo = InternetChecksum.pseudoHeader(
      source: source, destination: destination, nextHeader: IPProtocol.icmpv6, length: UInt32(message.count))
    return message.withUnsafeBytes {
      InternetChecksum.finish(InternetChecksum.sum($0.baseAddress!, count: $0.count, initial: pseudo))
    }
  }
}

extension NDMessage {
  /// Reads a packet from its IPv6 header on; nil if it is no valid solicitation or advertisement (RFC 4861, sections
  /// 7.1.1 and 7.1.2).
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 64, bytes[7] == 255, bytes[6] == IPProtocol.icmpv6, bytes[41] == 0,
      let kind = Kind(rawValue: bytes[40])
    else { return nil }
    let end = 40 + Int(bytes[4]) << 8 + Int(bytes[5])
    guard end <= bytes.count, end >= 64 else { return nil }
    let message = Array(bytes[40..<end])
    self.kind = kind
    source = IPv6Address(networkBytes: bytes[8..<24])
    destination = IPv6Address(networkBytes: bytes[24..<40])
    target = IPv6Address(networkBytes: bytes[48..<64])
    isRouter = message[4] & 0x80 != 0
    isSolicited = message[4] & 0x40 != 0
    overrides = message[4] & 0x20 != 0
    guard Self.checksum(message, source, destination) == 0, !target.isMulticast else { return nil }
    guard let addresses = Self.linkLayerAddresses(message, option: kind == .solicitation ? 1 : 2) else { return nil }
    mac = addresses.last
    if kind == .advertisement && destination.isMulticast && isSolicited { return nil }
    // Whoever looks whether an address is free has none to tell.
    if kind == .solicitation && source.isUnspecified && (mac != nil || !destination.isSolicitedNode) { return nil }
  }

  /// The link-layer addresses in the options of a type; nil: an option has no length or ends behind the packet.
  private static func linkLayerAddresses(_ message: [UInt8], option: UInt8) -> [MACAddress]? {
    var addresses: [MACAddress] = []
    var at = 24
    while at < message.count {
      guard at + 2 <= message.count, message[at + 1] > 0, at + Int(message[at + 1]) * 8 <= message.count else {
        return nil
      }
      if message[at] == option { addresses.append(MACAddress(networkBytes: message[at + 2..<at + 8])) }
      at += Int(message[at + 1]) * 8
    }
    return addresses
  }
}

extension IPv6Address {
  /// All nodes of the link (RFC 4291, section 2.7.1).
  static let allNodes = IPv6Address(high: 0xff02 << 48, low: 1)

  /// The multicast address on which its owner is asked for it (RFC 4291, section 2.7.1).
  var solicitedNode: IPv6Address { IPv6Address(high: 0xff02 << 48, low: 0x1_ff00_0000 | low & 0xff_ffff) }

  /// It is such an address.
  var isSolicitedNode: Bool { high == 0xff02 << 48 && low >> 24 == 0x1ff }

  /// The Ethernet address of a multicast address (RFC 2464, section 7).
  var multicastMAC: MACAddress { MACAddress(0x3333_0000_0000 | low & 0xffff_ffff) }
}
