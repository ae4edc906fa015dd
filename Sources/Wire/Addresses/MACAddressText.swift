extension MACAddress: CustomStringConvertible {
  /// Reads six pairs of hexadecimal digits of either case with colons between them. Nil for any other text.
  public init?(parsing text: some StringProtocol) {
    let octets = fields(ArraySlice(text.utf8), separator: ":")
    guard octets.count == 6 else { return nil }
    value = 0
    for octet in octets {
      guard let number = hexNumber(octet, digits: 2...2) else { return nil }
      value = value << 8 | UInt64(number)
    }
  }

  /// Six pairs of lower-case hexadecimal digits, such as `02:00:00:00:00:11`.
  public var description: String {
    [40, 32, 24, 16, 8, 0].map { shift in
      let octet = UInt8(truncatingIfNeeded: value >> UInt64(shift))
      return (octet < 0x10 ? "0" : "") + String(octet, radix: 16)
    }.joined(separator: ":")
  }
}
