/// How wide the root of a table is. A wider root is faster and larger.
public enum RootForm: Sendable {
  /// By the number of its routes and of tables, see ``FIB4`` and ``FIB6``.
  case automatic
  /// The narrowest: 8 bits.
  case compact
  /// The widest: 24 bits (DIR-24-8).
  case flat
}

/// The rule for automatic roots.
struct RootSizing {
  /// A root of `bits` is for tables with at least `routes`, or with at least `fewRoutes` while such roots for all
  /// tables would fit in the budget, but fewer than `tooMany`.
  struct Width {
    let bits: Int
    let fewRoutes: Int
    let routes: Int
    var tooMany = Int.max

    var bytes: Int { 5 << bits }
  }

  static let narrowest = 8
  /// Of many routes, a root of 24 bits has more cache lines in use than lists have.
  static let ipv4 = [
    Width(bits: 16, fewRoutes: 64, routes: 2048), Width(bits: 18, fewRoutes: 32_768, routes: 65_536),
    Width(bits: 24, fewRoutes: 256, routes: .max, tooMany: 32_768),
  ]
  static let ipv6 = [Width(bits: 16, fewRoutes: 256, routes: 4096), Width(bits: 24, fewRoutes: 16_384, routes: 65_536)]

  /// From the narrowest to the widest; without those that no table is to have.
  let widths: [Width]
  /// Bytes that the roots of tables with few routes may take, were they all as wide.
  let budget: Int
  /// Whether roots skip the bits that all routes share.
  var skipsSharedBits = false
  /// Tables with so many routes have a ``RouteIndex``, if their root is wide enough.
  var indexedRoutes = 65_536

  /// The bits that should index a table's root, which has `current` now. A root stays until its table has less than
  /// three quarters of the routes for it, and a wide one comes back with less than three quarters of those that are too
  /// many, so that a table near a threshold does not exchange its root at every change.
  func bits(form: RootForm, routes: Int, tables: Int, current: Int) -> Int {
    switch form {
    case .compact: return Self.narrowest
    case .flat: return widths.last?.bits ?? Self.narrowest
    case .automatic: break
    }
    let fitting = widths.last { width in
      let least = width.bytes * tables <= budget ? width.fewRoutes : width.routes
      let most = current == width.bits ? width.tooMany : width.tooMany / 4 * 3
      return routes >= (current >= width.bits ? least / 4 * 3 : least) && routes < most
    }
    return fitting?.bits ?? Self.narrowest
  }

  /// A root of `bits` for a table whose routes share so many leading bits. Whole bytes are skipped; a root ends at 24.
  func shape(bits: Int, shared: Int) -> RootShape {
    RootShape(skipped: skipsSharedBits ? min(shared, 24 - bits) & ~7 : 0, bits: bits)
  }

  /// Whether one table more means that roots of some width no longer fit in the budget.
  func isTighter(tables: Int) -> Bool {
    widths.contains { $0.bytes * tables > budget && $0.bytes * (tables - 1) <= budget }
  }
}
