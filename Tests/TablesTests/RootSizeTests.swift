import Testing
import Wire

@testable import Tables

/// A table takes the large root at the threshold and the small one again below a quarter of it.
@Suite struct RootSizeTests {
  @Test func ipv4() throws { try exchange(FIB4.self, smallGroups: 256) }

  @Test func ipv6() throws { try exchange(FIB6.self, smallGroups: 1) }

  private func exchange<FIB: TestedFIB>(_: FIB.Type, smallGroups: Int) throws {
    let gracePeriod = ManualGracePeriod()
    gracePeriod.endsAtOnce = true
    let arena = try CellArena()
    let frees = DeferredFrees(gracePeriod: gracePeriod)
    let fib = try FIB(arena: arena, frees: frees, threshold: 16)
    try fib.createTable(0)
    let width = FIB.Address.Bits.bitWidth
    // Prefixes of 8 bits need no groups below either root.
    let addresses = (1...16).map { FIB.Address(bits: FIB.Address.Bits($0) << (width - 8)) }
    func rootBytes() -> Int {
      frees.reclaim()
      return arena.bytesInUse - CellArena.bytesPerGroup
    }

    for (value, address) in addresses.dropLast().enumerated() {
      _ = try fib.insert(table: 0, address: address, length: 8, value: UInt32(value + 1))
    }
    #expect(rootBytes() == smallGroups * CellArena.bytesPerGroup)
    _ = try fib.insert(table: 0, address: addresses[15], length: 8, value: 16)
    #expect(rootBytes() == smallGroups * 256 * CellArena.bytesPerGroup)
    let tables = Array(repeating: UInt32(0), count: 16)
    let all: [UInt32] = Array(1...16)
    #expect(fib.lookup(tables, addresses) == all)

    for address in addresses.prefix(12) { _ = try fib.remove(table: 0, address: address, length: 8) }
    #expect(rootBytes() == smallGroups * 256 * CellArena.bytesPerGroup)
    _ = try fib.remove(table: 0, address: addresses[12], length: 8)
    #expect(rootBytes() == smallGroups * CellArena.bytesPerGroup)
    let lastThree: [UInt32] = Array(repeating: 0, count: 13) + [14, 15, 16]
    #expect(fib.lookup(tables, addresses) == lastThree)
  }
}
