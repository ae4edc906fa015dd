import Wire

/// An address that prefixes are made of, as an unsigned number in host byte order.
protocol RoutableAddress: Sendable {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger
  var bits: Bits { get }
  init(bits: Bits)
}

extension IPv4Address: RoutableAddress {
  var bits: UInt32 { value }
  init(bits: UInt32) { self.init(bits) }
}

extension IPv6Address: RoutableAddress {
  var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }
  init(bits: UInt128) {
    self.init(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
  }
}

/// A prefix without host bits.
struct Prefix<Address: RoutableAddress>: Hashable {
  let bits: Address.Bits
  let length: Int

  /// The prefix of this length that covers `bits`.
  init(covering bits: Address.Bits, length: Int) {
    let hostBits = Address.Bits.bitWidth - length
    self.bits = (bits >> hostBits) << hostBits
    self.length = length
  }

  /// Whether an address or a prefix that is not shorter lies under this one.
  func covers(_ other: Address.Bits) -> Bool { (bits ^ other).leadingZeroBitCount >= length }

  /// Checks what a caller gave.
  init(_ address: Address, _ length: Int) throws(TableError) {
    guard (0...Address.Bits.bitWidth).contains(length) else {
      throw .lengthOutOfRange(length, maximum: Address.Bits.bitWidth)
    }
    self.init(covering: address.bits, length: length)
    guard bits == address.bits else {
      throw .hostBitsSet(prefix: "\(address)/\(length)", network: "\(Address(bits: bits))/\(length)")
    }
  }
}
