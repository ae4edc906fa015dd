import Dataplane
import SRv6

/// A local SID and its counters (RFC 8986, section 6), as `show sids` and `/v1/sids` have it.
public struct SIDRow: TableRow {
  /// The SID: an address, or a prefix where it is shorter than /128.
  public var sid: String
  /// The behaviour's name in RFC 8986, such as `End.DT4`.
  public var behavior: String
  /// Its flavours, such as `["PSP", "USD"]`; absent where it has none.
  public var flavors: [String]?
  /// The VRF that it ends in, or `main`; absent where the behaviour takes none.
  public var vrf: String?
  /// The number of the table that it looks up; absent where that is a VRF's by name, or none.
  public var table: UInt32?
  /// The segments of its policy; absent where the behaviour takes none.
  public var segments: [String]?
  /// The layer-3 adjacency; absent where the behaviour takes none.
  public var nexthop: String?
  /// The port of the adjacency; absent where the behaviour takes none.
  public var port: String?
  /// Who put it there: ``RouteSource/name``.
  public var source: String
  /// The protocol's name; absent for other sources.
  public var name: String?
  /// Its source is gone or has begun anew, and has not given it again; else absent.
  public var stale: Bool?
  /// Nothing leads to its next hop yet; else absent.
  public var parked: Bool?
  /// Packets that matched it and were processed.
  public var packets: UInt64
  /// Bytes of those packets from the outer IPv6 header on.
  public var bytes: UInt64
  /// Packets that matched it and were not processed.
  public var errors: UInt64

  /// The columns of `show sids`.
  public static var columns: [TextTable.Column] {
    [
      .words("sid"), .words("behavior"), .words("parameters"), .words("source"), .words("state"), .number("packets"),
      .number("bytes"), .number("errors"),
    ]
  }

  /// The row for people.
  public var cells: [String] {
    let parameters = [
      ("flavors", flavors?.joined(separator: ",")), ("vrf", vrf), ("table", table?.description),
      ("segments", segments?.joined(separator: ",")), ("nexthop", nexthop), ("port", port),
    ].compactMap { name, value in
      value.map { "\(name) \($0)" }
    }
    return [
      sid, behavior, parameters.joined(separator: " "), name ?? source, waiting(stale, parked), "\(packets)",
      "\(bytes)", "\(errors)",
    ]
  }
}

extension StatisticsSources {
  /// The local SID of an index, which is there.
  func sidRow(_ index: Int) -> SIDRow {
    let entry = state.sids.entries[index]!
    let tally = tally(sid: index)
    let (name, isStale) = given(live?.feeds[entry.feed]?.entries.sids[entry.prefix])
    return SIDRow(
      sid: entry.name, behavior: entry.behavior.name,
      flavors: entry.flavors.isEmpty ? nil : entry.flavors.names,
      vrf: entry.table == .main ? "main" : entry.table?.vrf, table: entry.table?.number,
      segments: entry.segments.isEmpty ? nil : entry.segments.map(\.description),
      nexthop: entry.nexthop?.description, port: entry.port, source: entry.source.name, name: name, stale: isStale,
      parked: state.isParked(sid: index) ? true : nil, packets: tally.packets, bytes: tally.bytes,
      errors: errors(sid: index))
  }

  /// The local SIDs, in the configuration's order.
  public func sidRows() -> [SIDRow] { state.sids.indices.map { sidRow($0) } }
}
