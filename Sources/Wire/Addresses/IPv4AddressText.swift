extension IPv4Address: CustomStringConvertible {
  /// Reads a dotted quad as strictly as POSIX `inet_pton`: four decimal numbers 0...255 without leading zeros and
  /// nothing else. Nil for any other text.
  public init?(parsing text: some StringProtocol) { self.init(ascii: ArraySlice(text.utf8)) }

  init?(ascii text: ArraySlice<UInt8>) {
    let octets = fields(text, separator: ".")
    guard octets.count == 4 else { return nil }
    value = 0
    for octet in octets {
      guard let number = decimalNumber(octet, limit: 255) else { return nil }
      value = value << 8 | UInt32(number)
    }
  }

  /// The dotted quad, such as `10.0.0.1`.
  public var description: String {
    "\(value >> 24).\(value >> 16 & 0xff).\(value >> 8 & 0xff).\(value & 0xff)"
  }
}
