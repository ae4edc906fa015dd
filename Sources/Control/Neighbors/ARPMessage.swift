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
    [0, 1, 8, 0, 6, 4, 0, UInt8(operation.rawValue)]
      + senderMAC.networkBytes + sender.networkBytes + targetMAC.networkBytes + target.networkBytes
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
  /// It can be a neighbour's.
  var isUnicast: Bool { !isMulticast && !isUnspecified }
}
