import CDPDKShim
import DPDK
import Dataplane

/// Gives frames that control has to the first worker. Control thread only.
struct FrameSender {
  let pool: Mempool
  let returns: PacketRing

  /// Whether the ring has room for a frame of the host's, beside what ARP and neighbour discovery may need.
  var hasRoom: Bool { returns.room > Exchange.reserve }

  /// Has the worker send a frame by an interface's port, or take it as received there; false: there is no buffer or no room.
  func send(_ frame: UnsafeRawBufferPointer, _ kind: ReturnKind, _ interface: Int, port: UInt16) -> Bool {
    guard let mbuf = ntl_mbuf_alloc(pool.handle) else { return false }
    let bytes = frame.assumingMemoryBound(to: UInt8.self).baseAddress
    let note = ntl_note(
      next_hop: 0, table: 0, interface: UInt16(interface), kind: kind.rawValue, worker: 0, is_ipv4: false, is_ours: true
    )
    mbuf.pointee.port = port
    if ntl_mbuf_append(mbuf, pool.handle, bytes, UInt32(frame.count), Mempool.dataRoom) == 0, returns.put(mbuf, note) {
      return true
    }
    ntl_mbuf_free(mbuf)
    return false
  }
}
