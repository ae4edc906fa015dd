import Glibc

/// Zeroed virtual memory whose address never changes and which costs memory only where it is touched.
final class Reservation {
  /// The size of a transparent huge page on x86-64 and on arm64 with 4 KiB pages.
  static let hugePage = 2 << 20

  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int
  /// The first byte, aligned to a huge page.
  let base: UnsafeMutableRawPointer

  /// Reserves `bytes`, in huge pages where the kernel has them if `hugePages` is set.
  init(bytes: Int, hugePages: Bool) throws(TableError) {
    let mappedBytes = bytes + Self.hugePage
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let mapping = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, flags, -1, 0), mapping != MAP_FAILED else {
      throw .reservationFailed(bytes: bytes, errno: errno)
    }
    self.mapping = mapping
    self.mappedBytes = mappedBytes
    base = mapping.alignedUp(toMultipleOf: Self.hugePage)
    // Only advice: a kernel without transparent huge pages refuses it, and small pages serve as well, only slower.
    if hugePages { _ = madvise(base, bytes, MADV_HUGEPAGE) }
  }

  /// Gives the memory of a range back to the kernel; it reads as zero from then on.
  func discard(byteOffset: Int, bytes: Int) {
    if madvise(base + byteOffset, bytes, MADV_DONTNEED) != 0 {
      memset(base + byteOffset, 0, bytes)
    }
  }

  deinit {
    munmap(mapping, mappedBytes)
  }
}
