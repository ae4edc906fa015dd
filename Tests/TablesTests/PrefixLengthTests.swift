import Testing
import Wire

@testable import Tables

/// Every prefix length of a family, nested in each other: an address that leaves the chain at bit n must find the
/// route of length n.
@Suite struct PrefixLengthTests {
  /// A threshold that is never reached, and one that is passed on the way.
  static let thresholds = [1000, 20]

  @Test(arguments: thresholds) func ipv4(threshold: Int) throws {
    try everyLength(FIB4.self, threshold: threshold, innermost: IPv4Address(0xc0a8_5a3c))
  }

  @Test(arguments: thresholds) func ipv6(threshold: Int) throws {
    let address = IPv6Address(high: 0x2001_0db8_a5c3_0f1e, low: 0x1234_5678_9abc_def0)
    try everyLength(FIB6.self, threshold: threshold, innermost: address)
  }

  private func everyLength<FIB: TestedFIB>(_: FIB.Type, threshold: Int, innermost: FIB.Address) throws {
    let frees = DeferredFrees(gracePeriod: ManualGracePeriod())
    let fib = try FIB(arena: CellArena(), frees: frees, threshold: threshold)
    try fib.createTable(3)
    let width = FIB.Address.Bits.bitWidth
    let bits = innermost.bits
    // The n-th address agrees with the innermost one in exactly its first n bits.
    let addresses = (0...width).map { FIB.Address(bits: $0 == width ? bits : bits ^ (1 << (width - 1 - $0))) }
    let tables = Array(repeating: UInt32(3), count: width + 1)

    for length in (0...width).shuffledBySteps {
      let prefix = Prefix<FIB.Address>(covering: bits, length: length)
      let address = FIB.Address(bits: prefix.bits)
      #expect(try fib.insert(table: 3, address: address, length: length, value: UInt32(length + 1)) == nil)
      #expect(fib.route(table: 3, address: address, length: length) == UInt32(length + 1))
    }
    let all: [UInt32] = (0...width).map { UInt32($0 + 1) }
    #expect(fib.lookup(tables, addresses) == all)

    for length in stride(from: 1, through: width, by: 2) {
      let prefix = Prefix<FIB.Address>(covering: bits, length: length)
      _ = try fib.remove(table: 3, address: FIB.Address(bits: prefix.bits), length: length)
    }
    let evenOnly: [UInt32] = (0...width).map { UInt32($0 / 2 * 2 + 1) }
    #expect(fib.lookup(tables, addresses) == evenOnly)
  }
}

extension ClosedRange<Int> {
  /// All numbers of the range, neither rising nor falling: 0, 7, 14 and so on, then 1, 8 and so on.
  fileprivate var shuffledBySteps: [Int] {
    (0..<7).flatMap { Array(stride(from: lowerBound + $0, through: upperBound, by: 7)) }
  }
}
