import CDPDKShim
import Wire

// IPv6 lookups find routes and local SIDs alike: a SID is a route of the table (RFC 8986, section 3.1).

extension Worker {
  @inline(never) mutating func lookUpIPv6() {
    let queue = burst.ipv6
    snapshot.fib6.lookup(
      count: queue.count, tables: queue.tables, destinations: queue.destinations, results: queue.results)
    if trace != nil { traceIPv6() }
  }

  /// Takes each packet on from what the lookup found.
  @inline(never) mutating func routeIPv6() {
    let queue = burst.ipv6
    var index = 0
    while index < queue.count {
      let target = RouteTarget(cell: queue.results[index])
      let number = Int(queue.slots[index])
      let slot = burst.slots + number
      if target.isSID {
        endpoint(slot, index: number, sid: target.index)
      } else if _slowPath(target.isNone) {
        discard(slot, .noRoute)
      } else {
        sendIPv6(slot, to: snapshot.nextHops + target.index)
      }
      index &+= 1
    }
    burst.ipv6.count = 0
  }

  /// Takes the packets that still meet SIDs of ours after the last round out of the queue.
  @inline(never) mutating func giveUpOnSIDs() {
    let queue = burst.ipv6
    var kept = 0
    for index in 0..<queue.count {
      if RouteTarget(cell: queue.results[index]).isSID {
        drop(burst.slots + Int(queue.slots[index]), .tooManySIDs)
      } else {
        queue.slots[kept] = queue.slots[index]
        queue.results[kept] = queue.results[index]
        kept &+= 1
      }
    }
    burst.ipv6.count = kept
  }

  /// A router's last checks of an IPv6 packet, then its new link-layer header (RFC 8200, section 3).
  @inline(__always) mutating func sendIPv6(
    _ slot: UnsafeMutablePointer<Slot>, to hop: UnsafePointer<NextHop>
  ) {
    guard _fastPath(hop.pointee.reason == nil) else { return discardAtNextHop(slot, hop) }
    let header = Worker.ipv6(slot)
    guard _fastPath(!header.source.isLinkLocal) else { return discard(slot, .beyondScope) }
    guard _fastPath(header.hopLimit > 1) else { return discard(slot, .hopLimitExceeded) }
    guard _fastPath(slot.pointee.length <= hop.pointee.mtu) else { return discard(slot, .packetTooBig) }
    header.hopLimit &-= 1
    rewrite(slot, hop)
  }

  @inline(never) func traceIPv6() {
    let queue = burst.ipv6
    for index in 0..<queue.count {
      let target = RouteTarget(cell: queue.results[index])
      if target.isSID { continue }
      trace?.pointee.append(
        .routeIPv6(table: queue.tables[index], destination: queue.destinations[index], target: target))
    }
  }
}
