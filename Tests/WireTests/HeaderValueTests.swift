import TestSupport
import Testing
import Wire

@Suite struct HeaderValueTests {
  /// Emits into poison at an odd address, twice with different poison: no byte of the header keeps it, none after the
  /// header is touched, and the value comes back from the bytes, but not from fewer.
  private func roundTrip<Header: HeaderValue>(_ header: Header) {
    let images = [0xa5, 0x5a].map { (poison: UInt8) in
      var bytes = [UInt8](repeating: poison, count: header.byteCount + 9)
      bytes.withUnsafeMutableBytes { header.emit(into: UnsafeMutableRawBufferPointer(rebasing: $0[1...])) }
      #expect(bytes[0] == poison && bytes[(1 + header.byteCount)...].allSatisfy { $0 == poison })
      return Array(bytes[1...header.byteCount])
    }
    #expect(images[0] == images[1])
    #expect(images[0] == header.bytes)
    images[0].withUnsafeBytes { bytes in
      #expect(Header(parsing: bytes) == header)
      for count in 0..<bytes.count {
        #expect(Header(parsing: UnsafeRawBufferPointer(rebasing: bytes[..<count])) == nil)
      }
    }
  }

  @Test func ethernet() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<500 {
      roundTrip(
        EthernetHeader(
          destination: MACAddress(random.next()), source: MACAddress(random.next()),
          etherType: UInt16(truncatingIfNeeded: random.next())))
    }
  }

  @Test func vlan() {
    for priority in UInt8(0)...7 {
      for vlanID in UInt16(0)...4095 where vlanID < 3 || vlanID % 63 == 0 {
        roundTrip(VLANTag(priority: priority, dropEligible: vlanID & 1 == 0, vlanID: vlanID, etherType: EtherType.ipv6))
      }
    }
    #expect(VLANTag(priority: 5, dropEligible: true, vlanID: 4094, etherType: 0x0800).bytes == [0xbf, 0xfe, 8, 0])
  }

  private func randomIPv4(using random: inout SeededRandom) -> IPv4Header {
    IPv4Header(
      typeOfService: .random(in: 0...255, using: &random), payloadLength: .random(in: 0...65_515, using: &random),
      identification: .random(in: 0 ... .max, using: &random), dontFragment: .random(using: &random),
      moreFragments: .random(using: &random), fragmentOffset: .random(in: 0...8191, using: &random) * 8,
      ttl: .random(in: 0...255, using: &random), protocol: .random(in: 0...255, using: &random),
      source: IPv4Address(.random(in: 0 ... .max, using: &random)),
      destination: IPv4Address(.random(in: 0 ... .max, using: &random)))
  }

  @Test func ipv4() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<500 { roundTrip(randomIPv4(using: &random)) }
  }

  /// A well-known header, of which 0xb861 is the checksum.
  @Test func ipv4Bytes() {
    let header = IPv4Header(
      payloadLength: 95, dontFragment: true, protocol: IPProtocol.udp, source: IPv4Address(parsing: "192.168.0.1")!,
      destination: IPv4Address(parsing: "192.168.0.199")!)
    #expect(
      header.bytes == [
        0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7,
      ])
  }

  @Test func ipv4Refused() {
    var random = SeededRandom(seed: 40)
    let good = randomIPv4(using: &random).bytes
    let edits: [(Int, UInt8)] = [(0, 0x65), (0, 0x46), (0, 0x44), (10, good[10] ^ 1), (19, good[19] ^ 0x80)]
    for (index, byte) in edits {
      var bytes = good
      bytes[index] = byte
      #expect(bytes.withUnsafeBytes { IPv4Header(parsing: $0) } == nil, "byte \(index) is \(byte)")
    }
    for total in UInt16(0)...20 {
      var bytes = good
      bytes.withUnsafeMutableBytes { buffer in
        let view = IPv4View(at: buffer.baseAddress!, length: 20)!
        view.totalLength = total
        view.updateChecksum()
      }
      #expect((bytes.withUnsafeBytes { IPv4Header(parsing: $0) } != nil) == (total == 20))
    }
  }

  @Test func ipv6() {
    var random = SeededRandom(seed: 6)
    for _ in 0..<500 {
      let header = IPv6Header(
        trafficClass: .random(in: 0...255, using: &random), flowLabel: .random(in: 0...0xf_ffff, using: &random),
        payloadLength: .random(in: 0 ... .max, using: &random), nextHeader: .random(in: 0...255, using: &random),
        hopLimit: .random(in: 0...255, using: &random), source: .random(using: &random),
        destination: .random(using: &random))
      roundTrip(header)
      var bytes = header.bytes
      bytes[0] = bytes[0] & 0x0f | 0x40
      #expect(bytes.withUnsafeBytes { IPv6Header(parsing: $0) } == nil)
    }
  }

  @Test func srh() throws {
    var random = SeededRandom(seed: 43)
    for _ in 0..<200 {
      let count = Int.random(in: 1...127, using: &random)
      let units = Int.random(in: 0...(255 - 2 * count), using: &random) % 33
      let tlvs = units == 0 ? [] : [4, UInt8(units * 8 - 2)] + random.bytes(units * 8 - 2)
      roundTrip(
        try #require(
          SRH(
            nextHeader: .random(in: 0...255, using: &random),
            segmentsLeft: .random(in: 0...UInt8(count), using: &random),
            flags: .random(in: 0...255, using: &random), tag: .random(in: 0 ... .max, using: &random),
            segments: (0..<count).map { _ in .random(using: &random) }, tlvs: tlvs)))
    }
  }
}
