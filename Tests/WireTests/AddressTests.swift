import Testing
import Wire

@Suite struct AddressBytesTests {
  /// At every alignment: the bytes are in network order, and none beside them is touched.
  @Test(arguments: 0..<8) func loadAndStore(offset: Int) {
    var bytes = [UInt8](repeating: 0xa5, count: 32)
    bytes.withUnsafeMutableBytes { buffer in
      let place = buffer.baseAddress! + offset
      let v6 = IPv6Address(high: 0x0001_0203_0405_0607, low: 0x0809_0a0b_0c0d_0e0f)
      v6.store(to: place)
      #expect(buffer[offset..<offset + 17].elementsEqual(Array(0...15) + [0xa5]))
      #expect(IPv6Address(loadingFrom: place) == v6)
      IPv4Address(0xc000_0221).store(to: place)
      #expect(buffer[offset..<offset + 5].elementsEqual([0xc0, 0, 2, 0x21, 4]))
      #expect(IPv4Address(loadingFrom: place) == IPv4Address(0xc000_0221))
      MACAddress(0x0200_0000_1122).store(to: place)
      #expect(buffer[offset..<offset + 7].elementsEqual([2, 0, 0, 0, 0x11, 0x22, 6]))
      #expect(MACAddress(loadingFrom: place) == MACAddress(0x0200_0000_1122))
    }
    #expect(bytes[..<offset].allSatisfy { $0 == 0xa5 })
    #expect(bytes[(offset + 16)...].allSatisfy { $0 == 0xa5 })
  }

  @Test(arguments: 0..<4) func bigEndianNumbers(offset: Int) {
    var bytes = [UInt8](repeating: 0xa5, count: 16)
    bytes.withUnsafeMutableBytes { buffer in
      let base = buffer.baseAddress!
      base.storeBE64(0x0102_0304_0506_0708, at: offset)
      #expect(buffer[offset..<offset + 9].elementsEqual([1, 2, 3, 4, 5, 6, 7, 8, 0xa5]))
      #expect(base.loadBE64(offset) == 0x0102_0304_0506_0708)
      #expect(base.loadBE32(offset + 1) == 0x0203_0405)
      #expect(base.loadBE16(offset + 3) == 0x0405)
      base.storeBE32(0xaabb_ccdd, at: offset + 1)
      base.storeBE16(0xeeff, at: offset + 5)
      base.storeByte(0x77, at: offset)
      #expect(buffer[offset..<offset + 8].elementsEqual([0x77, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 8]))
      #expect(base.loadByte(offset + 6) == 0xff)
    }
  }
}

@Suite struct AddressPredicateTests {
  /// Each predicate at the first and last address of its prefix and one beyond each.
  @Test(
    arguments: [
      ("224.0.0.0/4", \.isMulticast), ("127.0.0.0/8", \.isLoopback), ("169.254.0.0/16", \.isLinkLocal),
      ("0.0.0.0/8", \.isZeroNetwork),
      ("0.0.0.0/32", \.isUnspecified), ("255.255.255.255/32", \.isBroadcast),
    ] as [(String, KeyPath<IPv4Address, Bool> & Sendable)])
  func ipv4(text: String, predicate: KeyPath<IPv4Address, Bool> & Sendable) throws {
    let prefix = try #require(IPv4Prefix(parsing: text))
    let first = prefix.address.value
    let last = first | ~prefix.mask
    #expect(IPv4Address(first)[keyPath: predicate] && IPv4Address(last)[keyPath: predicate])
    if first > 0 { #expect(!IPv4Address(first - 1)[keyPath: predicate]) }
    if last < .max { #expect(!IPv4Address(last + 1)[keyPath: predicate]) }
  }

  @Test(
    arguments: [
      ("ff00::/8", \.isMulticast), ("::1/128", \.isLoopback), ("fe80::/10", \.isLinkLocal), ("::/128", \.isUnspecified),
      ("::ffff:0:0/96", \.isIPv4Mapped),
    ] as [(String, KeyPath<IPv6Address, Bool> & Sendable)])
  func ipv6(text: String, predicate: KeyPath<IPv6Address, Bool> & Sendable) throws {
    let prefix = try #require(IPv6Prefix(parsing: text))
    for bit in 0..<128 {
      let flip = bit < 64 ? IPv6Address(high: 1 << (63 - bit), low: 0) : IPv6Address(high: 0, low: 1 << (127 - bit))
      let neighbour = IPv6Address(high: prefix.address.high ^ flip.high, low: prefix.address.low ^ flip.low)
      #expect(neighbour[keyPath: predicate] == (bit >= prefix.length), "bit \(bit)")
    }
    #expect(prefix.address[keyPath: predicate])
  }

  @Test func ethernet() {
    #expect(MACAddress.broadcast.isBroadcast && MACAddress.broadcast.isMulticast)
    #expect(MACAddress(0x0100_5e00_0001).isMulticast && !MACAddress(0x0100_5e00_0001).isBroadcast)
    #expect(!MACAddress(0x0200_0000_0001).isMulticast)
    #expect(MACAddress(0).isUnspecified && !MACAddress(1).isUnspecified)
    #expect(MACAddress(.max) == .broadcast)
  }
}
