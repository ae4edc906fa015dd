/// Who feeds entries into the forwarder besides its users: the kernel, or a routing protocol by its daemon's name.
public struct SourceName: Hashable, Sendable {
  /// `kernel` or `protocol`.
  public let source: RouteSource
  /// The daemon's or client's name, such as `bgp` or `frr`; `kernel` of the kernel.
  public let name: String

  /// The kernel.
  public static let kernel = SourceName(source: .kernel, name: RouteSource.kernel.name)

  /// The protocol of that name.
  ///
  /// - Throws: ``ChangeError`` for a name that none can have.
  public static func `protocol`(_ name: String) throws(ChangeError) -> SourceName {
    if RouteSource.allCases.contains(where: { $0.name == name }) {
      throw ChangeError(messages: ["a protocol cannot be called '\(name)': that is a source itself"])
    }
    guard NameSpace.isName(name) else {
      throw ChangeError(messages: ["\(quoted(name)) is no name for a protocol; use \(NameSpace.nameRule)"])
    }
    return SourceName(source: .protocol, name: name)
  }

  private init(source: RouteSource, name: String) {
    self.source = source
    self.name = name
  }

  /// The source that two words name: `kernel`, or `protocol` and a name.
  ///
  /// - Throws: ``ChangeError`` that says which there are.
  public init(source: String, name: String?) throws(ChangeError) {
    switch (RouteSource.allCases.first { $0.name == source }, name) {
    case (.kernel?, nil), (.kernel?, Self.kernel.name): self = .kernel
    case (.kernel?, let name?):
      throw ChangeError(messages: ["the kernel is one source and has no name; remove '\(name)'"])
    case (.protocol?, let name?): self = try .protocol(name)
    case (.protocol?, nil):
      throw ChangeError(messages: ["a protocol has a name, such as bgp or frr; add 'name'"])
    default:
      throw ChangeError(messages: ["\(quoted(source)) gives no entries; the sources that do are kernel and protocol"])
    }
  }

  /// The name of a protocol; nil for the kernel.
  public var protocolName: String? { source == .protocol ? name : nil }

  /// The two words, or `kernel` alone.
  public var words: String { source == .kernel ? name : "\(source.name) \(name)" }
}
