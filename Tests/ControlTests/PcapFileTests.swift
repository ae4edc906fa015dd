import Control
import Foundation
import Testing

/// Writes capture files field by field, in either byte order.
private struct FileBuilder {
  var bigEndian = false
  var bytes: [UInt8] = []

  mutating func add16(_ value: UInt16) {
    withUnsafeBytes(of: bigEndian ? value.bigEndian : value.littleEndian) { bytes += $0 }
  }

  mutating func add32(_ values: UInt32...) {
    for value in values { withUnsafeBytes(of: bigEndian ? value.bigEndian : value.littleEndian) { bytes += $0 } }
  }

  mutating func addClassicHeader(magic: UInt32, linkType: UInt32 = 1) {
    add32(magic)
    add16(2)
    add16(4)
    add32(0, 0, 65535, linkType)
  }

  /// A pcapng block around a body of a multiple of 4 bytes.
  mutating func addBlock(_ type: UInt32, _ body: (inout FileBuilder) -> Void) {
    var inner = FileBuilder(bigEndian: bigEndian)
    body(&inner)
    add32(type, UInt32(inner.bytes.count + 12))
    bytes += inner.bytes
    add32(UInt32(inner.bytes.count + 12))
  }

  mutating func addSection() {
    addBlock(0x0a0d_0d0a) {
      $0.add32(0x1a2b_3c4d)
      $0.add16(1)
      $0.add16(0)
      $0.add32(.max, .max)
    }
  }

  mutating func addInterface(linkType: UInt16 = 1, resolution: UInt8? = nil) {
    addBlock(1) {
      $0.add16(linkType)
      $0.add16(0)
      $0.add32(0)
      guard let resolution else { return }
      $0.add16(2)  // if_name, to be stepped over
      $0.add16(3)
      $0.bytes += Array("ce0".utf8) + [0]
      $0.add16(9)
      $0.add16(1)
      $0.bytes += [resolution, 0, 0, 0]
      $0.add32(0)
    }
  }

  mutating func addPacket(interface: UInt32 = 0, time: UInt64, _ frame: [UInt8]) {
    addBlock(6) {
      $0.add32(
        interface, UInt32(time >> 32), UInt32(truncatingIfNeeded: time), UInt32(frame.count), UInt32(frame.count))
      $0.bytes += frame + [UInt8](repeating: 0xee, count: (4 - frame.count % 4) % 4)
    }
  }
}

/// Runs `body` with the path of a file that is not there yet and is removed afterwards.
private func withFile<Result>(_ body: (String) throws -> Result) rethrows -> Result {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("pcap-test-\(UUID().uuidString)").path
  defer { unlink(path) }
  return try body(path)
}

private func read(_ bytes: [UInt8]) throws -> [CapturedPacket] {
  try withFile { path in
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var reader = try PcapReader(file: path)
    var packets: [CapturedPacket] = []
    while let packet = try reader.next() { packets.append(packet) }
    #expect(try PcapReader(file: path).frames == packets.map(\.bytes))
    return packets
  }
}

private func error(reading bytes: [UInt8]) throws -> PcapError {
  try #require(#expect(throws: PcapError.self) { try read(bytes) })
}

private let frames = [0, 1, 14, 59, 60, 1514, 9018].map { count in (0..<count).map { UInt8(truncatingIfNeeded: $0) } }

@Suite struct PcapFileTests {
  @Test(arguments: [false, true], [(UInt32(0xa1b2_c3d4), UInt32(123_456_000)), (0xa1b2_3c4d, 123_456)])
  func classic(bigEndian: Bool, unit: (magic: UInt32, nanoseconds: UInt32)) throws {
    var file = FileBuilder(bigEndian: bigEndian)
    file.addClassicHeader(magic: unit.magic, linkType: 0x2400_0001)
    for (index, frame) in frames.enumerated() {
      file.add32(1_700_000_000 + UInt32(index), 123_456, UInt32(frame.count), UInt32(frame.count + index))
      file.bytes += frame
    }
    let expected = frames.enumerated().map {
      CapturedPacket(
        seconds: 1_700_000_000 + UInt64($0.offset), nanoseconds: unit.nanoseconds,
        originalLength: $0.element.count + $0.offset, bytes: $0.element)
    }
    #expect(try read(file.bytes) == expected)
  }

  @Test(arguments: [false, true]) func pcapng(bigEndian: Bool) throws {
    var file = FileBuilder(bigEndian: bigEndian)
    file.addSection()
    file.addInterface()
    file.addInterface(resolution: 9)
    file.addInterface(resolution: 0x81)
    file.addBlock(4) { $0.add32(0) }  // name resolution, to be stepped over
    for frame in frames { file.addPacket(time: 1_700_000_000_123_456, frame) }
    file.addPacket(interface: 1, time: 1_700_000_000_123_456_789, [1])
    file.addPacket(interface: 2, time: 3_400_000_001, [2])
    // A second section, in the other byte order, forgets the first one's interfaces.
    file.bigEndian.toggle()
    file.addSection()
    file.addInterface(resolution: 0)
    file.addPacket(time: 7, [3])
    let expected =
      frames.map { CapturedPacket(seconds: 1_700_000_000, nanoseconds: 123_456_000, bytes: $0) } + [
        CapturedPacket(seconds: 1_700_000_000, nanoseconds: 123_456_789, bytes: [1]),
        CapturedPacket(seconds: 1_700_000_000, nanoseconds: 500_000_000, bytes: [2]),
        CapturedPacket(seconds: 7, bytes: [3]),
      ]
    #expect(try read(file.bytes) == expected)
  }

  @Test func writtenFileIsReadBack() throws {
    let packets = frames.enumerated().map {
      CapturedPacket(
        seconds: UInt64($0.offset) << 29, nanoseconds: UInt32($0.offset) * 1000, originalLength: $0.element.count + 4,
        bytes: $0.element)
    }
    let bytes = try withFile { path in
      try Data([UInt8](repeating: 0xa5, count: 100_000)).write(to: URL(fileURLWithPath: path))
      let writer = try PcapWriter(file: path)
      for packet in packets { try writer.write(packet) }
      #expect(throws: PcapError.self) { try writer.write(CapturedPacket(bytes: .init(repeating: 0, count: 262_145))) }
      return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    }
    #expect(try read(bytes) == packets)
    var header = FileBuilder()
    header.addClassicHeader(magic: 0xa1b2_c3d4)
    header.bytes[16...19] = [0, 0, 4, 0]
    #expect(Array(bytes[..<24]) == header.bytes)
  }

  @Test func longestFrame() throws {
    let longest = CapturedPacket(bytes: .init(repeating: 7, count: 262_144))
    try withFile { path in
      try PcapWriter(file: path).write(longest)
      #expect(try PcapReader(file: path).frames == [longest.bytes])
    }
  }

  /// Cut anywhere but between two packets, a file gives the whole packets and then an error with the place.
  @Test(arguments: [false, true]) func truncatedAnywhere(isPcapng: Bool) throws {
    var file = FileBuilder()
    var ends: [Int] = []
    if isPcapng {
      file.addSection()
      file.addInterface()
    } else {
      file.addClassicHeader(magic: 0xa1b2_c3d4)
    }
    let headerEnd = file.bytes.count
    for frame in frames[..<4] {
      if isPcapng {
        file.addPacket(time: 0, frame)
      } else {
        file.add32(0, 0, UInt32(frame.count), UInt32(frame.count))
        file.bytes += frame
      }
      ends.append(file.bytes.count)
    }
    let whole = isPcapng ? [28] : []
    for count in 0..<file.bytes.count {
      try withFile { path in
        try Data(file.bytes[..<count]).write(to: URL(fileURLWithPath: path))
        var packets = 0
        var failure: PcapError?
        do throws(PcapError) {
          var reader = try PcapReader(file: path)
          while try reader.next() != nil { packets += 1 }
        } catch {
          failure = error
        }
        #expect(packets == ends.count { $0 <= count })
        #expect((failure == nil) == ((whole + [headerEnd] + ends).contains(count)), "cut to \(count) bytes")
        if let failure { #expect(failure.offset.map { $0 <= count } == true && failure.file == path) }
      }
    }
  }

  @Test(arguments: [262_145, 0x7fff_ffff, 0x8000_0000, UInt32.max]) func absurdLengths(length: UInt32) throws {
    var classic = FileBuilder()
    classic.addClassicHeader(magic: 0xa1b2_c3d4)
    classic.add32(0, 0, length, length)
    let failure = try error(reading: classic.bytes + [UInt8](repeating: 0, count: 300_000))
    #expect(failure.offset == 24 && failure.problem.contains("\(length)"))

    var pcapng = FileBuilder()
    pcapng.addSection()
    pcapng.addInterface()
    let start = pcapng.bytes.count
    pcapng.addPacket(time: 0, .init(repeating: 0, count: 64))
    let field = withUnsafeBytes(of: length.littleEndian) { Array($0) }
    var captured = pcapng.bytes
    captured.replaceSubrange(start + 20..<start + 24, with: field)
    #expect(try error(reading: captured).offset == start)
    var block = pcapng.bytes
    block.replaceSubrange(start + 4..<start + 8, with: field)
    #expect(try error(reading: block).offset == start + 4)
  }

  /// A damaged byte anywhere gives packets or an error, never a trap.
  @Test func damagedAnywhere() throws {
    var file = FileBuilder()
    file.addSection()
    file.addInterface(resolution: 6)
    file.addPacket(time: 5, .init(repeating: 1, count: 20))
    try withFile { path in
      var failures = 0
      for index in file.bytes.indices {
        for value in [0, 1, 3, 0x7f, 0x80, 0xbf, 0xc0, 0xff] as [UInt8] {
          var damaged = file.bytes
          damaged[index] = value
          try Data(damaged).write(to: URL(fileURLWithPath: path))
          do {
            #expect(try PcapReader(file: path).frames.count <= 1)
          } catch is PcapError {
            failures += 1
          }
        }
      }
      #expect(failures > 100)
    }
  }

  @Test func otherFilesAreNamed() throws {
    #expect(try error(reading: Array("#!/bin/sh\n".utf8)).problem.contains("no magic number"))
    #expect(try error(reading: []).offset == 0)
    var cooked = FileBuilder()
    cooked.addClassicHeader(magic: 0xa1b2_c3d4, linkType: 113)
    #expect(try error(reading: cooked.bytes).problem == "link type 113 is not Ethernet (1)")
    var pcapng = FileBuilder()
    pcapng.addSection()
    pcapng.addInterface(linkType: 113)
    #expect(try read(pcapng.bytes).isEmpty)
    pcapng.addPacket(time: 0, [1])
    #expect(try error(reading: pcapng.bytes).problem == "link type 113 is not Ethernet (1)")
    for type in [2, 3] as [UInt32] {
      var simple = FileBuilder()
      simple.addSection()
      simple.addBlock(type) { $0.add32(0) }
      #expect(try error(reading: simple.bytes).remedy.contains("editcap"))
    }
  }

  @Test func unreadableAndUnwritablePaths() throws {
    let missing = try #require(#expect(throws: PcapError.self) { try PcapReader(file: "/nonexistent/a.pcap") })
    #expect(missing.description.hasPrefix("/nonexistent/a.pcap: cannot be read (No such file or directory); "))
    #expect(throws: PcapError.self) { try PcapReader(file: "/") }
    let unwritable = try #require(#expect(throws: PcapError.self) { try PcapWriter(file: "/nonexistent/a.pcap") })
    #expect(unwritable.problem == "cannot be created (No such file or directory)")
  }
}
