import SRv6
import Testing

@Suite struct BehaviorRowTests {
  /// RFC 8986, section 10.2, table 6, and the sections that define them.
  @Test func codePointsNamesAndSections() {
    let expected: [(UInt16, String, String)] = [
      (17, "End.DX4", "4.5"), (18, "End.DT6", "4.6"), (19, "End.DT4", "4.7"),
    ]
    #expect(BehaviorRow.all.count == expected.count)
    for ((code, name, section), row) in zip(expected, BehaviorRow.all) {
      #expect(row.behavior.rawValue == code && row.name == name && row.section == section, "\(row.name)")
    }
  }

  @Test func everyBehaviorHasOneRow() {
    #expect(BehaviorRow.all.map(\.behavior) == Behavior.allCases.sorted { $0.rawValue < $1.rawValue })
    for behavior in Behavior.allCases {
      #expect(behavior.row.behavior == behavior && behavior.name == behavior.row.name)
    }
  }

  @Test func namesAreReadInAnyCase() {
    for behavior in Behavior.allCases {
      for text in [behavior.name, behavior.name.lowercased(), behavior.name.uppercased()] {
        #expect(Behavior(name: text) == behavior)
      }
    }
    for text in ["", "End", "DT4", "End.DT44", "End.DT4 ", "End_DT4"] {
      #expect(Behavior(name: text) == nil, "\(text)")
    }
  }

  @Test func attributesFollowFromTheContinuation() {
    for row in BehaviorRow.all {
      #expect(Set(row.required).isDisjoint(with: row.optional), "\(row.name)")
      switch row.continuation {
      case .tableLookup: #expect(row.required == [.vrf] && row.optional.isEmpty, "\(row.name)")
      case .adjacency: #expect(row.required == [.nexthop] && row.optional == [.port], "\(row.name)")
      }
    }
  }

  /// Sections 4.5...4.7, S01...S03: only the last segment, or no segment routing header, ends the tunnel.
  @Test func decapsulationNeedsTheLastSegment() {
    let wanted: [Behavior: Operation] = [
      .endDX4: .decapsulateIPv4, .endDT4: .decapsulateIPv4, .endDT6: .decapsulateIPv6,
    ]
    for row in BehaviorRow.all {
      #expect(row.operations[.noSRH] == wanted[row.behavior] && row.operations[.last] == wanted[row.behavior])
      #expect(row.operations[.penultimate] == .drop && row.operations[.transit] == .drop, "\(row.name)")
      #expect((row.inner == .ipv4) == (wanted[row.behavior] == .decapsulateIPv4), "\(row.name)")
    }
  }
}

@Suite struct SIDProgramTests {
  @Test func everyProgramGivesBackItsOperations() {
    let all: [Operation] = [.drop, .decapsulateIPv4, .decapsulateIPv6]
    for a in all {
      for b in all {
        for c in all {
          for d in all {
            let program = SIDProgram(noSRH: a, last: b, penultimate: c, transit: d)
            #expect([.noSRH, .last, .penultimate, .transit].map { program[$0] } == [a, b, c, d])
          }
        }
      }
    }
  }

  @Test func everySegmentsLeftHasItsState() {
    for left in UInt8.min...UInt8.max {
      let expected: SegmentState = left == 0 ? .last : left == 1 ? .penultimate : .transit
      #expect(SegmentState(segmentsLeft: left) == expected)
    }
  }
}
