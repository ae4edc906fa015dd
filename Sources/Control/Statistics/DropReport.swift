import Dataplane

/// Packets of a kind that control is to have.
public struct PuntCount: Codable, Sendable {
  /// Those that workers handed to it.
  public var punted: UInt64 = 0
  /// Those that were more than the limits or than the ring holds; they count as drops too.
  public var limited: UInt64 = 0
}

/// Where every received packet went, as `show drops` and `/v1/drops` have it:
/// received + generated = transmitted + punted + the sum of drops, exactly so once the workers stand still.
public struct DropReport: HumanReadable, Codable, Sendable {
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

  /// Totals, then each reason with its meaning, the most frequent first, then each kind of punt.
  public var text: String {
    [totals, drops.isEmpty ? nil : reasons, kinds].compactMap { $0 }.joined(separator: "\n")
  }

  /// A line each kind of punt; nil where there were none.
  private var kinds: String? {
    var table = TextTable([.words("punt"), .number("packets"), .number("limited")])
    let counts = punts.filter { $0.value.punted + $0.value.limited > 0 }
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      table.append([name, "\(count.punted)", "\(count.limited)"])
    }
    return counts.isEmpty ? nil : table.text
  }

  /// Received, generated, transmitted, punted and dropped, a line each.
  var totals: String {
    var table = TextTable([.words(""), .number("packets")])
    table.append(["received", "\(received)"])
    table.append(["generated", "\(generated)"])
    table.append(["transmitted", "\(transmitted)"])
    table.append(["punted", "\(punted)"])
    table.append(["dropped", "\(drops.values.reduce(0, &+))"])
    return table.text
  }

  /// A line each reason.
  var reasons: String {
    let meanings = Dictionary(uniqueKeysWithValues: DropReason.allCases.map { ($0.name, $0.text.meaning) })
    var table = TextTable([.words("drop"), .number("packets"), .words("meaning")])
    for (name, count) in drops.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      table.append([name, "\(count)", meanings[name] ?? ""])
    }
    return table.text
  }
}

extension StatisticsSources {
  /// Where every packet went.
  public func dropReport() -> DropReport {
    var (received, transmitted) = (Tally(), Tally())
    for index in state.interfaces.indices {
      let tally = tally(interface: index)
      received += tally.received
      transmitted += tally.transmitted
    }
    var drops: [String: UInt64] = [:]
    for reason in DropReason.allCases {
      let count = self.drops(reason)
      if count > 0 { drops[reason.name] = count }
    }
    let punts = punts
    return DropReport(
      received: received.shown.packets, generated: generated, transmitted: transmitted.shown.packets,
      punted: punts.values.reduce(0) { $0 &+ $1.punted }, drops: drops, punts: punts)
  }
}
