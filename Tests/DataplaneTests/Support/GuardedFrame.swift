import CDPDKShim
import DPDK
import Glibc

/// A packet buffer whose data ends where an unreadable page begins: a read behind a frame ends the test process.
final class GuardedFrame {
  private let pages: UnsafeMutableRawPointer
  private let size = 2 * Int(getpagesize())
  private let pageSize = Int(getpagesize())
  private var used: (mbuf: UnsafeMutablePointer<ntl_mbuf>, buffer: UnsafeMutablePointer<UInt8>?, size: UInt16)?

  init() {
    pages = mmap(nil, size + pageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(pages != MAP_FAILED && mprotect(pages + size, pageSize, PROT_NONE) == 0)
  }

  deinit { munmap(pages, size + pageSize) }

  /// Lets the port receive a frame from the guarded memory; ``restore()`` must follow once it has been forwarded.
  func put(_ frame: [UInt8], to port: TestPort) throws {
    guard let mbuf = ntl_mbuf_alloc(Environment.shared.pool.handle) else {
      throw DPDKError("taking a buffer", code: ENOMEM)
    }
    used = (mbuf, mbuf.pointee.buf_addr, mbuf.pointee.buf_len)
    mbuf.pointee.buf_addr = pages.assumingMemoryBound(to: UInt8.self)
    mbuf.pointee.buf_len = UInt16(size)
    mbuf.pointee.data_off = UInt16(size - frame.count)
    mbuf.pointee.data_len = UInt16(frame.count)
    mbuf.pointee.pkt_len = UInt32(frame.count)
    UnsafeMutableRawBufferPointer(start: pages + (size - frame.count), count: frame.count).copyBytes(from: frame)
    try port.put(mbuf)
  }

  /// Gives the buffer, which is back in its pool by now, its own memory again.
  func restore() {
    guard let used else { return }
    used.mbuf.pointee.buf_addr = used.buffer
    used.mbuf.pointee.buf_len = used.size
    self.used = nil
  }
}
