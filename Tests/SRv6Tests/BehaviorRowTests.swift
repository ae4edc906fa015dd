import SRv6
import Testing

@Suite struct BehaviorRowTests {
  /// RFC 8986, section 10.2, table 6, and the sections that define them.
  @Test func codePointsNamesAndSections() {
    let expected: [(UInt16?, String, String?)] = [
      (1, "End", "4.1"), (5, "End.X", "4.2"), (9, "End.T", "4.3"), (14, "End.B6.Encaps", "4.13"),
      (16, "End.DX6", "4.4"), (17, "End.DX4", "4.5"), (18, "End.DT6", "4.6"), (19, "End.DT4", "4.7"),
      (20, "End.DT46", "4.8"), (27, "End.B6.Encaps.Red", "4.14"), (nil, "End.B6", nil),
    ]
    #expect(BehaviorRow.all.count == expected.count)
    for ((code, name, section), row) in zip(expected, BehaviorRow.all) {
      #expect(row.behavior.codePoint == code && row.name == name && row.section == section, "\(row.name)")
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
    for text in ["", "DT4", "End.DT44", "End.DT4 ", "End_DT4"] {
      #expect(Behavior(name: text) == nil, "\(text)")
    }
  }

  /// Sections 4.1...4.14: what a behaviour is associated with.
  @Test func attributes() {
    for row in BehaviorRow.all {
      let wanted: (required: [BehaviorAttribute], optional: [BehaviorAttribute]) =
        switch row.behavior {
        case .end: ([], [.flavors])
        case .endX: ([.nexthop], [.port, .flavors])
        case .endT: ([.table], [.flavors])
        case .endDX4, .endDX6: ([.nexthop], [.port])
        case .endDT4, .endDT6, .endDT46: ([.table], [])
        case .endB6, .endB6Encaps, .endB6EncapsRed: ([.segments], [])
        }
      #expect(row.required == wanted.required && row.optional == wanted.optional, "\(row.name)")
    }
  }

  /// Section 4.16: flavours are those of End, End.X and End.T.
  @Test func flavorsBelongToTheEndpointsThatPassOn() {
    for row in BehaviorRow.all {
      let has = [.end, .endX, .endT].contains(row.behavior)
      #expect(row.flavors == (has ? [.psp, .usp, .usd] : []), "\(row.name)")
      #expect(row.optional.contains(.flavors) == has)
    }
  }

  /// Sections 4.4...4.7, S01...S03: only the last segment, or no segment routing header, ends the tunnel.
  @Test func decapsulationNeedsTheLastSegment() {
    let wanted: [Behavior: Operation] = [
      .endDX4: .decapsulateIPv4, .endDT4: .decapsulateIPv4, .endDX6: .decapsulateIPv6, .endDT6: .decapsulateIPv6,
    ]
    for row in BehaviorRow.all {
      guard let operation = wanted[row.behavior] else { continue }
      #expect(row.operations[.noSRH] == operation && row.operations[.last] == operation)
      #expect(row.operations[.penultimate] == .drop && row.operations[.transit] == .drop, "\(row.name)")
      #expect((row.inner == .ipv4) == (operation == .decapsulateIPv4), "\(row.name)")
    }
  }
}

@Suite struct FlavorsTests {
  @Test func namesAreReadInAnyCaseAndGivenInTheRFCsOrder() {
    #expect(Flavors(name: "psp") == .psp && Flavors(name: "Usp") == .usp && Flavors(name: "USD") == .usd)
    for text in ["", "PSP,USP", "NEXT-C-SID", "PSP "] { #expect(Flavors(name: text) == nil) }
    #expect(Flavors([.usd, .psp]).names == ["PSP", "USD"])
    #expect(Flavors.all.names == ["PSP", "USP", "USD"] && Flavors().names.isEmpty)
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
