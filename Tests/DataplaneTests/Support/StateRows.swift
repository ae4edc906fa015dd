import Dataplane
import Tables
import Wire

@testable import Control

extension ForwardingState {
  /// All that packets meet, in words that do not depend on indexes or on the order in which it came about.
  var rows: [String] { (routeRows + sidRows + interfaceRows + tableRows + addressRows).sorted() }

  private func words(_ index: Int) -> String {
    let hop = nextHops.entries[index]
    let members = (nextHops.buckets[index] ?? []).map { describe(nextHop: Int($0)) }
    let policy = hop.policy == 0 ? "" : "\(policies[Int(hop.policy) - 1].template)"
    return "\(describe(nextHop: index)): \(hop.rewrite) mtu \(hop.mtu) port \(hop.port) \(hop.reason?.name ?? "")"
      + " \(interfaces[Int(hop.interface)].name) \(Set(members).sorted()) \(policy)"
  }

  private func words(_ target: RouteTarget) -> String {
    target.isSID ? "sid \(sids.entries[target.index]!.name)" : words(target.index)
  }

  private var routeRows: [String] {
    routes().map { route in
      "route \(tables[route.table]!.name) \(route.prefix) \(route.candidate.source.name) \(route.candidate.preference)"
        + " \(route.metric) \(route.isBest) \(words(route.candidate.target))"
    }
  }

  private var sidRows: [String] {
    sids.indices.map { index in
      let (entry, sid) = (sids.entries[index]!, sids.compiled[index])
      let policy = entry.segments.isEmpty ? "" : "\(policies[Int(sid.policy)].template)"
      return "sid \(entry.name) \(entry.action) \(sid.program) \(sid.continuation) \(words(Int(sid.nextHop)))"
        + " \(words(Int(sid.nextHopIPv4))) \(policy)"
    }
  }

  private var interfaceRows: [String] {
    InterfaceInfo.byName(interfaces).map { index, info in
      let link = fib6.routes(table: UInt32(linkTable(index))).map { route in
        "\(route.address)/\(route.length) \(words(RouteTarget(cell: route.value)))"
      }
      return
        "interface \(info.name) port \(info.port) mac \(info.mac) tag \(info.tag ?? 0) vrf \(info.entry.vrf ?? "main")"
        + " mtu \(info.entry.mtu) \(rpFilter(info.entry)) \(info.entry.addresses) \(link)"
    }
  }

  private var tableRows: [String] {
    tables.indices.map { index in
      let rules = tableRules[index]
      return "table \(tables[index]!.name) \(rules.fallsBackToMain) \(rules.rpFilter.map { "\($0)" } ?? "port's")"
    }
  }

  private var addressRows: [String] {
    let (ipv4, ipv6) = ownAddresses
    return ipv4.enumerated().map { "ipv4 \($0) \($1.address) \($1.mask) \(interfaces[Int($1.interface)].name)" }
      + ipv6.enumerated().map { "ipv6 \($0) \($1.address) \(interfaces[Int($1.interface)].name)" }
  }
}
