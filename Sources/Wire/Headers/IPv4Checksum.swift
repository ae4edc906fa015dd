extension IPv4View {
  /// The header sums to all ones (RFC 791, section 3.1; RFC 1071). With options, ``isWellFormed(available:)`` must
  /// have held: the sum runs over ``headerLength`` bytes.
  @inlinable @inline(__always) public var hasValidChecksum: Bool {
    InternetChecksum.fold(headerSum) == 0xffff
  }

  /// The same for a header without options (IHL 5), which is five words and no loop.
  @inlinable @inline(__always) public var hasValidPlainChecksum: Bool {
    let first = base.loadUnaligned(as: UInt64.self)
    let second = base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    let third = UInt64(base.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    let (pair, carry) = first.addingReportingOverflow(second)
    let (total, carryAgain) = pair.addingReportingOverflow(third &+ (carry ? 1 : 0))
    // The sum with its end-around carries is that of the 16-bit words modulo 0xffff, and not 0, as a header begins with
    // 0x45. It is all ones where 0xffff divides it: n is a multiple of an odd d exactly when n times the inverse of d
    // modulo 2^64 is at most (2^64 - 1) / d. That inverse is 0xfffefffefffeffff.
    let sum = total &+ (carryAgain ? 1 : 0)
    return sum &* 0xfffe_fffe_fffe_ffff <= 0x0001_0001_0001_0001
  }

  /// Computes the checksum of the header as it stands and writes it. With options, ``isWellFormed(available:)`` must
  /// have held.
  @inlinable public func updateChecksum() {
    checksum = 0
    checksum = InternetChecksum.finish(headerSum)
  }

  /// Takes one from TTL, which must not be 0, and adjusts the checksum.
  @inlinable public func decrementTTL() { hopFields = hopFields.decremented }

  /// TTL, protocol and checksum: the 32 bits that a router changes, read and written at once.
  @inlinable @inline(__always) public var hopFields: IPv4HopFields {
    get { IPv4HopFields(word: UInt32(littleEndian: base.loadUnaligned(fromByteOffset: Offset.ttl, as: UInt32.self))) }
    nonmutating set { base.storeBytes(of: newValue.word.littleEndian, toByteOffset: Offset.ttl, as: UInt32.self) }
  }

  /// The unfolded sum of the header. Nearly every header has no options: 20 bytes in two adds with the carry brought
  /// round, in general registers (compilers turn five 32-bit adds into a slower vector reduction).
  @inlinable @inline(__always) var headerSum: UInt64 {
    guard ihl == 5 else { return InternetChecksum.sum(base, count: headerLength) }
    let last = UInt64(base.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    let (front, carry) = base.loadUnaligned(as: UInt64.self).addingReportingOverflow(
      base.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    let (sum, again) = front.addingReportingOverflow(last &+ (carry ? 1 : 0))
    return sum &+ (again ? 1 : 0)
  }
}

/// The TTL, protocol and checksum of an IPv4 header.
@frozen public struct IPv4HopFields {
  /// The bytes in little-endian order: TTL in the lowest 8 bits, the checksum in the upper 16.
  @usableFromInline let word: UInt32

  @inlinable @inline(__always) init(word: UInt32) { self.word = word }

  /// Hops left.
  @inlinable @inline(__always) public var ttl: UInt8 { UInt8(truncatingIfNeeded: word) }

  /// The fields with one hop less, which there must be (RFC 1624, equation 3).
  ///
  /// The bytes are those of Linux's `ip_decrease_ttl`, whose sum never ends as 0xffff, the other zero of ones'
  /// complement. A checksum that was wrong stays wrong.
  @inlinable @inline(__always) public var decremented: IPv4HopFields {
    // TTL is the upper byte of its 16-bit word: one less there is 0x0100 more in the complement, whose bytes stand in
    // `word` the other way round. Ones' complement sums do not care for byte order (RFC 1071, section 2).
    let next = IPv4HopFields(word: word &- 1 &+ 0x1_0000)
    return _slowPath(word >= 0xfffe_0000) ? IPv4HopFields(word: next.word &+ 0x1_0000) : next
  }
}
