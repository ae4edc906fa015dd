import SRv6
import Wire

extension ConfigurationReader {
  private static let sidKeys = ["sid", "behavior"] + BehaviorAttribute.allCases.map(\.rawValue)

  /// `sids:`
  mutating func readSIDs(_ root: EntryReader) {
    var first: [IPv6Prefix: Mark] = [:]
    for entry in listedEntries("sids", of: root, known: Self.sidKeys) {
      entry.require("sid", like: "\"fc00:0:1:d4::\"")
      entry.require("behavior", like: "End.DT4")
      let prefix = readSIDPrefix(entry)
      if let prefix { checkIsFirst(prefix, entry, &first) }
      let vrf = readSIDVRF(entry)
      guard let row = readBehavior(entry) else {
        _ = port(entry)
        continue
      }
      let (nexthop, port) = readSIDNextHop(entry, row)
      guard let prefix else { continue }
      configuration.sids.append(
        SIDEntry(prefix: prefix, behavior: row.behavior, vrf: vrf, nexthop: nexthop, port: port, mark: entry.mark))
    }
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
        "\(prefix) \(relation) an address of port \(own.place.port) (line \(own.place.mark.line)); choose another SID")
      return nil
    }
    return prefix
  }

  private func checkIsFirst(_ prefix: IPv6Prefix, _ entry: EntryReader, _ first: inout [IPv6Prefix: Mark]) {
    if let mark = first[prefix] {
      diagnostics.report(
        entry.valueMark("sid"), entry.path("sid"),
        "SID \(prefix) is there already (line \(mark.line)); a SID has one behaviour, so remove one of them")
    } else {
      first[prefix] = entry.mark
    }
  }

  /// The VRF that a SID names: `main` stays as it is, for a SID without a VRF is something else.
  private func readSIDVRF(_ entry: EntryReader) -> String? {
    guard entry.has("vrf"), let vrf = vrf(entry) else { return nil }
    return vrf.name ?? "main"
  }

  /// The row of the behaviour; nil, reported, if there is no such behaviour. Keys are checked against the row.
  private func readBehavior(_ entry: EntryReader) -> BehaviorRow? {
    let names = BehaviorRow.all.map(\.name)
    let known = names.joined(separator: ", ")
    guard let word = entry.word("behavior", expected: "one of \(known)") else { return nil }
    guard let row = Behavior(name: word.text)?.row else {
      let hint = Spelling.nearest(to: word.text, in: names).map { "; did you mean '\($0)'?" } ?? "."
      diagnostics.report(
        word.mark, word.path, "there is no behaviour \(quoted(word.text))\(hint) The known behaviours are \(known)")
      return nil
    }
    let taken = row.required + row.optional
    for attribute in BehaviorAttribute.allCases where !taken.contains(attribute) {
      entry.refuse(
        attribute.rawValue,
        "\(row.name) takes no '\(attribute.rawValue)'; remove it. It takes \(taken.map(\.rawValue).joined(separator: ", "))"
      )
    }
    for attribute in row.required where !entry.has(attribute.rawValue) && !entry.misspelt.contains(attribute.rawValue) {
      diagnostics.report(
        entry.mark, entry.path, "\(row.name) needs '\(attribute.rawValue)'; add it (RFC 8986, section \(row.section))")
    }
    return row
  }

  private func readSIDNextHop(_ entry: EntryReader, _ row: BehaviorRow) -> (IPAddress?, String?) {
    guard (row.required + row.optional).contains(.nexthop), entry.has("nexthop") else {
      return (nil, port(entry)?.text)
    }
    guard let nexthop = entry.hostAddress("nexthop") else {
      _ = port(entry)
      return (nil, nil)
    }
    let wanted =
      switch row.inner {
      case .ipv4: (isIPv4: true, name: "IPv4")
      case .ipv6: (isIPv4: false, name: "IPv6")
      }
    guard nexthop.isIPv4 == wanted.isIPv4 else {
      diagnostics.report(
        entry.valueMark("nexthop"), entry.path("nexthop"),
        "\(nexthop) is not \(wanted.name), and \(row.name) sends \(wanted.name) packets; write an \(wanted.name) address"
      )
      _ = port(entry)
      return (nexthop, nil)
    }
    return (nexthop, port(of: nexthop, key: "nexthop", entry, .main))
  }
}
