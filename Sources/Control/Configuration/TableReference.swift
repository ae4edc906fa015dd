/// A routing table.
public enum TableReference: Hashable, Sendable {
  /// The main table.
  case main
  /// A VRF's, by its name.
  case vrf(String)
  /// By its number, whether a VRF has it or not: packets do not join the VRF, as with Linux's `table`.
  case number(UInt32)
}

extension TableReference {
  /// The table of a VRF; nil is main.
  init(vrf name: String?) { self = name.map { .vrf($0) } ?? .main }

  /// The VRF's name; nil for main and for a number.
  public var vrf: String? {
    if case .vrf(let name) = self { name } else { nil }
  }

  /// The number of a table that is known by nothing else.
  public var number: UInt32? {
    if case .number(let number) = self { number } else { nil }
  }

  /// As configuration files and messages of `explain` have it: `vrf red`, `table 200`, `table main`.
  public var words: String {
    switch self {
    case .main: "table main"
    case .vrf(let name): "vrf \(name)"
    case .number(let number): "table \(number)"
    }
  }
}

extension Configuration {
  /// The numbers of the tables that routes and SIDs name and no VRF has, in ascending order.
  public var bareTables: [UInt32] {
    let named = routes.compactMap(\.table) + sids.compactMap { $0.table?.number }
    return Set(named).subtracting(vrfs.map(\.table)).sorted()
  }
}

extension TableReference {
  /// As listings have it: the VRF's name, `main`, or such as `table 200`.
  public var name: String { vrf ?? (self == .main ? "main" : words) }
}

extension TableReference: CustomStringConvertible {
  /// For messages.
  public var description: String {
    switch self {
    case .main: "the main table"
    case .vrf(let name): "VRF \(name)"
    case .number(let number): "table \(number)"
    }
  }
}
