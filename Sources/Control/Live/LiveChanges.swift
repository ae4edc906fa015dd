import Dataplane
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
  private let state: ForwardingState
  private let neighbors: NeighborAgent
  private let publish: () -> Void
  private let events: EventHub
  /// Gives devices the settings of changed ports; ``ChangeError`` if one will not have them, and then none has.
  var setDevices: ([StateChanges.Change<PortEntry>]) throws(ChangeError) -> Void = { _ in }
  /// Is called after each transaction that changed ports or their VRFs, with the interfaces by index.
  public var interfacesDidChange: ([InterfaceInfo]) -> Void = { _ in }
  /// Every entry as it was configured, by the file or since.
  private var running: BatchedChanges
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
    let diagnostics = DiagnosticCollector(file: file)
    var reader = ConfigurationReader(diagnostics, running: state.configuration)
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
    for record in records where record.kind == .batch || record.kind == .entries {
      if record.kind == .entries { running.replace(by: BatchedChanges(Configuration())) }
      _ = try apply(batch: record.text, file: "state")
    }
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
    if revision == 0 { return base }
    let settings = state.configuration.addressLines(from: basePorts) + state.configuration.tunnelSourceLine
    return base + [.init(kind: .entries, text: settings + running.lines)]
  }

  /// A transaction of lines goes behind the others in the file; a whole configuration begins it anew.
  private static func isAppended(_ records: [StateFile.Record]) -> Bool { records.first?.kind == .batch }

  /// Has the disk hold what is about to be done, so that nothing is acknowledged that a restart would not find.
  private func write(_ records: [StateFile.Record]) throws(ChangeError) {
    do throws(StateFile.Failure) {
      if Self.isAppended(records) {
        try file?.append(records[0])
      } else {
        try file?.replace(records)
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
  /// - Parameter records: What the state file gets; nothing for a dry run.
  private func finish(
    _ diagnostics: DiagnosticCollector, _ changes: StateChanges, _ records: [StateFile.Record]
  ) throws(ChangeError) -> ChangeReport {
    if let error = diagnostics.error {
      running.rollBack()
      throw ChangeError(messages: error.diagnostics.map(\.description))
    }
    var changes = changes
    changes.take(running, pacer)
    var report = ChangeReport(changes)
    guard !records.isEmpty else {
      running.rollBack()
      report.revision = revision
      report.changes = changes.lines
      return report
    }
    if changes.isEmpty {
      running.rollBack()
      report.revision = revision
      return report
    }
    do throws(ChangeError) {
      try write(records)
    } catch {
      running.rollBack()
      throw error
    }
    do throws(ChangeError) {
      try carryOut(changes)
    } catch {
      running.rollBack()
      takeBack(records)
      throw error
    }
    running.commit()
    if !changes.ports.isEmpty { neighbors.forgetGoneInterfaces() }
    neighbors.configure(changes.neighbors)
    if !changes.ports.isEmpty || !changes.vrfs.isEmpty { interfacesDidChange(state.interfaces) }
    revision += 1
    events.commit(changes, revision: revision)
    if !Self.isAppended(records) { (base, basePorts) = (records, state.configuration.ports) }
    if file?.isLong == true { try? file?.replace(compacted) }
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
}

extension BatchedChanges {
  /// Changes every section to what another has.
  fileprivate mutating func replace(by wanted: BatchedChanges) {
    routes.replace(by: wanted.routes)
    sids.replace(by: wanted.sids)
    neighbors.replace(by: wanted.neighbors)
  }

  fileprivate mutating func commit() {
    routes.commit()
    sids.commit()
    neighbors.commit()
  }

  fileprivate mutating func rollBack() {
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
