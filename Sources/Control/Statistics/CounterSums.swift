import CDPDKShim
import Dataplane

// Sums over the workers' counters. Workers write them while they are read: each number is read whole, by a relaxed load,
// and two numbers may be of moments that lie a burst apart.

extension StatisticsSources {
  /// What an interface received and transmitted.
  func tally(interface index: Int) -> InterfaceTally {
    workers.reduce(into: InterfaceTally()) { $0 += $1.counters.tally(interface: index) }
  }

  /// What a table's VRF received.
  func tally(table index: Int) -> Tally {
    workers.reduce(into: Tally()) { $0 += Tally(relaxed: $1.counters.tables + index) }
  }

  /// What a local SID processed.
  func tally(sid index: Int) -> Tally {
    workers.reduce(into: Tally()) { $0 += Tally(relaxed: $1.counters.sids + index) }
  }

  /// Packets that matched a local SID and were not processed.
  func errors(sid index: Int) -> UInt64 {
    workers.reduce(0) { $0 &+ ntl_load_relaxed64($1.counters.sidErrors + index) }
  }

  /// What a headend route encapsulated.
  func tally(headend index: Int) -> Tally {
    workers.reduce(into: Tally()) { $0 += Tally(relaxed: $1.counters.headends + index) }
  }

  /// Packets that matched a headend route and were not encapsulated.
  func errors(headend index: Int) -> UInt64 {
    workers.reduce(0) { $0 &+ ntl_load_relaxed64($1.counters.headendErrors + index) }
  }

  /// Packets of each kind that workers handed to control, and that were more than the limits.
  var punts: [String: PuntCount] {
    var counts: [String: PuntCount] = [:]
    for kind in PuntKind.allCases {
      let place = Int(kind.rawValue)
      counts[kind.name] = workers.reduce(into: PuntCount()) { count, worker in
        count.punted &+= ntl_load_relaxed64(worker.counters.punted + place)
        count.limited &+= ntl_load_relaxed64(worker.counters.puntsLimited + place)
      }
    }
    return counts
  }

  /// Packets that workers made.
  var generated: UInt64 { workers.reduce(0) { $0 &+ ntl_load_relaxed64($1.counters.generated) } }

  /// Packets dropped for a reason.
  func drops(_ reason: DropReason) -> UInt64 {
    workers.reduce(0) { $0 &+ ntl_load_relaxed64($1.counters.drops + Int(reason.rawValue)) }
  }
}

extension Tally {
  /// Reads a tally that another thread writes.
  init(relaxed tally: UnsafePointer<Tally>) {
    self.init()
    packets = ntl_load_relaxed64(tally.pointer(to: \.packets)!)
    bytes = ntl_load_relaxed64(tally.pointer(to: \.bytes)!)
  }

  /// Reads a tally that another thread writes.
  init(relaxed tally: UnsafeMutablePointer<Tally>) { self.init(relaxed: UnsafePointer(tally)) }

  static func += (left: inout Tally, right: Tally) {
    left.packets &+= right.packets
    left.bytes &+= right.bytes
  }

  static func - (left: Tally, right: Tally) -> Tally {
    Tally(packets: left.packets &- right.packets, bytes: left.bytes &- right.bytes)
  }

  /// The tally as it is shown. A worker takes tagged frames off the untagged interface before it adds the burst there, so
  /// that a number read in between may stand a burst below zero.
  var shown: Tally {
    var shown = self
    if Int64(bitPattern: packets) < 0 { shown.packets = 0 }
    if Int64(bitPattern: bytes) < 0 { shown.bytes = 0 }
    return shown
  }
}

extension WorkerCounters {
  /// What one worker counted for an interface, of which it may be writing.
  func tally(interface index: Int) -> InterfaceTally {
    let tally = interfaces + index
    var sum = InterfaceTally()
    sum.received = Tally(relaxed: tally.pointer(to: \.received)!)
    sum.transmitted = Tally(relaxed: tally.pointer(to: \.transmitted)!)
    return sum
  }
}

extension InterfaceTally {
  static func += (left: inout InterfaceTally, right: InterfaceTally) {
    left.received += right.received
    left.transmitted += right.transmitted
  }

  static func - (left: InterfaceTally, right: InterfaceTally) -> InterfaceTally {
    var difference = InterfaceTally()
    difference.received = left.received - right.received
    difference.transmitted = left.transmitted - right.transmitted
    return difference
  }
}
