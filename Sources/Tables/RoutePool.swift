/// A node of a ``RouteTree``: a route, or a fork where two subtrees part.
struct RouteNode<Bits: FixedWidthInteger & UnsignedInteger> {
  /// The leading bits that all routes below share; zero beyond `length`.
  var bits: Bits
  /// The subtrees of routes with a 0 and with a 1 after those bits, or 0.
  var zero: UInt32 = 0
  var one: UInt32 = 0
  /// The route's value, or 0 for a fork.
  var value: UInt32
  var length: UInt8

  /// Whether an address or a longer prefix begins with this node's bits.
  func covers(_ other: Bits) -> Bool { (bits ^ other).leadingZeroBitCount >= Int(length) }

  /// Whether the subtree for addresses with these bits is `one`.
  func side(_ other: Bits) -> Bool { (other << length) >> (Bits.bitWidth - 1) == 1 }

  /// The subtree for addresses with these bits, or 0.
  func child(_ other: Bits) -> UInt32 { side(other) ? one : zero }
}

/// The nodes of the route trees of all tables of one address family, numbered from 1.
final class RoutePool<Bits: FixedWidthInteger & UnsignedInteger> {
  typealias Node = RouteNode<Bits>

  static var nodeBytes: Int { MemoryLayout<Node>.stride }
  /// Room for 2^29 nodes, or for as many as there is address space.
  private static var capacities: [Int] { (24...29).reversed().map { 1 << $0 } }

  let nodes: UnsafeMutablePointer<Node>
  private let arena: CellArena
  private let reservation: Reservation
  private let capacity: Int
  private var firstFree: UInt32 = 0
  private var firstUnused: UInt32 = 1
  private var count = 0
  private var indexBytes = 0

  init(arena: CellArena) throws(TableError) {
    self.arena = arena
    (reservation, capacity) = try Self.reserve()
    nodes = reservation.base.bindMemory(to: Node.self, capacity: capacity)
  }

  deinit { arena.discharge(bytesInUse) }

  /// Bytes of nodes and of the trees' indexes.
  var bytesInUse: Int { count * Self.nodeBytes + indexBytes }

  private static func reserve() throws(TableError) -> (Reservation, Int) {
    for capacity in capacities.dropLast() {
      if let reservation = try? Reservation(bytes: capacity * nodeBytes, hugePages: true) {
        return (reservation, capacity)
      }
    }
    let capacity = capacities.last!
    return (try Reservation(bytes: capacity * nodeBytes, hugePages: true), capacity)
  }

  /// Makes sure that the next `nodes` nodes can be made.
  func reserve(nodes: Int) throws(TableError) {
    guard count + nodes < capacity else { throw .memoryLimit(bytes: capacity * Self.nodeBytes) }
    try arena.checkLimit(adding: nodes * Self.nodeBytes)
  }

  func make(_ node: Node) -> UInt32 {
    let number: UInt32
    if firstFree != 0 {
      number = firstFree
      firstFree = nodes[Int(number)].zero
    } else {
      number = firstUnused
      firstUnused += 1
    }
    nodes[Int(number)] = node
    count += 1
    arena.charge(Self.nodeBytes)
    return number
  }

  func free(_ number: UInt32) {
    nodes[Int(number)].zero = firstFree
    firstFree = number
    count -= 1
    arena.discharge(Self.nodeBytes)
  }

  /// Counts the bytes of an index.
  /// - Throws: ``TableError/memoryLimit(bytes:)``.
  func claim(_ bytes: Int) throws(TableError) {
    try arena.checkLimit(adding: bytes)
    indexBytes += bytes
    arena.charge(bytes)
  }

  func release(_ bytes: Int) {
    indexBytes -= bytes
    arena.discharge(bytes)
  }
}
