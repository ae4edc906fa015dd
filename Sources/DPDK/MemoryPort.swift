import CDPDKShim
import Glibc

/// A port made of memory: no NIC, no huge pages, no root. What is put in is received, what is transmitted is taken out.
public final class MemoryPort {
  /// DPDK's number of the port.
  public var number: UInt16 { rings.port }
  private let rings: ntl_memory_port
  private let port: DevicePort
  private let pool: Mempool

  /// Makes a port whose packets come from `pool`.
  ///
  /// - Parameter size: Frames that each direction can hold; a power of two.
  public init(name: String, pool: Mempool, size: UInt32 = 1024) throws(DPDKError) {
    var rings = ntl_memory_port()
    let result = ntl_memory_port_create(name, size, &rings)
    guard result == 0 else { throw DPDKError("making memory port \(name)", code: result) }
    self.rings = rings
    self.pool = pool
    port = try DevicePort(number: rings.port)
    try port.configure(PortSettings(), pool: pool)
    try port.start()
  }

  /// A frame that the port transmitted.
  public struct Frame {
    /// Its bytes, from the Ethernet header on.
    public var bytes: [UInt8]
    /// The mbuf's port field, where the sender notes the logical interface.
    public var interface: UInt16
  }

  /// Lets the port receive a frame; buffers beyond the first hold `room` bytes each.
  public func put(_ frame: [UInt8], room: UInt16 = Mempool.dataRoom) throws(DPDKError) {
    guard let mbuf = ntl_mbuf_alloc(pool.handle) else {
      throw DPDKError("taking a packet buffer for a frame", code: ENOMEM)
    }
    let result = ntl_mbuf_append(mbuf, pool.handle, frame, UInt32(frame.count), room)
    guard result == 0, ntl_memory_port_put(rings, mbuf) else {
      ntl_mbuf_free(mbuf)
      throw DPDKError(
        "giving memory port \(number) a frame of \(frame.count) bytes", code: result == 0 ? ENOSPC : result)
    }
  }

  /// The next frame that the port transmitted; nil when there is none.
  public func take() -> Frame? {
    guard let mbuf = ntl_memory_port_take(rings) else { return nil }
    defer { ntl_mbuf_free(mbuf) }
    let length = mbuf.pointee.pkt_len
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
      count = Int(ntl_mbuf_read(mbuf, 0, length, buffer.baseAddress))
    }
    return Frame(bytes: bytes, interface: mbuf.pointee.port)
  }
}
