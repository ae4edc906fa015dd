/// A peer's table with the entry size and the lookup function that are the fastest here.
struct BestPeer<F: FIB> {
  let table: F.Peer
  /// What was chosen, for people.
  let variant: String

  /// Loads the routes with each entry size and tries each function on these destinations. The table has room for
  /// `changes` changes.
  init(
    _ routes: [NumberedRoute<F.Address.Number>], changes: Int, _ destinations: Destinations<F.Address.Number>,
    windows: Windows
  ) throws {
    let trial = Windows(count: 3, seconds: windows.seconds / 4)
    var best: (time: Double, table: F.Peer, function: String, entryBytes: Int)?
    for entryBytes in F.Peer.entrySizes(for: routes, changes: changes) {
      let table = try F.Peer.make(routes: routes, changes: changes, entryBytes: entryBytes)
      let lookups = Self.lookups(in: table, destinations)
      for function in F.Peer.functions where table.select(function) {
        let time = median((0..<trial.count).map { _ in trial.window(lookups.advance) })
        if let best, best.time <= time { continue }
        if let best, best.entryBytes != entryBytes { best.table.free() }
        best = (time, table, function, entryBytes)
      }
      if best?.entryBytes != entryBytes { table.free() }
    }
    guard let best else { throw BenchError("\(F.Peer.name) has no lookup function that works here") }
    _ = best.table.select(best.function)
    table = best.table
    variant = "\(F.Peer.name) \(best.function), entries of \(best.entryBytes) bytes"
  }

  /// Fails unless our table gives the same answers.
  func check(_ ours: OurTables<F>, _ destinations: Destinations<F.Address.Number>) throws {
    let answers = lookups(destinations).answers()
    try ours.check(destinations, against: F.Peer.name) { _, index in UInt32(truncatingIfNeeded: answers[index]) }
  }

  /// Lookups of these destinations.
  func lookups(_ destinations: Destinations<F.Address.Number>) -> Lookups<F.Peer> {
    Self.lookups(in: table, destinations)
  }

  private static func lookups(
    in table: F.Peer, _ destinations: Destinations<F.Address.Number>
  ) -> Lookups<F.Peer> {
    Lookups(table, destinations, destination: F.Peer.destination)
  }
}
