/// The nodes of a route tree that cover the route of the last change, from the root down. One serves all tables of an
/// address family.
final class RoutePath<Bits: FixedWidthInteger & UnsignedInteger> {
  private let numbers: UnsafeMutablePointer<UInt32> = .allocate(capacity: Bits.bitWidth + 2)
  private var count = 0
  /// The node that took the place of a removed one, or 0. It need not cover the route.
  var displaced: UInt32 = 0

  deinit { numbers.deallocate() }

  func clear() { (count, displaced) = (0, 0) }

  func append(_ number: UInt32) {
    numbers[count] = number
    count += 1
  }

  func removeLast() { count -= 1 }

  /// Goes back up to the last node that covers a prefix and is shorter.
  func backUp<Address: RoutableAddress>(
    to prefix: Prefix<Address>, in nodes: UnsafeMutablePointer<RouteNode<Bits>>
  ) where Address.Bits == Bits {
    displaced = 0
    while count > 0 {
      let node = nodes + Int(last)
      if node.pointee.length < prefix.length && node.pointee.covers(prefix.bits) { return }
      count -= 1
    }
  }

  /// The last node, or 0.
  var last: UInt32 { count == 0 ? 0 : numbers[count - 1] }

  /// The first node of at least `length` bits whose first `length` bits are those of `bits`, or 0.
  func first(notShorterThan length: Int, _ bits: Bits, in nodes: UnsafeMutablePointer<RouteNode<Bits>>) -> UInt32 {
    for index in 0..<count where nodes[Int(numbers[index])].length >= length { return numbers[index] }
    if displaced == 0 { return 0 }
    let node = nodes[Int(displaced)]
    return node.length >= length && (node.bits ^ bits).leadingZeroBitCount >= length ? displaced : 0
  }

  /// The longest route of at most `length` bits that covers the route of the last change; none is depth 0, value 0.
  func covering(atMost length: Int, in nodes: UnsafeMutablePointer<RouteNode<Bits>>) -> Shown {
    var index = count
    while index > 0 {
      index -= 1
      let node = nodes[Int(numbers[index])]
      if node.value != 0 && node.length <= length { return Shown(cell: node.value, depth: node.length) }
    }
    return Shown(cell: 0, depth: 0)
  }
}

/// What a cell shows: its 32 bits, and the length of the route that it has the value of, or ``Cell/nodeDepth``.
struct Shown: Equatable {
  var cell: UInt32
  var depth: UInt8

  var isNode: Bool { depth == Cell.nodeDepth }
}
