import CDPDKShim
import CIntrinsics
import Wire

// IPv6 lookups find routes and local SIDs alike: a SID is a route of the table (RFC 8986, section 3.1).

extension Worker {
  @inline(never) mutating func lookUpIPv6() {
    let queue = burst.ipv6
    // Tunnelled packets come in trains: where a whole burst goes to one SID, it is looked up once.
    let isTrain = Worker.isTrain(queue)
    snapshot.fib6.lookup(
      count: isTrain ? 1 : queue.count, tables: queue.tables, destinations: queue.destinations, results: queue.results,
      scratch: burst.scratch)
    if isTrain {
      queue.results.update(repeating: queue.results[0], count: queue.count)
    } else if RouteTarget(cell: queue.results[0]).isSID {
      fetchSIDs(queue)
    }
  }

  /// Brings the SIDs of a mixed burst and their counters on their way into the cache: there may be many. Packets to SIDs
  /// come together, so that the first tells whether it is worth it.
  @inline(__always) func fetchSIDs(_ queue: LookupQueue<IPv6Address>) {
    let (sids, tallies) = (snapshot.sids, counters.sids)
    var index = 0
    while index < queue.count {
      let target = RouteTarget(cell: queue.results[index])
      if target.isSID {
        ntl_prefetch_line(sids + target.index)
        ntl_prefetch_line(tallies + target.index)
      }
      index &+= 1
    }
  }

  /// Whether all packets of the queue, of which there is at least one, are to be looked up alike.
  @inline(__always) static func isTrain(_ queue: LookupQueue<IPv6Address>) -> Bool {
    let (table, destination) = (queue.tables[0], queue.destinations[0])
    var index = 1
    while index < queue.count, queue.tables[index] == table, queue.destinations[index] == destination { index &+= 1 }
    return index == queue.count
  }

  /// Takes each packet on from what the lookup found.
  @inline(never) mutating func routeIPv6() {
    if trace != nil { traceIPv6() }
    let queue = burst.ipv6
    let output = Output(self)
    let endpoints = Endpoints(self)
    var ipv4 = burst.ipv4
    var index = 0
    while index < queue.count {
      let target = RouteTarget(cell: queue.results[index])
      let slot = queue.slots[index]
      if target.isSID {
        endpoint(slot, sid: target.index, endpoints, &ipv4)
      } else {
        sendIPv6(slot, to: output.nextHops + target.index, at: index, output)
      }
      index &+= 1
    }
    burst.ipv4.count = ipv4.count
    burst.ipv6.count = 0
  }

  /// Takes the packets that still meet SIDs of ours after the last round out of the queue.
  @inline(never) mutating func giveUpOnSIDs() {
    let queue = burst.ipv6
    var kept = 0
    for index in 0..<queue.count {
      if RouteTarget(cell: queue.results[index]).isSID {
        drop(queue.slots[index], .tooManySIDs)
      } else {
        queue.slots[kept] = queue.slots[index]
        queue.results[kept] = queue.results[index]
        kept &+= 1
      }
    }
    burst.ipv6.count = kept
  }

  /// A router's last checks of an IPv6 packet, then its new link-layer header (RFC 8200, section 3). `position` is its
  /// place in the lookup queue, which tells the table; negative for none.
  @inline(__always) mutating func sendIPv6(
    _ slot: UnsafeMutablePointer<Slot>, to hop: UnsafePointer<NextHop>, at position: Int, _ output: Output
  ) {
    let header = Worker.ipv6(slot)
    let length = slot.pointee.length
    guard _fastPath(!header.source.isLinkLocal && header.hopLimit > 1 && length <= hop.pointee.mtu) else {
      return unusualIPv6(slot, hop, at: position)
    }
    header.hopLimit &-= 1
    rewrite(slot, header.base, length, hop, output)
  }

  @inline(never) mutating func traceIPv6() {
    let queue = burst.ipv6
    for index in 0..<queue.count {
      let target = RouteTarget(cell: queue.results[index])
      note(
        target.isSID
          ? .sid(index: UInt32(truncatingIfNeeded: target.index))
          : .routeIPv6(
            table: queue.tables[index], destination: queue.destinations[index], target: target,
            nextHop: chosenIPv6(queue.slots[index], target)))
    }
  }
}
