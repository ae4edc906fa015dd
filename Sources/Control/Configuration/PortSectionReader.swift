import Wire

extension ConfigurationReader {
  private static let portKeys = [
    "device", "parent", "vlan", "vrf", "addresses", "mtu", "mac", "promiscuous", "rp-filter", "tap", "rx-queues",
    "rx-descriptors", "tx-descriptors",
  ]
  /// Keys of the hardware, which a VLAN sub-interface shares with its parent.
  private static let deviceKeys = ["promiscuous", "rx-queues", "rx-descriptors", "tx-descriptors"]
  /// Descriptors of one queue: drivers round to what the device has.
  private static let descriptors = 32...32768

  /// `ports:`
  mutating func readPorts(_ root: EntryReader) {
    let entries = namedEntries("ports", of: root, known: Self.portKeys, into: &ports)
    let readers = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.entry) })
    var links: [String: (name: String, line: Int)] = [:]
    var names: [String] = []
    for (name, entry) in entries {
      let errorsBefore = diagnostics.count
      let port = readPort(name, entry, readers, &links)
      guard let port, diagnostics.count == errorsBefore else { continue }
      portEntries[name] = port
      names.append(name)
    }
    for name in names {
      settleMTU(name, readers[name]!)
    }
    configuration.ports = names.compactMap { portEntries[$0] }
  }

  private mutating func readPort(
    _ name: String, _ entry: EntryReader, _ readers: [String: EntryReader],
    _ links: inout [String: (name: String, line: Int)]
  ) -> PortEntry? {
    let link = readLink(entry, readers)
    if let link { checkLinkIsFree(link, name, entry, &links) }
    let vrf = vrf(entry)
    let addresses = readAddresses(name, entry, vrf)
    let mtu = entry.integer("mtu", in: 68...16128)
    let mac = entry.macAddress("mac")
    let promiscuous = entry.boolean("promiscuous")
    let rpFilter = entry.reversePathFilter("rp-filter")
    let tap = readTap(name, entry, vrf)
    let rxQueues = entry.integer("rx-queues", in: 1...1024)
    let rxDescriptors = entry.integer("rx-descriptors", in: Self.descriptors)
    let txDescriptors = entry.integer("tx-descriptors", in: Self.descriptors)
    guard let link, let vrf else { return nil }
    return PortEntry(
      name: name, link: link, vrf: vrf.vrf, addresses: addresses, mtu: mtu ?? 1500, mac: mac,
      promiscuous: promiscuous ?? false, rpFilter: rpFilter ?? .off, tap: tap, rxQueues: rxQueues,
      rxDescriptors: rxDescriptors, txDescriptors: txDescriptors, mark: entry.mark)
  }

  private func readLink(_ entry: EntryReader, _ readers: [String: EntryReader]) -> PortEntry.Link? {
    if entry.has("device") {
      entry.refuse("parent", "a port has a device or a parent; remove one of them")
      if !entry.has("parent") { entry.refuse("vlan", "'vlan' belongs to a port with a parent; replace 'device' by it") }
      return entry.word("device", expected: "a PCI address or an EAL vdev").map { .device($0.text) }
    }
    guard entry.has("parent") || entry.has("vlan") else {
      if entry.misspelt.isDisjoint(with: ["device", "parent", "vlan"]) {
        diagnostics.report(
          entry.mark, entry.path,
          "names nothing that carries its frames; add 'device: \"0000:3b:00.0\"', or 'parent' and 'vlan'")
      }
      return nil
    }
    entry.require("parent", like: "core")
    entry.require("vlan", like: "100")
    for key in Self.deviceKeys {
      entry.refuse(key, "'\(key)' belongs to the device; set it on the parent")
    }
    let id = entry.integer("vlan", in: 1...4094)
    let parent = readParent(entry, readers)
    guard let id, let parent else { return nil }
    return .vlan(parent: parent, id: id)
  }

  private func readParent(_ entry: EntryReader, _ readers: [String: EntryReader]) -> String? {
    guard let name = entry.word("parent", expected: "a port's name"), ports.resolve(name, diagnostics) else {
      return nil
    }
    if readers[name.text]?.has("parent") == true {
      diagnostics.report(
        name.mark, name.path, "port \(name.text) is itself a VLAN sub-interface; name the port that has the device")
      return nil
    }
    return name.text
  }

  private func checkLinkIsFree(
    _ link: PortEntry.Link, _ name: String, _ entry: EntryReader, _ links: inout [String: (name: String, line: Int)]
  ) {
    let (key, identity) =
      switch link {
      case .device(let device): ("device", Self.identity(ofDevice: device))
      case .vlan(let parent, let id): ("vlan", "vlan \(id) of \(parent)")
      }
    if let first = links[identity] {
      diagnostics.report(
        entry.valueMark(key), entry.path(key),
        "\(identity) is port \(first.name) already (line \(first.line)); one port has it, so change one of them")
    } else {
      links[identity] = (name, entry.mark.line)
    }
  }

  /// What makes two `device` strings the same device: the name before the arguments, and for a PCI address neither the
  /// case nor an omitted domain 0000 matters.
  private static func identity(ofDevice device: String) -> String {
    let name = String(device.prefix { $0 != "," })
    let lower = name.lowercased()
    let isHex = lower.utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
    guard isHex, lower.contains(":") else { return name }
    return lower.count { $0 == ":" } == 1 ? "0000:\(lower)" : lower
  }

  /// A VLAN sub-interface has its parent's MTU, or less; IPv6 has a least one (RFC 8200, section 5).
  private mutating func settleMTU(_ name: String, _ entry: EntryReader) {
    guard var port = portEntries[name] else { return }
    if case .vlan(let parent, _) = port.link, let parentMTU = portEntries[parent]?.mtu {
      if !entry.has("mtu") { port.mtu = parentMTU }
      if port.mtu > parentMTU {
        diagnostics.report(
          entry.valueMark("mtu"), entry.path("mtu"),
          "\(port.mtu) is more than the \(parentMTU) of its parent \(parent); lower it, or raise the parent's")
      }
    }
    let hasIPv6 = port.addresses.contains { !$0.address.isIPv4 }
    if hasIPv6, port.mtu < 1280 {
      diagnostics.report(
        entry.valueMark("mtu"), entry.path("mtu"),
        "\(port.mtu) is too little for IPv6, which the port has an address of; write 1280 or more")
    }
    portEntries[name] = port
  }
}
