import Dataplane

/// Where every received packet went, as `show drops` and `/v1/drops` have it:
/// received + generated = transmitted + punted + the sum of drops, exactly so once the workers stand still.
public struct DropReport: HumanReadable, Codable, Sendable {
  /// Frames received on all interfaces.
  public var received: UInt64
  /// Packets that this node made: ICMP errors, and fragments but for the first of each packet.
  public var generated: UInt64
  /// Frames transmitted on all interfaces.
  public var transmitted: UInt64
  /// Packets handed to the host: 0, as nothing is.
  public var punted: UInt64
  /// Packets dropped by the reason's name; reasons that dropped none are left out.
  public var drops: [String: UInt64]

  /// Totals, then each reason with its meaning, the most frequent first.
  public var text: String {
    drops.isEmpty ? totals : totals + "\n" + reasons
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
    return DropReport(
      received: received.shown.packets, generated: generated, transmitted: transmitted.shown.packets, punted: punted,
      drops: drops)
  }
}
