extension IPv6Address: CustomStringConvertible {
  /// Reads the forms of RFC 4291, section 2.2, as strictly as POSIX `inet_pton`: eight groups of 1...4 hexadecimal
  /// digits, one `::` for one or more groups of zeros, an IPv4 dotted quad as the last 32 bits. No zone, no brackets,
  /// no prefix length. Nil for any other text.
  public init?(parsing text: some StringProtocol) { self.init(ascii: ArraySlice(text.utf8)) }

  init?(ascii text: ArraySlice<UInt8>) {
    let colon = UInt8(ascii: ":")
    // The groups so far in the lowest bits, the last one lowest.
    var groups: UInt128 = 0
    var count = 0
    var gap: Int?
    var rest = text
    if rest.count > 1, rest.prefix(2).allSatisfy({ $0 == colon }) {
      gap = 0
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty, count < 8 {
      let field = rest.prefix { $0 != colon }
      rest = rest.dropFirst(field.count)
      if rest.isEmpty, let quad = IPv4Address(ascii: field) {
        guard count < 7 else { return nil }
        groups = groups << 32 | UInt128(quad.value)
        count += 2
        break
      }
      guard let group = hexNumber(field, digits: 1...4) else { return nil }
      groups = groups << 16 | UInt128(group)
      count += 1
      guard !rest.isEmpty else { break }
      rest = rest.dropFirst()
      if rest.first == colon {
        guard gap == nil else { return nil }
        gap = count
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return nil
      }
    }
    guard rest.isEmpty, gap == nil ? count == 8 : count < 8 else { return nil }
    if let gap {
      let behind = 16 * (count - gap)
      let tail = groups & ((1 << behind) - 1)
      groups = (groups >> behind) << (128 - 16 * gap) | tail
    }
    (high, low) = (UInt64(truncatingIfNeeded: groups >> 64), UInt64(truncatingIfNeeded: groups))
  }

  /// The canonical form of RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the
  /// first of equals) as `::`, and the dotted quad for an IPv4-mapped address (section 5).
  public var description: String {
    if isIPv4Mapped { return "::ffff:\(IPv4Address(UInt32(truncatingIfNeeded: low)))" }
    let groups = [high, low].flatMap { half in
      [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
    }
    let zeros = Self.longestZeroRun(groups)
    guard zeros.count > 1 else { return Self.hexadecimal(groups[...]) }
    return Self.hexadecimal(groups[..<zeros.lowerBound]) + "::" + Self.hexadecimal(groups[zeros.upperBound...])
  }

  private static func hexadecimal(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
  }

  private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in groups.indices {
      guard groups[index] == 0 else {
        start = index + 1
        continue
      }
      if index + 1 - start > longest.count { longest = start..<index + 1 }
    }
    return longest
  }
}
