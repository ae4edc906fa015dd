/// The feeds that there are, by number.
struct FeedSet {
  private(set) var all: [Feed] = []
  /// VRFs that have gone since feeds are there: the number of such a table means the VRF still, whose entries are parked.
  private(set) var formerVRFs: [VRFEntry] = []
  private static let formerLimit = 1024

  /// The feed of that name; nil if there is none.
  func find(_ name: SourceName) -> Feed? { all.first { $0.name == name } }

  /// The feed of that number, which an entry has; nil for 0.
  subscript(number: UInt8) -> Feed? { number == 0 ? nil : all.first { $0.number == number } }

  /// The feed of that name, made if there is none yet.
  ///
  /// - Throws: ``ChangeError`` when there are as many as can be told apart.
  mutating func findOrMake(_ name: SourceName) throws(ChangeError) -> Feed {
    if let feed = find(name) { return feed }
    let feed = Feed(number: try freeNumber(for: name), name: name)
    all.append(feed)
    return feed
  }

  private mutating func freeNumber(for name: SourceName) throws(ChangeError) -> UInt8 {
    if name == .kernel { return RouteSource.kernelFeed }
    let numbers = (RouteSource.kernelFeed + 1)...RouteCandidate.feedLimit
    if let free = numbers.first(where: { self[$0] == nil }) { return free }
    // One that is gone and has left nothing makes room.
    guard let gone = all.firstIndex(where: { $0.name != .kernel && $0.isLost && $0.isEmpty }) else {
      throw ChangeError(messages: ["there are \(numbers.count) protocols already; sweep one that is lost"])
    }
    return all.remove(at: gone).number
  }

  /// Takes note of VRFs that come and go.
  mutating func note(_ changes: [StateChanges.Change<VRFEntry>]) {
    if all.isEmpty { return }
    for case .add(let new) in changes { formerVRFs.removeAll { $0.name == new.name || $0.table == new.table } }
    for case .remove(let old) in changes { formerVRFs.append(old) }
    formerVRFs = formerVRFs.suffix(Self.formerLimit)
  }

  /// Takes back a feed that has given nothing.
  mutating func remove(_ feed: Feed) { all.removeAll { $0 === feed } }
}
