import Wire

// Next hops that stand for several (equal-cost multipath): a hash of the packet's flow chooses.

extension Worker {
  /// Sends a packet by its flow's member of a group.
  @inline(never) mutating func sendIPv4(
    _ slot: UnsafeMutablePointer<Slot>, byGroup hop: UnsafePointer<NextHop>, at position: Int
  ) {
    sendIPv4(slot, to: snapshot.nextHops + member(of: hop, flow: flowIPv4(slot)), at: position, Output(self))
  }

  /// Sends a packet by its flow's member of a group.
  @inline(never) mutating func sendIPv6(
    _ slot: UnsafeMutablePointer<Slot>, byGroup hop: UnsafePointer<NextHop>, at position: Int
  ) {
    sendIPv6(slot, to: snapshot.nextHops + member(of: hop, flow: flowIPv6(slot)), at: position, Output(self))
  }

  /// The next hop of a group that a flow goes by.
  @inline(__always) func member(of hop: UnsafePointer<NextHop>, flow: UInt64) -> Int {
    let bucket = UInt32(truncatingIfNeeded: flow) & hop.pointee.bucketMask
    return Int(snapshot.buckets[Int(hop.pointee.firstBucket &+ bucket)])
  }

  /// The next hop that a lookup's target means for a packet, for `explain`.
  mutating func chosenIPv4(_ slot: UnsafeMutablePointer<Slot>, _ target: RouteTarget) -> UInt32 {
    let hop = snapshot.nextHops + target.index
    return UInt32(truncatingIfNeeded: hop.pointee.isGroup ? member(of: hop, flow: flowIPv4(slot)) : target.index)
  }

  /// The next hop that a lookup's target means for a packet, for `explain`.
  mutating func chosenIPv6(_ slot: UnsafeMutablePointer<Slot>, _ target: RouteTarget) -> UInt32 {
    let hop = snapshot.nextHops + target.index
    return UInt32(truncatingIfNeeded: hop.pointee.isGroup ? member(of: hop, flow: flowIPv6(slot)) : target.index)
  }

  /// The packet's flow. Fragments have no ports, but for the first: all of a packet's go by its addresses.
  func flowIPv4(_ slot: UnsafeMutablePointer<Slot>) -> UInt64 {
    let header = Worker.ipv4(slot)
    let (proto, isFragment, length) = (header.protocol, header.isFragment, header.headerLength)
    let ports = isFragment ? 0 : ports(slot, proto, at: length)
    // Bringing the ports into the first buffer may have moved the header.
    let packet = Worker.ipv4(slot)
    return FlowHash.ipv4(packet.source, packet.destination, proto, ports: ports, seed: snapshot.flowSeed)
  }

  /// The packet's flow: extension headers are passed over; where that ends early, as at a fragment's, there it ends for
  /// every packet of the flow.
  mutating func flowIPv6(_ slot: UnsafeMutablePointer<Slot>) -> UInt64 {
    let walk = walk(slot)
    let ports = walk.status == .complete ? ports(slot, walk.nextHeader, at: walk.offset) : 0
    let packet = Worker.ipv6(slot)
    return FlowHash.ipv6(
      packet.source, packet.destination, walk.nextHeader, ports: ports, label: packet.flowLabel,
      seed: snapshot.flowSeed)
  }

  /// Source and destination port, or 0 where the protocol has none.
  private func ports(_ slot: UnsafeMutablePointer<Slot>, _ proto: UInt8, at offset: Int) -> UInt32 {
    let end = offset &+ TransportPortsView.byteCount
    guard FlowHash.hasPorts(proto), holds(slot, UInt32(truncatingIfNeeded: end)) else { return 0 }
    return TransportPortsView(at: slot.pointee.header + offset, length: TransportPortsView.byteCount)
      .unsafelyUnwrapped.pair
  }
}
