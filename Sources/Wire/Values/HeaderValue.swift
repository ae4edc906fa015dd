/// A header as a value, for building templates and for tests: control path only. Forwarding uses the views.
///
/// `emit` writes every byte of the header, so the buffer need not be cleared, and `init(parsing:)` gives back what was
/// emitted.
public protocol HeaderValue: Hashable, Sendable {
  /// Bytes that ``emit(into:)`` writes.
  var byteCount: Int { get }

  /// Reads the header at the start of `bytes`; what follows it is ignored. Nil if bytes are missing or a field has a
  /// value that the header does not allow.
  init?(parsing bytes: UnsafeRawBufferPointer)

  /// Writes the header at the start of `bytes`, which must hold ``byteCount`` bytes: fewer are a programming error and
  /// trap. Nothing after them is touched.
  func emit(into bytes: UnsafeMutableRawBufferPointer)
}

extension HeaderValue {
  /// The header's bytes.
  public var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      emit(into: UnsafeMutableRawBufferPointer(buffer))
      count = byteCount
    }
  }

  /// The place for ``byteCount`` bytes at the start of `bytes`.
  func place(in bytes: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawPointer {
    precondition(bytes.count >= byteCount, "the buffer is shorter than the header")
    return bytes.baseAddress!
  }
}

extension UnsafeRawBufferPointer {
  /// The memory for a view that only reads; nil if the buffer is empty.
  var viewBase: UnsafeMutableRawPointer? { baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } }
}
