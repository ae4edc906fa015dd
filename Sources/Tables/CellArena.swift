import Glibc
import Synchronization

/// The memory of all lookup tables: one array of 32-bit cells whose base never moves, so that readers hold a constant
/// pointer while it grows. Cells are handed out in groups of 256, and groups in aligned powers of two.
///
/// Only the control thread allocates, frees and writes; workers read cells through ``FIB4View`` and ``FIB6View``, which
/// must not outlive the arena.
public final class CellArena {
  /// Bytes of one group: 256 cells of 4 bytes and their depths of 1 byte.
  public static let bytesPerGroup = 1280

  private let cellReservation: Reservation
  private let depthReservation: Reservation
  private let groupCapacity: Int
  private let limitBytes: Int
  private var freeBlocks: [[Int]]
  private var firstUnusedGroup = 1
  private var groupsInUse = 1

  /// The cells. Group 0 is never handed out and stays zero: it is the root of every table that does not exist.
  let cells: UnsafeMutablePointer<Atomic<UInt32>>
  /// For each cell the prefix length of the route that it shows, or ``Cell/extendedDepth``. No reader looks at these.
  let depths: UnsafeMutablePointer<UInt8>

  /// Reserves address space for `reservedBytes` of cells (64 GiB unless told; it costs nothing until it is used) and a
  /// quarter of that for their depths. Not more than `limitBytes` of memory will be handed out.
  ///
  /// Three block sizes are in use and a freed block serves its own size only, so a reservation of three times the
  /// limit cannot run out before the limit does.
  /// - Throws: ``TableError/reservationFailed(bytes:errno:)``.
  public init(reservedBytes: Int = 64 << 30, limitBytes: Int = .max) throws(TableError) {
    let groupBytes = Cell.groupCells * MemoryLayout<UInt32>.stride
    groupCapacity = reservedBytes / groupBytes
    self.limitBytes = min(limitBytes, groupCapacity * Self.bytesPerGroup)
    cellReservation = try Reservation(bytes: groupCapacity * groupBytes, hugePages: true)
    depthReservation = try Reservation(bytes: groupCapacity * Cell.groupCells, hugePages: false)
    let count = groupCapacity * Cell.groupCells
    cells = cellReservation.base.bindMemory(to: Atomic<UInt32>.self, capacity: count)
    depths = depthReservation.base.bindMemory(to: UInt8.self, capacity: count)
    freeBlocks = Array(repeating: [], count: Int.bitWidth)
  }

  /// An arena with as much address space as there is to be had: 64 GiB, or half of it again and again down to 1 GiB
  /// where the kernel or `ulimit -v` allows less.
  /// - Throws: ``TableError/reservationFailed(bytes:errno:)``.
  public static func largest() throws(TableError) -> CellArena {
    var bytes = 64 << 30
    while true {
      do throws(TableError) {
        return try CellArena(reservedBytes: bytes)
      } catch {
        if bytes <= 1 << 30 { throw error }
        bytes /= 2
      }
    }
  }

  /// Bytes of cells and depths in use, those that wait in a ``DeferredFrees`` included.
  public var bytesInUse: Int { groupsInUse * Self.bytesPerGroup }

  /// Hands out `groups` (a power of two) zeroed groups and returns the number of the first, a multiple of `groups`.
  func allocate(groups: Int) throws(TableError) -> Int {
    guard (groupsInUse + groups) * Self.bytesPerGroup <= limitBytes else { throw .memoryLimit(bytes: limitBytes) }
    let recycled = freeBlocks[groups.trailingZeroBitCount].popLast()
    let first = if let recycled { recycled } else { try takeUnused(groups: groups) }
    groupsInUse += groups
    return first
  }

  /// Takes back a block that no reader can reach any more, and zeroes it for its next use.
  func free(firstGroup: Int, groups: Int) {
    groupsInUse -= groups
    freeBlocks[groups.trailingZeroBitCount].append(firstGroup)
    let first = firstGroup * Cell.groupCells
    let count = groups * Cell.groupCells
    if count * MemoryLayout<UInt32>.stride >= Reservation.hugePage {
      cellReservation.discard(
        byteOffset: first * MemoryLayout<UInt32>.stride, bytes: count * MemoryLayout<UInt32>.stride)
      depthReservation.discard(byteOffset: first, bytes: count)
    } else {
      for index in first..<first + count { store(index, cell: 0, depth: 0) }
    }
  }

  private func takeUnused(groups: Int) throws(TableError) -> Int {
    let first = (firstUnusedGroup + groups - 1) & ~(groups - 1)
    guard first + groups <= groupCapacity else { throw .memoryLimit(bytes: limitBytes) }
    // What alignment skips becomes free blocks, each as large as its own alignment.
    while firstUnusedGroup < first {
      let skipped = firstUnusedGroup & -firstUnusedGroup
      freeBlocks[skipped.trailingZeroBitCount].append(firstUnusedGroup)
      firstUnusedGroup += skipped
    }
    firstUnusedGroup = first + groups
    return first
  }
}
