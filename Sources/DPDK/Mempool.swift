import CDPDKShim

/// A pool of packet buffers on one NUMA node.
public final class Mempool {
  /// Bytes of packet data that one buffer holds besides the headroom: DPDK's own default.
  public static let dataRoom: UInt16 = 2048
  /// Buffers that each lcore keeps at hand.
  public static let cache: UInt32 = 256

  /// Memory of one buffer, bytes: its data and headroom, the `rte_mbuf` before them and the pool's own header.
  public static let bytesPerBuffer = Int(dataRoom) + 128 + 128 + 64

  /// DPDK's pool.
  public let handle: UnsafeMutableRawPointer

  /// Makes a pool.
  ///
  /// - Parameters:
  ///   - count: Buffers.
  ///   - socket: The NUMA node; -1 for any.
  public init(name: String, count: Int, socket: Int) throws(DPDKError) {
    let cache = min(Mempool.cache, UInt32(count) / 4)
    guard let handle = ntl_pool_create(name, UInt32(count), cache, Mempool.dataRoom, Int32(socket)) else {
      throw DPDKError("making a pool of \(count) packet buffers on NUMA node \(socket)", code: ntl_errno())
    }
    self.handle = handle
  }

  deinit { ntl_pool_free(handle) }

  /// Buffers that are not in the pool now.
  public var inUse: Int { Int(ntl_pool_in_use(handle)) }
  /// Buffers in all.
  public var size: Int { Int(ntl_pool_size(handle)) }
}
