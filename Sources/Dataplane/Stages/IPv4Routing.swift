import CDPDKShim
import Wire

extension Worker {
  @inline(never) mutating func lookUpIPv4() {
    let queue = burst.ipv4
    snapshot.fib4.lookup(
      count: queue.count, tables: queue.tables, destinations: queue.destinations, results: queue.results,
      scratch: burst.scratch)
  }

  /// Takes each packet on from what the lookup found.
  @inline(never) mutating func routeIPv4() {
    if trace != nil { traceIPv4() }
    let queue = burst.ipv4
    let output = Output(self)
    var index = 0
    while index < queue.count {
      let target = RouteTarget(cell: queue.results[index])
      sendIPv4(queue.slots[index], to: output.nextHops + target.index, at: index, output)
      index &+= 1
    }
    burst.ipv4.count = 0
  }

  /// A router's last checks of an IPv4 packet, then its new link-layer header (RFC 1812, section 5.2.1). `position` is its
  /// place in the lookup queue, which tells the table; negative for none.
  @inline(__always) mutating func sendIPv4(
    _ slot: UnsafeMutablePointer<Slot>, to hop: UnsafePointer<NextHop>, at position: Int, _ output: Output
  ) {
    let header = Worker.ipv4(slot)
    let hops = header.hopFields
    let length = slot.pointee.length
    guard _fastPath(hops.ttl > 1 && length <= hop.pointee.mtu) else {
      return unusualIPv4(slot, hop, at: position)
    }
    header.hopFields = hops.decremented
    rewrite(slot, header.base, length, hop, output)
  }

  @inline(never) mutating func traceIPv4() {
    let queue = burst.ipv4
    for index in 0..<queue.count {
      let target = RouteTarget(cell: queue.results[index])
      note(
        .routeIPv4(
          table: queue.tables[index], destination: IPv4Address(queue.destinations[index]), target: target,
          nextHop: chosenIPv4(queue.slots[index], target)))
    }
  }
}
