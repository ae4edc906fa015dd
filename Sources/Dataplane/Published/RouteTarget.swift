/// What a table's cell holds for a route: a next hop or a local SID, by index, and a label of control's.
///
///     bits 0-21   the index
///     bits 22-29  the label, which workers do not look at
///     bit 30      the index is a local SID's, not a next hop's
@frozen public struct RouteTarget: Hashable, Sendable {
  /// The cell's value; 0 is "no route".
  public let value: UInt32

  /// Next hops, and local SIDs, that indexes can tell apart.
  @inlinable public static var indexLimit: Int { 1 << 22 }

  @usableFromInline static var sidBit: UInt32 { 1 << 30 }

  /// Takes a cell's value.
  @inlinable @inline(__always) public init(cell value: UInt32) { self.value = value }

  /// The next hop of that index, 1 or more: index 0 would read as "no route".
  @inlinable public static func nextHop(_ index: Int) -> RouteTarget { RouteTarget(cell: UInt32(index)) }

  /// The local SID of that index.
  @inlinable public static func sid(_ index: Int) -> RouteTarget { RouteTarget(cell: UInt32(index) | sidBit) }

  /// No route matched.
  @inlinable @inline(__always) public var isNone: Bool { value == 0 }

  /// A local SID, not a next hop.
  @inlinable @inline(__always) public var isSID: Bool { value & RouteTarget.sidBit != 0 }

  /// The index into the snapshot's next hops or SIDs.
  @inlinable @inline(__always) public var index: Int { Int(value & UInt32(RouteTarget.indexLimit &- 1)) }

  /// What control wants to remember of the route; 0 unless set.
  public var label: UInt8 { UInt8(truncatingIfNeeded: value >> 22) }

  /// The same target with another label.
  public func labelled(_ label: UInt8) -> RouteTarget {
    RouteTarget(cell: value & ~(0xff << 22) | UInt32(label) << 22)
  }
}
