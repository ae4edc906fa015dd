import Synchronization

/// How the 32 bits of a cell are read.
///
///     0                             no route
///     bit 31 clear, not 0           the route's value
///     bit 31 set                    the low 31 bits number the group of 256 cells that the next 8 address bits index
@usableFromInline enum Cell {
  /// The largest value that a cell can hold.
  static let maximumValue: UInt32 = 0x7fff_ffff
  static let extendedFlag: UInt32 = 0x8000_0000
  /// Cells in a group: one per value of the 8 address bits that index it.
  static let groupCells = 256
  /// Address bits that a group consumes.
  static let groupBits = 8
  /// The depth of a cell that leads to a group; no prefix is that long.
  static let extendedDepth: UInt8 = 255

  static func extended(group: Int) -> UInt32 { extendedFlag | UInt32(group) }

  static func group(_ cell: UInt32) -> Int { Int(cell & maximumValue) }

  /// The index of a cell's child for the next address byte. Only for an extended cell.
  @inlinable static func child(_ cell: UInt32, byte: UInt64) -> Int {
    Int(truncatingIfNeeded: (UInt64(cell & 0x7fff_ffff) &<< 8) | byte)
  }
}

/// How a table's root is packed in 64 bits, so that one load gives a reader a consistent pair: the index of the root's
/// first cell, a multiple of 256, and in the low 6 bits the number of leading address bits that index the root.
///
/// A table that does not exist has the word 0: no bits index the root, so every address reads cell 0, which stays 0.
@usableFromInline enum RootWord {
  static func make(firstCell: Int, bits: Int) -> UInt64 { UInt64(firstCell | bits) }

  /// The leading address bits that the root consumes.
  @inlinable static func bits(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word & 63) }

  /// The index of the root cell for an address with these leading 32 bits.
  @inlinable static func cellIndex(_ word: UInt64, leading: UInt32) -> Int {
    // A masking shift takes the low 6 bits of its count, which are the root's bits.
    Int(truncatingIfNeeded: (word & ~0xff) &+ ((UInt64(leading) &<< word) &>> 32))
  }
}

/// The root words of all tables, indexed by dense table index, at an address that never changes.
final class RootArray {
  /// The number of tables there is room for; table indexes are below it.
  static let capacity = 65_536

  private let reservation: Reservation
  let words: UnsafeMutablePointer<Atomic<UInt64>>

  init() throws(TableError) {
    let bytes = Self.capacity * MemoryLayout<UInt64>.stride
    reservation = try Reservation(bytes: bytes, hugePages: false)
    words = reservation.base.bindMemory(to: Atomic<UInt64>.self, capacity: Self.capacity)
  }
}
