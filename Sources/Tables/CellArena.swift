import Glibc
import Synchronization

/// The memory of all lookup tables: one array of 32-bit cells whose base never moves, so that readers hold a constant
/// pointer while it grows. Cells are handed out in blocks of a power of two of 32-byte units, aligned to their size.
///
/// Only the control thread allocates, frees and writes; workers read cells through ``FIB4View`` and ``FIB6View``, which
/// must not outlive the arena.
public final class CellArena {
  /// Bytes of one unit: 8 cells of 4 bytes, and for each a byte that only control reads, the depth.
  static let bytesPerUnit = Cell.unitCells * 5
  /// Blocks up to this size (the binary logarithm of their units) are split and merged again: 1 MiB of cells.
  static let chunkOrder = 15
  /// The size of a root of 2^24 cells.
  static let flatOrder = 21
  /// A free block's first depth is this and its order; no cell in use has such a depth.
  private static let freeMark: UInt8 = 0xc0

  /// The memory that may be in use at most, in bytes: cells, their depths, lists of routes and hash tables.
  public let limitBytes: Int

  private let cellReservation: Reservation
  private let depthReservation: Reservation
  private let unitCapacity: Int
  /// The first free block of each order, or 0; its first two cells link it to the next and the previous one.
  private let freeHeads: UnsafeMutablePointer<UInt32>
  private var freeFlatRoots: [Int] = []
  /// Units that were never handed out, or were given back to the kernel.
  private var spare: [Range<Int>] = []
  private var frontier = 1 << CellArena.chunkOrder
  private var unitsInUse = 1
  private var chargedBytes = 0

  /// The cells. Unit 0 is never handed out and stays zero: it is the root of every table that does not exist.
  let cells: UnsafeMutablePointer<Atomic<UInt32>>
  /// For each cell the prefix length of the route that it shows, or ``Cell/nodeDepth``. No reader looks at these.
  let depths: UnsafeMutablePointer<UInt8>

  /// Reserves address space for `reservedBytes` of cells (at most 16 GiB; it costs nothing until it is used) and a
  /// quarter of that for their depths. Tables will use at most `limitBytes`: unless told, 3/4 of the machine's memory.
  /// - Throws: ``TableError/reservationFailed(bytes:errno:)``.
  public init(
    reservedBytes: Int = 16 << 30, limitBytes: Int = CellArena.defaultLimit
  ) throws(TableError) {
    unitCapacity = min(reservedBytes / (Cell.unitCells * 4), 1 << 29)
    self.limitBytes = limitBytes
    let count = unitCapacity * Cell.unitCells
    cellReservation = try Reservation(bytes: reservedBytes, hugePages: true)
    depthReservation = try Reservation(bytes: count, hugePages: true)
    cells = cellReservation.base.bindMemory(to: Atomic<UInt32>.self, capacity: count)
    depths = depthReservation.base.bindMemory(to: UInt8.self, capacity: count)
    freeHeads = .allocate(capacity: Self.chunkOrder + 1)
    freeHeads.initialize(repeating: 0, count: Self.chunkOrder + 1)
    for order in 0..<Self.chunkOrder { pushFree(1 << order, order) }
  }

  deinit { freeHeads.deallocate() }

  /// An arena with as much address space as there is to be had: 16 GiB, or half of it again and again down to 1 GiB
  /// where the kernel or `ulimit -v` allows less.
  /// - Throws: ``TableError/reservationFailed(bytes:errno:)``.
  public static func largest(limitBytes: Int = CellArena.defaultLimit) throws(TableError) -> CellArena {
    var bytes = 16 << 30
    while true {
      do throws(TableError) {
        return try CellArena(reservedBytes: bytes, limitBytes: limitBytes)
      } catch {
        if bytes <= 1 << 30 { throw error }
        bytes /= 2
      }
    }
  }

  /// The limit of an arena that is given none, in bytes: 3/4 of the machine's memory.
  public static var defaultLimit: Int { machineBytes / 4 * 3 }

  /// The machine's memory in bytes.
  public static var machineBytes: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

  /// Bytes of cells and depths in use, those that wait in a ``DeferredFrees`` included.
  public var bytesInUse: Int { unitsInUse * Self.bytesPerUnit }

  /// Bytes that count towards ``limitBytes``: ``bytesInUse``, lists of routes and hash tables.
  public var totalBytes: Int { bytesInUse + chargedBytes }

  /// Refuses what would exceed the limit.
  func checkLimit(adding bytes: Int) throws(TableError) {
    guard totalBytes + bytes <= limitBytes else { throw .memoryLimit(bytes: limitBytes) }
  }

  /// Counts memory outside of the arena towards the limit.
  func charge(_ bytes: Int) { chargedBytes += bytes }

  func discharge(_ bytes: Int) { chargedBytes -= bytes }

  /// Hands out a block of `1 << order` units and returns the index of its first cell. Blocks of ``flatOrder`` are zero,
  /// others as they were left.
  func allocate(order: Int, limited: Bool) throws(TableError) -> Int {
    if limited { try checkLimit(adding: Self.bytesPerUnit << order) }
    let unit = order == Self.flatOrder ? takeFlatRoot() : takeBlock(order)
    guard let unit else { throw .memoryLimit(bytes: unitCapacity * Self.bytesPerUnit) }
    unitsInUse += 1 << order
    return unit * Cell.unitCells
  }

  /// Takes back a block that no reader can reach any more.
  func free(firstCell: Int, order: Int) {
    unitsInUse -= 1 << order
    var (unit, order) = (firstCell / Cell.unitCells, order)
    if order == Self.flatOrder {
      cellReservation.discard(byteOffset: firstCell * 4, bytes: (Cell.unitCells * 4) << order)
      depthReservation.discard(byteOffset: firstCell, bytes: Cell.unitCells << order)
      freeFlatRoots.append(unit)
      return
    }
    while order < Self.chunkOrder {
      let buddy = unit ^ 1 << order
      guard buddy != 0, depths[buddy * Cell.unitCells] == Self.freeMark | UInt8(order) else { break }
      unlinkFree(buddy, order)
      unit = min(unit, buddy)
      order += 1
    }
    pushFree(unit, order)
  }

  private func takeFlatRoot() -> Int? {
    if let unit = freeFlatRoots.popLast() { return unit }
    let size = 1 << Self.flatOrder
    let first = (frontier + size - 1) & ~(size - 1)
    guard first + size <= unitCapacity else { return nil }
    if first > frontier { spare.append(frontier..<first) }
    frontier = first + size
    return first
  }

  private func takeBlock(_ order: Int) -> Int? {
    var found = order
    while found <= Self.chunkOrder && freeHeads[found] == 0 { found += 1 }
    let unit: Int
    if found > Self.chunkOrder {
      guard let chunk = takeChunk() else { return nil }
      unit = chunk
      found = Self.chunkOrder
    } else {
      unit = Int(freeHeads[found])
      unlinkFree(unit, found)
    }
    while found > order {
      found -= 1
      pushFree(unit + 1 << found, found)
    }
    depths[unit * Cell.unitCells] = 0
    return unit
  }

  private func takeChunk() -> Int? {
    let size = 1 << Self.chunkOrder
    if spare.isEmpty && frontier + size <= unitCapacity {
      frontier += size
      return frontier - size
    }
    if spare.isEmpty, let flat = freeFlatRoots.popLast() { spare.append(flat..<flat + 1 << Self.flatOrder) }
    guard let range = spare.popLast() else { return nil }
    if range.count > size { spare.append(range.dropFirst(size)) }
    return range.lowerBound
  }

  private func pushFree(_ unit: Int, _ order: Int) {
    let next = freeHeads[order]
    let first = unit * Cell.unitCells
    cells[first].store(next, ordering: .relaxed)
    cells[first + 1].store(0, ordering: .relaxed)
    if next != 0 { cells[Int(next) * Cell.unitCells + 1].store(UInt32(unit), ordering: .relaxed) }
    depths[first] = Self.freeMark | UInt8(order)
    freeHeads[order] = UInt32(unit)
  }

  private func unlinkFree(_ unit: Int, _ order: Int) {
    let first = unit * Cell.unitCells
    let (next, previous) = (cell(first), cell(first + 1))
    if previous == 0 {
      freeHeads[order] = next
    } else {
      cells[Int(previous) * Cell.unitCells].store(next, ordering: .relaxed)
    }
    if next != 0 { cells[Int(next) * Cell.unitCells + 1].store(previous, ordering: .relaxed) }
    depths[first] = 0
  }
}
