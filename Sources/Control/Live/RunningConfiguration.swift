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
    }
    declareAddresses()
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
    for vrf in new.vrfs {
      guard let before = vrfs.first(where: { $0.name == vrf.name }) else { continue }
      compare("vrfs.\(vrf.name).table", before.table, vrf.table)
      compare("vrfs.\(vrf.name).lookup", before.lookup, vrf.lookup)
    }
    return found + devicesNeedingRestart(for: new)
  }

  /// The same for what devices are set up with.
  private func devicesNeedingRestart(for new: Configuration) -> [String] {
    let restart = "while needletail runs; restart it with the new file"
    let old = Dictionary(uniqueKeysWithValues: ports.map { ($0.name, $0) })
    var found: [String] = []
    for port in new.ports {
      guard let before = old[port.name] else {
        if port.link.isDevice { found.append("ports.\(port.name): a port with a device cannot be added \(restart)") }
        continue
      }
      if before.link != port.link, before.link.isDevice || port.link.isDevice {
        found.append("ports.\(port.name).device cannot change \(restart)")
      }
      for (key, before, after) in zip(before.queueSettings, port.queueSettings).map({ ($0.0, $0.1, $1.1) })
      where before != after {
        found.append("ports.\(port.name).\(key) cannot change \(restart)")
      }
    }
    let names = Set(new.ports.map(\.name))
    for port in ports where port.link.isDevice && !names.contains(port.name) {
      found.append("ports.\(port.name): a port with a device cannot be removed \(restart)")
    }
    return found
  }

  /// What is wrong with a number of ports; nothing if there is room.
  func exceeding(interfaces limit: Int) -> [String] {
    ports.count <= limit ? [] : ["ports: \(ports.count) are too many; there is room for \(limit) at once"]
  }
}

extension PortEntry {
  /// What a device's queues are made by.
  fileprivate var queueSettings: [(String, Int?)] {
    [("rx-queues", rxQueues), ("rx-descriptors", rxDescriptors), ("tx-descriptors", txDescriptors)]
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
