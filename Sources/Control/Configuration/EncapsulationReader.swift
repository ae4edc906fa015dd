import Wire

extension ConfigurationReader {
  /// `encap: {mode, segments, source}` of a route.
  func readEncapsulation(_ entry: EntryReader, _ prefix: IPPrefix?) -> Encapsulation? {
    guard let node = entry.node("encap"),
      let encap = EntryReader(
        node, mark: entry.keyMark("encap"), path: entry.path("encap"), known: ["mode", "segments", "source"],
        diagnostics)
    else { return nil }
    encap.require("mode", like: "encap")
    encap.require("segments", like: "[\"fc00:0:2:d4::\"]")
    let mode = encap.choice("mode", of: Encapsulation.Mode.self)
    let segments = encap.segments("segments", of: mode ?? .encap)
    let source = encap.encapsulationSource("source")
    if mode == .inline {
      encap.refuse("source", "inline puts no header with a source around the packet; remove 'source'")
      if prefix?.isIPv4 == true {
        diagnostics.report(
          encap.valueMark("mode"), encap.path("mode"),
          "inline puts a header into IPv6 packets, and \(prefix!) is IPv4; write encap or encap.red")
        return nil
      }
    }
    guard let mode, let segments else { return nil }
    return Encapsulation(mode: mode, segments: segments, source: source, nexthop: nil)
  }
}
