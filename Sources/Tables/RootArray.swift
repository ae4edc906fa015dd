import Synchronization

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
