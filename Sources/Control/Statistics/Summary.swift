import DPDK

/// Every counter at once: what `run` prints when it ends, `show all` and `/v1/all`.
public struct Summary: HumanReadable, Codable, Sendable {
  /// Frames received on all interfaces.
  public var received: UInt64
  /// Packets that this node made: ICMP errors, and fragments but for the first of each packet.
  public var generated: UInt64
  /// Frames transmitted on all interfaces.
  public var transmitted: UInt64
  /// Packets handed to control, for itself or for the host.
  public var punted: UInt64
  /// Packets dropped by the reason's name; reasons that dropped none are left out.
  public var drops: [String: UInt64]
  /// What was handed to control, or should have been, by kind.
  public var punts: [String: PuntCount]
  /// Ticks of the time stamp counter in a second, the unit of the lcores' cycles.
  public var tscHz: UInt64
  /// The interfaces.
  public var ports: [PortRow]
  /// The workers.
  public var lcores: [LcoreRow]
  /// The main table and the VRFs.
  public var vrfs: [VRFRow]
  /// The local SIDs.
  public var sids: [SIDRow]

  enum CodingKeys: String, CodingKey {
    case received, generated, transmitted, punted, drops, punts
    case tscHz = "tsc-hz"
    case ports, lcores, vrfs, sids
  }

  /// Where the packets went.
  var dropReport: DropReport {
    DropReport(
      received: received, generated: generated, transmitted: transmitted, punted: punted, drops: drops,
      punts: punts)
  }

  /// Totals and drops, then a table each for ports, lcores, VRFs and SIDs.
  public var text: String {
    var parts = [dropReport.text, PortListing(ports).text, lcores.text, vrfs.text]
    if !sids.isEmpty { parts.append(sids.text) }
    return parts.joined(separator: "\n")
  }
}

extension StatisticsSources {
  /// Every counter at once.
  public func summary() -> Summary {
    let drops = dropReport()
    return Summary(
      received: drops.received, generated: drops.generated, transmitted: drops.transmitted, punted: drops.punted,
      drops: drops.drops, punts: drops.punts,
      tscHz: EAL.cyclesPerSecond, ports: portRows(), lcores: lcoreRows(), vrfs: vrfRows(), sids: sidRows())
  }
}
