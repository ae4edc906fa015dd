import TestSupport
import Testing

@testable import Tables

@Suite struct CellArenaTests {
  private let empty = CellArena.bytesPerUnit

  @Test(arguments: 0...CellArena.chunkOrder) func blocksAreAlignedToTheirSizeAndUsedAgain(order: Int) throws {
    let arena = try CellArena()
    let first = try arena.allocate(order: order, limited: true)
    #expect(first > 0)
    #expect(first % (Cell.unitCells << order) == 0)
    #expect(arena.bytesInUse == empty + CellArena.bytesPerUnit << order)
    arena.free(firstCell: first, order: order)
    #expect(arena.bytesInUse == empty)
    #expect(try arena.allocate(order: order, limited: true) == first)
  }

  @Test func flatRootsAreZeroWhenTheyComeBack() throws {
    let arena = try CellArena()
    let first = try arena.allocate(order: CellArena.flatOrder, limited: true)
    let cells = [first, first + 1 << 24 - 1]
    for index in cells { arena.store(index, Shown(cell: 77, depth: 9)) }
    arena.free(firstCell: first, order: CellArena.flatOrder)
    #expect(try arena.allocate(order: CellArena.flatOrder, limited: true) == first)
    for index in cells { #expect(arena.shown(index) == Shown(cell: 0, depth: 0)) }
  }

  @Test func blocksNeverOverlapAndFreeOnesMergeAgain() throws {
    // One chunk besides the first: without merging and splitting it would not last.
    let arena = try CellArena(reservedBytes: 2 << 20)
    var random = SeededRandom(seed: 3)
    var blocks: [(first: Int, order: Int)] = []
    for _ in 0..<20_000 {
      let order = random.below(7)
      if random.below(blocks.count + 1) < 20, let first = try? arena.allocate(order: order, limited: true) {
        blocks.append((first, order))
      } else if let block = blocks.randomElement(using: &random) {
        blocks.removeAll { $0.first == block.first }
        arena.free(firstCell: block.first, order: block.order)
      }
      let units = blocks.reduce(0) { $0 + 1 << $1.order }
      #expect(arena.bytesInUse == empty + units * CellArena.bytesPerUnit)
    }
    let sorted = blocks.sorted { $0.first < $1.first }
    for (block, next) in zip(sorted, sorted.dropFirst()) {
      #expect(block.first + Cell.unitCells << block.order <= next.first)
    }
    for block in blocks { arena.free(firstCell: block.first, order: block.order) }
    #expect(throws: Never.self) { try arena.allocate(order: CellArena.chunkOrder, limited: true) }
  }

  @Test func freedFlatRootsServeOthersWhenNothingElseIsLeft() throws {
    let flatBytes = 1 << 26
    let arena = try CellArena(reservedBytes: 2 * flatBytes)
    let flat = try arena.allocate(order: CellArena.flatOrder, limited: true)
    #expect(throws: TableError.self) { try arena.allocate(order: CellArena.flatOrder, limited: true) }
    arena.free(firstCell: flat, order: CellArena.flatOrder)
    // 63 chunks lie in front of the flat root, 64 in it.
    for _ in 0..<127 { _ = try arena.allocate(order: CellArena.chunkOrder, limited: true) }
    #expect(throws: TableError.self) { try arena.allocate(order: CellArena.chunkOrder, limited: true) }
  }
}
