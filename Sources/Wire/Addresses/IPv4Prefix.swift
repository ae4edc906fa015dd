/// An IPv4 prefix. Host bits are kept as given (an interface address is written `10.1.0.1/24`), so two prefixes are
/// equal only if their host bits are too: compare ``masked`` values where a route is meant.
@frozen public struct IPv4Prefix: Hashable, Sendable {
  /// The address, host bits included.
  public let address: IPv4Address
  /// The prefix length in bits, 0...32.
  public let length: Int

  /// Makes a prefix; `length` outside 0...32 is a programming error and traps.
  @inlinable public init(address: IPv4Address, length: Int) {
    precondition((0...32).contains(length), "an IPv4 prefix length is 0...32")
    self.address = address
    self.length = length
  }

  /// Ones for the prefix bits, in host byte order.
  @inlinable public var mask: UInt32 { ~(0xffff_ffff >> UInt32(length)) }

  /// An address bit beyond the prefix length is set.
  @inlinable public var hasHostBits: Bool { address.value & ~mask != 0 }

  /// The prefix with its host bits cleared.
  @inlinable public var masked: IPv4Prefix {
    IPv4Prefix(address: IPv4Address(address.value & mask), length: length)
  }

  /// The address lies in the prefix.
  @inlinable public func contains(_ other: IPv4Address) -> Bool { (address.value ^ other.value) & mask == 0 }
}

extension IPv4Prefix: CustomStringConvertible {
  /// Reads `10.0.0.0/8`; a bare address is a /32. Nil for any other text; host bits are allowed (see ``hasHostBits``).
  public init?(parsing text: some StringProtocol) {
    guard let parts = prefixParts(text, bits: 32), let address = IPv4Address(ascii: parts.address) else { return nil }
    self.init(address: address, length: parts.length)
  }

  /// Address and length, such as `10.0.0.0/8`.
  public var description: String { "\(address)/\(length)" }
}
