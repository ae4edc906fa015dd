import Dataplane
import Tables
import Wire

// How the RIB's changes of a transaction reach the tables.
//
//     stage      changes are noted; lookups of control's see them, the tables have none
//     find       which prefixes lookups will find something else for: the moves
//     show       each of them gets a cell that stands for what was there before
//                ... all of these become what comes after by one publication ...
//     settle     each gets its own cell
//
// A single move needs no cell in between.

extension FamilyRIB {
  /// Finds what the transaction moves.
  mutating func findMoves() {
    guard var staged else { return }
    for key in staged.order {
      let old = tables.route(table: key.table, address: key.address, length: Int(key.length))
      let new = staged.candidates[key]?.first?.cell.value
      if old == new { continue }
      let shorter = Int(key.length) - 1
      let around = shorter < 0 ? nil : tables.longestMatch(table: key.table, address: key.address, atMost: shorter)
      let after = new ?? longestMatch(table: key.table, key.address, atMost: shorter)?.value
      staged.moves.append(.init(key: key, before: old ?? around?.value ?? 0, after: after ?? 0, old: old))
    }
    self.staged = staged
  }

  /// The longest prefix of at most `limit` bits that covers an address, and its cell.
  func longestMatch(table: UInt32, _ address: Address, atMost limit: Int) -> (length: Int, value: UInt32)? {
    func unstaged(_ limit: Int) -> (length: Int, value: UInt32)? {
      limit < 0 ? nil : tables.longestMatch(table: table, address: address, atMost: limit)
    }
    guard let staged, !staged.order.isEmpty else { return unstaged(limit) }
    return staged.longestMatch(
      table: table, atMost: limit, prefix: { Key(Int(table), address.masked($0), $0) }, unstaged: unstaged)
  }

  func move(_ index: Int) -> RIB.Move {
    let move = staged!.moves[index]
    return RIB.Move(move, isThereAfter: staged!.candidates[move.key]?.isEmpty == false)
  }

  /// Puts the cell of a move's in-between into the table.
  mutating func show(_ move: Int, _ cell: UInt32) throws(TableError) {
    let key = staged!.moves[move].key
    _ = try tables.insert(table: key.table, address: key.address, length: Int(key.length), value: cell)
    staged!.moves[move].shown = cell
  }

  /// Takes that back. It needs no more memory than there was.
  mutating func hide(_ move: Int) {
    let (key, old) = (staged!.moves[move].key, staged!.moves[move].old)
    if let old {
      _ = try? tables.insert(table: key.table, address: key.address, length: Int(key.length), value: old)
    } else {
      _ = try? tables.remove(table: key.table, address: key.address, length: Int(key.length))
    }
  }

  /// Gives a prefix its own cell.
  mutating func settle(_ move: Int) throws(TableError) {
    let key = staged!.moves[move].key
    if let best = staged!.candidates[key]?.first {
      if best.cell.value == staged!.moves[move].shown { return }
      _ = try tables.insert(table: key.table, address: key.address, length: Int(key.length), value: best.cell.value)
    } else {
      _ = try tables.remove(table: key.table, address: key.address, length: Int(key.length))
    }
  }

  /// Keeps the candidates of a transaction whose moves have settled, but for those of `unsettled`, whose cells say less
  /// than they are.
  mutating func endTransaction(unsettled: [Int]) {
    guard let ended = staged else { return }
    staged = nil
    for (key, candidates) in ended.candidates { remember(key, candidates) }
    for move in unsettled {
      let key = ended.moves[move].key
      keep(key, ended.candidates[key] ?? [])
    }
  }
}

extension RIB {
  /// Has changes be noted from now on, until ``endTransaction(unsettled:)`` or ``abandon()``.
  mutating func stage() {
    ipv4.staged = StagedRoutes()
    ipv6.staged = StagedRoutes()
  }

  /// Forgets what was noted.
  mutating func abandon() {
    ipv4.staged = nil
    ipv6.staged = nil
  }

  /// Finds what the transaction moves, and returns how many prefixes that are.
  mutating func findMoves() -> Int {
    ipv4.findMoves()
    ipv6.findMoves()
    return (ipv4.staged?.moves.count ?? 0) + (ipv6.staged?.moves.count ?? 0)
  }

  /// What a transaction does to a prefix.
  struct Move {
    /// What lookups find before and after: the prefix's own, or that of the prefix around it.
    var before, after: RouteTarget
    /// It is the prefix's own.
    var wasThereBefore, isThereAfter: Bool
    /// What stands for both in between.
    var shown: RouteTarget

    fileprivate init<Family>(_ move: StagedRoutes<Family>.Move, isThereAfter: Bool) {
      (before, after, shown) = (.init(cell: move.before), .init(cell: move.after), .init(cell: move.shown))
      (wasThereBefore, self.isThereAfter) = (move.old != nil, isThereAfter)
    }
  }

  func move(_ index: Int) -> Move {
    let first = ipv4.staged!.moves.count
    return index < first ? ipv4.move(index) : ipv6.move(index - first)
  }

  /// See ``FamilyRIB/show(_:_:)``.
  mutating func show(_ index: Int, _ target: RouteTarget) throws(TableError) {
    let first = ipv4.staged!.moves.count
    if index < first { try ipv4.show(index, target.value) } else { try ipv6.show(index - first, target.value) }
  }

  /// See ``FamilyRIB/hide(_:)``.
  mutating func hide(_ index: Int) {
    let first = ipv4.staged!.moves.count
    if index < first { ipv4.hide(index) } else { ipv6.hide(index - first) }
  }

  /// See ``FamilyRIB/settle(_:)``.
  mutating func settle(_ index: Int) throws(TableError) {
    let first = ipv4.staged!.moves.count
    if index < first { try ipv4.settle(index) } else { try ipv6.settle(index - first) }
  }

  /// See ``FamilyRIB/endTransaction(unsettled:)``.
  mutating func endTransaction(unsettled: [Int]) {
    let first = ipv4.staged!.moves.count
    ipv4.endTransaction(unsettled: unsettled.filter { $0 < first })
    ipv6.endTransaction(unsettled: unsettled.compactMap { $0 < first ? nil : $0 - first })
  }

  /// The longest prefix that covers an address, and its cell.
  func longestMatch(table: Int, _ address: IPAddress) -> (length: Int, value: UInt32)? {
    switch address {
    case .v4(let address): ipv4.longestMatch(table: UInt32(table), address, atMost: 32)
    case .v6(let address): ipv6.longestMatch(table: UInt32(table), address, atMost: 128)
    }
  }
}
