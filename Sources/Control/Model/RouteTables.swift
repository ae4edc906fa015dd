import Tables
import Wire

/// An address that the routes of one family are sorted by.
protocol RouteAddress: Hashable, Sendable {
  /// Comes first in a listing.
  func precedes(_ other: Self) -> Bool
  /// The address with the bits behind the first `length` cleared.
  func masked(_ length: Int) -> Self
}

extension IPv4Address: RouteAddress {
  @inline(__always) func precedes(_ other: IPv4Address) -> Bool { value < other.value }

  func masked(_ length: Int) -> IPv4Address { IPv4Prefix(address: self, length: length).masked.address }
}

extension IPv6Address: RouteAddress {
  @inline(__always) func precedes(_ other: IPv6Address) -> Bool { (high, low) < (other.high, other.low) }

  func masked(_ length: Int) -> IPv6Address { IPv6Prefix(address: self, length: length).masked.address }
}

/// The lookup tables of one address family, as the RIB uses them.
protocol RouteTables<Address>: AnyObject {
  associatedtype Address: RouteAddress
  func insert(table: UInt32, address: Address, length: Int, value: UInt32) throws(TableError) -> UInt32?
  func remove(table: UInt32, address: Address, length: Int) throws(TableError) -> UInt32?
  func load(table: UInt32, routes: some Sequence<Route<Address>>) throws(TableError)
  func route(table: UInt32, address: Address, length: Int) -> UInt32?
  func longestMatch(table: UInt32, address: Address, atMost limit: Int) -> (length: Int, value: UInt32)?
  func routes(table: UInt32) -> [(address: Address, length: Int, value: UInt32)]
}

extension FIB4: RouteTables {}

extension FIB6: RouteTables {}
