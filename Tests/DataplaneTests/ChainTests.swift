import Testing

extension WorkerTests {
  /// A frame in a chain of buffers, cut anywhere, leaves as the same bytes.
  @Suite struct ChainTests {
    let node: Node

    init() throws { node = try Node() }

    func check(_ sample: Sample, rooms: some Sequence<Int>, firsts: some Sequence<Int>) throws {
      let whole = try node.send(sample.frame, to: sample.port)
      for room in rooms {
        let outcome = try node.send(sample.frame, to: sample.port, .init(room: room))
        if outcome != whole { Issue.record("\(sample.name) in buffers of \(room): \(outcome), not \(whole)") }
      }
      for first in firsts {
        let outcome = try node.send(sample.frame, to: sample.port, .init(first: first))
        if outcome != whole { Issue.record("\(sample.name) cut at \(first): \(outcome), not \(whole)") }
      }
    }

    @Test func cutAtEveryByte() throws {
      for sample in Sample.forwarded + Sample.dropped {
        try check(sample, rooms: 1...min(sample.frame.count, 2048), firsts: 0..<min(sample.frame.count, 2048))
      }
    }

    @Test func longestSegmentListCutAtEveryByte() throws {
      for sample in Sample.longest {
        let rooms = Array(1...64) + Array(stride(from: 65, through: 2048, by: 13)) + Array(2030...2048)
        try check(sample, rooms: rooms, firsts: 0...2048)
      }
    }

    /// In front of the cut and behind it the buffers' own ends are near: little headroom, no tailroom.
    @Test func buffersThatAreFull() throws {
      for sample in Sample.forwarded {
        let whole = try node.send(sample.frame, to: sample.port)
        for first in 0..<sample.frame.count {
          let layout = TestPort.Layout(first: first, headroom: UInt16(2176 - first))
          let outcome = try node.send(sample.frame, to: sample.port, layout)
          if outcome != whole { Issue.record("\(sample.name) cut at \(first), no tailroom: \(outcome)") }
        }
      }
    }

    /// A device that sends one buffer only gets one, if the packet fits it.
    @Test func devicesWithoutChains() throws {
      let plain = try Node(takesChains: false)
      let frame = tunnel(redDT4, 4, tenant4(size: 1400), segments: [redDT4])
      let whole = try node.send(frame)
      for room in [1, 64, 700, 1000] {
        try plain.port("core").put(frame, .init(room: room))
        #expect(plain.pollOnce() == 1)
        let sent = try #require(plain.port("ce-red").take())
        #expect(sent.buffers == 1 && whole == .sent("ce-red", sent.frame), "buffers of \(room)")
      }
      let jumbo = tunnel(redDT4, 4, tenant4(size: 8980), segments: [redDT4])
      #expect(try plain.send(jumbo, .init(room: 2048)) == .drop(.chainTooLong))
    }

    @Test func jumboFrames() throws {
      let samples = [
        Sample(name: "DT4", frame: tunnel(redDT4, 4, tenant4(size: 8980), segments: [redDT4])),
        Sample(name: "DT6", frame: tunnel(redDT6, 41, tenant6(size: 8960), segments: [redDT6])),
        Sample(name: "DX4", frame: tunnel(redDX4, 4, tenant4(size: 8980)) + pattern(60)),
        Sample(
          name: "long SRH",
          frame: tunnel(redDT4, 4, tenant4(size: 7000), segments: [String](repeating: redDT4, count: 127))),
      ]
      for sample in samples {
        #expect(try node.send(sample.frame).sent.count == 1, "\(sample.name)")
        try check(
          sample, rooms: stride(from: 16, through: 2048, by: 41), firsts: stride(from: 0, through: 2048, by: 31))
      }
    }
  }
}
