import TestSupport
import Wire

extension IPv6Address {
  static func random(using random: inout SeededRandom) -> IPv6Address {
    IPv6Address(high: random.next(), low: random.next())
  }
}
