/// The Internet checksum (RFC 1071) in steps: sums are added up unfolded, then ``finish(_:)`` ends them.
///
/// An unfolded sum counts 16-bit words as they lie in memory, so that nothing needs a byte swap but the result
/// (RFC 1071, section 2 (B)). Sums of parts may be added with `&+`; 64 bits hold those of any packet.
public enum InternetChecksum {
  /// The unfolded sum of `count` bytes at any alignment, on top of `initial`. An odd last byte is padded with a zero
  /// byte, so only the last part of a message may have an odd length.
  @inline(never) public static func sum(_ bytes: UnsafeRawPointer, count: Int, initial: UInt64 = 0) -> UInt64 {
    var sum = initial
    var offset = 0
    while offset &+ 4 <= count {
      sum &+= UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset &+= 4
    }
    if count & 2 != 0 {
      sum &+= UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      offset &+= 2
    }
    if count & 1 != 0 { sum &+= UInt64(UInt16(littleEndian: UInt16(bytes.loadByte(offset)))) }
    return sum
  }

  /// The unfolded sum of the IPv4 pseudo-header (RFC 9293, section 3.1; RFC 768). `length` is that of the transport
  /// header and its payload, in bytes.
  @inlinable public static func pseudoHeader(
    source: IPv4Address, destination: IPv4Address, protocol: UInt8, length: UInt16
  ) -> UInt64 {
    UInt64(source.value.bigEndian) &+ UInt64(destination.value.bigEndian)
      &+ UInt64(UInt16(`protocol`).bigEndian) &+ UInt64(length.bigEndian)
  }

  /// The unfolded sum of the IPv6 pseudo-header (RFC 8200, section 8.1). `destination` is the final one: that of the
  /// last segment while a routing header is in the way. `length` is that of the upper-layer header and its payload, in
  /// bytes.
  @inlinable public static func pseudoHeader(
    source: IPv6Address, destination: IPv6Address, nextHeader: UInt8, length: UInt32
  ) -> UInt64 {
    halves(source) &+ halves(destination) &+ UInt64(UInt32(nextHeader).bigEndian) &+ UInt64(length.bigEndian)
  }

  /// The folded sum, as it lies in memory: 0xffff for a message that includes its own right checksum.
  @inlinable @inline(__always) public static func fold(_ sum: UInt64) -> UInt16 {
    // The upper half of a number plus its own rotation by half is the sum of the halves with the carry brought round.
    let half = UInt32(truncatingIfNeeded: (sum &+ (sum >> 32 | sum << 32)) >> 32)
    return UInt16(truncatingIfNeeded: (half &+ (half >> 16 | half << 16)) >> 16)
  }

  /// The checksum to store, in host byte order, of a message whose checksum field is zero. UDP sends 0xffff in
  /// place of 0 (RFC 768): that is left to its caller.
  @inlinable @inline(__always) public static func finish(_ sum: UInt64) -> UInt16 { ~UInt16(bigEndian: fold(sum)) }

  /// The checksum after one 16-bit word of the message changed: `HC' = ~(~HC + ~m + m')` (RFC 1624, equation 3).
  /// All in host byte order.
  @inlinable public static func updated(_ checksum: UInt16, replacing old: UInt16, with new: UInt16) -> UInt16 {
    ~fold(UInt64(~checksum) &+ UInt64(~old) &+ UInt64(new))
  }

  /// The four 32-bit words of an address, each as it lies in memory.
  @inlinable static func halves(_ address: IPv6Address) -> UInt64 {
    let high = address.high.bigEndian
    let low = address.low.bigEndian
    return (high >> 32) &+ (high & 0xffff_ffff) &+ (low >> 32) &+ (low & 0xffff_ffff)
  }
}
