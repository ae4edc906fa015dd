import Dataplane

/// `punt:`: how many packets of a kind a worker hands to control in a second at most.
public struct PuntSection: Equatable, Sendable {
  /// The limits that the file sets.
  public var set: [PuntKind: Int] = [:]

  /// Packets of a kind in a second, of each worker.
  public func limit(_ kind: PuntKind) -> Int { set[kind] ?? kind.usualLimit }
}

extension PuntKind {
  /// Packets in a second where the file says nothing.
  var usualLimit: Int {
    switch self {
    case .neighbor, .arp, .neighborDiscovery: 10_000
    case .local: 20_000
    case .multicast, .link: 1_000
    }
  }
}

/// A twin's name, which is one device's in a network namespace.
struct TwinName: Hashable {
  /// The namespace's path; nil is this process's own.
  var namespace: String?
  var name: String
}

extension ConfigurationReader {
  /// `punt: {KIND: PACKETS}`
  mutating func readPunt(_ root: EntryReader) {
    guard let section = section("punt", of: root, known: PuntKind.allCases.map(\.name)) else { return }
    for kind in PuntKind.allCases {
      configuration.punt.set[kind] = section.integer(kind.name, in: 1...10_000_000)
    }
  }

  /// `tap:` of a port: a name that the kernel takes, and that no other twin of the namespace has.
  mutating func readTap(_ port: String, _ entry: EntryReader, _ vrf: TableReference?) -> String? {
    let expected = "the name of a network device, at most 15 bytes"
    guard let word = entry.word("tap", expected: expected) else { return nil }
    guard word.text.isDeviceName else {
      diagnostics.report(
        word.mark, word.path,
        "\(quoted(word.text)) is no name for a network device; write 1 to 15 bytes without spaces, / : %")
      return nil
    }
    guard let vrf else { return nil }
    let twin = TwinName(namespace: configuration.namespace(vrf: vrf.vrf), name: word.text)
    if let other = twins[twin] {
      let place = twin.namespace.map { "in \($0)" } ?? "in the same namespace"
      diagnostics.report(
        word.mark, word.path, "\(word.text) is the twin of port \(other) already, \(place); choose another name")
      return nil
    }
    twins[twin] = port
    return word.text
  }

  /// `netns:` of a VRF, as a path.
  func readNamespace(_ entry: EntryReader) -> String? {
    let expected = "the name of a network namespace, or a path that begins with /"
    guard let word = entry.word("netns", expected: expected) else { return nil }
    let isPath = word.text.hasPrefix("/")
    let isName = !word.text.contains("/") && word.text != "." && word.text != ".." && word.text.utf8.count <= 255
    guard isPath || isName, !word.text.utf8.contains(0) else {
      diagnostics.report(word.mark, word.path, "\(quoted(word.text)) is no network namespace; write \(expected)")
      return nil
    }
    return isPath ? word.text : "/run/netns/\(word.text)"
  }
}

extension Configuration {
  /// The path of the network namespace of a VRF's twins; nil is this process's own. `vrf` nil is main.
  func namespace(vrf: String?) -> String? {
    guard let vrf else { return mainNamespace }
    return vrfs.first { $0.name == vrf }?.namespace
  }
}

extension String {
  /// The kernel takes it for a network device (dev_valid_name), as it stands and with sysctls of its own.
  fileprivate var isDeviceName: Bool {
    let spaces = 0x09...0x0d
    let isPlain = utf8.allSatisfy { byte in
      byte != 0 && byte != 0x20 && byte != 0xa0 && !spaces.contains(Int(byte)) && !"/:%".utf8.contains(byte)
    }
    return (1...15).contains(utf8.count) && isPlain && ![".", "..", "all", "default"].contains(self)
  }
}
