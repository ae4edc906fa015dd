import Wire

extension ConfigurationReader {
  /// A reader for lines that change what runs: the names are those of the running configuration.
  init(_ diagnostics: DiagnosticCollector, running configuration: Configuration) {
    self.init(diagnostics)
    self.configuration = configuration
    source = .api
    for vrf in configuration.vrfs { vrfs.declare(Word(text: vrf.name, mark: vrf.mark, path: ""), diagnostics) }
    for port in configuration.ports {
      ports.declare(Word(text: port.name, mark: port.mark, path: ""), diagnostics)
      portEntries[port.name] = port
      for address in port.addresses {
        addresses.add(address, TableReference(vrf: port.vrf), .init(port: port.name, mark: port.mark))
      }
    }
  }
}

// What cannot change while the forwarder runs: devices, queues and memory are set up at the start.

extension Configuration {
  /// What differs in another configuration and takes a restart, in words; nothing if all can change.
  func needingRestart(for new: Configuration) -> [String] {
    var found: [String] = []
    func compare<Value: Equatable>(_ path: String, _ old: Value, _ new: Value) {
      if old != new { found.append("\(path) cannot change while needletail runs; restart it with the new file") }
    }
    compare("dpdk", dpdk.eal, new.dpdk.eal)
    compare("dpdk.mbufs", dpdk.mbufs, new.dpdk.mbufs)
    compare("lcores.main", lcores.main, new.lcores.main)
    compare("lcores.workers", lcores.workers.words, new.lcores.workers.words)
    compare("lcores.idle-sleep-us", lcores.idleSleepMicroseconds, new.lcores.idleSleepMicroseconds)
    compare("api.socket", api.socket, new.api.socket)
    compare("api.listen", api.listen, new.api.listen)
    compare("api.token-file", api.tokenFile, new.api.tokenFile)
    compare("api.tls", api.tls, new.api.tls)
    compare("tables.memory-limit", tables.memoryLimit, new.tables.memoryLimit)
    compare("vrfs.main.lookup", mainLookup, new.mainLookup)
    compare("vrfs.main.netns", mainNamespace, new.mainNamespace)
    compare("punt", punt, new.punt)
    compare("srv6.compat", srv6.compat, new.srv6.compat)
    compare("srv6.flow-label", srv6.flowLabel, new.srv6.flowLabel)
    compare("srv6.hop-limit", srv6.hopLimit, new.srv6.hopLimit)
    compare("srv6.dscp", srv6.dscp, new.srv6.dscp)
    let (old, wanted) = (ports.sorted { $0.name < $1.name }, new.ports.sorted { $0.name < $1.name })
    compare("ports", old.map(\.name), wanted.map(\.name))
    for (before, after) in zip(old, wanted) where before.name == after.name && !before.isSame(as: after) {
      found.append("ports.\(after.name) cannot change while needletail runs; restart it with the new file")
    }
    for vrf in new.vrfs {
      guard let before = vrfs.first(where: { $0.name == vrf.name }), !before.isSame(as: vrf) else { continue }
      found.append("vrfs.\(vrf.name) cannot change while needletail runs; restart it with the new file")
    }
    return found
  }
}

extension LcoreSection.Workers {
  fileprivate var words: [String] {
    switch self {
    case .spread(let lcores): lcores.map { "\($0)" }
    case .pinned(let workers):
      workers.map { worker in
        "\(worker.lcore): \(worker.queues.map { "\($0.port)/\($0.queue)" }.joined(separator: " "))"
      }
    }
  }
}
