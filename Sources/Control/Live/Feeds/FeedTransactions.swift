import Wire

// What feeds do: begin, give and take back entries, sweep, get lost. Each is a transaction as users' are.

extension LiveChanges {
  /// Begins an epoch of a source: what it gave in earlier ones is stale from now on, and goes on forwarding.
  ///
  /// - Parameters:
  ///   - hold: Seconds (0 to 86,400) for which its entries stay when it is lost; nil leaves it.
  ///   - preference: Of its entries (3 to 249), lower wins; nil leaves it. It cannot change while there are entries.
  /// - Throws: ``ChangeError``; nothing has changed then.
  public func begin(_ name: SourceName, hold: Int? = nil, preference: Int? = nil) throws(ChangeError) {
    try Self.check(hold, in: 0...Feed.longestHold, "hold")
    try Self.check(preference, in: 3...249, "preference")
    let isNew = feeds.find(name) == nil
    let feed = try feeds.findOrMake(name)
    let wanted = (
      epoch: isNew ? feed.epoch : feed.epoch + 1, hold: hold ?? feed.hold,
      preference: preference.map { UInt8($0) } ?? feed.preference
    )
    if wanted.preference != feed.preference, !feed.isEmpty {
      throw ChangeError(
        messages: [
          "\(name.words) has entries of preference \(feed.preference); it can have another when they have been swept"
        ])
    }
    let header = FeedHeader(name: name, epoch: wanted.epoch, hold: wanted.hold, preference: wanted.preference)
    do throws(ChangeError) {
      try write([header.record(of: "")])
    } catch {
      if isNew { feeds.remove(feed) }
      throw error
    }
    set(feed, header)
    compact()
  }

  private static func check(_ value: Int?, in range: ClosedRange<Int>, _ name: String) throws(ChangeError) {
    guard let value, !range.contains(value) else { return }
    throw ChangeError(messages: ["\(name) is \(value); write \(range.lowerBound) to \(range.upperBound)"])
  }

  private func set(_ feed: Feed, _ header: FeedHeader) {
    (feed.epoch, feed.hold, feed.preference) = (header.epoch, header.hold, header.preference)
    (feed.isLost, feed.sweepsAt) = (false, nil)
    state.rib.setPreference(feed.preference, feed: feed.number)
  }

  /// Applies lines of `ip` that a source gives in one transaction. Whatever the verb, an entry that is there already is
  /// replaced, and one that is to be deleted may be gone.
  ///
  /// - Parameter file: Names the lines in messages.
  /// - Throws: ``ChangeError``; nothing has changed then.
  public func apply(batch text: String, file: String, from name: SourceName) throws(ChangeError) -> ChangeReport {
    try give(name) { feed throws(ChangeError) in
      let diagnostics = DiagnosticCollector(file: file)
      var reader = ConfigurationReader(diagnostics, running: namedConfiguration, feed: feed)
      reader.apply(BatchText(text, file: file), to: &feed.entries, pacer: pacer)
      return try finish(diagnostics, StateChanges(), [FeedHeader(feed).record(of: text)], feed: feed)
    }
  }

  /// Applies entries that a source gives in one transaction.
  ///
  /// - Throws: ``ChangeError``; nothing has changed then.
  public func apply(_ changes: [FeedChange], from name: SourceName) throws(ChangeError) -> ChangeReport {
    let flaws = changes.compactMap(\.flaw)
    guard flaws.isEmpty else { throw ChangeError(messages: flaws) }
    return try give(name) { feed throws(ChangeError) in
      var lines = ""
      let configuration = namedConfiguration
      for change in changes {
        change.apply(to: feed, configuration)
        if isKept { lines += change.line }
      }
      let record = FeedHeader(feed).record(of: lines)
      return try finish(DiagnosticCollector(file: ""), StateChanges(), [record], feed: feed)
    }
  }

  /// Has routes that sources gave for the number of a table be those of the VRF that has got it.
  func follow(_ changes: [StateChanges.Change<VRFEntry>]) {
    feeds.note(changes)
    for feed in feeds.all {
      var isChanged = false
      for var route in feed.entries.routes.all {
        guard let number = route.table, let vrf = state.configuration.vrf(ofTable: .number(number))?.vrf else {
          continue
        }
        feed.entries.routes.remove(.init(route))
        (route.vrf, route.table) = (vrf, nil)
        feed.entries.routes.put(route, .init(route))
        isChanged = true
      }
      guard isChanged else { continue }
      // Without memory they go on waiting.
      _ = try? finish(
        DiagnosticCollector(file: ""), StateChanges(), [FeedHeader(feed).record(of: "")], feed: feed)
    }
  }

  /// The configuration, with the VRFs that table numbers of feeds mean.
  private var namedConfiguration: Configuration {
    var configuration = state.configuration
    configuration.vrfs += feeds.formerVRFs
    return configuration
  }

  /// Has a source that is not lost give something; one that has never begun is there from now on.
  private func give(
    _ name: SourceName, _ transaction: (Feed) throws(ChangeError) -> ChangeReport
  ) throws(ChangeError) -> ChangeReport {
    let isNew = feeds.find(name) == nil
    let feed = try feeds.findOrMake(name)
    if isNew { set(feed, FeedHeader(feed)) }
    guard !feed.isLost else {
      throw ChangeError(messages: ["\(name.words) is lost; it has to begin anew before it gives entries"])
    }
    do throws(ChangeError) {
      return try transaction(feed)
    } catch {
      if isNew { feeds.remove(feed) }
      throw error
    }
  }

  /// Removes what a source has given in earlier epochs and not again; of one that is lost, everything.
  ///
  /// - Throws: ``ChangeError``; nothing has changed then.
  public func sweep(_ name: SourceName) throws(ChangeError) -> ChangeReport { try sweep(known(name)) }

  private func sweep(_ feed: Feed) throws(ChangeError) -> ChangeReport {
    var lines = ""
    let note: (any LinedEntry) -> Void = { [self] entry in
      pacer.step()
      if isKept { lines += entry.deletingLine }
    }
    feed.entries.sids.removeStale(of: feed, note) { $0.prefix }
    feed.entries.routes.removeStale(of: feed, note) { .init($0) }
    feed.entries.neighbors.removeStale(of: feed, note) { .init(port: $0.port, address: $0.address) }
    let record = FeedHeader(feed).record(of: lines)
    let report = try finish(DiagnosticCollector(file: ""), StateChanges(), [record], feed: feed)
    feed.sweepsAt = nil
    return report
  }

  /// A source is gone: all that it has given is stale, and swept after its hold time unless it begins anew before.
  ///
  /// - Throws: ``ChangeError`` for a source that never was.
  public func lost(_ name: SourceName) throws(ChangeError) {
    let feed = try known(name)
    guard !feed.isLost else { return }
    lose(feed)
    if feed.hold == 0 { _ = try sweep(feed) }
  }

  func lose(_ feed: Feed) {
    feed.isLost = true
    feed.sweepsAt = clock() + UInt64(feed.hold) * 1000
  }

  /// Sweeps the sources whose time has come; returns what went wrong.
  func sweepDue() -> [String] {
    let now = clock()
    var messages: [String] = []
    for feed in feeds.all where feed.sweepsAt ?? .max <= now {
      do throws(ChangeError) {
        _ = try sweep(feed)
      } catch {
        messages += error.messages.map { "\(feed.name.words) cannot be swept: \($0)" }
        feed.sweepsAt = now + 10_000
      }
    }
    return messages
  }

  private func known(_ name: SourceName) throws(ChangeError) -> Feed {
    if let feed = feeds.find(name) { return feed }
    let names = feeds.all.isEmpty ? "none" : feeds.all.map(\.name.words).joined(separator: ", ")
    throw ChangeError(messages: ["there is no source \(name.words); there are: \(names)"])
  }

  /// Does again what a source had given before a restart. What the configuration has no place for any more is left out.
  func restore(feed text: String) throws(ChangeError) {
    guard let (header, lines) = FeedHeader.parse(text) else {
      throw ChangeError(messages: ["a record of a source in the state file says neither which nor what holds for it"])
    }
    let feed = try feeds.findOrMake(header.name)
    set(feed, header)
    var reader = ConfigurationReader(DiagnosticCollector(file: "state"), running: state.configuration, feed: feed)
    reader.apply(BatchText(lines, file: "state"), to: &feed.entries)
    _ = try finish(DiagnosticCollector(file: "state"), StateChanges(), [.init(kind: .feed, text: text)], feed: feed)
  }
}

extension KeyedEntries where Entry: SourcedEntry & LinedEntry {
  /// Removes the entries of a feed that are stale; `note` is told of each.
  fileprivate mutating func removeStale(of feed: Feed, _ note: (any LinedEntry) -> Void, key: (Entry) -> Key) {
    for entry in all where feed.isStale(entry) {
      remove(key(entry))
      note(entry)
    }
  }
}
