import Testing
import Wire

/// A view's initialiser: whether it accepts memory of that many bytes.
private struct ViewCase: Sendable, CustomTestStringConvertible {
  let name: String
  let minimum: Int
  let accepts: @Sendable (UnsafeMutableRawPointer, Int) -> Bool
  var testDescription: String { name }

  static let all = [
    ViewCase(name: "Ethernet", minimum: 14) { EthernetView(at: $0, length: $1) != nil },
    ViewCase(name: "VLAN", minimum: 4) { VLANView(at: $0, length: $1) != nil },
    ViewCase(name: "IPv4", minimum: 20) { IPv4View(at: $0, length: $1) != nil },
    ViewCase(name: "IPv6", minimum: 40) { IPv6View(at: $0, length: $1) != nil },
    ViewCase(name: "extension header", minimum: 8) { ExtensionHeaderView(at: $0, length: $1) != nil },
    ViewCase(name: "routing", minimum: 8) { RoutingView(at: $0, length: $1) != nil },
    ViewCase(name: "fragment", minimum: 8) { FragmentView(at: $0, length: $1) != nil },
    ViewCase(name: "SRH", minimum: 8) { SRHView(at: $0, length: $1) != nil },
    ViewCase(name: "ports", minimum: 4) { TransportPortsView(at: $0, length: $1) != nil },
    ViewCase(name: "ICMP", minimum: 8) { ICMPView(at: $0, length: $1) != nil },
  ]
}

/// Runs `body` on a copy of `bytes`; gives back the bytes as `body` left them.
@discardableResult
private func onBytes(_ bytes: [UInt8], _ body: (UnsafeMutableRawPointer) throws -> Void) rethrows -> [UInt8] {
  var bytes = bytes
  try bytes.withUnsafeMutableBytes { try body($0.baseAddress!) }
  return bytes
}

@Suite struct ViewTests {
  @Test(arguments: ViewCase.all) private func refusedBelowMinimumAcceptedFromIt(view: ViewCase) {
    onBytes([UInt8](repeating: 0xff, count: 64)) { base in
      for length in -1..<view.minimum { #expect(!view.accepts(base, length), "\(length) bytes") }
      for length in view.minimum...64 { #expect(view.accepts(base, length), "\(length) bytes") }
    }
  }

  @Test func ethernet() throws {
    let bytes: [UInt8] = [2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 1, 2, 0x86, 0xdd]
    try onBytes(bytes) { base in
      let view = try #require(EthernetView(at: base, length: 14))
      #expect(view.destination == MACAddress(parsing: "02:00:00:00:00:11"))
      #expect(view.source == MACAddress(parsing: "02:00:00:00:01:02"))
      #expect(view.etherType == EtherType.ipv6)
    }
    let written = try onBytes([UInt8](repeating: 0xa5, count: 15)) { base in
      let view = try #require(EthernetView(at: base, length: 14))
      view.destination = MACAddress(0x0200_0000_0011)
      view.source = MACAddress(0x0200_0000_0102)
      view.etherType = EtherType.ipv6
    }
    #expect(written == bytes + [0xa5])
  }

  @Test func vlan() throws {
    try onBytes([0xbf, 0xfe, 0x08, 0x00]) { base in
      let view = try #require(VLANView(at: base, length: 4))
      #expect(view.priority == 5 && view.dropEligible && view.vlanID == 4094 && view.etherType == EtherType.ipv4)
      view.tagControl = 0x6001
      #expect(view.priority == 3 && !view.dropEligible && view.vlanID == 1 && view.tagControl == 0x6001)
      view.etherType = EtherType.arp
      #expect(view.etherType == EtherType.arp)
    }
  }

  @Test func ipv6() throws {
    let bytes: [UInt8] =
      [0x6a, 0xb1, 0x23, 0x45, 0x01, 0x02, 43, 63] + Array(0x10...0x1f) + Array(0x20...0x2f)
    try onBytes(bytes) { base in
      let view = try #require(IPv6View(at: base, length: 40))
      #expect(view.version == 6 && view.trafficClass == 0xab && view.flowLabel == 0x12345)
      #expect(view.payloadLength == 0x102 && view.nextHeader == IPProtocol.routing && view.hopLimit == 63)
      #expect(view.source == IPv6Address(parsing: "1011:1213:1415:1617:1819:1a1b:1c1d:1e1f"))
      #expect(view.destination == IPv6Address(parsing: "2021:2223:2425:2627:2829:2a2b:2c2d:2e2f"))
      #expect(!view.isWellFormed(available: 40 + 0x101) && view.isWellFormed(available: 40 + 0x102))
      view.flowLabel = 0xfff0_0001
      #expect(view.flowLabel == 1 && view.trafficClass == 0xab && view.version == 6)
      view.trafficClass = 0x5a
      #expect(view.flowLabel == 1 && view.trafficClass == 0x5a && view.version == 6)
      view.firstWord = 0x5ab0_0000
      #expect(!view.isWellFormed(available: 1000))
    }
  }

  @Test func extensionHeaders() throws {
    try onBytes([59, 0, 4, 3, 0, 0, 0, 0]) { base in
      let view = try #require(ExtensionHeaderView(at: base, length: 8))
      #expect(view.nextHeader == IPProtocol.noNextHeader)
      for length in 0...255 {
        base.storeByte(UInt8(length), at: 1)
        for kind in [IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.destinationOptions] {
          #expect(view.byteLength(as: kind) == (length + 1) * 8)
        }
        #expect(view.byteLength(as: IPProtocol.fragment) == 8)
        #expect(view.byteLength(as: IPProtocol.ah) == (length + 2) * 4)
        #expect(RoutingView(at: base, length: 8)?.byteLength == (length + 1) * 8)
      }
      let routing = try #require(RoutingView(at: base, length: 8))
      #expect(routing.nextHeader == 59 && routing.routingType == 4 && routing.segmentsLeft == 3)
    }
    let extensions = (0...255).filter { ExtensionHeaderView.isExtensionHeader(UInt8($0)) }
    #expect(extensions == [0, 43, 44, 51, 60])
  }

  @Test func fragment() throws {
    try onBytes([17, 0xff, 0x05, 0xa9, 0xde, 0xad, 0xbe, 0xef]) { base in
      let view = try #require(FragmentView(at: base, length: 8))
      #expect(view.nextHeader == IPProtocol.udp && view.fragmentOffset == 0x5a8 && view.moreFragments)
      #expect(view.identification == 0xdead_beef)
      base.storeBE16(0xfffe, at: 2)
      #expect(view.fragmentOffset == 0xfff8 && !view.moreFragments)
    }
  }

  @Test func portsAndICMP() throws {
    try onBytes([0x30, 0x39, 0x00, 0x35, 0, 0, 5, 0xdc]) { base in
      let ports = try #require(TransportPortsView(at: base, length: 4))
      #expect(ports.source == 12345 && ports.destination == 53 && ports.pair == 12345 << 16 | 53)
    }
    let written = try onBytes([2, 0, 0xab, 0xcd, 0, 0, 5, 0xdc]) { base in
      let icmp = try #require(ICMPView(at: base, length: 8))
      #expect(
        icmp.type == ICMPv6Type.packetTooBig && icmp.code == 0 && icmp.checksum == 0xabcd && icmp.parameter == 1500)
      icmp.type = ICMPType.timeExceeded
      icmp.code = 1
      icmp.checksum = 0x1234
      icmp.parameter = 0x0506_0708
    }
    #expect(written == [11, 1, 0x12, 0x34, 5, 6, 7, 8])
  }

  @Test func errorsAreNotAnswered() {
    #expect((0...255).filter { ICMPType.isError(UInt8($0)) } == [3, 4, 5, 11, 12])
    #expect((0...255).filter { ICMPv6Type.isError(UInt8($0)) } == Array(0...127) + [137])
  }
}
