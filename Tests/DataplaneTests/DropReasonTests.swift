import Dataplane
import Testing

@Suite struct DropReasonTests {
  @Test func namesAreDistinctWordsWithHyphens() {
    let names = DropReason.allCases.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names { #expect(name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(name)") }
  }

  @Test func countersHoldEveryReason() {
    for reason in DropReason.allCases { #expect(1..<DropReason.places ~= Int(reason.rawValue)) }
  }
}
