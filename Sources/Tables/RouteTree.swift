/// The routes of one table as control knows them; what the cells show is derived from these. A path-compressed binary
/// trie: a node is a route, or a fork with two subtrees, and its shape follows from the routes alone.
struct RouteTree<Address: RoutableAddress> {
  typealias Bits = Address.Bits
  typealias Node = RouteNode<Bits>

  let pool: RoutePool<Bits>
  private(set) var root: UInt32 = 0
  /// The number of routes.
  private(set) var count = 0
  private(set) var nodeCount = 0

  init(pool: RoutePool<Bits>) { self.pool = pool }

  var bytesInUse: Int { nodeCount * RoutePool<Bits>.nodeBytes }

  private var nodes: UnsafeMutablePointer<Node> { pool.nodes }

  /// Adds a route or replaces its value, and returns the value that it had, or 0. Nodes must have been reserved: 2.
  /// `path` becomes the nodes from the root that cover the route, the route's own last.
  mutating func insert(_ prefix: Prefix<Address>, value: UInt32, path: RoutePath<Bits>) -> UInt32 {
    path.clear()
    var parent: UInt32 = 0
    var next = root
    while next != 0 {
      let node = nodes[Int(next)]
      let shared = min((node.bits ^ prefix.bits).leadingZeroBitCount, min(Int(node.length), prefix.length))
      if shared < Int(node.length) { break }
      path.append(next)
      if Int(node.length) == prefix.length {
        nodes[Int(next)].value = value
        if node.value == 0 { count += 1 }
        return node.value
      }
      parent = next
      next = node.child(prefix.bits)
    }
    let route = make(Node(bits: prefix.bits, value: value, length: UInt8(prefix.length)))
    count += 1
    if next == 0 {
      link(route, below: parent)
    } else {
      attach(route, beside: next, below: parent, path: path)
    }
    path.append(route)
    return 0
  }

  /// Puts a new route above or beside the subtree that was in its place.
  private mutating func attach(_ route: UInt32, beside other: UInt32, below parent: UInt32, path: RoutePath<Bits>) {
    let (mine, node) = (nodes[Int(route)], nodes[Int(other)])
    let shared = (node.bits ^ mine.bits).leadingZeroBitCount
    guard shared < Int(mine.length) else {
      link(route, below: parent)
      return link(other, below: route)
    }
    let fork = make(
      Node(bits: Prefix<Address>(covering: mine.bits, length: shared).bits, value: 0, length: UInt8(shared)))
    link(fork, below: parent)
    link(route, below: fork)
    link(other, below: fork)
    path.append(fork)
  }

  /// Removes a route and returns the value that it had, or 0 if there is none. `path` becomes the nodes that cover the
  /// route, and its `displaced` the node that has moved up.
  mutating func remove(_ prefix: Prefix<Address>, path: RoutePath<Bits>) -> UInt32 {
    path.clear()
    var next = root
    while next != 0, nodes[Int(next)].length < prefix.length, nodes[Int(next)].covers(prefix.bits) {
      path.append(next)
      next = nodes[Int(next)].child(prefix.bits)
    }
    guard next != 0 else { return 0 }
    let node = nodes[Int(next)]
    guard Int(node.length) == prefix.length, node.bits == prefix.bits, node.value != 0 else { return 0 }
    count -= 1
    if node.zero != 0 && node.one != 0 {
      nodes[Int(next)].value = 0
      path.append(next)
      return node.value
    }
    let parent = path.last
    if node.zero | node.one != 0 {
      path.displaced = node.zero | node.one
      link(path.displaced, below: parent)
    } else {
      unlink(node, below: parent)
      if parent != 0 && nodes[Int(parent)].value == 0 {
        path.removeLast()
        path.displaced = nodes[Int(parent)].zero | nodes[Int(parent)].one
        link(path.displaced, below: path.last)
        free(parent)
      }
    }
    free(next)
    return node.value
  }

  private mutating func link(_ child: UInt32, below parent: UInt32) {
    if parent == 0 {
      root = child
    } else if nodes[Int(parent)].side(nodes[Int(child)].bits) {
      nodes[Int(parent)].one = child
    } else {
      nodes[Int(parent)].zero = child
    }
  }

  private mutating func unlink(_ node: Node, below parent: UInt32) {
    if parent == 0 {
      root = 0
    } else if nodes[Int(parent)].side(node.bits) {
      nodes[Int(parent)].one = 0
    } else {
      nodes[Int(parent)].zero = 0
    }
  }

  private mutating func make(_ node: Node) -> UInt32 {
    nodeCount += 1
    return pool.make(node)
  }

  private mutating func free(_ number: UInt32) {
    nodeCount -= 1
    pool.free(number)
  }

  /// The value of exactly this prefix, or nil.
  func value(of prefix: Prefix<Address>) -> UInt32? {
    let match = longestMatch(prefix.bits, atMost: prefix.length)
    return match?.length == prefix.length ? match?.value : nil
  }

  /// The longest route of at most `limit` bits that covers an address.
  func longestMatch(_ bits: Bits, atMost limit: Int) -> (length: Int, value: UInt32)? {
    var found: (length: Int, value: UInt32)?
    var next = root
    while next != 0 {
      let node = nodes[Int(next)]
      guard node.length <= limit, node.covers(bits) else { break }
      if node.value != 0 { found = (Int(node.length), node.value) }
      if Int(node.length) == Bits.bitWidth { break }
      next = node.child(bits)
    }
    return found
  }

  /// Calls `body` with each route, by address, shorter prefixes of the same address first.
  func forEach(_ body: (Bits, Int, UInt32) -> Void) { forEach(below: root, body) }

  private func forEach(below number: UInt32, _ body: (Bits, Int, UInt32) -> Void) {
    guard number != 0 else { return }
    let node = nodes[Int(number)]
    if node.value != 0 { body(node.bits, Int(node.length), node.value) }
    forEach(below: node.zero, body)
    forEach(below: node.one, body)
  }

  /// Frees all nodes.
  mutating func removeAll() {
    removeAll(below: root)
    (root, count) = (0, 0)
  }

  private mutating func removeAll(below number: UInt32) {
    guard number != 0 else { return }
    let node = nodes[Int(number)]
    removeAll(below: node.zero)
    removeAll(below: node.one)
    free(number)
  }
}
