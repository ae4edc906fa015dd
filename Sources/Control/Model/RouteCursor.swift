import Wire

/// The place of a route in the order of ``ForwardingState/routes(table:after:count:)``. It stays a place when the route
/// goes.
public struct RouteCursor: ListingCursor {
  /// The table's index.
  var table: Int
  var prefix: IPPrefix
  /// The candidate's place among those of the prefix.
  private var preference: UInt8
  private var metric: Int
  private var source: UInt8

  init(_ route: RouteRow) {
    (table, prefix) = (route.table, route.prefix)
    let candidate = route.candidate
    (preference, metric, source) = (candidate.preference, candidate.metric, candidate.source.rawValue)
  }

  /// Whether a candidate of the same prefix comes behind it.
  func precedes(_ candidate: RouteCandidate) -> Bool {
    (preference, metric, source) < (candidate.preference, candidate.metric, candidate.source.rawValue)
  }

  /// `1,10.0.0.0/8,10,0,3`
  public var description: String { "\(table),\(prefix),\(preference),\(metric),\(source)" }

  /// Reads a description.
  public init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, let table = Int(parts[0]), let prefix = IPPrefix(parsing: parts[1]),
      let preference = UInt8(parts[2]), let metric = Int(parts[3]), let source = UInt8(parts[4])
    else { return nil }
    (self.table, self.prefix, self.preference, self.metric, self.source) = (table, prefix, preference, metric, source)
  }
}
