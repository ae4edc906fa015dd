import Testing

@testable import Tables

@Suite struct CellArenaTests {
  @Test func blocksAreAlignedAndWhatAlignmentSkipsIsUsedLater() throws {
    let arena = try CellArena()
    #expect(try arena.allocate(groups: 1) == 1)
    #expect(try arena.allocate(groups: 256) == 256)
    #expect(try arena.allocate(groups: 2) == 2)
    #expect(try arena.allocate(groups: 4) == 4)
    #expect(arena.bytesInUse == (1 + 1 + 256 + 2 + 4) * CellArena.bytesPerGroup)
  }

  @Test(arguments: [1, 256, 65_536]) func freedBlocksAreReusedAndZero(groups: Int) throws {
    let arena = try CellArena()
    let bytes = arena.bytesInUse
    let group = try arena.allocate(groups: groups)
    let last = (group + groups) * Cell.groupCells - 1
    for index in [group * Cell.groupCells, last] { arena.store(index, cell: 77, depth: 9) }
    arena.free(firstGroup: group, groups: groups)
    #expect(arena.bytesInUse == bytes)
    #expect(try arena.allocate(groups: groups) == group)
    for index in [group * Cell.groupCells, last] {
      #expect(arena.cell(index) == 0)
      #expect(arena.depths[index] == 0)
    }
  }

  @Test func theReservationIsALimitToo() throws {
    let arena = try CellArena(reservedBytes: 4 * 1024)
    for _ in 0..<3 { _ = try arena.allocate(groups: 1) }
    #expect(throws: TableError.memoryLimit(bytes: 4 * CellArena.bytesPerGroup)) { try arena.allocate(groups: 1) }
  }
}
