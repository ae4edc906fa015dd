import Testing

extension WorkerTests {
  /// Frames cut at every byte, in buffers that end where an unreadable page begins.
  @Suite struct TruncationTests {
    let node: Node
    let guarded = GuardedFrame()

    init() throws { node = try Node() }

    func send(_ frame: [UInt8], to port: String) throws -> Node.Outcome {
      try guarded.put(frame, to: node.port(port))
      defer { guarded.restore() }
      return node.poll(expecting: 1)
    }

    /// As a wire cuts: the headers promise more than there is.
    @Test func cutByTheWire() throws {
      for sample in Sample.forwarded + Sample.longest {
        for count in 0..<sample.frame.count {
          let outcome = try send(Array(sample.frame.prefix(count)), to: sample.port)
          if outcome != .drop(.truncated) { Issue.record("\(sample.name) cut to \(count): \(outcome)") }
        }
        let outcome = try send(sample.frame, to: sample.port)
        #expect(try outcome == node.send(sample.frame, to: sample.port) && outcome.sent.count == 1, "\(sample.name)")
      }
    }

    /// As a sender cuts, whose outer payload length fits what is left.
    @Test func cutByTheSender() throws {
      for sample in Sample.forwarded + Sample.longest where sample.isTunnel {
        let start = sample.name == "tagged" ? 18 : 14
        for count in start + 40..<sample.frame.count {
          let length = count - start - 40
          let cut = patched(sample.frame, start + 4, UInt8(length >> 8), UInt8(length & 0xff)).prefix(count)
          let outcome = try send(Array(cut), to: sample.port)
          if outcome != .drop(.truncated) { Issue.record("\(sample.name) shortened to \(count): \(outcome)") }
        }
      }
    }

    /// What is dropped for another reason is never forwarded when it is cut.
    @Test func cutOfWhatIsDropped() throws {
      for sample in Sample.dropped {
        for count in 0..<sample.frame.count {
          let outcome = try send(Array(sample.frame.prefix(count)), to: sample.port)
          if !outcome.sent.isEmpty { Issue.record("\(sample.name) cut to \(count): \(outcome)") }
        }
        #expect(try send(sample.frame, to: sample.port).drops.first != .truncated, "\(sample.name)")
      }
    }

    /// The same in chains of buffers.
    @Test func cutAndChained() throws {
      for sample in Sample.forwarded {
        for count in 1..<sample.frame.count {
          for room in [1, 7, 16, 53] {
            let outcome = try node.send(Array(sample.frame.prefix(count)), to: sample.port, .init(room: room))
            if outcome != .drop(.truncated) { Issue.record("\(sample.name) cut to \(count), by \(room): \(outcome)") }
          }
        }
      }
    }
  }
}
