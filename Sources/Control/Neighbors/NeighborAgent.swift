import CDPDKShim
import DPDK
import Dataplane
import Tables
import Wire

/// Resolves neighbours: takes what workers punt, asks and answers by ARP and neighbour discovery, keeps packets until
/// their neighbour is known, and has the next hops follow. Control thread only.
final class NeighborAgent {
  /// The rings of one worker.
  struct Rings {
    let punts: PacketRing
    let returns: PacketRing

    init(worker: Int) throws(DPDKError) {
      punts = try PacketRing(name: "punts-\(worker)", count: Exchange.capacity)
      returns = try PacketRing(name: "returns-\(worker)", count: Exchange.capacity)
    }

    /// The worker's view of them.
    ///
    /// - Parameter limits: How many packets of each kind it may have in a second; nil limits nothing.
    func exchange(worker: Int, limits: PuntSection?) -> Exchange {
      let ticks = limits.map { limits in PuntTicks { EAL.cyclesPerSecond / UInt64(limits.limit($0)) } }
      return Exchange(
        punts: punts.handle, returns: returns.handle, worker: UInt8(worker), ticks: ticks ?? .unlimited)
    }
  }

  /// Packets that wait for one neighbour at most; the oldest goes first.
  static let waitingPerNeighbor = 64
  /// Packets that wait in all.
  static let waitingLimit = 4096
  /// Milliseconds between looks at what is due.
  private static let dueInterval: UInt64 = 100

  private struct Waiting {
    var mbuf: Mbuf
    var note: ntl_note
  }

  private let state: ForwardingState
  private let publish: () -> Void
  private let events: EventHub
  private let pool: Mempool
  private let rings: [Rings]
  private(set) var cache: NeighborCache
  private var waiting: [NeighborCache.Key: [Waiting]] = [:]
  private var waitingCount = 0
  private var nextDue: UInt64 = 0
  private var lastStep: UInt64 = 0
  /// Every packet that waits has its neighbour asked for, as if enough time had passed since the one before.
  var asksForEachPacket = false
  /// Packets that began to wait since the last time it was set to 0.
  var queued = 0
  /// Who has what is for the host; nil where nobody is.
  var host: (any HostReceiver)?

  /// Takes over the state's neighbours.
  ///
  /// - Parameters:
  ///   - pool: Buffers for questions and answers.
  ///   - publish: Puts the state before the workers, and returns when none has an older one.
  init(
    _ state: ForwardingState, rings: [Rings], pool: Mempool, events: EventHub = EventHub(),
    publish: @escaping () -> Void
  ) {
    self.events = events
    self.state = state
    self.rings = rings
    self.pool = pool
    self.publish = publish
    cache = NeighborCache(configuredIn: state)
  }

  deinit {
    for packet in waiting.values.joined() { ntl_mbuf_free(packet.mbuf) }
    for ring in rings {
      while let packet = ring.punts.take() { ntl_mbuf_free(packet.mbuf) }
      while let packet = ring.returns.take() { ntl_mbuf_free(packet.mbuf) }
    }
  }

  /// Looks after everything that workers punted and that is due; returns how many packets there were.
  ///
  /// - Parameter now: Milliseconds of a clock that never goes back.
  @discardableResult func step(now: UInt64) -> Int {
    lastStep = now
    var actions: [NeighborCache.Action] = []
    var taken = 0
    for ring in rings {
      // Not more than a ring full, so that a flood does not keep the thread here.
      for _ in 0..<Exchange.capacity {
        guard let packet = ring.punts.take() else { break }
        actions += take(packet.mbuf, packet.note, now)
        taken += 1
      }
    }
    if now >= nextDue {
      actions += cache.advance(now: now)
      nextDue = now + Self.dueInterval
    }
    perform(actions, now)
    cache.tell(events, of: state)
    return taken
  }

  /// Takes what workers have punted by now.
  func takePunts() { step(now: lastStep) }

  /// Takes over what was configured: neighbours that never age, and those that are to be asked for from now on.
  func configure(_ changes: [StateChanges.Change<NeighborEntry>]) {
    var actions: [NeighborCache.Action] = []
    for change in changes {
      // Those of a port that is gone went with it.
      guard let entry = change.new ?? change.old, let interface = state.interfaceIndexes[entry.port] else { continue }
      let key = NeighborCache.Key(interface: interface, address: entry.address)
      if let new = change.new {
        actions += cache.setPermanent(key, new.mac)
      } else {
        actions += cache.remove(key)
      }
    }
    perform(actions, 0)
  }

  /// Forgets what is known and waits on interfaces that are gone. No worker may have them any more; what workers punted
  /// before is taken first, so that nothing of theirs is met later, when another interface has the index.
  func forgetGoneInterfaces() {
    for ring in rings {
      for _ in 0..<Exchange.capacity {
        guard let packet = ring.punts.take() else { break }
        perform(take(packet.mbuf, packet.note, 0), 0)
      }
    }
    for key in cache.entries.keys where state.interfaces[key.interface].isGone {
      _ = cache.remove(key)
      release(key, isThere: false)
    }
  }

  /// Follows the links of devices' ports: what was learned by one that has lost its link is forgotten, as Linux does, and
  /// neighbours that groups wait for are asked as soon as there is one again.
  func follow(links: [(port: UInt16, isUp: Bool)], now: UInt64) {
    var actions: [NeighborCache.Action] = []
    for (port, isUp) in links {
      for interface in state.interfaces.indices where state.interfaces[interface].port == port {
        actions += isUp ? askMembers(on: interface, now) : cache.forgetLearned(interface)
      }
    }
    perform(actions, now)
  }

  private func askMembers(on interface: Int, _ now: UInt64) -> [NeighborCache.Action] {
    state.nextHops.memberNeighbors.flatMap { key -> [NeighborCache.Action] in
      guard case .neighbor(interface, let address) = key else { return [] }
      return cache.want(.init(interface: interface, address: address), now: now, asksAgain: true) ?? []
    }
  }

  // MARK: From workers

  private func take(_ mbuf: Mbuf, _ note: ntl_note, _ now: UInt64) -> [NeighborCache.Action] {
    let kind = PuntKind(rawValue: note.kind)
    // What came out of a tunnel has been received by none.
    let received = kind == .neighbor || note.interface == IngressPort.unknown ? nil : Int(note.interface)
    guard received.map({ !state.interfaces[$0].isGone }) ?? true else {
      ntl_mbuf_free(mbuf)
      return []
    }
    switch kind {
    case .neighbor: return wait(mbuf, note, now)
    case .arp:
      defer { ntl_mbuf_free(mbuf) }
      guard let message = ARPMessage(Self.bytes(mbuf, ARPMessage.byteCount)) else { return [] }
      // Questions are answered here; the host may have asked for what is an answer.
      if message.operation == .reply { host?.deliver(mbuf, note) }
      return take(message, Int(note.interface), now)
    case .neighborDiscovery:
      defer { ntl_mbuf_free(mbuf) }
      let message = NDMessage(Self.bytes(mbuf, 1280))
      if message?.kind != .solicitation { host?.deliver(mbuf, note) }
      return message.map { take($0, Int(note.interface), now) } ?? []
    case .local, .multicast, .link:
      defer { ntl_mbuf_free(mbuf) }
      host?.deliver(mbuf, note)
      return []
    case nil:
      ntl_mbuf_free(mbuf)
      return []
    }
  }

  /// A packet's first bytes, `limit` at most.
  static func bytes(_ mbuf: Mbuf, _ limit: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = Int(ntl_mbuf_read(mbuf, 0, min(mbuf.pointee.pkt_len, UInt32(limit)), buffer.baseAddress))
    }
  }

  private func wait(_ mbuf: Mbuf, _ note: ntl_note, _ now: UInt64) -> [NeighborCache.Action] {
    var note = note
    // The index outlives a transaction that is under way.
    note.next_hop = UInt32(state.nextHops.settled(Int(note.next_hop)))
    guard let key = key(mbuf, note), var actions = cache.want(key, now: now, asksAgain: asksForEachPacket) else {
      giveBack(Waiting(mbuf: mbuf, note: note), .drop)
      return []
    }
    queued += 1
    waitingCount += 1
    waiting[key, default: []].append(Waiting(mbuf: mbuf, note: note))
    if waiting[key]!.count > Self.waitingPerNeighbor || waitingCount > Self.waitingLimit {
      waitingCount -= 1
      giveBack(waiting[key]!.removeFirst(), .drop)
    }
    // It was resolved while the packet was on its way here.
    if let entry = cache.entries[key], entry.state != .incomplete, let mac = entry.mac {
      actions.append(.resolved(key, mac))
    }
    return actions
  }

  /// The neighbour that a packet is for.
  private func key(_ mbuf: Mbuf, _ note: ntl_note) -> NeighborCache.Key? {
    guard state.nextHops.keys.indices.contains(Int(note.next_hop)) else { return nil }
    if let interface = state.nextHops.keys[Int(note.next_hop)].interface, state.interfaces[interface].isGone {
      return nil
    }
    switch state.nextHops.keys[Int(note.next_hop)] {
    case .neighbor(let interface, let address), .neighborForIPv4(let interface, let address):
      return .init(interface: interface, address: address)
    case .onLink(let interface):
      let header = Self.bytes(mbuf, 40)
      guard header.count >= 20 else { return nil }
      if note.is_ipv4 { return .init(interface: interface, address: .v4(.init(networkBytes: header[16..<20]))) }
      guard header.count == 40 else { return nil }
      return .init(interface: interface, address: .v6(IPv6Address(networkBytes: header[24..<40])))
    case .encapsulate, .toMany, .group, .localOfMain, .drop: return nil
    }
  }

  private func take(_ message: ARPMessage, _ interface: Int, _ now: UInt64) -> [NeighborCache.Action] {
    // Whoever looks whether an address is free (RFC 5227) is answered, and not learned.
    let key = NeighborCache.Key(interface: interface, address: .v4(message.sender))
    guard message.senderMAC.isUnicast, !state.isLocal(.v4(message.sender), interface: interface) else { return [] }
    let isKnowable = message.sender.value != 0 && state.isOnLink(key.address, interface: interface)
    switch message.operation {
    case .request where state.isLocal(.v4(message.target), interface: interface):
      let info = state.interfaces[interface]
      let reply = ARPMessage(
        operation: .reply, senderMAC: MACAddress(info.mac), sender: message.target, targetMAC: message.senderMAC,
        target: message.sender)
      send(info.header(to: message.senderMAC.value, etherType: EtherType.arp) + reply.bytes, interface)
      return isKnowable ? cache.hears(key, message.senderMAC, now: now) : []
    case .request, .reply:
      // A gratuitous packet, or one to somebody else, changes what is known and adds nothing.
      let isForUs = message.operation == .reply && state.isLocal(.v4(message.target), interface: interface)
      return cache.answers(key, message.senderMAC, isSolicited: isForUs, overrides: true, now: now)
    }
  }

  private func take(_ message: NDMessage, _ interface: Int, _ now: UInt64) -> [NeighborCache.Action] {
    let info = state.interfaces[interface]
    if let mac = message.mac, !mac.isUnicast { return [] }
    switch message.kind {
    case .solicitation:
      guard state.isLocal(.v6(message.target), interface: interface) else { return [] }
      let key = NeighborCache.Key(interface: interface, address: .v6(message.source))
      let isAnybody = message.source.isUnspecified
      let destination = isAnybody ? IPv6Address.allNodes : message.source
      let known = message.mac ?? cache.entries[key]?.mac
      let isKnowable = !isAnybody && state.isOnLink(key.address, interface: interface)
      let actions = isKnowable ? message.mac.map { cache.hears(key, $0, now: now) } ?? [] : []
      guard let to = isAnybody ? destination.multicastMAC : known else { return actions }
      var reply = NDMessage(
        kind: .advertisement, source: message.target, destination: destination, target: message.target,
        mac: MACAddress(info.mac))
      (reply.isRouter, reply.isSolicited, reply.overrides) = (true, !isAnybody, true)
      send(info.header(to: to.value, etherType: EtherType.ipv6) + reply.bytes, interface)
      return actions
    case .advertisement:
      let key = NeighborCache.Key(interface: interface, address: .v6(message.target))
      return cache.answers(
        key, message.mac, isSolicited: message.isSolicited, overrides: message.overrides, now: now)
    }
  }

  // MARK: Actions

  private func perform(_ actions: [NeighborCache.Action], _ now: UInt64) {
    var changed: [(key: NeighborCache.Key, mac: MACAddress?)] = []
    var forgotten: Set<NeighborCache.Key> = []
    for action in actions {
      switch action {
      case .ask(let key, let mac): ask(key, mac)
      case .resolved(let key, let mac): changed.append((key, mac))
      case .lost(let key): changed.append((key, nil))
      case .forgotten(let key):
        changed.append((key, nil))
        forgotten.insert(key)
      case .expired(let key): expire(key, now)
      }
    }
    guard !changed.isEmpty else { return }
    for (key, mac) in changed {
      state.setNeighbor(key.address, interface: key.interface, mac: mac, hasFailed: !forgotten.contains(key))
    }
    // Members of groups that have answered get flows, those that have not lose theirs.
    _ = state.balance()
    // A route to a next hop is made when every worker has the next hop.
    publish()
    for (key, mac) in changed {
      // Without memory for the route packets find the neighbour by asking, each time.
      try? state.showNeighbor(key.address, interface: key.interface, isThere: mac != nil)
      release(key, isThere: mac != nil)
    }
  }

  /// A group sends nothing to a member that has failed: only asking tells when it is back.
  private func expire(_ key: NeighborCache.Key, _ now: UInt64) {
    guard state.nextHops.isMember(.neighbor(interface: key.interface, address: key.address)) else {
      return perform(cache.remove(key), now)
    }
    perform(cache.retry(key, now: now), now)
  }

  private func release(_ key: NeighborCache.Key, isThere: Bool) {
    guard let packets = waiting.removeValue(forKey: key) else { return }
    waitingCount -= packets.count
    let onLink = state.onLink(interface: key.interface)
    for var packet in packets {
      if isThere && packet.note.next_hop == UInt32(onLink) {
        packet.note.next_hop = UInt32(state.nextHop(to: key.address, interface: key.interface))
      }
      giveBack(packet, isThere ? .route : .refuse)
    }
  }

  private func ask(_ key: NeighborCache.Key, _ mac: MACAddress?) {
    let info = state.interfaces[key.interface]
    let first = waiting[key]?.first
    switch key.address {
    case .v4(let target):
      let packet = first.map { Self.bytes($0.mbuf, 20) }
      guard let source = state.source(ofQuestionAbout: target, key.interface, packet: packet) else { return }
      let request = ARPMessage(
        operation: .request, senderMAC: MACAddress(info.mac), sender: source, targetMAC: MACAddress(0), target: target)
      send(info.header(to: (mac ?? .broadcast).value, etherType: EtherType.arp) + request.bytes, key.interface)
    case .v6(let target):
      let destination = mac == nil ? target.solicitedNode : target
      let request = NDMessage(
        kind: .solicitation, source: info.linkLocal, destination: destination, target: target,
        mac: MACAddress(info.mac))
      let to = mac ?? destination.multicastMAC
      send(info.header(to: to.value, etherType: EtherType.ipv6) + request.bytes, key.interface)
    }
  }

  // MARK: To workers

  /// What gives frames to the first worker.
  var frames: FrameSender { FrameSender(pool: pool, returns: rings[0].returns) }

  /// Has the first worker send a frame; with no buffer or no room it is as if it was lost on the link.
  private func send(_ frame: [UInt8], _ interface: Int) {
    _ = frame.withUnsafeBytes { frames.send($0, .frame, interface, port: state.interfaces[interface].port) }
  }

  /// Gives a packet back to the worker that it came from.
  private func giveBack(_ packet: Waiting, _ kind: ReturnKind) {
    var note = packet.note
    note.kind = kind.rawValue
    if !rings[Int(note.worker)].returns.put(packet.mbuf, note) { ntl_mbuf_free(packet.mbuf) }
  }
}
