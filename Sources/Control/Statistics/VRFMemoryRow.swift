/// What the lookup tables of a VRF cost, as `show memory` and `/v1/memory` have it.
public struct VRFMemoryRow: TableRow {
  /// The VRF's name, or `main`.
  public var vrf: String
  /// How its routes are stored: ``LookupForm`` by name.
  public var lookup: String
  /// IPv4 prefixes that have a route.
  public var ipv4Routes: Int
  /// The leading address bits that index the root of its IPv4 table: 8, 16 or 24.
  public var ipv4RootBits: Int
  /// Bytes of its IPv4 table.
  public var ipv4Bytes: Int
  /// IPv6 prefixes that have a route, SIDs among them.
  public var ipv6Routes: Int
  /// The leading address bits that index the root of its IPv6 table: 8 or 16.
  public var ipv6RootBits: Int
  /// Bytes of its IPv6 table.
  public var ipv6Bytes: Int
  /// Bytes of both.
  public var bytes: Int

  enum CodingKeys: String, CodingKey {
    case vrf, lookup
    case ipv4Routes = "ipv4-routes"
    case ipv4RootBits = "ipv4-root-bits"
    case ipv4Bytes = "ipv4-bytes"
    case ipv6Routes = "ipv6-routes"
    case ipv6RootBits = "ipv6-root-bits"
    case ipv6Bytes = "ipv6-bytes"
    case bytes
  }

  /// The columns of the VRFs in `show memory`; `root` is in bits.
  public static var columns: [TextTable.Column] {
    [
      .words("vrf"), .words("lookup"), .number("ipv4-routes"), .number("root"), .number("bytes"),
      .number("ipv6-routes"), .number("root"), .number("bytes"), .number("both"),
    ]
  }

  /// The row for people.
  public var cells: [String] {
    [
      vrf, lookup, "\(ipv4Routes)", "\(ipv4RootBits)", "\(ipv4Bytes)", "\(ipv6Routes)", "\(ipv6RootBits)",
      "\(ipv6Bytes)", "\(bytes)",
    ]
  }
}

extension VRFMemoryRow {
  init(_ state: ForwardingState, table: Int) {
    let (fib4, fib6, index) = (state.fib4, state.fib6, UInt32(table))
    vrf = state.tables[table]?.name ?? ""
    lookup = (state.tables[table]?.lookup ?? .auto).rawValue
    ipv4Routes = fib4.routeCount(table: index)
    ipv4RootBits = fib4.rootBits(table: index)
    ipv4Bytes = fib4.bytesInUse(table: index)
    ipv6Routes = fib6.routeCount(table: index)
    ipv6RootBits = fib6.rootBits(table: index)
    ipv6Bytes = fib6.bytesInUse(table: index)
    bytes = ipv4Bytes + ipv6Bytes
  }
}
