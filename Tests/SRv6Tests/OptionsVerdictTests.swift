import SRv6
import Testing

/// RFC 8200, section 4.2: what unknown options ask for, and what known ones are refused for.
@Suite struct OptionsVerdictTests {
  let memory = GuardedBytes(capacity: 4096)

  func verdict(_ options: [UInt8]) -> OptionsVerdict {
    let header = [17, UInt8((options.count + 2) / 8 - 1)] + options
    return OptionsVerdict(memory.place(ipv6(next: 0) + header), at: 40)
  }

  @Test func paddingPasses() {
    for options in [[1, 4, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 0, 1, 2, 0, 0], [5, 2, 0, 0, 1, 0]] as [[UInt8]] {
      guard case .pass = verdict(options) else {
        Issue.record("\(options)")
        continue
      }
    }
  }

  @Test func everyUnknownType() {
    for type in 6...255 as ClosedRange<UInt8> where type != 0xc2 {
      switch (type >> 6, verdict([type, 4, 0, 0, 0, 0])) {
      case (0, .pass), (1, .drop): break
      case (2, .report(code: 2, at: 42, multicastIsSilent: false)): break
      case (3, .report(code: 2, at: 42, multicastIsSilent: true)): break
      default: Issue.record("\(type)")
      }
    }
  }

  @Test func optionsBeyondTheHeaderDrop() {
    for options in [[1, 5, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [30, 200, 0, 0, 0, 0]] as [[UInt8]] {
      guard case .drop = verdict(options) else {
        Issue.record("\(options)")
        continue
      }
    }
  }

  @Test func jumboPayloadIsReported() {
    for (options, place) in [([0xc2, 4, 0, 0, 0, 0], 44), ([0xc2, 4, 0, 1, 0, 0], 42), ([0xc2, 3, 0, 0, 0, 0], 43)]
      as [([UInt8], Int)]
    {
      guard case .report(code: 0, at: place, multicastIsSilent: false) = verdict(options) else {
        Issue.record("\(options)")
        continue
      }
    }
  }
}
