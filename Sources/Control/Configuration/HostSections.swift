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

  /// `api:`
  mutating func readAPI(_ root: EntryReader) {
    guard let section = section("api", of: root, known: ["socket"]),
      let socket = section.word("socket", expected: "the path of a Unix socket")
    else { return }
    // sockaddr_un.sun_path has 108 bytes, one of them for the terminating zero.
    guard socket.text.utf8.count <= 107, !socket.text.utf8.contains(0) else {
      diagnostics.report(socket.mark, socket.path, "a Unix socket's path has at most 107 bytes; choose a shorter one")
      return
    }
    configuration.api.socket = socket.text
    configuration.api.socketMark = socket.mark
  }

  /// `srv6:`
  mutating func readSRv6(_ root: EntryReader) {
    guard let section = section("srv6", of: root, known: ["encap-source"]),
      let word = section.word("encap-source", expected: "an IPv6 address of this node")
    else { return }
    guard let address = IPv6Address(parsing: word.text) else {
      diagnostics.report(
        word.mark, word.path, "\(quoted(word.text)) is no IPv6 address; write one of this node's, such as 2001:db8::1")
      return
    }
    if let flaw = IPAddress.v6(address).flaw ?? (address.isLinkLocal ? "a link-local address" : nil) {
      diagnostics.report(
        word.mark, word.path, "\(address) is \(flaw); write a global address, for the far end answers to it")
      return
    }
    configuration.encapSource = address
  }

  /// `vrfs:`
  mutating func readVRFs(_ root: EntryReader) {
    var first: [Int: VRFEntry] = [:]
    for (name, entry) in namedEntries("vrfs", of: root, known: ["table", "lookup"], into: &vrfs) {
      let lookup = readLookup(entry)
      if name == "main" {
        entry.refuse("table", "main is the main table, whose number is 254; remove 'table', or rename the VRF")
        configuration.mainLookup = lookup
        continue
      }
      entry.require("table", like: "100")
      guard let table = entry.integer("table", in: 0...Int(UInt32.max)) else { continue }
      let mark = entry.valueMark("table")
      if let owner = Self.reservedTables[table] {
        diagnostics.report(
          mark, entry.path("table"), "table \(table) is the kernel's \(owner); choose another from 1 to 4294967295")
      } else if let other = first[table] {
        diagnostics.report(
          mark, entry.path("table"),
          "table \(table) is already bound to VRF \(other.name) (line \(other.mark.line)); a table belongs to one VRF only"
        )
      } else {
        let vrf = VRFEntry(name: name, table: UInt32(table), lookup: lookup, mark: entry.mark)
        first[table] = vrf
        configuration.vrfs.append(vrf)
      }
    }
  }

  /// The kernel's own table numbers (include/uapi/linux/rtnetlink.h).
  private static let reservedTables = [
    0: "RT_TABLE_UNSPEC", 253: "RT_TABLE_DEFAULT", 254: "RT_TABLE_MAIN", 255: "RT_TABLE_LOCAL",
  ]
}
