import Glibc

/// Memory that ends where an unreadable page begins: a read behind it ends the test process.
final class GuardedBytes {
  private let pages: UnsafeMutableRawPointer
  private let size: Int
  private let pageSize = Int(getpagesize())

  init(capacity: Int) {
    size = (capacity + pageSize - 1) / pageSize * pageSize
    pages = mmap(nil, size + pageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(pages != MAP_FAILED && mprotect(pages + size, pageSize, PROT_NONE) == 0)
  }

  deinit { munmap(pages, size + pageSize) }

  /// Copies bytes so that the last of them is the last that can be read.
  func place(_ bytes: some Collection<UInt8>) -> UnsafeMutableRawPointer {
    let start = pages + (size - bytes.count)
    UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyBytes(from: bytes)
    return start
  }
}
