import SRv6
import Testing
import Wire

@testable import Control

/// Lines as `ip -batch` takes them, held against a configuration.
@Suite struct BatchTests {
  private static let file =
    twoPorts + """
      srv6: {encap-source: "2001:db8::1"}
      sids: [{sid: "fc00::1", behavior: End}]
      routes: [{prefix: "fc00:9::/32", via: "2001:db8:1::9"}]
      neighbors: [{port: core, address: "2001:db8:1::9", mac: "02:00:00:00:00:09"}]
      """

  private func load(_ batch: String) throws -> Configuration {
    try ConfigurationLoader.load(text: Self.file, file: "test.yaml", batch: batch)
  }

  /// The route that a line adds.
  private func route(_ line: String) throws -> RouteEntry {
    let routes = try load(line).routes
    try #require(routes.count == 2)
    return routes[1]
  }

  private func address(_ text: String) -> IPAddress { IPAddress(parsing: text)! }

  @Test func wordsAreCutAsIPDoes() {
    let text = """
      # a comment
      ip  route\tadd 10.0.0.0/8   # and another

      neigh add 'two words' "x#y
      route add \\
        default \\
        dev p
      last \\
      """
    let batch = BatchText(text, file: "b")
    #expect(
      batch.lines.map { $0.map(\.text) } == [
        ["ip", "route", "add", "10.0.0.0/8"], ["route", "add", "default", "dev", "p"], ["last"],
      ])
    #expect(batch.lines[1][2].mark == Mark(file: "b", line: 6, column: 3))
    #expect(batch.flaws.map(\.mark) == [Mark(file: "b", line: 4, column: 23)])
    let accented = BatchText("\u{e9}\u{e9} '\u{1f600}' x\r\ny\r", file: "b").lines
    #expect(accented.map { $0.map(\.text) } == [["\u{e9}\u{e9}", "\u{1f600}", "x"], ["y"]])
    #expect(accented[0].map(\.mark.column) == [1, 4, 8])
  }

  @Test func nextHopsAreWrittenInManyWays() throws {
    let hop = RouteAction.unicast(RouteNextHop(via: address("192.0.2.2"), port: "core"))
    for line in [
      "ip route add 10.0.0.0/8 via 192.0.2.2 dev core", "route add to 10.0.0.0/8 via inet 192.0.2.2",
      "-4 r a unicast 10.0.0.0/8 dev core via 192.0.2.2 proto static scope link src 192.0.2.1 onlink",
      "ip -family inet ro replace 10.0.0.0/8 via 192.0.2.2 table main", "route append 10.0.0.0/8 via 192.0.2.2 tab 254",
    ] {
      let route = try route(line)
      #expect(route.action == hop && route.prefix.description == "10.0.0.0/8" && route.vrf == nil, "\(line)")
      #expect(route.metric == 0 && route.mark.line == 1 && route.mark.file == "batch")
    }
    let link = try route("-6 route add default dev core metric 5")
    #expect(link.action == .unicast(RouteNextHop(via: nil, port: "core")))
    #expect(link.prefix.description == "::/0" && link.metric == 5)
    #expect(try route("route add default via 2001:db8:1::2").prefix.description == "::/0")
    #expect(try route("route add default via 192.0.2.2").prefix.description == "0.0.0.0/0")
    #expect(try route("-6 route add fc00:8::1/32 dev core").prefix.description == "fc00:8::/32")
  }

  @Test func nextHopsMayBeSeveral() throws {
    let line = "route add 10.0.0.0/8 metric 7 nexthop via 192.0.2.2 dev core weight 3 nexthop via 192.0.2.3 onlink"
    let hops = ["192.0.2.2", "192.0.2.3"].map { RouteNextHop(via: address($0), port: "core") }
    let members = [RouteMember(nextHop: hops[0], weight: 3), RouteMember(nextHop: hops[1], weight: 1)]
    #expect(try route(line).action == .multipath(members))
    let links = "route add fc00:8::/32 nexthop dev core nexthop via fe80::1 dev ce"
    guard case .multipath(let found) = try route(links).action else {
      throw IPCommandError(Mark(line: 1, column: 1), links)
    }
    #expect(found.map(\.nextHop.port) == ["core", "ce"] && found[0].nextHop.via == nil)
  }

  @Test func tablesAreNumbersAndVRFs() throws {
    #expect(try route("route add 10.0.0.0/8 via 10.1.0.2 table 100").tableReference == .vrf("red"))
    #expect(try route("route add 10.0.0.0/8 via 10.1.0.2 vrf red").tableReference == .vrf("red"))
    #expect(try route("route add table 300 blackhole 10.0.0.0/8").tableReference == .number(300))
    #expect(try route("route add 10.0.0.0/8 via 192.0.2.2 vrf main").tableReference == .main)
  }

  @Test func typesDrop() throws {
    #expect(try route("route add blackhole 10.0.0.0/8").action == .blackhole)
    #expect(try route("route add to blackhole 10.0.0.0/8").action == .blackhole)
    #expect(try route("-6 route add unreachable default metric 4278198272").action == .unreachable)
    #expect(try route("-6 route add prohibit to fc00:8::/32 dev lo").action == .prohibit)
  }

  @Test func headends() throws {
    let path = ["fc00::a", "fc00::b"].compactMap { IPv6Address(parsing: $0) }
    let whole = Encapsulation(mode: .encap, segments: path, source: nil, nexthop: nil)
    let line = "route add 10.0.0.0/8 encap seg6 mode encap segs fc00::a,fc00::b dev core"
    #expect(try route(line).action == .encapsulate(whole))
    var other = whole
    other.mode = .encapRed
    other.source = IPv6Address(parsing: "2001:db8::7")
    other.nexthop = RouteNextHop(via: address("fe80::2"), port: "core")
    let gateway = "vrf red encap seg6 tunsrc 2001:db8::7 segs fc00::a,fc00::b mode encap.red dev core via fe80::2"
    #expect(try route("route add 10.0.0.0/8 \(gateway)").action == .encapsulate(other))
    let inline = try route("-6 route add fc00:8::/32 encap seg6 mode inline segs fc00::a dev core")
    #expect(
      inline.action == .encapsulate(Encapsulation(mode: .inline, segments: [path[0]], source: nil, nexthop: nil)))
  }

  @Test func localSIDs() throws {
    let batch = """
      -6 route add fc01::1 encap seg6local action End count dev core
      -6 route add fc01::2/127 encap seg6local action end.x nh6 2001:db8:1::2 dev core
      -6 route add fc01::4 encap seg6local action End.X nh6 fe80::2 flavors psp,usd dev core
      -6 route add fc01::5 encap seg6local action End.T table 300 dev core
      -6 route add fc01::6 encap seg6local action End.DT46 vrftable 100 dev red
      -6 route add fc01::7 encap seg6local action End.DT6 table main
      -6 route add fc01::8 encap seg6local action End.DX4 nh4 0.0.0.0 dev lo
      -6 route add fc01::9 encap seg6local action End.B6.Encaps srh segs fc00::a,fc00::b dev core
      route del fc00::1
      """
    let sids = try load(batch).sids
    #expect(
      sids.map { "\($0.name) \($0.action)" } == [
        "fc01::1 End", "fc01::2/127 End.X nexthop 2001:db8:1::2",
        "fc01::4 End.X flavors psp,usd nexthop fe80::2 port core", "fc01::5 End.T table 300",
        "fc01::6 End.DT46 vrf red", "fc01::7 End.DT6 table main", "fc01::8 End.DX4 nexthop 0.0.0.0",
        "fc01::9 End.B6.Encaps segments fc00::a,fc00::b",
      ])
  }

  @Test func neighborsAndTunnelSource() throws {
    let batch = """
      neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev core nud permanent
      ip -6 neighbour replace 2001:db8:1::9 dev core lladdr 02:00:00:00:00:03
      n d 192.0.2.2 dev core
      sr tunsrc set 2001:db8::5
      """
    let configuration = try load(batch)
    #expect(configuration.neighbors.map { "\($0.address) \($0.mac)" } == ["2001:db8:1::9 02:00:00:00:00:03"])
    #expect(configuration.srv6.encapSource == IPv6Address(parsing: "2001:db8::5"))
    #expect(try load("sr tunsrc set ::").srv6.encapSource == nil)
  }

  @Test func verbsSayWhatMustBeThere() throws {
    let old = "2001:db8:1::9"
    func gateways(_ batch: String) throws -> [String] {
      try load(batch).routes.compactMap { route in
        guard case .unicast(let hop) = route.action else { return nil }
        return "\(hop.via!) \(route.metric)"
      }
    }
    #expect(try gateways("-6 route change fc00:9::/32 via 2001:db8:1::8") == ["2001:db8:1::8 1024"])
    #expect(try gateways("route chg fc00:9::/32 via 2001:db8:1::8") == ["2001:db8:1::8 1024"])
    #expect(try gateways("route replace fc00:9::/32 via 2001:db8:1::8") == ["2001:db8:1::8 1024"])
    let beside = "route add fc00:9::/32 via 2001:db8:1::8 metric 7"
    #expect(try gateways(beside) == ["\(old) 1024", "2001:db8:1::8 7"])
    #expect(try gateways("\(beside)\nroute del fc00:9::/32") == ["2001:db8:1::8 7"])
    #expect(try gateways("\(beside)\nroute del fc00:9::/32 metric 7") == ["\(old) 1024"])
    #expect(try gateways("route del fc00:9::/32\n\(beside)\nroute del fc00:9::/32").isEmpty)
  }

  /// A route of the file may go by one of the batch.
  @Test func orderNeverMatters() throws {
    let text = Self.file.replacing("via: \"2001:db8:1::9\"", with: "via: \"fc00:8::1\"")
    let batch = "-6 route add fc00:8::/32 via 2001:db8:1::9"
    let configuration = try ConfigurationLoader.load(text: text, file: "test.yaml", batch: batch)
    #expect(configuration.routes.map(\.prefix.description) == ["fc00:9::/32", "fc00:8::/32"])
    #expect(throws: ConfigurationError.self) { try ConfigurationLoader.load(text: text, file: "test.yaml") }
  }

  /// A line, with `«` before the word that is refused, and a part of the message.
  private static func path(_ count: Int) -> String {
    [String](repeating: "fc00::2", count: count).joined(separator: ",")
  }

  @Test func addressesComeAndGo() throws {
    let lines = """
      ip addr add 10.1.0.9/24 brd + dev ce scope global
      a del 10.1.0.1 dev ce
      -6 address replace 2001:db8:a::1/64 dev ce
      route add 10.7.0.0/16 vrf red via 10.1.0.1
      """
    let configuration = try load(lines)
    #expect(configuration.ports[1].addresses.map(\.description) == ["2001:db8:a::1/64", "10.1.0.9/24"])
    let hop = RouteAction.unicast(RouteNextHop(via: address("10.1.0.1"), port: "ce"))
    #expect(configuration.routes[1].action == hop, "an address that is free is a neighbour's")
  }

  static let refused: [(line: String, fragment: String)] = [
    ("«ip", "the line ends before it says of what it is"),
    ("«rout3 add default dev core", "'rout3' is none of address, route, neighbor, sr and sid"),
    ("ip «-s route add default dev core", "'-s' means nothing here"),
    ("ip «link add x type vrf table 7", "stand in the configuration file"),
    ("addr add «192.0.2.1/24 dev core", "192.0.2.1/24 is on port core already"),
    ("addr add «192.0.2.1/25 dev core", "192.0.2.1 is on port core already, in the main table"),
    ("addr add «0.0.0.0/8 dev core", "0.0.0.0 is the unspecified address"),
    ("addr add «10.0.0.1/0 dev core", "puts every address on this link"),
    ("addr add «core dev core", "'core' is no address with a prefix length"),
    ("-6 addr add «10.0.0.1/8 dev core", "'10.0.0.1/8' is no address with a prefix length"),
    ("addr add «10.0.0.1/8", "does not say which port"),
    ("addr add 10.0.0.1/8 dev «red", "red is a VRF, and packets leave by a port"),
    ("addr add 10.0.0.1/8 dev core «peer 10.0.0.2", "'peer' is none of dev, brd, scope and nodad"),
    ("addr add 10.0.0.1/8 brd «10.0.0.7 dev core", "the broadcast address is the subnet's last"),
    ("addr del «192.0.2.1/25 dev core", "192.0.2.1/25 is not on port core, so there is nothing to delete"),
    ("route «show", "'show' is not one of add, change, replace, append, delete"),
    ("route «add dev core", "the line has no prefix"),
    ("route add «10.0.0.0/33 dev core", "'10.0.0.0/33' is neither a prefix nor a word"),
    ("route add «10.1.0.0/8 dev core", "10.1.0.0/8 has bits set beyond its 8; write 10.0.0.0/8"),
    ("-6 route add «10.0.0.0/8 dev core", "10.0.0.0/8 is not IPv6, which the line's option says"),
    ("route add «10.0.0.0/8", "does not say where packets go; add 'via', 'dev' or 'encap'"),
    ("route add 10.0.0.0/8 dev core «frobnicate", "'frobnicate' is no word of a route"),
    ("route add 10.0.0.0/8 «dev", "after 'dev' comes a port's name"),
    ("route add 10.0.0.0/8 dev «cor", "there is no port 'cor'"),
    ("route add 10.0.0.0/8 dev «red", "red is a VRF, and packets leave by a port"),
    ("route add 10.0.0.0/8 dev core vrf «blue", "there is no VRF 'blue'"),
    ("route add 10.0.0.0/8 dev core table «red", "'red' is no table; write its number, main, or for a VRF's 'vrf'"),
    ("route add 10.0.0.0/8 dev core table «255", "table 255 is the kernel's RT_TABLE_LOCAL"),
    ("route add 10.0.0.0/8 dev core metric «-1", "'-1' is not a whole number from 0 to 4294967295"),
    ("route add 10.0.0.0/8 via «fe80::1 dev core", "'fe80::1' is no IPv4 address of a gateway"),
    ("route add 10.0.0.0/8 via «192.0.2.1", "192.0.2.1 is this node's own address"),
    ("route add 10.0.0.0/8 via «203.0.113.1", "203.0.113.1 is on the link of no port of the main table; add 'dev'"),
    ("route add 10.0.0.0/8 via «10.1.0.2", "add 'dev ce', whose link has it"),
    ("-6 route add fc00:8::/32 via «fe80::1", "is a link-local address, which every link may have; add 'dev'"),
    ("route add «throw 10.0.0.0/8", "there is no route type throw"),
    ("route add blackhole 10.0.0.0/8 via «192.0.2.2", "a route that drops has no gateway"),
    ("route add 10.0.0.0/8 «nhid 7", "'nhid' is not there yet"),
    ("route add 10.0.0.0/8 «nexthop weight 2", "the next hop does not say where packets go"),
    ("route add 10.0.0.0/8 dev core «nexthop via 192.0.2.2", "'nexthop' stands alone"),
    ("route add 10.0.0.0/8 nexthop via 192.0.2.2 weight «256", "'256' is not a whole number from 1 to 255"),
    (
      "route add 10.0.0.0/8 nexthop via 192.0.2.2 «nexthop via 192.0.2.2 dev core",
      "the route has this next hop already"
    ),
    ("route add 10.0.0.0/8 dev core «mtu 1400", "'mtu' is not there yet"),
    ("route add «fc00:9::/32 dev core", "is there already (line 7)"),
    ("route del «fc00:8::/32", "fc00:8::/32 is not in the main table"),
    ("route change «fc00:8::/32 dev core", "is not there, so there is nothing to change"),
    ("route add 10.0.0.0/8 encap «mpls 7", "'mpls' is neither seg6 nor seg6local"),
    ("route add 10.0.0.0/8 encap «seg6 segs fc00::a", "the encapsulation has no mode"),
    ("route add 10.0.0.0/8 encap «seg6 mode encap dev core", "the encapsulation has no segments"),
    ("-6 route add fc01::/16 encap seg6 segs «\(path(127)) mode inline dev core", "127 segments, and 126 are the most"),
    ("route add fc01::1 encap seg6local action End.B6 srh segs «\(path(127)) dev core", "and 126 are the most"),
    ("route add fc01::1 encap seg6local action End.B6.Encaps srh segs «\(path(128)) dev core", "and 127 are"),
    ("route add 10.0.0.0/8 encap seg6 mode «l2encap segs fc00::a", "'l2encap' is none of the modes"),
    (
      "route add 10.0.0.0/8 encap seg6 mode encap segs «fc00::a,10.0.0.1", "'10.0.0.1' in 'fc00::a,10.0.0.1' is no IPv6"
    ),
    ("route add 10.0.0.0/8 encap seg6 mode encap segs fc00::a «hmac 5", "headers with an HMAC are not made yet"),
    ("route add «10.0.0.0/8 encap seg6 mode inline segs fc00::a", "inline puts a header into IPv6 packets"),
    ("route add «10.0.0.0/8 encap seg6local action End", "a SID is an IPv6 address or prefix"),
    ("route add fc01::1 encap seg6local action «End.Y", "there is no behaviour 'End.Y'"),
    ("route add fc01::1 encap «seg6local End", "after 'seg6local' comes 'action' and a behaviour"),
    ("route add «fc01::1 encap seg6local action End table 7 vrf red", "End takes no 'table'; remove it"),
    ("route add fc01::1 encap seg6local action «End.T", "End.T needs 'table'; add it"),
    ("route add fc01::1 encap seg6local action «End.X nh4 192.0.2.2", "End.X needs 'nh6'; 192.0.2.2 is of the other"),
    ("route add fc01::1 encap seg6local action «End.DT4 table 100", "End.DT4 takes no 'table'"),
    ("route add fc01::1 encap seg6local action «End.DT6 vrftable 100 table 100", "both name a table"),
    ("route add fc01::1 encap seg6local action End.DT6 vrftable «101", "no VRF has table 101"),
    ("route add fc01::1 encap seg6local action «End.B6.Encaps", "End.B6.Encaps needs 'srh'; add it"),
    ("route add fc01::1 encap seg6local action End flavors «next-csid", "there is no flavour 'next-csid'"),
    ("route add fc01::1 encap seg6local action End.DT6 vrftable 100 flavors «psp", "End.DT6 has no flavours"),
    ("route add «fc01::1 vrf red encap seg6local action End", "SIDs stand in the main table"),
    ("route add fc01::1 via «fe80::2 encap seg6local action End", "End does not go by 'via'"),
    ("route add «ff02::1 encap seg6local action End", "ff02::1 is a multicast address and no SID"),
    ("route add fc01::1 encap seg6local action End dev «vrf7", "there is no port 'vrf7'"),
    ("route add «fc00::1 encap seg6local action End", "is there already (line 6)"),
    ("neigh add «2001:db8:1::5 dev core", "the line has no Ethernet address; add 'lladdr'"),
    ("neigh add «2001:db8:1::5 lladdr 02:00:00:00:00:05", "add 'dev' and its name"),
    ("neigh add «here lladdr 02:00:00:00:00:05 dev core", "'here' is no address that a neighbour has"),
    ("neigh add 2001:db8:1::5 lladdr «01:00:00:00:00:05 dev core", "no Ethernet address of one station"),
    ("neigh add 2001:db8:1::5 lladdr 02:00:00:00:00:05 dev core nud «stale", "the state is permanent, not stale"),
    ("neigh add «2001:db8:1::9 lladdr 02:00:00:00:00:05 dev core", "is there already (line 8)"),
    ("neigh add «192.0.2.1 lladdr 02:00:00:00:00:05 dev core", "192.0.2.1 is this node's own address"),
    ("neigh del «192.0.2.7 dev core", "is not there, so there is nothing to delete"),
    ("sr «hmac set 5 sha1", "'hmac' is not 'tunsrc'"),
    ("sr tunsrc set «fe80::1", "fe80::1 is a link-local address"),
    ("sr tunsrc set 2001:db8::5 «now", "'now' has no place here"),
  ]

  @Test(arguments: refused) func refusedLines(line: String, fragment: String) throws {
    let place = try #require(line.unicodeScalars.firstIndex(of: "«"))
    let column = line.unicodeScalars.distance(from: line.unicodeScalars.startIndex, to: place) + 1
    do {
      _ = try load("# a comment\n\(line.filter { $0 != "«" })")
      Issue.record("taken: \(line)")
    } catch let error as ConfigurationError {
      // Which key of several is wrong, the parser finds out at the behaviour's name.
      #expect(error.diagnostics.count == 1, "\(error)")
      #expect(error.description.contains(fragment), "\(error)")
      if !fragment.contains("End takes no 'table'") {
        #expect(error.diagnostics[0].mark == Mark(file: "batch", line: 2, column: column), "\(error)")
      }
    }
  }

  @Test func everyRefusedLineIsReported() {
    let batch = "route add 10.0.0.0/8 dev nowhere\nroute add default dev core\nfrobnicate\nroute \"add"
    do {
      _ = try ConfigurationLoader.load(text: Self.file + "\nsrv7: {}", file: "test.yaml", batch: batch)
      Issue.record("taken")
    } catch {
      let marks = error.diagnostics.map { "\($0.file) \($0.mark!.line)" }
      #expect(marks == ["test.yaml 9", "batch 1", "batch 3", "batch 4"], "\(error)")
    }
  }

  @Test func linuxsFlavorsAreFewer() throws {
    let line = "-6 route add fc01::1 encap seg6local action End flavors psp,usd dev core"
    #expect(try load(line).sids.last?.flavors == [.psp, .usd])
    let text = Self.file.replacing("srv6: {", with: "srv6: {compat: linux, ")
    #expect(throws: ConfigurationError.self) {
      try ConfigurationLoader.load(text: text, file: "test.yaml", batch: line)
    }
  }
}
