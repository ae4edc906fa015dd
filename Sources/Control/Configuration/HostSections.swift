import Wire

extension ConfigurationReader {
  /// `dpdk:`
  mutating func readDPDK(_ root: EntryReader) {
    guard let section = section("dpdk", of: root, known: ["eal", "mbufs"]) else { return }
    if let words = section.words("eal", expected: "a list of EAL words, such as [\"--no-pci\"]") {
      configuration.dpdk.eal = words.map(\.text)
    }
    if let mbufs = section.integer("mbufs", in: 512...1 << 24) {
      configuration.dpdk.mbufs = mbufs
      configuration.dpdk.mbufsMark = section.valueMark("mbufs")
    }
  }

  private static let srv6Keys = ["encap-source", "flow-label", "hop-limit", "dscp", "compat"]

  /// `srv6:`
  mutating func readSRv6(_ root: EntryReader) {
    guard let section = section("srv6", of: root, known: Self.srv6Keys) else { return }
    configuration.srv6.encapSource = section.encapsulationSource("encap-source")
    configuration.srv6.flowLabel = section.choice("flow-label", of: SRv6Section.FlowLabel.self) ?? .hash
    configuration.srv6.hopLimit = section.propagation("hop-limit", in: 2...255)
    configuration.srv6.dscp = section.propagation("dscp", in: 0...63)
    configuration.srv6.compat = section.choice("compat", of: SRv6Section.Compatibility.self)
  }

  /// `vrfs:`
  mutating func readVRFs(_ root: EntryReader) {
    var first: [Int: VRFEntry] = [:]
    for (name, entry) in namedEntries(
      "vrfs", of: root, known: ["table", "fallback", "lookup", "rp-filter", "netns"], into: &vrfs)
    {
      let lookup = readLookup(entry)
      let namespace = readNamespace(entry)
      if name == "main" {
        entry.refuse("table", "main is the main table, whose number is 254; remove 'table', or rename the VRF")
        entry.refuse("rp-filter", "main's packets are filtered by the ports that receive them; set it there")
        configuration.mainLookup = lookup
        configuration.mainNamespace = namespace
        continue
      }
      entry.require("table", like: "100")
      let fallsBack = readFallback(entry)
      let rpFilter = entry.reversePathFilter("rp-filter")
      guard let table = entry.integer("table", in: 0...Int(UInt32.max)) else { continue }
      let mark = entry.valueMark("table")
      if let owner = ReservedTable.name(table) {
        diagnostics.report(
          mark, entry.path("table"), "table \(table) is the kernel's \(owner); choose another from 1 to 4294967295")
      } else if let other = first[table] {
        diagnostics.report(
          mark, entry.path("table"),
          "table \(table) is already bound to VRF \(other.name) (\(other.mark.place)); a table belongs to one VRF only"
        )
      } else {
        let vrf = VRFEntry(
          name: name, table: UInt32(table), fallsBackToMain: fallsBack, lookup: lookup, rpFilter: rpFilter,
          namespace: namespace, mark: entry.mark)
        first[table] = vrf
        configuration.vrfs.append(vrf)
      }
    }
  }

  private func readFallback(_ entry: EntryReader) -> Bool {
    guard let word = entry.word("fallback", expected: "main, or leave the key out") else { return false }
    if word.text == "main" { return true }
    diagnostics.report(
      word.mark, word.path, "\(quoted(word.text)) cannot be fallen back to; write main, or leave the key out")
    return false
  }
}

/// The kernel's own table numbers (include/uapi/linux/rtnetlink.h).
enum ReservedTable {
  static let main = 254

  private static let names = [
    0: "RT_TABLE_UNSPEC", 253: "RT_TABLE_DEFAULT", main: "RT_TABLE_MAIN", 255: "RT_TABLE_LOCAL",
  ]

  /// The kernel's name of a table that is its own; nil for others.
  static func name(_ number: Int) -> String? { names[number] }
}
