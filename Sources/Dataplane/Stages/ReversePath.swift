import Wire

// Whether the source of an IPv4 packet is one that may send it (RFC 3704), by the rules of Linux's rp_filter.

/// Where packets to a source have to leave for it to be the right one.
enum ReversePath {
  /// By an interface.
  case interface(UInt16)
  /// By any interface of a VRF, which is told by its table: the packet came out of a tunnel.
  case vrf(UInt32)
}

extension Worker {
  /// Whether a filter lets the packet pass. Linux leaves those alone that are answered or dropped by their own route.
  @inline(never) func hasReversePath(
    _ slot: UnsafeMutablePointer<Slot>, _ back: ReversePath, _ filter: ReversePathFilter, table: UInt32,
    isRouted: Bool = true
  ) -> Bool {
    let header = Worker.ipv4(slot)
    let hop = snapshot.nextHops + target(ipv4: header.source, table: table).index
    if leads(hop, back, isStrict: filter == .strict) { return true }
    guard snapshot.isLikeLinux && isRouted else { return false }
    switch nextHop(ipv4: header.destination, table: table).pointee.reason {
    case .noRoute, .blackhole, .unreachable, .prohibit: return true
    default: return false
    }
  }

  /// Drops a packet off the wire whose source its interface does not take; true: it is gone.
  @inline(never) mutating func refusesSource(
    _ slot: UnsafeMutablePointer<Slot>, _ owner: UnsafePointer<Interface>
  ) -> Bool {
    let (filter, table) = (owner.pointee.rpFilter, owner.pointee.table)
    if snapshot.isLikeLinux && isLocal(Worker.ipv4(slot).source, table: table) { return !refuse(slot, .martianSource) }
    let back = ReversePath.interface(UInt16(truncatingIfNeeded: owner - snapshot.interfaces))
    let passes = filter == .off || hasReversePath(slot, back, filter, table: table)
    return passes ? false : !refuse(slot, .rpFilter)
  }

  /// Whether a packet that came out of a tunnel to a SID passes: by the SID's VRF, or by the interface that received it.
  func hasReversePath(inner slot: UnsafeMutablePointer<Slot>, _ sid: UnsafePointer<LocalSID>) -> Bool {
    let rules = snapshot.tables + Int(sid.pointee.table)
    guard let ingress = ingress(slot) else { return true }
    let interface = snapshot.interfaces + Int(ingress)
    let filter = rules.pointee.rpFilter ?? interface.pointee.rpFilter
    guard filter != .off else { return true }
    if rules.pointee.answers != 0 {
      return hasReversePath(slot, .vrf(sid.pointee.table), filter, table: sid.pointee.table)
    }
    let isRouted = sid.pointee.continuation == .tableLookup && !rules.pointee.isLink
    return hasReversePath(slot, .interface(ingress), filter, table: interface.pointee.table, isRouted: isRouted)
  }

  /// Whether a next hop, or one of a group, sends packets to hosts, and where it has to.
  private func leads(_ hop: UnsafePointer<NextHop>, _ back: ReversePath, isStrict: Bool) -> Bool {
    guard hop.pointee.isGroup else {
      let isUnicast = hop.pointee.reason == nil || hop.pointee.reason == .neighborUnresolved
      return isUnicast && (!isStrict || leaves(hop.pointee.interface, back))
    }
    let first = Int(hop.pointee.firstBucket)
    for bucket in first...first &+ Int(hop.pointee.bucketMask) {
      let member = snapshot.nextHops + Int(snapshot.buckets[bucket])
      if leads(member, back, isStrict: isStrict) { return true }
    }
    return false
  }

  private func leaves(_ interface: UInt16, _ back: ReversePath) -> Bool {
    switch back {
    case .interface(let wanted): interface == wanted
    case .vrf(let table): snapshot.interfaces[Int(interface)].table == table
    }
  }

  // MARK: Where a packet came from

  /// The interface that received a packet; nil if this node made it.
  func ingress(_ slot: UnsafeMutablePointer<Slot>) -> UInt16? {
    let history = history(slot)
    if history.pointee.ingress != IngressPort.unknown { return history.pointee.ingress }
    return history.pointee.isOurs ? nil : snapshot.ports[Int(burst.port)].untagged
  }
}
