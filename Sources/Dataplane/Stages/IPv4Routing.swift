import CDPDKShim
import Wire

extension Worker {
  @inline(never) mutating func lookUpIPv4() {
    let queue = burst.ipv4
    snapshot.fib4.lookup(
      count: queue.count, tables: queue.tables, destinations: queue.destinations, results: queue.results)
    if trace != nil { traceIPv4() }
  }

  /// Takes each packet on from what the lookup found.
  @inline(never) mutating func routeIPv4() {
    let queue = burst.ipv4
    var index = 0
    while index < queue.count {
      let target = RouteTarget(cell: queue.results[index])
      let slot = burst.slots + Int(queue.slots[index])
      if _slowPath(target.isNone) {
        discard(slot, .noRoute)
      } else {
        sendIPv4(slot, to: snapshot.nextHops + target.index)
      }
      index &+= 1
    }
    burst.ipv4.count = 0
  }

  /// A router's last checks of an IPv4 packet, then its new link-layer header (RFC 1812, section 5.2.1).
  @inline(__always) mutating func sendIPv4(
    _ slot: UnsafeMutablePointer<Slot>, to hop: UnsafePointer<NextHop>
  ) {
    guard _fastPath(hop.pointee.reason == nil) else { return discardAtNextHop(slot, hop) }
    let header = Worker.ipv4(slot)
    guard _fastPath(header.ttl > 1) else { return discard(slot, .hopLimitExceeded) }
    guard _fastPath(slot.pointee.length <= hop.pointee.mtu) else { return discard(slot, .packetTooBig) }
    header.decrementTTL()
    rewrite(slot, hop)
  }

  @inline(never) func traceIPv4() {
    let queue = burst.ipv4
    for index in 0..<queue.count {
      trace?.pointee.append(
        .routeIPv4(
          table: queue.tables[index], destination: IPv4Address(queue.destinations[index]),
          target: RouteTarget(cell: queue.results[index])))
    }
  }
}
