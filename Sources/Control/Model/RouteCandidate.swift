import Dataplane

/// One of the routes that are known for a prefix. Its source and metric tell it from the others.
public struct RouteCandidate: Hashable, Sendable {
  /// Who put it there.
  public let source: RouteSource
  /// The lowest is used.
  public let preference: UInt8
  /// Among candidates of one preference the lowest is used; then the source that stands first in ``RouteSource``. The
  /// usual metric of a route of its family is 0, others are relative to it.
  public let metric: Int
  /// Where packets go.
  public let target: RouteTarget

  /// Makes a candidate; unless told, with its source's own preference.
  public init(_ source: RouteSource, _ target: RouteTarget, preference: UInt8? = nil, metric: Int = 0) {
    self.source = source
    self.preference = preference ?? source.preference
    self.metric = metric
    self.target = target.labelled(0)
  }

  /// What stands in the table for it: its target, labelled with its source.
  var cell: RouteTarget { target.labelled(source.rawValue) }

  /// The cell says all there is to say of it.
  var isPlain: Bool { preference == source.preference && metric == 0 }

  /// The plain candidate that a cell says.
  init(plain cell: RouteTarget) {
    self.init(RouteSource(rawValue: cell.label)!, cell)
  }

  /// The data plane has it rather than `other`.
  func isBetter(than other: RouteCandidate) -> Bool {
    (preference, metric, source.rawValue) < (other.preference, other.metric, other.source.rawValue)
  }

  /// Whether both are the same route, perhaps with different targets: one takes the other's place.
  func isSameRoute(as other: RouteCandidate) -> Bool { source == other.source && metric == other.metric }
}
