import Reference
import SRv6

private typealias Bytes = [UInt8]

/// A node with every behaviour in each combination of its flavours and headends of every kind, as the program's configuration
/// and as the reference's.
struct RandomNode {
  /// A SID as it is configured.
  struct SID {
    var address: String
    var behavior: Behavior
    var flavors: Flavors
    var segments: [String]
  }

  let configuration: String
  let sids: [SID]
  var reference: ReferenceNode
  let targets: [PacketGenerator.Target]
  /// Destinations of all kinds, and senders, by table: main, red, blue.
  let destinations: [(four: [[UInt8]], six: [[UInt8]])]
  let sources: [(four: [[UInt8]], six: [[UInt8]])]

  static let ports = ["core", "ce-red", "ce-blue"]
  static let tables = ["main", "red", "blue"]
  private static let macs = [coreMAC, redMAC, blueMAC]
  private static let peers = [peerMAC, redPeer, bluePeer]
  private static let mtus = [9200, 9000, 1500]
  private static let addresses4 = ["192.0.2.1", "10.254.0.1", "10.254.0.1"]
  private static let addresses6 = ["2001:db8:1::1", "fd00:fffe::1", "fd00:fffe::1"]
  private static let neighbors4 = ["192.0.2.2", "10.254.0.2", "10.254.0.2"]
  private static let neighbors6 = ["2001:db8:1::2", "fd00:fffe::2", "fd00:fffe::2"]

  /// The Ethernet headers of frames from each port's neighbour, without their type.
  static var links: [[UInt8]] { (0..<3).map { mac(macs[$0]) + mac(peers[$0]) } }

  /// A SID for each behaviour and each combination of the flavours that its row allows.
  init() {
    var (sids, lines, routes): ([SID], [String], [String]) = ([], [], [])
    var tables = (0..<3).map { RandomNode.own($0) }
    var targets: [PacketGenerator.Target] = []
    for row in BehaviorRow.all {
      for bits in 0...Flavors.all.rawValue where Flavors(rawValue: bits).isSubset(of: row.flavors) {
        for variant in 0..<RandomNode.variants(row) {
          let sid = "fc00:0:1:\(String(sids.count + 1, radix: 16))::"
          let flavors = Flavors(rawValue: bits)
          let segments = RandomNode.segments(row, variant)
          let made = RandomNode.sid(row, flavors, segments)
          sids.append(SID(address: sid, behavior: row.behavior, flavors: flavors, segments: segments))
          lines.append("  - {sid: \"\(sid)\", behavior: \(row.name)\(made.words)}\n")
          tables[0].six.append(.init(address(sid), 128, .endpoint(made.endpoint)))
          let takes: [UInt8] = row.inner == .ipv4 ? [4] : row.inner == .ipv6 ? [41] : [4, 41]
          targets.append(
            .init(sid: address(sid), takes: takes, table: made.innerTable, isTransit: row.inner == nil))
        }
      }
    }
    for table in 0..<2 {
      for (index, headend) in RandomNode.headends.enumerated() {
        for (family, prefix, length) in [(4, "172.\(16 + index).0.0", 16), (6, "fd2\(index):\(table)::", 32)]
        where family == 6 || headend.mode != .insert {
          let list = headend.segments.map { "\"\($0)\"" }.joined(separator: ", ")
          routes.append(
            "  - {vrf: \(RandomNode.tables[table]), prefix: \"\(prefix)/\(length)\", "
              + "encap: {mode: \(headend.mode.rawValue), segments: [\(list)]}}\n")
          let entry = ReferenceNode.Entry(
            address(prefix), length, .policy(headend.mode, headend.segments.map(address)))
          if family == 4 { tables[table].four.append(entry) } else { tables[table].six.append(entry) }
        }
      }
    }
    for table in 0..<3 { routes += RandomNode.routes(table) }
    configuration = RandomNode.text(sids: lines, routes: routes)
    self.sids = sids
    reference = ReferenceNode(
      ports: (0..<3).map {
        .init(
          name: RandomNode.ports[$0], mac: mac(RandomNode.macs[$0]), mtu: RandomNode.mtus[$0], table: $0,
          address4: address(RandomNode.addresses4[$0]), address6: address(RandomNode.addresses6[$0]))
      }, tables: tables, encapsulationSource: address("2001:db8:1::1"))
    self.targets = targets
    let plain4 = (0..<6).map { _ in address("10.1.2.0") }
    let refused4 = ["10.66.1.0", "10.66.2.0", "10.66.3.0", "198.18.0.0"].map(address)
    let refused6 = ["fd66:1::1", "fd66:2::1", "fd66:3::1", "2001:db8:bad::1", "fe80::9", "ff02::9"].map(address)
    destinations = (0..<3).map { table in
      let headends4 = table < 2 ? (0..<RandomNode.headends.count).map { address("172.\(16 + $0).0.0") } : []
      let headends6 = table < 2 ? (0..<RandomNode.headends.count).map { address("fd2\($0):\(table)::5") } : []
      let plain6 = [Bytes](repeating: address(table == 0 ? "2001:db8:6::9" : "fd00:1::9"), count: 6)
      return (plain4 + refused4 + headends4, plain6 + refused6 + headends6)
    }
    sources = (0..<3).map { table in
      let six = ["2001:db8:6:5::1", "fd00:250::1", "fd00:250::1"][table]
      return (
        [[UInt8]](repeating: address("10.250.0.1"), count: 6) + [address("198.18.0.1")],
        [[UInt8]](repeating: address(six), count: 12) + ["2001:db8:bad::5", "fe80::5", "::1"].map(address)
      )
    }
  }

  /// What differs within a behaviour: policies of different lengths.
  private static func variants(_ row: BehaviorRow) -> Int { row.required.contains(.segments) ? pathLengths.count : 1 }

  /// A policy; an inserted header has a place for the packet's own destination as well.
  private static func segments(_ row: BehaviorRow, _ variant: Int) -> [String] {
    row.required.contains(.segments) ? path(min(pathLengths[variant], row.behavior == .endB6 ? 126 : 127)) : []
  }

  private static let pathLengths = [1, 2, 3, 14, 127]

  private static func path(_ count: Int) -> [String] {
    (1...count).map { "2001:db8:6:a::\(String($0, radix: 16))" }
  }

  static let headends: [(mode: ReferenceNode.Encapsulation, segments: [String])] = [
    (.full, path(1)), (.full, path(3)), (.full, path(127)), (.reduced, path(1)), (.reduced, path(2)),
    (.reduced, path(127)), (.insert, path(1)), (.insert, path(14)),
  ]

  /// A SID's words of configuration, what the reference knows of it, and the table that its inner packets meet.
  private static func sid(
    _ row: BehaviorRow, _ flavors: Flavors, _ segments: [String]
  ) -> (words: String, endpoint: ReferenceNode.Endpoint, innerTable: Int) {
    var endpoint = ReferenceNode.Endpoint(.init(rawValue: row.name)!)
    endpoint.isPSP = flavors.contains(.psp)
    endpoint.isUSD = flavors.contains(.usd)
    var words = ""
    var table = 0
    if row.required.contains(.table) {
      table = row.behavior == .endT ? 0 : row.behavior == .endDT46 ? 2 : 1
      words += ", vrf: \(tables[table])"
      endpoint.table = table
    }
    if row.required.contains(.nexthop) {
      table = row.behavior == .endX ? 0 : 1
      let neighbor = row.inner == .ipv4 ? neighbors4[table] : neighbors6[table]
      words += ", nexthop: \"\(neighbor)\", port: \(ports[table])"
      endpoint.adjacency = .init(port: table, mac: mac(peers[table]))
    }
    if !segments.isEmpty {
      words += ", segments: [" + segments.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
      endpoint.policy = segments.map(address)
    }
    if !flavors.isEmpty { words += ", flavors: [" + flavors.names.joined(separator: ", ") + "]" }
    return (words, endpoint, table)
  }

  /// A table's plain routes, and those that it has by itself.
  private static func own(_ table: Int) -> (four: [ReferenceNode.Entry], six: [ReferenceNode.Entry]) {
    typealias Entry = ReferenceNode.Entry
    let send = ReferenceNode.Action.send(.init(port: table, mac: mac(peers[table])))
    let subnet4 = Bytes(address(addresses4[table]).prefix(3))
    var four = [
      Entry(address(neighbors4[table]), 32, send), Entry(address(addresses4[table]), 32, .local),
      Entry(subnet4 + [255], 32, .refuse("multicast")), Entry(subnet4 + [0], 32, .local),
      Entry(subnet4 + [0], 24, .refuse("neighbor-unresolved")), Entry(address("10.0.0.0"), 8, send),
    ]
    let subnet6 = Bytes(address(addresses6[table]).prefix(8)) + Bytes(repeating: 0, count: 8)
    var six = [
      Entry(address(neighbors6[table]), 128, send), Entry(address(addresses6[table]), 128, .local),
      Entry(subnet6, 128, .local), Entry(subnet6, 64, .refuse("neighbor-unresolved")),
      Entry(address(plain6(table)), 16, send),
    ]
    for (index, reason) in ["blackhole", "unreachable", "prohibit"].enumerated() {
      four.append(Entry(address("10.66.\(index + 1).0"), 24, .refuse(reason)))
      six.append(Entry(address("fd66:\(index + 1)::"), 32, .refuse(reason)))
    }
    if table == 0 { six.append(Entry(address("2001:db8:bad::"), 48, .refuse("blackhole"))) }
    return (four, six)
  }

  private static func plain6(_ table: Int) -> String { table == 0 ? "2001::" : "fd00::" }

  private static func routes(_ table: Int) -> [String] {
    let vrf = tables[table]
    var lines = [
      "{vrf: \(vrf), prefix: 10.0.0.0/8, via: \(neighbors4[table]), port: \(ports[table])}",
      "{vrf: \(vrf), prefix: \"\(plain6(table))/16\", via: \"\(neighbors6[table])\", port: \(ports[table])}",
    ]
    for (index, reason) in ["blackhole", "unreachable", "prohibit"].enumerated() {
      lines.append("{vrf: \(vrf), prefix: 10.66.\(index + 1).0/24, type: \(reason)}")
      lines.append("{vrf: \(vrf), prefix: \"fd66:\(index + 1)::/32\", type: \(reason)}")
    }
    if table == 0 { lines.append("{prefix: \"2001:db8:bad::/48\", type: blackhole}") }
    return lines.map { "  - \($0)\n" }
  }

  private static func text(sids: [String], routes: [String]) -> String {
    var text =
      "srv6: {encap-source: \"2001:db8:1::1\", flow-label: copy}\nvrfs: {red: {table: 100}, blue: {table: 200}}\n"
    text += "ports:\n"
    for index in 0..<3 {
      text +=
        "  \(ports[index]): {device: d\(index), mac: \"\(macs[index])\", vrf: \(tables[index]), mtu: \(mtus[index]), "
        + "addresses: [\"\(addresses4[index])/24\", \"\(addresses6[index])/64\"]}\n"
    }
    text += "sids:\n" + sids.joined() + "routes:\n" + routes.joined() + "neighbors:\n"
    for index in 0..<3 {
      for neighbor in [neighbors4[index], neighbors6[index]] {
        text += "  - {port: \(ports[index]), address: \"\(neighbor)\", mac: \"\(peers[index])\"}\n"
      }
    }
    return text
  }
}
