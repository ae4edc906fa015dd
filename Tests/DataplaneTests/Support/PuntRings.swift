import CDPDKShim
import DPDK
import Dataplane

@testable import Control

/// Control's end of a worker's rings.
final class PuntRings {
  /// What a worker handed to control.
  struct Punted: Equatable {
    var kind: PuntKind
    var interface: Int
    var table: Int
    var bytes: [UInt8]
  }

  nonisolated(unsafe) private static var made = 0
  private let punts: PacketRing
  private let returns: PacketRing
  /// The worker's end of them.
  let exchange: Exchange
  /// Is shown every packet that is taken, with its note.
  var look: (Mbuf, ntl_note) -> Void = { _, _ in }

  init(ticks: PuntTicks = .unlimited) throws {
    // Rings are EAL's.
    _ = Environment.shared
    PuntRings.made += 1
    punts = try PacketRing(name: "test-punts-\(PuntRings.made)", count: Exchange.capacity)
    returns = try PacketRing(name: "test-returns-\(PuntRings.made)", count: Exchange.capacity)
    exchange = Exchange(punts: punts.handle, returns: returns.handle, worker: 0, ticks: ticks)
  }

  /// Everything that the worker handed over.
  func take() -> [Punted] {
    var all: [Punted] = []
    while let (mbuf, note) = punts.take() {
      look(mbuf, note)
      let bytes = NeighborAgent.bytes(mbuf, 1 << 16)
      all.append(
        Punted(
          kind: PuntKind(rawValue: note.kind)!, interface: Int(note.interface), table: Int(note.table), bytes: bytes))
      ntl_mbuf_free(mbuf)
    }
    return all
  }

  /// Gives the worker a frame.
  func give(_ frame: [UInt8], _ kind: ReturnKind, _ interface: Int, port: UInt16) -> Bool {
    let sender = FrameSender(pool: Environment.shared.pool, returns: returns)
    return frame.withUnsafeBytes { sender.send($0, kind, interface, port: port) }
  }
}
