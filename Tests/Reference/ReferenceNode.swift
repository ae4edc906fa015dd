/// A packet or an address as plain bytes.
package typealias Bytes = [UInt8]

/// A forwarder by the letter of RFC 8986, RFC 8754 and RFC 8200: one packet at a time, over byte arrays, each table a list that is
/// read from its front. It shares no code with the program, so that what both say is said twice.
package struct ReferenceNode {
  /// A port, which is an Ethernet device.
  package struct Port {
    package var name: String
    package var mac: Bytes
    package var mtu: Int
    package var table: Int
    package var address4: Bytes
    package var address6: Bytes

    package init(name: String, mac: Bytes, mtu: Int, table: Int, address4: Bytes, address6: Bytes) {
      self.name = name
      self.mac = mac
      self.mtu = mtu
      self.table = table
      self.address4 = address4
      self.address6 = address6
    }
  }

  /// What a SID is bound to.
  package struct Endpoint {
    package enum Behavior: String {
      case end = "End"
      case endX = "End.X"
      case endT = "End.T"
      case endDX6 = "End.DX6"
      case endDX4 = "End.DX4"
      case endDT6 = "End.DT6"
      case endDT4 = "End.DT4"
      case endDT46 = "End.DT46"
      case endB6Encaps = "End.B6.Encaps"
      case endB6EncapsRed = "End.B6.Encaps.Red"
      case endB6 = "End.B6"
    }

    package var behavior: Behavior
    package var isPSP = false
    package var isUSD = false
    /// The table T of End.T and End.DT*.
    package var table = 0
    /// The adjacency J of End.X and End.DX*.
    package var adjacency = Adjacency(port: 0, mac: [])
    /// The policy B of End.B6*, the first segment to visit first.
    package var policy: [Bytes] = []

    /// It works while segments are left.
    var isTransit: Bool {
      switch behavior {
      case .end, .endX, .endT, .endB6Encaps, .endB6EncapsRed, .endB6: true
      case .endDX6, .endDX4, .endDT6, .endDT4, .endDT46: false
      }
    }

    package init(_ behavior: Behavior) { self.behavior = behavior }
  }

  /// A neighbour.
  package struct Adjacency {
    package var port: Int
    package var mac: Bytes

    package init(port: Int, mac: Bytes) {
      self.port = port
      self.mac = mac
    }
  }

  /// How a headend's route encapsulates (RFC 8986, section 5), or Linux's insertion.
  package enum Encapsulation: String, Sendable {
    case full = "encap"
    case reduced = "encap.red"
    case insert = "inline"
  }

  /// What a route leads to.
  package enum Action {
    case send(Adjacency)
    case endpoint(Endpoint)
    case policy(Encapsulation, [Bytes])
    case local
    /// Dropped for this reason.
    case refuse(String)
  }

  /// A route.
  package struct Entry {
    package var prefix: Bytes
    package var length: Int
    package var action: Action

    package init(_ prefix: Bytes, _ length: Int, _ action: Action) {
      self.prefix = prefix
      self.length = length
      self.action = action
    }
  }

  /// A frame that leaves.
  package struct Frame: Equatable {
    package var port: Int
    package var bytes: Bytes

    package init(port: Int, bytes: Bytes) {
      self.port = port
      self.bytes = bytes
    }
  }

  /// What becomes of a packet: it leaves as frames, or it is dropped for a reason, and an error may leave.
  package struct Verdict {
    package var frames: [Frame] = []
    package var drop: String?
    /// The packet is for this node itself, which is not RFC 8986's business.
    package var isLocal = false
    /// The most bytes of headers that stood in front of one payload.
    package var headerBytes = 0
    package init() {}
  }

  /// The ports.
  package var ports: [Port]
  /// The routes of each table, by family; longest prefixes first.
  package var tables: [(four: [Entry], six: [Entry])]
  /// The source of outer headers (RFC 8986, section 5: the address A).
  package var encapsulationSource: Bytes
  /// What the packet at hand has become so far.
  var verdict = Verdict()

  /// Makes a node.
  package init(ports: [Port], tables: [(four: [Entry], six: [Entry])], encapsulationSource: Bytes) {
    self.ports = ports
    self.encapsulationSource = encapsulationSource
    self.tables = tables.map { table in
      (table.four.sorted { $0.length > $1.length }, table.six.sorted { $0.length > $1.length })
    }
  }

  /// What becomes of a frame that a port receives.
  package mutating func receive(_ frame: Bytes, on port: Int) -> Verdict {
    verdict = Verdict()
    let packet = Bytes(frame.dropFirst(14))
    let table = ports[port].table
    if frame.count < 14 {
      drop("truncated")
    } else if Bytes(frame[0..<6]) != ports[port].mac {
      drop(frame[0] & 1 == 1 ? "multicast" : "not-our-mac")
    } else {
      switch (frame[12], frame[13]) {
      case (0x86, 0xdd): receive6(packet, Context(table: table, mtu: ports[port].mtu))
      case (0x08, 0x00): receive4(packet, Context(table: table, mtu: ports[port].mtu))
      default: drop("unknown-ethertype")
      }
    }
    return verdict
  }

  mutating func drop(_ reason: String) { verdict.drop = reason }

  /// Where a packet is on its way through the node.
  struct Context {
    var table: Int
    /// The layer-3 bytes that the receiving port takes; nil for what comes out of a tunnel.
    var mtu: Int?
    /// SIDs visited.
    var visits = 0
    /// The hop limit has been decremented by the behaviour of a SID.
    var isCounted = false
    /// What this node put into a tunnel, and the table by which it came.
    var inside: (packet: Bytes, table: Int)?
    /// Bytes of segment routing header that it inserted.
    var inserted = 0
    /// The packet is as it came off the wire.
    var isOuter = true
    /// The adjacency that takes the packet without a lookup.
    var adjacency: Adjacency?
  }

  static func matches(_ address: Bytes, _ entry: Entry) -> Bool {
    let whole = entry.length / 8
    for index in 0..<whole where address[index] != entry.prefix[index] { return false }
    let rest = entry.length % 8
    return rest == 0 || (address[whole] ^ entry.prefix[whole]) >> (8 - rest) == 0
  }

  func lookup(_ address: Bytes, _ table: Int) -> Action? {
    let entries = address.count == 4 ? tables[table].four : tables[table].six
    return entries.first { ReferenceNode.matches(address, $0) }?.action
  }
}

extension [ReferenceNode.Frame] {
  /// The same frames in one order, without what a node chooses freely: the identification of ICMP errors, whose header
  /// checksum must be right.
  package var canonical: [ReferenceNode.Frame] {
    var frames = self
    for index in frames.indices {
      let bytes = frames[index].bytes
      guard bytes.count >= 34, bytes[12] == 8, bytes[23] == 1, bytes[15] & 0xc0 == 0xc0 else { continue }
      guard internetChecksum(Bytes(bytes[14..<34])) == 0 else { continue }
      for place in [18, 19, 24, 25] { frames[index].bytes[place] = 0 }
    }
    return frames.sorted { one, other in
      one.port != other.port ? one.port < other.port : one.bytes.lexicographicallyPrecedes(other.bytes)
    }
  }
}

/// A number in network byte order.
func number(_ bytes: Bytes, _ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }

/// Two bytes in network byte order.
func big(_ value: Int) -> Bytes { [UInt8(value >> 8 & 255), UInt8(value & 255)] }

/// The Internet checksum (RFC 1071) of bytes, the last of them padded by 0.
package func internetChecksum(_ bytes: Bytes) -> Int {
  var sum = 0
  for (index, byte) in bytes.enumerated() { sum += index % 2 == 0 ? Int(byte) << 8 : Int(byte) }
  while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
  return ~sum & 0xffff
}
