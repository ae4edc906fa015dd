import CDPDKShim

/// A ring of packets with one producer and one consumer (`rte_ring`).
public final class PacketRing {
  /// DPDK's ring.
  public let handle: UnsafeMutableRawPointer

  /// Makes a ring.
  ///
  /// - Parameters:
  ///   - name: Its name in the process.
  ///   - count: Packets that it holds.
  ///   - socket: The NUMA node; -1 for any.
  public init(name: String, count: Int, socket: Int = -1) throws(DPDKError) {
    guard let handle = ntl_ring_create(name, UInt32(count), Int32(socket)) else {
      throw DPDKError("making a ring of \(count) packets", code: ntl_errno())
    }
    self.handle = handle
  }

  deinit { ntl_ring_free(handle) }

  /// Puts a packet in, with its note; false: the ring is full.
  public func put(_ mbuf: UnsafeMutablePointer<ntl_mbuf>, _ note: ntl_note) -> Bool {
    ntl_mbuf_note(mbuf).pointee = note
    return ntl_ring_put(handle, mbuf)
  }

  /// Packets that it takes before it is full.
  public var room: Int { Int(ntl_ring_room(handle)) }

  /// Takes the next packet out; nil when there is none.
  public func take() -> (mbuf: UnsafeMutablePointer<ntl_mbuf>, note: ntl_note)? {
    var mbuf: UnsafeMutablePointer<ntl_mbuf>?
    guard ntl_ring_take(handle, &mbuf, 1) == 1, let mbuf else { return nil }
    return (mbuf, ntl_mbuf_note(mbuf).pointee)
  }
}
