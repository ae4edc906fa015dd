import Tables
import Wire

/// An address as a number in host byte order, so that one generator, oracle and loop serve both families.
protocol NumberedAddress: CustomStringConvertible, Sendable {
  associatedtype Number: FixedWidthInteger & UnsignedInteger
  init(number: Number)
}

extension IPv4Address: NumberedAddress {
  init(number: UInt32) { self.init(number) }
}

extension IPv6Address: NumberedAddress {
  init(number: UInt128) {
    self.init(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number))
  }
}

/// Lookups of a batch of destinations, ours or a peer's.
protocol BatchedLookup {
  associatedtype Destination
  associatedtype Answer: FixedWidthInteger
  func lookup(
    count: Int, tables: UnsafePointer<UInt32>, destinations: UnsafePointer<Destination>,
    results: UnsafeMutablePointer<Answer>)
}

extension FIB4View: BatchedLookup {}
extension FIB6View: BatchedLookup {}

/// What ``FIB4`` and ``FIB6`` have in common, and the peer that each is measured beside.
protocol FIB {
  associatedtype Address: NumberedAddress
  associatedtype View: BatchedLookup where View.Answer == UInt32
  associatedtype Peer: PeerTable where Peer.Number == Address.Number

  static func make(arena: CellArena, frees: DeferredFrees) throws(TableError) -> Self
  var view: View { get }
  func createTable(_ index: UInt32, form: RootForm) throws(TableError)
  func load(table: UInt32, routes: [Route<Address>]) throws(TableError)
  func insert(table: UInt32, address: Address, length: Int, value: UInt32) throws(TableError) -> UInt32?
  func remove(table: UInt32, address: Address, length: Int) throws(TableError) -> UInt32?
  /// A destination as the view takes it.
  static func destination(_ number: Address.Number) -> View.Destination
}

extension FIB4: FIB {
  typealias Peer = RteFIB

  static func make(arena: CellArena, frees: DeferredFrees) throws(TableError) -> FIB4 {
    try FIB4(arena: arena, frees: frees)
  }

  static func destination(_ number: UInt32) -> UInt32 { number }
}

extension FIB6: FIB {
  typealias Peer = RteFIB6

  static func make(arena: CellArena, frees: DeferredFrees) throws(TableError) -> FIB6 {
    try FIB6(arena: arena, frees: frees)
  }

  static func destination(_ number: UInt128) -> IPv6Address { IPv6Address(number: number) }
}
