import TestSupport

/// A prefix with its next hop; `number` has no bits beyond `length`.
struct NumberedRoute<Number: FixedWidthInteger & UnsignedInteger> {
  let number: Number
  let length: Int
  var value: UInt32

  /// The route to the prefix of this length that covers `address`.
  init(covering address: Number, length: Int, value: UInt32) {
    number = address & Self.mask(length)
    self.length = length
    self.value = value
  }

  var prefix: Prefix { Prefix(number: number, length: length) }

  /// A random address that the prefix covers.
  func randomAddress(_ random: inout SeededRandom) -> Number { number | randomNumber(&random) & ~Self.mask(length) }

  func covers(_ address: Number) -> Bool { address & Self.mask(length) == number }

  /// Ones for the leading `length` bits.
  static func mask(_ length: Int) -> Number { length == 0 ? 0 : ~0 << (Number.bitWidth - length) }

  /// What makes two routes the same one.
  struct Prefix: Hashable {
    let number: Number
    let length: Int
  }
}

/// A change of a table.
enum Change<Number: FixedWidthInteger & UnsignedInteger> {
  case set(NumberedRoute<Number>)
  case remove(NumberedRoute<Number>)
}

/// A number of uniformly random bits.
func randomNumber<Number: FixedWidthInteger>(_ random: inout SeededRandom) -> Number {
  var number = Number(truncatingIfNeeded: random.next())
  if Number.bitWidth > 64 { number = number << 64 | Number(truncatingIfNeeded: random.next()) }
  return number
}
