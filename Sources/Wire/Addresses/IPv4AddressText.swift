extension IPv4Address: CustomStringConvertible {
  /// Reads a dotted quad as strictly as POSIX `inet_pton`: four decimal numbers 0...255 without leading zeros and
  /// nothing else. Nil for any other text.
  public init?(parsing text: some StringProtocol) { self.init(ascii: ArraySlice(text.utf8)) }

  init?(ascii text: ArraySlice<UInt8>) {
    value = 0
    var rest = text
    for remaining in (0..<4).reversed() {
      let end = remaining == 0 ? rest.endIndex : rest.firstIndex(of: UInt8(ascii: "."))
      guard let end, let number = decimalNumber(rest[..<end], limit: 255) else { return nil }
      value = value << 8 | UInt32(number)
      rest = rest[end...].dropFirst()
    }
  }

  /// The dotted quad, such as `10.0.0.1`.
  public var description: String {
    "\(value >> 24).\(value >> 16 & 0xff).\(value >> 8 & 0xff).\(value & 0xff)"
  }
}
