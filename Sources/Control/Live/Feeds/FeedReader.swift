// How lines of a feed are read. It says what is so: whatever its verb, a line that finds it so already is no error.

extension ConfigurationReader {
  /// A reader for a feed's lines: ports and VRFs may come later than what names them.
  init(_ diagnostics: DiagnosticCollector, running configuration: Configuration, feed: Feed) {
    self.init(diagnostics, running: configuration)
    source = feed.name.source
    self.feed = feed.number
    epoch = feed.epoch
    ports.isOpen = true
    vrfs.isOpen = true
  }

  /// The lines are a feed's.
  var isFeed: Bool { feed != 0 }

  /// Understands a line.
  func command(_ line: [Word]) throws(IPCommandError) -> IPCommand {
    let command = try IPCommand(line)
    guard isFeed else { return command }
    switch command {
    case .route(var route):
      route.verb = route.verb.asStatement
      return .route(route)
    case .neighbor(var neighbor):
      neighbor.verb = neighbor.verb.asStatement
      return .neighbor(neighbor)
    case .sid(var sid):
      sid.verb = sid.verb.asStatement
      return .sid(sid)
    case .tunnelSource:
      throw IPCommandError(line[0], "the outer source is the configuration's and not \(source.name)'s; remove the line")
    case .address:
      throw IPCommandError(
        line[0], "the ports' addresses are the configuration's and not \(source.name)'s; remove the line")
    }
  }
}

extension IPVerb {
  /// There is such an entry, or there is none.
  fileprivate var asStatement: IPVerb { self == .delete ? .delete : .replace }
}
