/// The routes of one table as control knows them; what the cells show is derived from these. A path-compressed binary
/// trie: a node is a route, or a fork with two subtrees, and its shape follows from the routes alone.
struct RouteTree<Address: RoutableAddress> {
  typealias Bits = Address.Bits
  typealias Node = RouteNode<Bits>

  let pool: RoutePool<Bits>
  private(set) var root: UInt32 = 0
  /// The number of routes.
  private(set) var count = 0
  private var nodeCount = 0
  private var index: RouteIndex?

  init(pool: RoutePool<Bits>) { self.pool = pool }

  var bytesInUse: Int { nodeCount * RoutePool<Bits>.nodeBytes + (index == nil ? 0 : RouteIndex.bytes) }

  private var nodes: UnsafeMutablePointer<Node> { pool.nodes }

  /// The number of leading bits that all routes have and share.
  var sharedBits: Int { root == 0 ? 0 : Int(nodes[Int(root)].length) }

  /// Adds a route or replaces its value, and returns the value that it had, or 0. Nodes must have been reserved: 2.
  /// `path` becomes the nodes from the root that cover the route, the route's own last.
  mutating func insert(_ prefix: Prefix<Address>, value: UInt32, path: RoutePath<Bits>) -> UInt32 {
    insert(prefix, value: value, path: path, from: start(prefix, path))
  }

  /// The same for routes one after the other by address, shorter ones of the same address first, while `path` is that of
  /// the last: the way to a route is in large part the way to the one before.
  mutating func insertNext(_ prefix: Prefix<Address>, value: UInt32, path: RoutePath<Bits>) -> UInt32 {
    path.backUp(to: prefix, in: nodes)
    return insert(
      prefix, value: value, path: path, from: path.last == 0 ? root : nodes[Int(path.last)].child(prefix.bits))
  }

  private mutating func insert(
    _ prefix: Prefix<Address>, value: UInt32, path: RoutePath<Bits>, from start: UInt32
  ) -> UInt32 {
    var next = start
    while next != 0 {
      let node = nodes + Int(next)
      let shared = min((node.pointee.bits ^ prefix.bits).leadingZeroBitCount, prefix.length)
      if shared < Int(node.pointee.length) { break }
      path.append(next)
      if Int(node.pointee.length) == prefix.length {
        let old = node.pointee.value
        node.pointee.value = value
        if old == 0 {
          count += 1
          updateIndex(prefix)
        }
        return old
      }
      next = node.pointee.child(prefix.bits)
    }
    let parent = path.last
    let route = make(Node(bits: prefix.bits, value: value, length: UInt8(prefix.length)))
    count += 1
    if next == 0 {
      link(route, below: parent)
      updateIndex(prefix)
    } else {
      attach(route, beside: next, below: parent, path: path)
    }
    path.append(route)
    return 0
  }

  /// The node where the search for a prefix begins; `path` becomes those above.
  private func start(_ prefix: Prefix<Address>, _ path: RoutePath<Bits>) -> UInt32 {
    path.clear()
    guard let index, prefix.length > RouteIndex.bits else { return root }
    let entry = index[prefix.bits.slot(0, RouteIndex.bits)]
    if entry.covering != 0 && entry.covering != entry.node { path.append(entry.covering) }
    if entry.node != 0 { path.append(entry.node) }
    if entry.top != 0 { return entry.top }
    // What is there, if anything, has other bits.
    return entry.node == 0 ? root : nodes[Int(entry.node)].child(prefix.bits)
  }

  /// Puts a new route above or beside the subtree that was in its place.
  private mutating func attach(_ route: UInt32, beside other: UInt32, below parent: UInt32, path: RoutePath<Bits>) {
    let (mine, node) = (nodes[Int(route)], nodes[Int(other)])
    let shared = (node.bits ^ mine.bits).leadingZeroBitCount
    guard shared < Int(mine.length) else {
      link(route, below: parent)
      link(other, below: route)
      return updateIndex(Prefix(covering: mine.bits, length: Int(mine.length)))
    }
    let prefix = Prefix<Address>(covering: mine.bits, length: shared)
    let fork = make(Node(bits: prefix.bits, value: 0, length: UInt8(shared)))
    link(fork, below: parent)
    link(route, below: fork)
    link(other, below: fork)
    updateIndex(prefix)
    path.append(fork)
  }

  /// Removes a route and returns the value that it had, or 0 if there is none. `path` becomes the nodes that cover the
  /// route, and its `displaced` the node that has moved up.
  mutating func remove(_ prefix: Prefix<Address>, path: RoutePath<Bits>) -> UInt32 {
    let next = descend(to: prefix, from: start(prefix, path), path)
    guard next != 0 else { return 0 }
    let node = nodes[Int(next)]
    guard Int(node.length) == prefix.length, node.bits == prefix.bits, node.value != 0 else { return 0 }
    count -= 1
    if node.zero != 0 && node.one != 0 {
      nodes[Int(next)].value = 0
      updateIndex(prefix)
      path.append(next)
      return node.value
    }
    let parent = path.last
    var highest = prefix
    if node.zero | node.one != 0 {
      path.displaced = node.zero | node.one
      link(path.displaced, below: parent)
    } else {
      unlink(node, below: parent)
      if parent != 0 && nodes[Int(parent)].value == 0 {
        highest = Prefix(covering: prefix.bits, length: Int(nodes[Int(parent)].length))
        // What is above the first node that the index knows is not on the path.
        if highest.length < RouteIndex.bits {
          path.clear()
          _ = descend(to: highest, from: root, path)
        } else {
          path.removeLast()
        }
        path.displaced = nodes[Int(parent)].zero | nodes[Int(parent)].one
        link(path.displaced, below: path.last)
        free(parent)
      }
    }
    free(next)
    updateIndex(highest)
    return node.value
  }

  /// Goes down to the first node that is not shorter than a prefix, or does not cover it; those above become `path`.
  private func descend(to prefix: Prefix<Address>, from start: UInt32, _ path: RoutePath<Bits>) -> UInt32 {
    var next = start
    while next != 0 {
      let node = nodes + Int(next)
      guard node.pointee.length < prefix.length, node.pointee.covers(prefix.bits) else { break }
      path.append(next)
      next = node.pointee.child(prefix.bits)
    }
    return next
  }

  private mutating func link(_ child: UInt32, below parent: UInt32) {
    noteTop(child, nodes[Int(child)], below: parent)
    if parent == 0 {
      root = child
    } else if nodes[Int(parent)].side(nodes[Int(child)].bits) {
      nodes[Int(parent)].one = child
    } else {
      nodes[Int(parent)].zero = child
    }
  }

  /// Has the index begin at a node that comes to stand below one of fewer bits than the index has.
  private func noteTop(_ number: UInt32, _ node: Node, below parent: UInt32) {
    guard let index, node.length >= RouteIndex.bits else { return }
    if parent == 0 || nodes[Int(parent)].length < RouteIndex.bits { index.setTop(number, at: node.bits) }
  }

  private mutating func unlink(_ node: Node, below parent: UInt32) {
    noteTop(0, node, below: parent)
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

  /// Calls `body` with each route that comes after `last`, in that order, until it returns false; nil is before the first.
  func forEach(after last: Prefix<Address>?, _ body: (Bits, Int, UInt32) -> Bool) { _ = visit(root, after: last, body) }

  private func visit(_ number: UInt32, after last: Prefix<Address>?, _ body: (Bits, Int, UInt32) -> Bool) -> Bool {
    guard number != 0 else { return true }
    let node = nodes[Int(number)]
    var last = last
    if let prefix = last {
      if node.bits | Bits.max >> Int(node.length) < prefix.bits { return true }
      // What is below comes after the node.
      if (node.bits, Int(node.length)) > (prefix.bits, prefix.length) { last = nil }
    }
    if last == nil, node.value != 0, !body(node.bits, Int(node.length), node.value) { return false }
    return visit(node.zero, after: last, body) && visit(node.one, after: last, body)
  }

  /// Whether the tree is so large that it is to have an index, which takes memory and some time to make: a tree of about
  /// that size does not make it again and again.
  func deservesIndex(from least: Int) -> Bool { count >= (index == nil ? least : least / 16 * 15) }

  /// Makes or drops the index. It only serves speed: without the memory for it, there is none.
  mutating func setIndex(_ wanted: Bool) {
    if !wanted {
      index?.free()
      pool.release(index == nil ? 0 : RouteIndex.bytes)
      index = nil
    } else if index == nil, (try? pool.claim(RouteIndex.bytes)) != nil {
      index = RouteIndex()
      updateIndex(Prefix(covering: 0, length: 0))
    }
  }

  /// Brings the index up to date where nodes under a prefix, or just there, have come or gone.
  private func updateIndex(_ prefix: Prefix<Address>) {
    guard let index, prefix.length < RouteIndex.bits else { return }
    var above = RouteIndex.Entry()
    var next = root
    while next != 0, nodes[Int(next)].length < prefix.length, nodes[Int(next)].covers(prefix.bits) {
      above = index.entry(below: next, above, in: nodes)
      next = nodes[Int(next)].child(prefix.bits)
    }
    let isUnder = next != 0 && prefix.covers(nodes[Int(next)].bits) && nodes[Int(next)].length >= prefix.length
    let first = prefix.bits.slot(0, RouteIndex.bits)
    index.update(
      first..<first + 1 << (RouteIndex.bits - prefix.length), below: isUnder ? next : 0, above, in: nodes)
  }

  /// Frees all nodes and the index.
  mutating func removeAll() {
    setIndex(false)
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
