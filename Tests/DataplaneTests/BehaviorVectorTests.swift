import Dataplane
import SRv6
import Testing

extension WorkerTests {
  /// Every behaviour in each combination of its flavours, with each kind of segment routing header: what leaves, to the byte,
  /// written down behaviour by behaviour.
  @Suite struct BehaviorVectorTests {
    /// What stands in front of the inner packet.
    enum Shape {
      case noSRH
      /// So many segments, so many of them left.
      case path(count: Int, left: Int)
      /// A header that contradicts itself, with so many segments left.
      case malformed(Fault, left: Int)

      static var all: [Shape] {
        var all = [Shape.noSRH]
        for count in [1, 3, 127] {
          for left in Set([0, 1, 2, count / 2, count - 1, count]) where left <= count {
            all.append(.path(count: count, left: left))
          }
        }
        for fault in Fault.allCases { all += [.malformed(fault, left: 0), .malformed(fault, left: 1)] }
        return all
      }

      var left: Int? {
        switch self {
        case .noSRH: nil
        case .path(_, let left), .malformed(_, let left): left
        }
      }
    }

    enum Fault: CaseIterable {
      /// Last Entry is beyond the header.
      case lastEntry
      /// A TLV is longer than the header.
      case tlv
      /// More segments are left than there are.
      case segmentsLeft
    }

    /// What is to become of a packet.
    enum Expected: Equatable {
      case sent(port: String, [UInt8])
      /// Dropped, and a parameter problem sent with that code and pointer.
      case problem(DropReason, code: UInt8, pointer: Int)
    }

    static let next = "2001:db8:6::7"
    let model = RandomNode()

    /// The inner packet of each family, and what the behaviour sends of it; nil: it takes no such packet out.
    private func out(_ sid: RandomNode.SID, _ kind: UInt8) -> Expected? {
      let isIPv4 = kind == 4
      switch sid.behavior {
      case .endDX4, .endDT4: return isIPv4 ? .sent(port: "ce-red", toRed(routed4(inner(sid, kind)))) : nil
      case .endDX6, .endDT6: return isIPv4 ? nil : .sent(port: "ce-red", toRed(routed6(inner(sid, kind))))
      case .endDT46:
        return .sent(port: "ce-blue", toBlue(isIPv4 ? routed4(inner(sid, kind)) : routed6(inner(sid, kind))))
      case .end, .endX, .endT:
        guard sid.flavors.contains(.usd) else { return nil }
        return .sent(port: "core", toCore(isIPv4 ? routed4(inner(sid, kind)) : routed6(inner(sid, kind))))
      default: return nil
      }
    }

    private func inner(_ sid: RandomNode.SID, _ kind: UInt8) -> [UInt8] {
      kind == 4 ? tenant4() : sid.behavior.row.inner == nil ? tenant6("2001:db8:6::9") : tenant6()
    }

    private func toCore(_ packet: [UInt8]) -> [UInt8] {
      ethernet(peerMAC, coreMAC, packet[0] >> 4 == 4 ? 0x0800 : 0x86dd, packet)
    }

    /// The list of a path at whose `left` the SID stands, with ``next`` after it.
    private func list(_ sid: String, _ count: Int, _ left: Int) -> [String] {
      var list = [String](repeating: "2001:db8:6::8", count: count)
      if left < count { list[left] = sid }
      if left > 0 { list[left - 1] = Self.next }
      return list
    }

    private func header(_ sid: String, _ shape: Shape, _ kind: UInt8, _ inner: [UInt8]) -> [UInt8] {
      switch shape {
      case .noSRH: return inner
      case .path(let count, let left): return srh(list(sid, count, left), left: left, next: kind, payload: inner)
      case .malformed(let fault, let left):
        let tlvs: [UInt8] = fault == .tlv ? [4, 7, 0, 0, 0, 0, 0, 0] : []
        var bytes = srh(list(sid, 2, left), left: left, next: kind, tlvs: tlvs, payload: inner)
        if fault == .lastEntry { bytes[4] = 2 }
        if fault == .segmentsLeft { bytes[3] = 3 }
        return bytes
      }
    }

    /// What the behaviour makes of a packet. A behaviour without vectors does not compile.
    private func expected(_ sid: RandomNode.SID, _ shape: Shape, _ kind: UInt8) -> Expected {
      let packet = inner(sid, kind)
      switch (sid.behavior, shape) {
      case (.endDX4, .malformed), (.endDX6, .malformed), (.endDT4, .malformed), (.endDT6, .malformed),
        (.endDT46, .malformed), (.end, .malformed), (.endX, .malformed), (.endT, .malformed),
        (.endB6Encaps, .malformed), (.endB6EncapsRed, .malformed), (.endB6, .malformed):
        return .problem(.srhMalformed, code: 0, pointer: 43)
      case (.endDX4, .path(_, 1...)), (.endDX6, .path(_, 1...)), (.endDT4, .path(_, 1...)), (.endDT6, .path(_, 1...)),
        (.endDT46, .path(_, 1...)):
        return .problem(.srhSegmentsLeft, code: 0, pointer: 43)
      case (.end, .path(let count, 1...)), (.endX, .path(let count, 1...)), (.endT, .path(let count, 1...)):
        let left = shape.left! - 1
        let isPopped = left == 0 && sid.flavors.contains(.psp)
        let moved = srh(list(sid.address, count, left + 1), left: left, next: kind, payload: packet)
        let out = ipv6(
          headend, Self.next, next: isPopped ? kind : 43, hopLimit: 63, payload: isPopped ? packet : moved)
        return .sent(port: "core", toCore(out))
      case (.endB6Encaps, .path(let count, 1...)), (.endB6EncapsRed, .path(let count, 1...)):
        let left = shape.left! - 1
        let moved = srh(list(sid.address, count, left + 1), left: left, next: kind, payload: packet)
        let whole = ipv6(headend, Self.next, next: 43, hopLimit: 63, payload: moved)
        let isReduced = sid.behavior == .endB6EncapsRed
        let listed = (isReduced ? Array(sid.segments.dropFirst()) : sid.segments).reversed().map(\.self)
        let path = listed.isEmpty ? whole : srh(listed, left: sid.segments.count - 1, next: 41, payload: whole)
        let out = ipv6(
          "2001:db8:1::1", sid.segments[0], next: listed.isEmpty ? 41 : 43, hopLimit: 63, payload: path)
        return .sent(port: "core", toCore(out))
      case (.endB6, .path(let count, 1...)):
        let kept = srh(list(sid.address, count, shape.left!), left: shape.left!, next: kind, payload: packet)
        let listed = [sid.address] + sid.segments.reversed()
        let out = ipv6(
          headend, sid.segments[0], next: 43, hopLimit: 63,
          payload: srh(listed, left: sid.segments.count, next: 43, payload: kept))
        return .sent(port: "core", toCore(out))
      case (.endDX4, _), (.endDX6, _), (.endDT4, _), (.endDT6, _), (.endDT46, _), (.end, _), (.endX, _), (.endT, _),
        (.endB6Encaps, _), (.endB6EncapsRed, _), (.endB6, _):
        let upper: Int = if case .path(let count, _) = shape { 48 + 16 * count } else { 40 }
        return out(sid, kind) ?? .problem(.wrongNextHeader, code: 4, pointer: upper)
      }
    }

    @Test func everyCombinationHasAVector() throws {
      let node = try Node(model.configuration, answers: true)
      var vectors: Set<String> = []
      for sid in model.sids {
        Environment.shared.poison()
        for shape in Shape.all {
          for kind in [4, 41] as [UInt8] {
            let expected = expected(sid, shape, kind)
            vectors.insert("\(sid.behavior) \(sid.flavors.rawValue) \(shape)")
            let payload = header(sid.address, shape, kind, inner(sid, kind))
            let packet = ipv6(headend, sid.address, next: shape.left == nil ? kind : 43, payload: payload)
            let got = try node.send(coreFrame(packet))
            if !agrees(got, expected, packet) {
              Issue.record(
                "\(sid.behavior.name) \(sid.flavors.names) \(shape), \(kind) inside: \(got), not \(expected)")
            }
          }
        }
      }
      let combinations = Behavior.allCases.reduce(0) { $0 + (1 << $1.row.flavors.names.count) }
      #expect(vectors.count == combinations * Shape.all.count)
    }

    /// Whether the frame or the drop and its error are those expected; the sender of the outer packet gets the error.
    private func agrees(_ got: Node.Outcome, _ expected: Expected, _ packet: [UInt8]) -> Bool {
      switch expected {
      case .sent(let port, let frame): return got == .sent(port, frame)
      case .problem(let reason, let code, let pointer):
        guard got.drops == [reason], got.sent.count == 1, let error = got.sent.first, error.port == "core" else {
          return false
        }
        let message = Array(error.frame.dropFirst(54))
        return Array(message.prefix(2)) == [4, code] && Array(message[4..<8]) == [0, 0] + be16(pointer)
          && Array(message[8...]) == Array(packet.prefix(1232)) && Array(error.frame[38..<54]) == address(headend)
      }
    }
  }
}
