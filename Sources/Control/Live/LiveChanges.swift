import Dataplane
import Dispatch
import Tables
import Wire

/// What a transaction did, or would do.
public struct ChangeReport: Codable, Sendable {
  /// Entries that are new.
  public var added = 0
  /// Entries that took another's place.
  public var replaced = 0
  /// Entries that are gone.
  public var deleted = 0
  /// Counts the transactions that changed anything.
  public var revision: UInt64 = 0
  /// Of a dry run a line each change: `+ route vrf red 10.0.0.0/8 via 10.1.0.2 port ce-red`, `- sid fc00:0:1:d4:: End.DT4
  /// vrf red`, `~ ...`; empty otherwise.
  public var changes: [String] = []
}

/// Why nothing was changed.
public struct ChangeError: Error {
  /// What is wrong, each as a user reads it: `batch:3:15: ...`; never empty.
  public var messages: [String]

  /// Makes an error.
  public init(messages: [String]) { self.messages = messages }
}

/// Changes to a running forwarder: each call is a transaction, which is validated whole and then applied whole. Control
/// thread only.
public final class LiveChanges {
  let state: ForwardingState
  private let neighbors: NeighborAgent
  private let publish: () -> Void
  private let events: EventHub
  /// Gives devices the settings of changed ports; ``ChangeError`` if one will not have them, and then none has.
  var setDevices: ([StateChanges.Change<PortEntry>]) throws(ChangeError) -> Void = { _ in }
  /// Is called after each transaction that changed ports or their VRFs, with the interfaces by index.
  public var interfacesDidChange: ([InterfaceInfo]) -> Void = { _ in }
  /// Every entry as users configured it, by the file or since.
  private(set) var running: BatchedChanges
  /// What others than users have given.
  var feeds = FeedSet()
  /// Milliseconds that never go back.
  var clock: () -> UInt64 = { DispatchTime.now().uptimeNanoseconds / 1_000_000 }
  private var revision: UInt64 = 0
  /// Where every transaction is written down; nil writes nothing.
  private var file: StateFile?
  /// What is done in between while many entries change.
  var pause: () -> Void = {}
  private(set) lazy var pacer = Pacer { [unowned self] in pause() }
  /// What the file began with.
  private var base: [StateFile.Record] = []
  /// The ports that go with it.
  private var basePorts: [PortEntry]

  /// Takes the entries over from the state's configuration.
  ///
  /// - Parameter publish: Puts the state before the workers, and returns when none has an older one.
  init(
    _ state: ForwardingState, neighbors: NeighborAgent, events: EventHub = EventHub(), publish: @escaping () -> Void
  ) {
    self.state = state
    self.events = events
    self.neighbors = neighbors
    self.publish = publish
    running = BatchedChanges(state.configuration)
    basePorts = state.configuration.ports
    state.configuration.routes = []
    state.configuration.sids = []
    state.configuration.neighbors = []
  }

  /// Applies lines of `ip` in one transaction.
  ///
  /// - Parameter file: Names the lines in messages.
  /// - Throws: ``ChangeError``; nothing has changed then.
  public func apply(batch text: String, file: String) throws(ChangeError) -> ChangeReport {
    try apply(batch: text, file: file, source: .api)
  }

  private func apply(batch text: String, file: String, source: RouteSource) throws(ChangeError) -> ChangeReport {
    let diagnostics = DiagnosticCollector(file: file)
    var reader = ConfigurationReader(diagnostics, running: state.configuration)
    reader.source = source
    reader.apply(BatchText(text, file: file), to: &running, pacer: pacer)
    var changes = StateChanges()
    changes.setPorts(from: state.configuration.ports, to: reader.configuration.ports)
    changes.setSRv6(from: state.configuration, to: reader.configuration)
    return try finish(diagnostics, changes, [.init(kind: .batch, text: text)])
  }

  /// Makes the running state equal to a configuration file, with a batch of lines after it.
  ///
  /// - Parameter dryRun: Only say what would change.
  /// - Throws: ``ChangeError``; nothing has changed then.
  public func apply(
    configuration text: String, file: String, batch: String?, dryRun: Bool
  ) throws(ChangeError) -> ChangeReport {
    let wanted: Configuration
    do throws(ConfigurationError) {
      wanted = try ConfigurationLoader.load(text: text, file: file, batch: batch)
    } catch {
      throw ChangeError(messages: error.diagnostics.map(\.description))
    }
    let fixed = state.configuration.needingRestart(for: wanted) + wanted.exceeding(interfaces: state.interfaceLimit)
    guard fixed.isEmpty else { throw ChangeError(messages: fixed.map { "\(file): \($0)" }) }
    running.replace(by: BatchedChanges(wanted))
    var changes = StateChanges()
    changes.setVRFs(from: state.configuration.vrfs, to: wanted.vrfs)
    changes.setPorts(from: state.configuration.ports, to: wanted.ports)
    changes.setSRv6(from: state.configuration, to: wanted)
    let records = StateFile.records(configuration: text, lines: batch)
    return try finish(DiagnosticCollector(file: file), changes, dryRun ? [] : records)
  }

  // MARK: State file

  /// Does again what was done before a restart.
  ///
  /// - Parameter records: Those of a state file, with whose configuration the forwarder was started.
  public func restore(_ records: [StateFile.Record]) throws(ChangeError) {
    for record in records {
      switch record.kind {
      case .configuration, .configurationLines: break
      case .entries:
        running.replace(by: BatchedChanges())
        _ = try apply(batch: record.text, file: "state", source: .static)
      case .batch: _ = try apply(batch: record.text, file: "state")
      case .feed: try restore(feed: record.text)
      }
    }
    // None of them is there before it says so.
    for feed in feeds.all { lose(feed) }
  }

  /// Writes every transaction down from now on.
  ///
  /// - Parameter base: The configuration that the forwarder was started with, and its lines; other records are left out.
  public func keep(in path: String, base: [StateFile.Record]) throws(StateFile.Failure) {
    self.base = base.filter { $0.kind == .configuration || $0.kind == .configurationLines }
    file = try StateFile(path, compacted)
  }

  /// The records that the running state comes to.
  private var compacted: [StateFile.Record] {
    if revision == 0 { return base + feeds.records }
    let settings = state.configuration.addressLines(from: basePorts) + state.configuration.tunnelSourceLine
    let entries = [
      StateFile.Record(kind: .entries, text: settings + running.lines { $0 != .api }),
      StateFile.Record(kind: .batch, text: running.lines { $0 == .api }),
    ]
    return base + entries + feeds.records
  }

  /// A transaction of lines goes behind the others in the file; a whole configuration begins it anew.
  private static func isAppended(_ records: [StateFile.Record]) -> Bool { records.first?.kind != .configuration }

  /// Has the disk hold what is about to be done, so that nothing is acknowledged that a restart would not find.
  func write(_ records: [StateFile.Record]) throws(ChangeError) {
    do throws(StateFile.Failure) {
      if Self.isAppended(records) {
        try file?.append(records[0])
      } else {
        try file?.replace(records + feeds.records)
      }
    } catch {
      throw ChangeError(messages: ["nothing was changed: \(error)"])
    }
  }

  private func takeBack(_ records: [StateFile.Record]) {
    if Self.isAppended(records) {
      file?.removeLast(records[0])
    } else {
      // Without the disk the next transaction says what is wrong with it.
      try? file?.replace(compacted)
    }
  }

  /// Applies what the journals of the entries say, or takes it back.
  ///
  /// - Parameters:
  ///   - records: What the state file gets; nothing for a dry run.
  ///   - feed: Whose entries they are; nil is the users.
  func finish(
    _ diagnostics: DiagnosticCollector, _ changes: StateChanges, _ records: [StateFile.Record], feed: Feed? = nil
  ) throws(ChangeError) -> ChangeReport {
    if let error = diagnostics.error {
      rollBack(feed)
      throw ChangeError(messages: error.diagnostics.map(\.description))
    }
    var changes = changes
    changes.take(feed?.entries ?? running, pacer)
    var report = ChangeReport(changes)
    guard !records.isEmpty else {
      rollBack(feed)
      report.revision = revision
      report.changes = changes.lines
      return report
    }
    if changes.isEmpty {
      // What a feed gives again is of its new epoch.
      if let feed { feed.entries.commit() } else { running.rollBack() }
      report.revision = revision
      return report
    }
    do throws(ChangeError) {
      try write(records)
    } catch {
      rollBack(feed)
      throw error
    }
    let effects = FeedEffects(users: running, feeds: feeds, places: Places(state, changes)).effects(
      of: changes, in: feed)
    do throws(ChangeError) {
      if !effects.isEmpty { try carryOut(effects) }
    } catch {
      rollBack(feed)
      takeBack(records)
      throw error
    }
    if let feed { feed.entries.commit() } else { running.commit() }
    if !changes.ports.isEmpty { neighbors.forgetGoneInterfaces() }
    neighbors.configure(effects.neighbors)
    if !changes.ports.isEmpty || !changes.vrfs.isEmpty { interfacesDidChange(state.interfaces) }
    if !changes.vrfs.isEmpty { follow(changes.vrfs) }
    revision += 1
    events.commit(changes, revision: revision)
    if !Self.isAppended(records) { (base, basePorts) = (records, state.configuration.ports) }
    compact()
    report.revision = revision
    return report
  }

  /// Changes the devices and then the state, or neither.
  private func carryOut(_ changes: StateChanges) throws(ChangeError) {
    try setDevices(changes.ports)
    do throws(TableError) {
      try state.apply(changes, pacer, Workers(publish: publish, takePunts: neighbors.takePunts))
    } catch {
      try? setDevices(changes.ports.map(\.reversed))
      throw ChangeError(messages: ["nothing was changed: \(error)"])
    }
  }

  /// Keeps the file from growing without end.
  func compact() {
    if file?.isLong == true { try? file?.replace(compacted) }
  }

  /// Transactions are written down.
  var isKept: Bool { file != nil }
}

extension LiveChanges {
  private func rollBack(_ feed: Feed?) {
    if let feed { feed.entries.rollBack() } else { running.rollBack() }
  }
}

extension BatchedChanges {
  /// Changes every section to what another has.
  fileprivate mutating func replace(by wanted: BatchedChanges) {
    routes.replace(by: wanted.routes)
    sids.replace(by: wanted.sids)
    neighbors.replace(by: wanted.neighbors)
  }

  mutating func commit() {
    routes.commit()
    sids.commit()
    neighbors.commit()
  }

  mutating func rollBack() {
    routes.rollBack()
    sids.rollBack()
    neighbors.rollBack()
  }
}

extension KeyedEntries where Entry: ConfiguredEntry {
  /// Changes the entries to what another has.
  fileprivate mutating func replace(by wanted: KeyedEntries) {
    for key in Array(keys) where wanted[key] == nil { remove(key) }
    for key in wanted.keys {
      guard let new = wanted[key] else { continue }
      if let old = self[key], old.isSame(as: new) { continue }
      put(new, key)
    }
  }

  /// What has changed in all, without what is as it was.
  fileprivate func netChanges(_ pacer: Pacer) -> [StateChanges.Change<Entry>] {
    var changes: [StateChanges.Change<Entry>] = []
    forEachChange { old, new in
      pacer.step()
      switch (old, new) {
      case (nil, let new?): changes.append(.add(new))
      case (let old?, nil): changes.append(.remove(old))
      case (let old?, let new?): if !old.isSame(as: new) { changes.append(.replace(old, by: new)) }
      case (nil, nil): break
      }
    }
    return changes
  }
}

extension StateChanges {
  fileprivate mutating func setSRv6(from old: Configuration, to new: Configuration) {
    guard zip(old.srv6.words, new.srv6.words).contains(where: { $0.1 != $1.1 }) else { return }
    srv6 = .replace(old.srv6, by: new.srv6)
  }

  fileprivate mutating func setVRFs(from old: [VRFEntry], to new: [VRFEntry]) {
    vrfs = Self.changes(from: old, to: new, name: \.name)
  }

  fileprivate mutating func setPorts(from old: [PortEntry], to new: [PortEntry]) {
    ports = Self.changes(from: old, to: new, name: \.name)
    newPorts = new
  }

  private static func changes<Entry: ConfiguredEntry>(
    from old: [Entry], to new: [Entry], name: (Entry) -> String
  ) -> [Change<Entry>] {
    let before = Dictionary(uniqueKeysWithValues: old.map { (name($0), $0) })
    let after = Set(new.map(name))
    let wanted = new.compactMap { entry -> Change<Entry>? in
      guard let old = before[name(entry)] else { return .add(entry) }
      return old.isSame(as: entry) ? nil : .replace(old, by: entry)
    }
    return wanted + old.filter { !after.contains(name($0)) }.map { .remove($0) }
  }

  /// Takes what has changed in the entries.
  fileprivate mutating func take(_ running: BatchedChanges, _ pacer: Pacer) {
    routes = running.routes.netChanges(pacer)
    sids = running.sids.netChanges(pacer)
    neighbors = running.neighbors.netChanges(pacer)
  }
}
