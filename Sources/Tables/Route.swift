import Wire

/// A route for a bulk load.
@frozen public struct Route<Address: Sendable>: Sendable {
  /// The prefix, without bits beyond its length.
  public var address: Address
  /// The prefix length in bits.
  public var length: Int
  /// What lookups give for addresses under the prefix: 1 to 0x7fffffff.
  public var value: UInt32

  /// Makes a route.
  @inlinable public init(address: Address, length: Int, value: UInt32) {
    self.address = address
    self.length = length
    self.value = value
  }
}

/// An IPv4 route for ``FIB4/load(table:routes:)``.
public typealias Route4 = Route<IPv4Address>
/// An IPv6 route for ``FIB6/load(table:routes:)``.
public typealias Route6 = Route<IPv6Address>
