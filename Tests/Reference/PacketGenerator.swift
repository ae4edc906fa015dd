import TestSupport

/// Makes frames at random: most of them well-formed packets of any kind that SRv6 nodes meet, some with a lie in them.
package struct PacketGenerator {
  /// A SID and what it takes out: 4, 41 or both.
  package struct Target {
    package var sid: Bytes
    package var takes: [UInt8]
    /// The table that inner packets are looked up in.
    package var table: Int
    /// It works while segments are left.
    package var isTransit: Bool

    package init(sid: Bytes, takes: [UInt8], table: Int, isTransit: Bool) {
      self.sid = sid
      self.takes = takes
      self.table = table
      self.isTransit = isTransit
    }
  }

  package var random: SeededRandom
  /// SIDs of the node.
  package var targets: [Target]
  /// Destinations by table: prefixes of 4 bytes and 16.
  package var destinations: [(four: [Bytes], six: [Bytes])]
  /// Senders by table.
  package var sources: [(four: [Bytes], six: [Bytes])]
  /// The Ethernet header that each port's frames begin with, but for the type.
  package var links: [Bytes]

  package init(
    seed: UInt64, targets: [Target], destinations: [(four: [Bytes], six: [Bytes])],
    sources: [(four: [Bytes], six: [Bytes])], links: [Bytes]
  ) {
    random = SeededRandom(seed: seed)
    self.targets = targets
    self.destinations = destinations
    self.sources = sources
    self.links = links
  }

  private mutating func chance(_ part: Int, of whole: Int) -> Bool { random.below(whole) < part }

  private mutating func one<T>(_ list: [T]) -> T { list[random.below(list.count)] }

  /// The next frame and the number of the port that receives it.
  package mutating func next() -> (port: Int, frame: Bytes) {
    let port = chance(3, of: 4) ? 0 : random.below(links.count)
    let isIPv4 = chance(1, of: port == 0 ? 16 : 2)
    var packet = isIPv4 ? packet4(port) : port == 0 && chance(9, of: 10) ? tunnel(depth: 0) : packet6(port, depth: 0)
    if chance(1, of: 6) { mutate(&packet) }
    if chance(1, of: 8) { packet += random.bytes(random.below(40)) }
    return (port, links[port] + (isIPv4 ? [8, 0] : [0x86, 0xdd]) + packet)
  }

  private mutating func mutate(_ packet: inout Bytes) {
    if packet.isEmpty { return }
    switch random.below(4) {
    case 0: packet.removeLast(random.below(packet.count))
    case 1:
      // The fields of the first headers are the ones that matter.
      for _ in 0...random.below(3) {
        packet[random.below(min(packet.count, 120))] = UInt8(truncatingIfNeeded: random.next())
      }
    case 2: packet[random.below(packet.count)] ^= 1 << UInt8(random.below(8))
    default:
      let at = packet[0] >> 4 == 4 ? 2 : 4
      if packet.count >= at + 2 {
        let length = number(packet, at) + random.below(33) - 16
        packet.replaceSubrange(at..<at + 2, with: big(length & 0xffff))
      }
    }
  }

  private mutating func payload() -> Bytes {
    let sizes = [0, 1, 7, 8, 40, 40, 64, 64, 100, 300]
    let count = chance(1, of: 12) ? one([1230, 1400, 1440, 1460, 1480, 1481, 2800, 4000]) : one(sizes)
    let start = random.next()
    return (0..<count).map { UInt8(truncatingIfNeeded: start &+ UInt64($0) &* 7) }
  }

  private mutating func hopLimit() -> UInt8 { chance(1, of: 6) ? one([0, 1, 2, 3, 255]) : 64 }

  private mutating func packet4(_ table: Int) -> Bytes {
    let options: Bytes =
      chance(1, of: 12) ? one([[1, 1, 1, 1], [1, 0, 0, 0], [0x88, 4, 0, 7], [1, 0x88, 4, 1, 1, 1, 1, 0]]) : []
    let kind: UInt8 = one([17, 17, 17, 6, 1, 4, 41, 50])
    var body = payload()
    if kind == 1 && body.count >= 8 { body[0] = one([0, 3, 8, 11, 13]) }
    let flags: UInt8 = one([0, 0, 0x40, 0x40, chance(1, of: 6) ? 0x20 : 0])
    let offset: UInt8 = chance(1, of: 40) ? 5 : 0
    let head: Bytes =
      [0x45 + UInt8(options.count / 4), one([0, 0, 0xb8, 3])] + big(20 + options.count + body.count)
      + random.bytes(2) + [flags, offset, hopLimit(), kind, 0, 0]
    var destination = one(destinations[table].four)
    destination[3] = UInt8(1 + random.below(250))
    let header = head + one(sources[table].four) + destination + options
    let sum = chance(1, of: 60) ? random.below(65536) : internetChecksum(header)
    return header.prefix(10) + big(sum) + header.dropFirst(12) + body
  }

  private mutating func packet6(_ table: Int, depth: Int) -> Bytes {
    if depth > 0 && depth < 3 && table == 0 && chance(1, of: 3) { return tunnel(depth: depth) }
    var destination = one(destinations[table].six)
    if chance(1, of: 2) { destination[15] = UInt8(1 + random.below(250)) }
    var body = payload()
    var kind: UInt8 = one([17, 17, 6, 58, 59, 4, 41, 47])
    if kind == 58 && body.count >= 8 { body[0] = one([1, 2, 3, 4, 127, 128, 129, 137]) }
    if chance(1, of: 5) { extend(&body, &kind, onlyFirst: false) }
    return header6(kind, body, destination, one(sources[table].six))
  }

  private mutating func header6(_ kind: UInt8, _ body: Bytes, _ destination: Bytes, _ source: Bytes) -> Bytes {
    let first: Bytes = chance(1, of: 3) ? [0x60 | UInt8(random.below(16))] + random.bytes(3) : [0x60, 0, 0, 0]
    return first + big(body.count) + [kind, hopLimit()] + source + destination + body
  }

  /// Puts an extension header in front; a hop-by-hop header only if nothing will come before it.
  private mutating func extend(_ body: inout Bytes, _ kind: inout UInt8, onlyFirst: Bool) {
    var header: Bytes
    var type: UInt8 = one([60, 60, 60, onlyFirst ? 0 : 60, 44, 51, 43])
    switch type {
    case 0, 60:
      header =
        [kind, 0] + one([[1, 4, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 1, 0], [0x1e, 4, 1, 2, 3, 4]])
      if chance(1, of: 10) { header[2] = one([0x5e, 0x9e, 0xde]) }
      if chance(1, of: 10) {
        header[1] = 2
        header += [1, 2, 0, 0, 0x3e, 10] + random.bytes(10)
      }
    case 44:
      header = [kind, 0, 0, chance(1, of: 3) ? one([1, 8, 9]) : 0] + random.bytes(4)
    case 51: header = [kind, 4] + random.bytes(22)
    default:
      header = [kind, 2, one([0, 2, 3, 5]), chance(1, of: 4) ? 1 : 0] + random.bytes(20)
    }
    if type == 0 && !onlyFirst { type = 60 }
    body = header + body
    kind = type
  }

  private mutating func tlvs() -> Bytes {
    switch random.below(12) {
    case 0: return [4, 6, 0, 0, 0, 0, 0, 0]
    case 1: return [0, 0, 0, 0, 0, 0, 0, 0]
    case 2: return [4, 0, 124, 4] + random.bytes(4)
    case 3: return [200, 14] + random.bytes(14)
    case 4: return [4, UInt8(random.below(12)), 0, 0, 0, 0, 0, 0]
    default: return []
    }
  }

  /// A packet to a SID of the node, with an SRH or without, and anything inside.
  private mutating func tunnel(depth: Int) -> Bytes {
    let target = one(targets)
    var kind: UInt8
    var body: Bytes
    switch random.below(10) {
    case 0:
      kind = one([17, 58, 59, 143, 50, 6, 135])
      body = payload()
    case 1, 2:
      kind = one([4, 41])
      body = kind == 4 ? packet4(target.table) : packet6(target.table, depth: depth + 1)
    default:
      kind = one(target.takes)
      body = kind == 4 ? packet4(target.table) : packet6(target.table, depth: depth + 1)
    }
    if kind == 41 || kind == 4, chance(1, of: 40) { mutate(&body) }
    if chance(1, of: 12) { extend(&body, &kind, onlyFirst: false) }
    if chance(3, of: 4) { routing(&body, &kind, target) }
    if chance(1, of: 30) { routing(&body, &kind, target) }
    if chance(1, of: 10) { extend(&body, &kind, onlyFirst: true) }
    if chance(1, of: 200) { for _ in 0..<random.below(10) { extend(&body, &kind, onlyFirst: false) } }
    return header6(kind, body, target.sid, one(sources[0].six))
  }

  /// Puts a segment routing header in front.
  private mutating func routing(_ body: inout Bytes, _ kind: inout UInt8, _ target: Target) {
    let sizes = [1, 1, 2, 2, 3, 3, 3, 4, 5]
    let count = chance(1, of: 12) ? one([0, 13, 14, 15, 16, 30, 127]) : one(sizes)
    var list: [Bytes] = (0..<count).map { _ in segment() }
    // The usual path leads to this SID by its Segments Left.
    var left = target.isTransit && count > 1 ? 1 + random.below(count - 1) : 0
    if chance(1, of: 6) { left = one([0, 1, 2, max(count - 1, 0), count, count + 1, 14, 255]) }
    if left < count { list[left] = target.sid }
    var lastEntry = count - 1
    if chance(1, of: 30) { lastEntry = random.below(256) }
    let tail = count > 126 ? [] : tlvs()
    let length = (count * 16 + tail.count) / 8
    let header: Bytes =
      [kind, UInt8(length), 4, UInt8(left), UInt8(lastEntry & 255), 0] + (chance(1, of: 4) ? random.bytes(2) : [0, 0])
    body = header + list.joined() + tail + body
    kind = 43
  }

  private mutating func segment() -> Bytes {
    switch random.below(12) {
    case 0, 1: return one(targets).sid
    case 2: return one(destinations[random.below(destinations.count)].six)
    default:
      var bytes = destinations[0].six[0]
      bytes[15] = UInt8(1 + random.below(250))
      return bytes
    }
  }
}
