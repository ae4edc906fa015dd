import Foundation
import SRv6
import Testing
import Wire

@testable import Control

@Suite struct ConfigurationModelTests {
  @Test func wholeConfigurationLoads() throws {
    let configuration = try ConfigurationLoader.load(text: wholeConfiguration, file: "test.yaml")
    #expect(configuration.dpdk.eal == ["--no-pci"])
    #expect(configuration.dpdk.mbufs == 32768)
    #expect(configuration.dpdk.mbufsMark == Mark(line: 3, column: 10))
    #expect(configuration.lcores.main == 0)
    #expect(configuration.lcores.idleSleepMicroseconds == 20)
    guard case .spread([1]) = configuration.lcores.workers else {
      Issue.record("workers are \(configuration.lcores.workers)")
      return
    }
    #expect(configuration.api.socket == "/run/needletail/test.sock")
    #expect(configuration.srv6.encapSource == IPv6Address(parsing: "2001:db8::1"))
    #expect(configuration.vrfs.map(\.name) == ["red", "blue"])
    #expect(configuration.vrfs.map(\.table) == [100, 200])
    #expect(configuration.vrfs[1].mark == Mark(line: 22, column: 3))
  }

  @Test func portsOfTheWholeConfiguration() throws {
    let ports = try ConfigurationLoader.load(text: wholeConfiguration, file: "test.yaml").ports
    #expect(ports.map(\.name) == ["core", "ce-red", "ce-blue", "spare"])
    #expect(ports.map(\.vrf) == [nil, "red", "blue", nil])
    #expect(ports[0].link == .device("0000:3b:00.0"))
    #expect(ports[1].link == .device("net_af_xdp0,iface=ce0"))
    #expect(ports[2].link == .vlan(parent: "core", id: 20))
    #expect(ports.map(\.mtu) == [9000, 1500, 9000, 1500], "a VLAN without an MTU has its parent's")
    #expect(ports[1].mac == MACAddress(0x0200_0000_0011))
    #expect(ports[2].addresses.map(\.description) == ["10.1.0.1/24", "fe80::1/64"])
    #expect(ports[3].promiscuous)
    #expect(ports[3].rxQueues == 2)
    #expect(ports[3].rxDescriptors == 512)
    #expect(ports[3].txDescriptors == 256)
    #expect(ports[0].rxQueues == nil)
    #expect(ports[0].mark == Mark(line: 11, column: 3))
  }

  @Test func sidsOfTheWholeConfiguration() throws {
    let sids = try ConfigurationLoader.load(text: wholeConfiguration, file: "test.yaml").sids
    #expect(
      sids.map(\.prefix.description) == [
        "fc00:0:1:d4::/128", "fc00:0:1:d6::/128", "fc00:0:1:14::/128", "fc00:0:2::/48",
      ])
    #expect(sids.map(\.behavior) == [.endDT4, .endDT6, .endDX4, .endDT4])
    #expect(sids.map(\.table) == [.vrf("red"), .main, nil, .vrf("blue")])
    #expect(sids.map(\.port) == [nil, nil, "ce-red", nil])
    #expect(sids[2].nexthop?.description == "10.1.0.2")
    #expect(sids[0].mark == Mark(line: 26, column: 5))
  }

  @Test func routesAndNeighborsOfTheWholeConfiguration() throws {
    let configuration = try ConfigurationLoader.load(text: wholeConfiguration, file: "test.yaml")
    let routes = configuration.routes
    #expect(routes.map(\.vrf) == ["red", "blue", nil, nil, "red", "red"])
    #expect(routes[0].prefix.description == "10.1.0.0/16")
    let ports = routes.map { route -> String? in
      guard case .unicast(let hop) = route.action else { return nil }
      return hop.port
    }
    #expect(ports == ["ce-red", "ce-blue", "core", "core", nil, "ce-red"])
    #expect(routes[4].action == .blackhole)
    #expect(routes[5].action == .unicast(RouteNextHop(via: nil, port: "ce-red")))
    #expect(configuration.neighbors.map(\.address.description) == ["10.1.0.2"])
    #expect(configuration.neighbors.map(\.mac.description) == ["02:00:00:00:01:02"])
  }

  @Test func tablesByNumberAndNextHopsBehindRoutes() throws {
    let text = """
      ports:
        core: {device: net_null0, addresses: ["2001:db8:1::1/64", "192.0.2.1/24"]}
        ce: {device: net_null1, vrf: red, addresses: ["10.1.0.1/24"], rp-filter: 2}
      vrfs: {red: {table: 100, fallback: main, rp-filter: 0}, blue: {table: 200}}
      srv6: {compat: linux, flow-label: copy, hop-limit: copy, dscp: 46}
      routes:
        - {table: 100, prefix: 10.2.0.0/16, via: 10.1.0.2}
        - {table: 300, prefix: 10.2.0.0/16, via: 192.0.2.9}
        - {table: 254, prefix: 203.0.113.0/24, via: 192.0.2.9}
        - {table: main, prefix: 198.51.100.0/24, via: 203.0.113.7}
        - {vrf: red, prefix: 198.51.100.0/24, encap: {mode: encap.red, segments: ["fc00::1", "fc00::2"], source: "2001:db8::2"}}
        - {prefix: "fc00::/16", via: "fe80::2", port: core, encap: {mode: inline, segments: ["fc00::1"]}}
      sids:
        - {sid: "fc01::1", behavior: End, flavors: [psp, USD]}
        - {sid: "fc01::2", behavior: End.T, table: 100}
        - {sid: "fc01::3", behavior: End.DT46, table: 400}
        - {sid: "fc01::4", behavior: End.DX6, nexthop: "::"}
        - {sid: "fc01::5", behavior: End.B6, segments: ["fc00::1"]}
      """
    let configuration = try ConfigurationLoader.load(text: text, file: "test.yaml")
    #expect(configuration.vrfs.map(\.fallsBackToMain) == [true, false])
    #expect(configuration.srv6.compat == .linux && configuration.srv6.flowLabel == .copy)
    #expect(configuration.srv6.hopLimit == .copy && configuration.srv6.dscp == .fixed(46))
    #expect(configuration.ports.map(\.rpFilter) == [.off, .loose])
    #expect(configuration.vrfs.map(\.rpFilter) == [.off, nil])
    let routes = configuration.routes
    #expect(routes.map(\.tableReference) == [.vrf("red"), .number(300), .main, .main, .vrf("red"), .main])
    #expect(routes[3].action == .unicast(RouteNextHop(via: IPAddress(parsing: "203.0.113.7"), port: nil)))
    let path = ["fc00::1", "fc00::2"].compactMap { IPv6Address(parsing: $0) }
    #expect(
      routes[4].action
        == .encapsulate(
          Encapsulation(mode: .encapRed, segments: path, source: IPv6Address(parsing: "2001:db8::2"), nexthop: nil)))
    let hop = RouteNextHop(via: IPAddress(parsing: "fe80::2"), port: "core")
    #expect(
      routes[5].action
        == .encapsulate(Encapsulation(mode: .inline, segments: [path[0]], source: nil, nexthop: hop)))
    #expect(routes.map(\.metric) == [0, 0, 0, 0, 0, 1024])
    let sids = configuration.sids
    #expect(sids.map(\.flavors) == [[.psp, .usd], [], [], [], []])
    #expect(sids.map(\.table) == [nil, .number(100), .number(400), nil, nil])
    #expect(sids[3].nexthop?.isUnspecified == true && sids[4].segments == [path[0]])
    #expect(configuration.bareTables == [300, 400])
    let tables = TableRegistry(configuration)
    #expect(tables.index(.number(100)) == tables.index(.vrf("red")))
    #expect(tables.index(.number(400)) == 4)
  }

  @Test func absentSectionsHaveDefaults() throws {
    let configuration = try ConfigurationLoader.load(text: "routes:\nlcores: {}\n", file: "test.yaml")
    #expect(configuration.dpdk.mbufs == 65536)
    #expect(configuration.dpdk.mbufsMark == nil)
    #expect(configuration.api.socket == "/run/needletail/api.sock")
    #expect(configuration.ports.isEmpty && configuration.routes.isEmpty)
  }

  @Test func queuesArePinned() throws {
    let text = """
      lcores:
        main: 4
        workers:
          - {lcore: 1, queues: ["p/0", "q/0"]}
          - {lcore: 2, queues: ["p/1"]}
      ports: {p: {device: "0000:01:00.0", rx-queues: 2}, q: {device: net_null0}}
      """
    let configuration = try ConfigurationLoader.load(text: text, file: "test.yaml")
    guard case .pinned(let workers) = configuration.lcores.workers else {
      Issue.record("workers are \(configuration.lcores.workers)")
      return
    }
    #expect(workers.map(\.lcore) == [1, 2])
    #expect(workers.map { $0.queues.map { "\($0.port)/\($0.queue)" } } == [["p/0", "q/0"], ["p/1"]])
    #expect(workers[1].mark == Mark(line: 5, column: 7))
  }

  @Test func nextHopIsFoundByTheLongestPrefixAndInTheVRFBeforeMain() throws {
    let text = """
      ports:
        wide:   {device: net_null0, addresses: ["10.0.0.1/8"]}
        narrow: {device: net_null1, addresses: ["10.2.0.1/16"]}
        red:    {device: net_null2, addresses: ["10.2.3.1/24"], vrf: red}
      vrfs: {red: {table: 7}}
      routes:
        - {prefix: 192.0.2.0/24, via: 10.9.9.9}
        - {prefix: 198.51.100.0/24, via: 10.2.3.4}
        - {prefix: 192.0.2.0/24, via: 10.2.3.4, vrf: red}
        - {prefix: 198.51.100.0/24, via: 10.2.4.4, vrf: red}
        - {prefix: 203.0.113.0/24, via: 10.2.3.4, port: red}
      sids: [{sid: "fc00::1", behavior: End.DX4, nexthop: 10.2.3.4}]
      """
    let configuration = try ConfigurationLoader.load(text: text, file: "test.yaml")
    let ports = configuration.routes.map { route -> String? in
      guard case .unicast(let hop) = route.action else { return nil }
      return hop.port
    }
    #expect(ports == ["wide", "narrow", "red", "narrow", "red"])
    #expect(configuration.sids.map(\.port) == [nil])
  }

  @Test func everyExampleLoads() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "config")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
    #expect(files.contains("l3vpn.yaml") && files.contains("software-ports.yaml"))
    for file in files {
      let configuration = try ConfigurationLoader.load(file: folder.appending(path: file).path)
      #expect(!configuration.ports.isEmpty && !configuration.sids.isEmpty, "\(file)")
    }
  }
}
