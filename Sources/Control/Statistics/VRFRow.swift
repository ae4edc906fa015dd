import Dataplane

/// A VRF, as `show vrfs` and `/v1/vrfs` have it.
public struct VRFRow: TableRow {
  /// Linux's number of the main table (`RT_TABLE_MAIN`).
  public static let mainTable: UInt32 = 254

  /// The VRF's name, or `main`.
  public var name: String
  /// Its table's number, as the kernel would have it.
  public var table: UInt32
  /// Packets that it received: from its ports and out of its tunnels.
  public var rxPackets: UInt64
  /// Bytes of those packets from the layer-3 header on.
  public var rxBytes: UInt64
  /// Prefixes in its table that have a route.
  public var routes: Int
  /// Local SIDs that end in its table.
  public var sids: Int
  /// Interfaces that belong to it.
  public var ports: Int

  enum CodingKeys: String, CodingKey {
    case name, table
    case rxPackets = "rx-packets"
    case rxBytes = "rx-bytes"
    case routes, sids, ports
  }

  /// The columns of `show vrfs`.
  public static var columns: [TextTable.Column] {
    [
      .words("vrf"), .number("table"), .number("rx-packets"), .number("rx-bytes"), .number("routes"), .number("sids"),
      .number("ports"),
    ]
  }

  /// The row for people.
  public var cells: [String] { [name, "\(table)", "\(rxPackets)", "\(rxBytes)", "\(routes)", "\(sids)", "\(ports)"] }
}

extension StatisticsSources {
  /// The main table, the VRFs in the configuration's order, then the tables that no VRF has.
  public func vrfRows() -> [VRFRow] {
    var sids = [Int](repeating: 0, count: state.tables.places)
    var ports = sids
    for sid in state.sids.entries { if let table = sid?.table { sids[state.tableIndex(table)] += 1 } }
    for interface in state.interfaces where !interface.isGone {
      ports[state.tableIndex(interface.entry.vrf)] += 1
    }
    return state.tables.indices.map { index in
      let tally = tally(table: index)
      let table = state.tables[index]!
      return VRFRow(
        name: table.name, table: table.number, rxPackets: tally.packets, rxBytes: tally.bytes,
        routes: state.routeCount(table: index), sids: sids[index], ports: ports[index])
    }
  }
}
