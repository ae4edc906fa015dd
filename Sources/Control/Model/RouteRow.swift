/// Who put a route there, the most preferred first: of two for one prefix the data plane has the earlier one's.
public enum RouteSource: Int, Comparable, Sendable {
  /// An address of ours.
  case local
  /// A local SID.
  case sid
  /// The on-link prefix of an address of ours.
  case connected
  /// The configuration's `routes:`.
  case `static`
  /// A neighbour on an on-link prefix.
  case neighbor

  /// By preference.
  public static func < (left: RouteSource, right: RouteSource) -> Bool { left.rawValue < right.rawValue }

  /// The source's name in `show routes`.
  public var name: String {
    switch self {
    case .local: "local"
    case .sid: "sid"
    case .connected: "connected"
    case .static: "static"
    case .neighbor: "neighbor"
    }
  }
}

/// A route as it stands in a table.
public struct RouteRow {
  /// The table's index in the data plane: 0 is main, then the VRFs in the configuration's order.
  public var table: Int
  /// The destination.
  public var prefix: IPPrefix
  /// Who put it there.
  public var source: RouteSource
  /// What it does, in words: `via 10.1.0.2 port ce-red`, `blackhole`, `End.DT4 vrf red`.
  public var action: String
}
