import CDPDKShim
import DPDK

/// What all tests of the process share: EAL, which starts once, a pool of packet buffers, and ports of memory.
final class Environment: @unchecked Sendable {
  static let shared = Environment()

  let pool: Mempool
  private let eal: EAL
  private var ports: [UInt32: [TestPort]] = [:]

  private init() {
    do {
      eal = try EAL(arguments: [
        "--no-huge", "-m", "256", "--no-pci", "--no-shconf", "--no-telemetry", "--log-level=error", "--lcores",
        "0@\(ntl_first_allowed_cpu())",
      ])
      pool = try Mempool(name: "tests", count: 8192, socket: -1)
    } catch {
      fatalError("\(error)")
    }
  }

  /// The first `count` ports that hold `size` frames less one in each direction; the same ones for every caller.
  func ports(_ count: Int, size: UInt32) throws -> [TestPort] {
    var made = ports[size] ?? []
    while made.count < count { made.append(try TestPort(name: "t\(size)-\(made.count)", pool: pool, size: size)) }
    ports[size] = made
    return Array(made.prefix(count))
  }

  /// Fills every free buffer, headroom and tailroom too, so that bytes which nobody wrote can be told.
  func poison() {
    var taken: [UnsafeMutablePointer<ntl_mbuf>] = []
    while let mbuf = ntl_mbuf_alloc(pool.handle) { taken.append(mbuf) }
    for mbuf in taken {
      UnsafeMutableRawPointer(mbuf.pointee.buf_addr)
        .initializeMemory(as: UInt8.self, repeating: 0xa5, count: Int(mbuf.pointee.buf_len))
      ntl_mbuf_free(mbuf)
    }
  }
}
