/// An IPv6 prefix. Host bits are kept as given (an interface address is written `2001:db8::1/64`), so two prefixes are
/// equal only if their host bits are too: compare ``masked`` values where a route is meant.
@frozen public struct IPv6Prefix: Hashable, Sendable {
  /// The address, host bits included.
  public let address: IPv6Address
  /// The prefix length in bits, 0...128.
  public let length: Int

  /// Makes a prefix; `length` outside 0...128 is a programming error and traps.
  @inlinable public init(address: IPv6Address, length: Int) {
    precondition((0...128).contains(length), "an IPv6 prefix length is 0...128")
    self.address = address
    self.length = length
  }

  /// Ones for the prefix bits.
  @inlinable public var mask: IPv6Address {
    // A Swift shift by 64 or more gives zero, so each half needs no case of its own.
    IPv6Address(high: ~(UInt64.max >> UInt64(length)), low: ~(UInt64.max >> UInt64(max(length - 64, 0))))
  }

  /// An address bit beyond the prefix length is set.
  @inlinable public var hasHostBits: Bool { masked != self }

  /// The prefix with its host bits cleared.
  @inlinable public var masked: IPv6Prefix {
    let mask = mask
    return IPv6Prefix(address: IPv6Address(high: address.high & mask.high, low: address.low & mask.low), length: length)
  }

  /// The address lies in the prefix.
  @inlinable public func contains(_ other: IPv6Address) -> Bool {
    let mask = mask
    return (address.high ^ other.high) & mask.high | (address.low ^ other.low) & mask.low == 0
  }
}

extension IPv6Prefix: CustomStringConvertible {
  /// Reads `fc00::/16`; a bare address is a /128. Nil for any other text; host bits are allowed (see ``hasHostBits``).
  public init?(parsing text: some StringProtocol) {
    guard let parts = prefixParts(text, bits: 128), let address = IPv6Address(ascii: parts.address) else { return nil }
    self.init(address: address, length: parts.length)
  }

  /// Address and length, such as `fc00::/16`.
  public var description: String { "\(address)/\(length)" }
}
