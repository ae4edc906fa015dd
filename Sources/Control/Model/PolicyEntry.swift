import Dataplane
import SRv6
import Wire

/// A policy as it is configured, with the header that it makes.
struct PolicyEntry {
  /// The header.
  var template: OuterTemplate
  /// A segment routing header is inserted; else the packet is encapsulated.
  var inserts: Bool
  /// The outer flow label.
  var flowLabel: Policy.FlowLabel
  /// What it was made from: the path, and the interface whose address is the outer source where none is configured.
  var encapsulation: Encapsulation
  var interface: Int?

  /// What it does, in words.
  var words: String { encapsulation.words }
}

extension Encapsulation {
  /// As `explain` and `show` have it: `mode encap segs fc00:2::a1,fc00:2::a2`.
  var words: String { "mode \(mode.rawValue) segs \(segments.map(\.description).joined(separator: ","))" }
}

extension SRv6Section {
  /// What an outer header takes over; `hopLimit` and `dscp` are what it does unless told.
  func outerRule(hopLimit usualHops: Propagation, dscp usualDSCP: Propagation) -> OuterRule {
    OuterRule(
      hopLimit: (hopLimit ?? usualHops).value,
      // ECN is in the two bits below. Where the class is not the inner packet's, the path is no ECN's (RFC 6040, section 4.1).
      trafficClass: (dscp ?? usualDSCP).value.map { $0 << 2 })
  }
}

extension SRv6Section.Propagation {
  fileprivate var value: UInt8? {
    if case .fixed(let value) = self { value } else { nil }
  }
}

extension ForwardingState {
  /// A next hop that encapsulates, for one route: each has counters of its own, which go on when the route is replaced. The
  /// policy is shared.
  func headend(_ encapsulation: Encapsulation, of route: BatchedChanges.RouteSlot) -> Int {
    let interface = headendInterface(encapsulation)
    let policy = policyIndexes[encapsulation] ?? addPolicy(encapsulation, interface: interface)
    policyIndexes[encapsulation] = policy
    let number = headendNumbers[route] ?? min(headendNumbers.count, WorkerCounters.headendLimit - 1)
    headendNumbers[route] = number
    return nextHops.index(.encapsulate(encapsulation, headend: number)) {
      .encapsulating(policy: policy, headend: number, interface: UInt16(interface))
    }
  }

  /// The interface by which what is encapsulated leaves.
  private func headendInterface(_ encapsulation: Encapsulation) -> Int {
    let port = encapsulation.nexthop?.port.flatMap { interfaceIndexes[$0] }
    return port ?? interface(to: .v6(encapsulation.segments[0]), table: 0) ?? 0
  }

  /// Makes every policy anew, as it is by the configuration and the addresses of now.
  func remakePolicies() {
    var interfaces: [Encapsulation: Int] = [:]
    for encapsulation in policyIndexes.keys { interfaces[encapsulation] = headendInterface(encapsulation) }
    for index in policies.indices {
      let (encapsulation, old) = (policies[index].encapsulation, policies[index].interface)
      policies[index] = policy(encapsulation, old.flatMap { _ in interfaces[encapsulation] })
    }
    nextHops.remake { key in
      guard case .encapsulate(let encapsulation, let headend) = key, let policy = policyIndexes[encapsulation],
        let interface = interfaces[encapsulation]
      else { return nil }
      return .encapsulating(policy: policy, headend: headend, interface: UInt16(interface))
    }
  }

  /// The policy of SIDs that have this path.
  func policyIndex(_ encapsulation: Encapsulation) -> Int {
    let index = sidPolicies[encapsulation] ?? addPolicy(encapsulation, interface: nil)
    sidPolicies[encapsulation] = index
    return index
  }

  /// Adds a policy; its outer source is that of the configuration, or an address of the interface.
  func addPolicy(_ encapsulation: Encapsulation, interface: Int?) -> Int {
    policies.append(policy(encapsulation, interface))
    return policies.count - 1
  }

  /// A policy, as it is by the configuration now.
  func policy(_ encapsulation: Encapsulation, _ interface: Int?) -> PolicyEntry {
    let source = encapsulation.source ?? configuration.srv6.encapSource ?? source(interface: interface)
    let template =
      switch encapsulation.mode {
      case .inline: OuterTemplate.insertion(segments: encapsulation.segments)
      case .encap: OuterTemplate.encapsulation(segments: encapsulation.segments, source: source, isReduced: false)
      case .encapRed: OuterTemplate.encapsulation(segments: encapsulation.segments, source: source, isReduced: true)
      }
    let flowLabel: Policy.FlowLabel =
      switch configuration.srv6.flowLabel {
      case .hash: .hash
      case .copy: .copy
      case .zero: .zero
      }
    return PolicyEntry(
      template: template, inserts: encapsulation.mode == .inline, flowLabel: flowLabel, encapsulation: encapsulation,
      interface: interface)
  }

  /// An IPv6 address of the interface, or else the first of main.
  private func source(interface: Int?) -> IPv6Address {
    let own = ownAddresses.1
    let chosen = own.first { $0.interface == interface.map(UInt32.init) } ?? own.first { $0.table == 0 } ?? own.first
    return chosen?.address ?? IPv6Address(high: 0, low: 0)
  }

  /// The interface by which a table reaches an address.
  func interface(to address: IPAddress, table: Int) -> Int? {
    guard let target = longestMatch(table: table, address)?.target, !target.isSID else { return nil }
    return interface(ofNextHop: target.index)
  }

  private func interface(ofNextHop index: Int) -> Int? {
    if case .group(let members) = nextHops.keys[index] { return interface(ofNextHop: members[0].nextHop) }
    return nextHops.keys[index].interface
  }

  /// Addresses that answers are sent from, interface by interface, by their names.
  var ownAddresses: ([OwnAddressList.IPv4Entry], [OwnAddressList.IPv6Entry]) {
    var ipv4: [OwnAddressList.IPv4Entry] = []
    var ipv6: [OwnAddressList.IPv6Entry] = []
    for (index, interface) in InterfaceInfo.byName(interfaces) {
      let table = UInt32(tableIndex(interface.entry.vrf))
      for address in interface.entry.addresses {
        switch address {
        case .v4(let own, let length):
          let mask = length == 0 ? 0 : UInt32.max << UInt32(32 - length)
          ipv4.append(.init(address: own.value, mask: mask, interface: UInt32(index), table: table))
        case .v6(let own, _) where !own.isLinkLocal:
          ipv6.append(.init(address: own, interface: UInt32(index), table: table))
        default: break
        }
      }
    }
    return (ipv4, ipv6)
  }

  /// What holds for each table besides its routes.
  var tableRules: [TableRules] {
    let twins = Set(interfaces.filter { $0.entry.tap != nil }.map { tableIndex($0.entry.vrf) })
    let bare = TableRules(fallsBackToMain: false, answers: 0)
    let main = TableRules(fallsBackToMain: false, answers: 0, hasTwin: twins.contains(0))
    // Linux's End.DX4 answers by main, whatever interface its neighbours are on.
    let isLikeLinux = configuration.srv6.compat == .linux
    let links = interfaces.map { interface in
      TableRules(
        fallsBackToMain: false, answers: isLikeLinux ? 0 : UInt32(tableIndex(interface.entry.vrf)), isLink: true,
        hasTwin: interface.entry.tap != nil)
    }
    let named = (0..<tables.capacity).map { index in
      tables[index]?.vrf.map { vrf in
        TableRules(
          fallsBackToMain: vrf.fallsBackToMain, answers: UInt32(index), rpFilter: rpFilter(vrf),
          hasTwin: twins.contains(index))
      } ?? (index == 0 ? main : bare)
    }
    return named + links
  }
}
