import Wire

/// An ARP packet for IPv4 over Ethernet (RFC 826).
struct ARPMessage: Equatable {
  enum Operation: UInt16 {
    case request = 1
    case reply = 2
  }

  var operation: Operation
  var senderMAC: MACAddress
  var sender: IPv4Address
  var targetMAC: MACAddress
  var target: IPv4Address

  static let byteCount = 28

  /// The packet in network byte order.
  var bytes: [UInt8] {
    [0, 1, 8, 0, 6, 4, 0, UInt8(operation.rawValue)] + senderMAC.bytes + sender.networkBytes + targetMAC.bytes
      + target.networkBytes
  }
}

extension ARPMessage {
  /// Reads a packet; nil if it is none for IPv4 over Ethernet.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.byteCount, bytes[0..<6] == [0, 1, 8, 0, 6, 4], bytes[6] == 0,
      let operation = Operation(rawValue: UInt16(bytes[7]))
    else { return nil }
    self.operation = operation
    senderMAC = MACAddress(networkBytes: bytes[8..<14])
    sender = IPv4Address(networkBytes: bytes[14..<18])
    targetMAC = MACAddress(networkBytes: bytes[18..<24])
    target = IPv4Address(networkBytes: bytes[24..<28])
  }
}

extension MACAddress {
  /// The address of everybody.
  static let broadcast = MACAddress(0xffff_ffff_ffff)

  /// Six bytes in network byte order.
  init(networkBytes bytes: some Sequence<UInt8>) { self.init(bytes.reduce(0) { $0 << 8 | UInt64($1) }) }

  /// It can be a neighbour's.
  var isUnicast: Bool { value & 0x0100_0000_0000 == 0 && value != 0 }
}

extension IPv4Address {
  /// The four bytes in network byte order.
  var networkBytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

  /// Four bytes in network byte order.
  init(networkBytes bytes: some Sequence<UInt8>) { self.init(bytes.reduce(0) { $0 << 8 | UInt32($1) }) }
}

extension IPv6Address {
  /// Sixteen bytes in network byte order.
  init(networkBytes bytes: some Collection<UInt8>) {
    let (high, low) = (bytes.prefix(8), bytes.dropFirst(8))
    self.init(
      high: high.reduce(0) { $0 << 8 | UInt64($1) }, low: low.reduce(0) { $0 << 8 | UInt64($1) })
  }
}
