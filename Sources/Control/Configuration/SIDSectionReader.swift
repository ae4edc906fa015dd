import SRv6
import Wire

extension ConfigurationReader {
  private static let attributeKeys = BehaviorAttribute.allCases.flatMap(\.keys)
  /// What an entry may say.
  static let sidKeys = ["sid", "behavior"] + attributeKeys

  /// `sids:`
  mutating func readSIDs(_ root: EntryReader) {
    var first: [IPv6Prefix: Mark] = [:]
    for entry in listedEntries("sids", of: root, known: Self.sidKeys) {
      guard let sid = readSID(entry, first: &first) else { continue }
      configuration.sids.append(sid)
    }
  }

  /// One SID; nil, reported, if it is none.
  ///
  /// - Parameter first: The places of those that were read before.
  private mutating func readSID(_ entry: EntryReader, first: inout [IPv6Prefix: Mark]) -> SIDEntry? {
    entry.require("sid", like: "\"fc00:0:1:d4::\"")
    entry.require("behavior", like: "End.DT4")
    let prefix = readSIDPrefix(entry)
    if let prefix { checkIsFirst(prefix, entry, &first) }
    let table = readSIDTable(entry)
    guard let row = readBehavior(entry) else {
      _ = port(entry)
      return nil
    }
    let flavors = readFlavors(entry, row)
    let hop = readSIDNextHop(entry, row)
    let segments = entry.segments("segments", of: Encapsulation.Mode(of: row.behavior))
    guard let prefix else { return nil }
    return SIDEntry(
      prefix: prefix, behavior: row.behavior, flavors: flavors, table: table, segments: segments ?? [],
      nexthop: hop?.via, port: entry.has("port") ? hop?.port : nil, source: source, feed: feed, epoch: epoch,
      mark: entry.mark)
  }

  /// The SID that a line describes in the file's own words; nil, reported, if it is none. What makes no difference to
  /// `delete` is not looked at there.
  mutating func readSID(_ command: IPSIDCommand) -> (prefix: IPv6Prefix, entry: SIDEntry?)? {
    guard let entry = EntryReader(command.node, path: "", known: Self.sidKeys, diagnostics) else { return nil }
    guard command.verb != .delete else { return readSIDPrefix(entry).map { ($0, nil) } }
    let errors = diagnostics.count
    var alone: [IPv6Prefix: Mark] = [:]
    guard let sid = readSID(entry, first: &alone), diagnostics.count == errors else { return nil }
    return (sid.prefix, sid)
  }

  private func readSIDPrefix(_ entry: EntryReader) -> IPv6Prefix? {
    guard let word = entry.word("sid", expected: "an IPv6 address or prefix") else { return nil }
    guard let prefix = IPv6Prefix(parsing: word.text) else {
      let isIPv4 = IPPrefix(parsing: word.text) != nil
      let what = isIPv4 ? "is IPv4, and a SID is an IPv6 address" : "is no IPv6 address or prefix"
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) \(what); write one such as fc00:0:1:d4::")
      return nil
    }
    if let flaw = IPAddress.v6(prefix.address).flaw ?? (prefix.address.isLinkLocal ? "a link-local address" : nil) {
      diagnostics.report(
        word.mark, word.path, "\(prefix.address) is \(flaw) and no SID; write an address of this node's locator")
      return nil
    }
    guard !prefix.hasHostBits else {
      diagnostics.report(
        word.mark, word.path, "\(prefix) has bits set beyond its \(prefix.length); write \(prefix.masked)")
      return nil
    }
    if let own = addresses.all.first(where: {
      if case .v6(let own) = $0.address { prefix.contains(own) } else { false }
    }) {
      let relation = prefix.length == 128 ? "is" : "covers \(own.address),"
      diagnostics.report(
        word.mark, word.path,
        "\(prefix) \(relation) an address of port \(own.place.port) (\(own.place.mark.place)); choose another SID")
      return nil
    }
    return prefix
  }

  private func checkIsFirst(_ prefix: IPv6Prefix, _ entry: EntryReader, _ first: inout [IPv6Prefix: Mark]) {
    if let mark = first[prefix] {
      diagnostics.report(
        entry.valueMark("sid"), entry.path("sid"),
        "SID \(prefix) is there already (\(mark.place)); a SID has one behaviour, so remove one of them")
    } else {
      first[prefix] = entry.mark
    }
  }

  /// The table that a SID names; nil, which is not main, if it names none.
  private func readSIDTable(_ entry: EntryReader) -> TableReference? {
    entry.has("vrf") || entry.has("table") ? table(entry) : nil
  }

  private func readFlavors(_ entry: EntryReader, _ row: BehaviorRow) -> Flavors {
    guard !row.flavors.isEmpty else { return [] }
    let known = row.flavors.names.joined(separator: ", ")
    var flavors: Flavors = []
    for word in entry.words("flavors", expected: "a list, such as [PSP, USD]") ?? [] {
      if let flavor = Flavors(name: word.text) {
        flavors.insert(flavor)
      } else {
        diagnostics.report(
          word.mark, word.path, "there is no flavour \(quoted(word.text)); those of \(row.name) are \(known)")
      }
    }
    return flavors
  }

  /// The row of the behaviour; nil, reported, if there is no such behaviour. Keys are checked against the row.
  private func readBehavior(_ entry: EntryReader) -> BehaviorRow? {
    let names = BehaviorRow.all.lazy.map(\.name)
    guard let word = entry.word("behavior", expected: "one of \(names.joined(separator: ", "))") else { return nil }
    guard let row = Behavior(name: word.text)?.row else {
      let hint = Spelling.nearest(to: word.text, in: Array(names)).map { "; did you mean '\($0)'?" } ?? "."
      diagnostics.report(
        word.mark, word.path,
        "there is no behaviour \(quoted(word.text))\(hint) The known behaviours are \(names.joined(separator: ", "))")
      return nil
    }
    let taken = row.required + row.optional
    let keys = taken.flatMap(\.keys)
    for key in Self.attributeKeys where entry.has(key) && !keys.contains(key) {
      let what = keys.isEmpty ? "nothing" : keys.joined(separator: ", ")
      entry.refuse(key, "\(row.name) takes no '\(key)'; remove it. It takes \(what)")
    }
    for attribute in row.required
    where !attribute.keys.contains(where: { entry.has($0) || entry.misspelt.contains($0) }) {
      let needed = attribute.keys.map { "'\($0)'" }.joined(separator: " or ")
      let source = row.section.map { " (RFC 8986, section \($0))" } ?? ""
      diagnostics.report(entry.mark, entry.path, "\(row.name) needs \(needed); add it\(source)")
    }
    return row
  }

  private mutating func readSIDNextHop(_ entry: EntryReader, _ row: BehaviorRow) -> RouteNextHop? {
    guard (row.required + row.optional).contains(.nexthop), entry.has("nexthop") else {
      _ = port(entry)
      return nil
    }
    // What is taken out of a tunnel has a destination of its own to look up; a segment has been one already.
    guard let nexthop = entry.hostAddress("nexthop", orUnspecified: row.inner != nil) else {
      _ = port(entry)
      return nil
    }
    let wanted = row.inner == .ipv4 ? "IPv4" : "IPv6"
    guard nexthop.isIPv4 == (row.inner == .ipv4) else {
      diagnostics.report(
        entry.valueMark("nexthop"), entry.path("nexthop"),
        "\(nexthop) is not \(wanted), and \(row.name) sends \(wanted) packets; write an \(wanted) address")
      _ = port(entry)
      return nil
    }
    if nexthop.isUnspecified {
      entry.refuse("port", "\(nexthop) is looked up for each packet, so it has no port; remove one of them")
      return RouteNextHop(via: nexthop, port: nil)
    }
    return nextHop(nexthop, key: "nexthop", entry, .main)
  }
}
