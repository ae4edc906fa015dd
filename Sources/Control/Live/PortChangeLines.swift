import Dataplane
import Wire

// Changes of ports, VRFs and srv6 in words, for `apply --diff`.

extension StateChanges.Change<PortEntry> {
  /// `+ port core-100 parent core vlan 100`, `~ port core addresses +10.1.0.5/24 mtu 1500 -> 9000`
  var line: String {
    guard let old else { return new.map { "+ port \($0.name) \(words(of: $0))" } ?? "" }
    guard let new else { return "- port \(old.name) \(words(of: old))" }
    let addresses =
      old.addresses.filter { !new.addresses.contains($0) }.map { "-\($0)" }
      + new.addresses.filter { !old.addresses.contains($0) }.map { "+\($0)" }
    let settings = zip(old.settings, new.settings).filter { $0.1 != $1.1 }.map { "\($0.0) \($0.1) -> \($1.1)" }
    let isReordered = addresses.isEmpty && old.addresses != new.addresses
    let list = isReordered ? new.addresses.map(\.description) : addresses
    return (["~ port \(new.name)"] + (list.isEmpty ? [] : ["addresses"] + list) + settings).joined(separator: " ")
  }

  private func words(of port: PortEntry) -> String {
    var words = [port.link.words]
    if let vrf = port.vrf { words.append("vrf \(vrf)") }
    if !port.addresses.isEmpty { words.append("addresses \(port.addresses.map(\.description).joined(separator: " "))") }
    return words.joined(separator: " ")
  }
}

extension PortEntry {
  /// What can change while it runs, but for the addresses.
  fileprivate var settings: [(String, String)] {
    [
      ("link", link.words), ("vrf", vrf ?? "main"), ("mtu", "\(mtu)"), ("mac", mac?.description ?? "device"),
      ("promiscuous", "\(promiscuous)"), ("rp-filter", "\(rpFilter.rawValue)"),
      ("tap", tap ?? "none"),
    ]
  }
}

extension PortEntry.Link {
  fileprivate var words: String {
    switch self {
    case .device(let device): "device \(device)"
    case .vlan(let parent, let id): "parent \(parent) vlan \(id)"
    }
  }
}

extension VRFEntry {
  /// `red table 100 fallback main`
  var words: String {
    var words = ["\(name) table \(table)"]
    if fallsBackToMain { words.append("fallback main") }
    if let rpFilter { words.append("rp-filter \(rpFilter.rawValue)") }
    if let namespace { words.append("netns \(namespace)") }
    return words.joined(separator: " ")
  }
}

extension SRv6Section {
  /// Its keys and values.
  var words: [(String, String)] {
    [
      ("encap-source", encapSource?.description ?? "none"), ("flow-label", flowLabel.rawValue),
      ("hop-limit", hopLimit?.words ?? "default"), ("dscp", dscp?.words ?? "default"),
    ]
  }
}

extension SRv6Section.Propagation {
  fileprivate var words: String {
    switch self {
    case .copy: "copy"
    case .fixed(let value): "\(value)"
    }
  }
}
