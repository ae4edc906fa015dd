// Digits of the textual address forms. Control path only: these may allocate.

/// The value of an ASCII hexadecimal digit of either case; nil for any other byte.
func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// A hexadecimal number of `digits` digits; nil if there are more, fewer, or another byte.
func hexNumber(_ field: ArraySlice<UInt8>, digits: ClosedRange<Int>) -> UInt16? {
  guard digits.contains(field.count) else { return nil }
  var number: UInt16 = 0
  for byte in field {
    guard let digit = hexDigit(byte) else { return nil }
    number = number << 4 | UInt16(digit)
  }
  return number
}

/// A decimal number up to `limit` (at most 999), without sign or leading zero, which some read as octal.
func decimalNumber(_ field: ArraySlice<UInt8>, limit: Int) -> Int? {
  guard (1...3).contains(field.count), field.count == 1 || field.first != UInt8(ascii: "0") else { return nil }
  var number = 0
  for byte in field {
    guard let digit = hexDigit(byte), digit < 10 else { return nil }
    number = number * 10 + Int(digit)
  }
  return number <= limit ? number : nil
}

/// The bytes of `text`, split at every `separator`, empty fields included.
func fields(_ text: ArraySlice<UInt8>, separator: Unicode.Scalar) -> [ArraySlice<UInt8>] {
  text.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
}

/// Splits `address/length`; without a slash the length is `bits`, as iproute2 reads a bare address.
func prefixParts(_ text: some StringProtocol, bits: Int) -> (address: ArraySlice<UInt8>, length: Int)? {
  let text = ArraySlice(text.utf8)
  guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else { return (text, bits) }
  guard let length = decimalNumber(text[(slash + 1)...], limit: bits) else { return nil }
  return (text[..<slash], length)
}
