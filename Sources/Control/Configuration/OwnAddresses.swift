/// The addresses of our own ports, to find what is on link and what is ours.
struct OwnAddresses {
  /// Where one of our addresses stands.
  struct Place {
    var port: String
    var mark: Mark
  }
  private struct Key: Hashable {
    var vrf: TableReference
    var address: IPAddress
  }
  private struct LinkKey: Hashable {
    var vrf: TableReference
    var prefix: IPPrefix
  }

  /// Every address, in the file's order.
  private(set) var all: [(address: IPAddress, place: Place)] = []
  private var places: [Key: [Place]] = [:]
  private var links: [LinkKey: Set<String>] = [:]
  /// The same links, whatever their VRF.
  private var linksAnywhere: [IPPrefix: Set<String>] = [:]
  /// Prefix lengths in use, longest first.
  private var lengths: [Int] = []

  mutating func add(_ own: InterfaceAddress, _ vrf: TableReference, _ place: Place) {
    all.append((own.address, place))
    places[Key(vrf: vrf, address: own.address), default: []].append(place)
    links[LinkKey(vrf: vrf, prefix: own.onLink), default: []].insert(place.port)
    linksAnywhere[own.onLink, default: []].insert(place.port)
    let length = own.onLink.length
    if !lengths.contains(length) {
      lengths.append(length)
      lengths.sort(by: >)
    }
  }

  /// Where the address is ours in a VRF. A link-local address may be so on several ports.
  func places(of address: IPAddress, in vrf: TableReference) -> [Place] {
    places[Key(vrf: vrf, address: address)] ?? []
  }

  /// The ports of a VRF on whose link an address is, by the longest prefix, in alphabetical order.
  func ports(reaching address: IPAddress, in vrf: TableReference) -> [String] {
    longest(address) { links[LinkKey(vrf: vrf, prefix: $0)] }
  }

  /// The ports of any VRF on whose link an address is, by the longest prefix, in alphabetical order.
  func ports(reaching address: IPAddress) -> [String] {
    longest(address) { linksAnywhere[$0] }
  }

  private func longest(_ address: IPAddress, _ ports: (IPPrefix) -> Set<String>?) -> [String] {
    for length in lengths where length <= (address.isIPv4 ? 32 : 128) {
      if let found = ports(address.prefix(length)) { return found.sorted() }
    }
    return []
  }
}
