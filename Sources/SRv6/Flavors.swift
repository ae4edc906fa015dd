/// The flavours of a behaviour: where the segment routing header is removed (RFC 8986, section 4.16).
@frozen public struct Flavors: OptionSet, Hashable, Sendable {
  /// A bit a flavour.
  public let rawValue: UInt8

  /// Takes the bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Penultimate segment pop: the header goes when Segments Left becomes 0.
  public static let psp = Flavors(rawValue: 1)
  /// Ultimate segment pop: the header goes when Segments Left is 0 on arrival.
  public static let usp = Flavors(rawValue: 2)
  /// Ultimate segment decapsulation: the outer header goes when Segments Left is 0 on arrival.
  public static let usd = Flavors(rawValue: 4)

  /// All three.
  public static let all: Flavors = [.psp, .usp, .usd]

  private static let named: [(flavor: Flavors, name: String)] = [(.psp, "PSP"), (.usp, "USP"), (.usd, "USD")]

  /// The names of RFC 8986, in its order: `PSP`, `USP`, `USD`.
  public var names: [String] { Flavors.named.filter { contains($0.flavor) }.map(\.name) }

  /// The flavour of that name, in any case; nil if there is none.
  public init?(name: String) {
    guard let found = Flavors.named.first(where: { $0.name == name.uppercased() }) else { return nil }
    self = found.flavor
  }
}
