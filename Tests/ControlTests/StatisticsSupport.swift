import Dataplane
import Tables

@testable import Control

/// Two VRFs, a trunk with a sub-interface, two SIDs: enough for a row of every kind.
let statisticsConfiguration = """
  ports:
    core: {device: "0000:3b:00.0", addresses: ["2001:db8:1::1/64"], mtu: 9000}
    ce-red: {device: "net_af_xdp0,iface=ce0", vrf: red, addresses: ["10.1.0.1/24"]}
    ce-blue: {parent: core, vlan: 20, vrf: blue, addresses: ["10.2.0.1/24"]}
  vrfs:
    red: {table: 100}
    blue: {table: 200}
  sids:
    - {sid: "fc00:0:1:d4::", behavior: End.DT4, vrf: red}
    - {sid: "fc00:0:1:14::", behavior: End.DX4, nexthop: 10.1.0.2, port: ce-red}
  routes:
    - {vrf: red, prefix: 10.9.0.0/16, via: 10.1.0.2}
    - {vrf: red, prefix: 192.0.2.0/24, type: blackhole}
    - {vrf: blue, prefix: 192.0.2.0/24, encap: {mode: encap, segments: ["fc00:0:2:d4::"]}}
    - {vrf: blue, prefix: 198.51.100.0/24, encap: {mode: encap, segments: ["fc00:0:2:d4::"]}}
  neighbors:
    - {port: ce-red, address: 10.1.0.2, mac: "02:00:00:00:01:02"}
  """

/// Nobody reads: every grace period is over at once.

/// Statistics of ``statisticsConfiguration`` with two workers that have counted nothing yet.
func makeStatisticsSources(text: String = statisticsConfiguration) throws -> StatisticsSources {
  let configuration = try ConfigurationLoader.load(text: text, file: "statistics.yaml")
  let interfaces = configuration.ports.enumerated().map { index, entry in
    if case .vlan(_, let id) = entry.link {
      return InterfaceInfo(entry: entry, port: 0, mac: 0x0200_0000_0000, tag: UInt16(id))
    }
    return InterfaceInfo(entry: entry, port: UInt16(index), mac: 0x0200_0000_0000 + UInt64(index), tag: nil)
  }
  let state = try ForwardingState(
    configuration, interfaces: interfaces, frees: DeferredFrees(gracePeriod: NoReaders()))
  let workers = [1, 2].map {
    WorkerInfo(lcore: $0, queues: ["core/\($0 - 1)"], counters: WorkerCounters()!)
  }
  return StatisticsSources(
    state: state, workers: workers, neighbors: NeighborCache(configuredIn: state), ports: [:])
}
