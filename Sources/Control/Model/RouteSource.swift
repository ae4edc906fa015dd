/// Who put a route there. Of several routes for one prefix the data plane has the one with the lowest preference.
public enum RouteSource: UInt8, CaseIterable, Comparable, Sendable {
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
  /// Set by hand while the forwarder runs.
  case api
  /// The kernel's routes.
  case kernel
  /// A routing protocol's, through a daemon such as FRR.
  case `protocol`

  /// The preference of this source's routes unless they bring their own, as FRR's administrative distance: lower wins.
  /// Room is left between them; a protocol's routes may have 20 to 249.
  public var preference: UInt8 {
    switch self {
    case .local: 0
    case .sid: 1
    case .connected: 2
    case .api: 8
    case .static: 10
    case .kernel: 15
    case .protocol: 20
    case .neighbor: 250
    }
  }

  /// By preference.
  public static func < (left: RouteSource, right: RouteSource) -> Bool { left.preference < right.preference }

  /// The source's name in `show routes`.
  public var name: String {
    switch self {
    case .local: "local"
    case .sid: "sid"
    case .connected: "connected"
    case .static: "static"
    case .neighbor: "neighbor"
    case .api: "api"
    case .kernel: "kernel"
    case .protocol: "protocol"
    }
  }
}
