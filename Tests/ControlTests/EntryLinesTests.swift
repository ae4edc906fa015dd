import Testing

@testable import Control

/// The lines of the state file make the entries that they were made from.
@Suite struct EntryLinesTests {
  private let text = """
    ports:
      core: {device: net_null0, addresses: ["2001:db8:1::1/64", "fe80::1/64", "192.0.2.1/24"]}
      ce: {device: net_null1, vrf: red, addresses: ["10.1.0.1/24", "fd00:1::1/64"]}
    vrfs: {red: {table: 100}}
    sids:
      - {sid: "fc00:0:1:d4::", behavior: End.DT4, vrf: red}
      - {sid: "fc00:0:2::/48", behavior: End.DT46, table: main}
      - {sid: "fc00:0:1:9::", behavior: End.T, table: 777}
      - {sid: "fc00:0:1:14::", behavior: End.DX4, nexthop: 10.1.0.2, port: ce}
      - {sid: "fc00:0:1:16::", behavior: End.DX6, nexthop: "::"}
      - {sid: "fc00:0:1:1::", behavior: End, flavors: [PSP, USP, USD]}
      - {sid: "fc00:0:1:5::", behavior: End.X, nexthop: "fe80::2", port: core, flavors: [USD]}
      - {sid: "fc00:0:1:b::", behavior: End.B6.Encaps, segments: ["fc00:2::b1", "fc00:2::b2"]}
      - {sid: "fc00:0:1:c::", behavior: End.B6, segments: ["fc00:2::b1"]}
    routes:
      - {vrf: red, prefix: 10.0.0.0/8, via: 10.1.0.2}
      - {vrf: red, prefix: 0.0.0.0/0, via: 10.200.0.1}
      - {vrf: red, prefix: 10.200.0.0/16, port: ce}
      - {vrf: red, prefix: 10.66.0.0/16, type: prohibit}
      - {table: 777, prefix: 10.67.0.0/16, type: unreachable}
      - {prefix: "fd66::/16", type: blackhole}
      - {prefix: "fc00:3::/48", nexthops: [{via: "fe80::2", port: core}, {via: "2001:db8:1::3", weight: 7}]}
      - {vrf: red, prefix: 10.2.0.0/16, encap: {mode: encap, segments: ["fc00:3::1", "fc00:3::2"]}}
      - {vrf: red, prefix: "fd02::/16", encap: {mode: inline, segments: ["fc00:3::1"]}}
    neighbors:
      - {port: core, address: "fe80::2", mac: "02:00:00:00:01:02"}
      - {port: ce, address: 10.1.0.2, mac: "02:00:00:00:01:03"}
    """
  private let lines = """
    route add 10.3.0.0/16 vrf red metric 7 encap seg6 mode encap.red segs fc00:3::1 tunsrc 2001:db8::9
    -6 route add fc00:4::/48 metric 9 via 2001:db8:1::7
    """

  @Test func everyEntryComesBack() throws {
    let configuration = try ConfigurationLoader.load(text: text, file: "node.yaml", batch: lines)
    let written = BatchedChanges(configuration)
    var bare = configuration
    (bare.routes, bare.sids, bare.neighbors) = ([], [], [])
    let diagnostics = DiagnosticCollector(file: "state")
    var reader = ConfigurationReader(diagnostics, running: bare)
    reader.source = .static
    var read = BatchedChanges(bare)
    reader.apply(BatchText(written.lines(), file: "state"), to: &read)
    #expect(diagnostics.error == nil, "\(String(describing: diagnostics.error))")
    expectSame(read.routes, written.routes)
    expectSame(read.sids, written.sids)
    expectSame(read.neighbors, written.neighbors)
  }

  private func expectSame<Key, Entry: ConfiguredEntry>(
    _ read: KeyedEntries<Key, Entry>, _ written: KeyedEntries<Key, Entry>
  ) {
    #expect(Set(read.keys) == Set(written.keys))
    for key in written.keys {
      guard let one = read[key], let other = written[key] else { continue }
      #expect(one.isSame(as: other), "\(key): \(one), not \(other)")
    }
  }
}
