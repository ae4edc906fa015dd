import CDPDKShim
import DPDK
import Testing

/// A port made of memory whose packet buffers a test can lay out as a device might.
final class TestPort {
  let number: UInt16
  private let rings: ntl_memory_port
  private let port: DevicePort
  private let pool: Mempool

  init(name: String, pool: Mempool, size: UInt32) throws {
    var rings = ntl_memory_port()
    let result = ntl_memory_port_create(name, size, &rings)
    guard result == 0 else { throw DPDKError("making port \(name)", code: result) }
    self.rings = rings
    self.pool = pool
    number = rings.port
    port = try DevicePort(number: rings.port)
    try port.configure(PortSettings(), pool: pool)
    try port.start()
  }

  /// How a frame lies in packet buffers.
  struct Layout {
    /// Bytes that the first buffer holds; nil fills it like the others.
    var first: Int?
    /// Bytes that each buffer holds.
    var room = 2048
    /// Bytes in front of the frame.
    var headroom: UInt16 = 128
    /// What the device says of it (`ol_flags`).
    var flags: UInt64 = 0
  }

  /// Lets the port receive a frame.
  func put(_ frame: [UInt8], _ layout: Layout = Layout()) throws {
    guard let mbuf = ntl_mbuf_alloc(pool.handle) else { throw DPDKError("taking a packet buffer", code: 12) }
    mbuf.pointee.data_off = layout.headroom
    mbuf.pointee.ol_flags = layout.flags
    let size = mbuf.pointee.buf_len
    // A buffer that seems to end where the cut is makes the shim go on in another one.
    if let first = layout.first { mbuf.pointee.buf_len = layout.headroom + UInt16(first) }
    let result = ntl_mbuf_append(mbuf, pool.handle, frame, UInt32(frame.count), UInt16(layout.room))
    mbuf.pointee.buf_len = size
    guard result == 0 else { throw DPDKError("filling packet buffers", code: result) }
    try put(mbuf)
  }

  /// Lets the port receive a packet as it stands.
  func put(_ mbuf: UnsafeMutablePointer<ntl_mbuf>) throws {
    guard ntl_memory_port_put(rings, mbuf) else { throw DPDKError("giving port \(number) a frame", code: 28) }
  }

  /// The next frame that the port transmitted, the interface that it was counted for, and how many buffers it fills. The
  /// packet must be what a
  /// device needs: its buffers' lengths add up to its own, and there are as many as it says.
  func take() -> (frame: [UInt8], interface: Int, buffers: Int)? {
    guard let mbuf = ntl_memory_port_take(rings) else { return nil }
    let (length, interface, buffers) = (mbuf.pointee.pkt_len, mbuf.pointee.port, mbuf.pointee.nb_segs)
    let frame = [UInt8](unsafeUninitializedCapacity: 1 << 16) { bytes, count in
      count = Int(ntl_mbuf_read(mbuf, 0, 1 << 16, bytes.baseAddress))
    }
    let inUse = pool.inUse
    ntl_mbuf_free(mbuf)
    let freed = inUse - pool.inUse
    if frame.count != length || freed != buffers {
      Issue.record("\(length) bytes in \(buffers) buffers are \(frame.count) in \(freed): \(frame)")
    }
    return (frame, Int(interface), Int(buffers))
  }
}
