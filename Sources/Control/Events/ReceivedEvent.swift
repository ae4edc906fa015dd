import Foundation

/// A line of the event stream, as a client reads it.
public enum ReceivedEvent: Sendable {
  /// A route came, changed or went.
  case route(RouteEvent)
  /// A local SID came, changed or went.
  case sid(SIDEvent)
  /// A VRF came or went.
  case vrf(VRFEvent)
  /// A neighbour came, is known in another way, or went.
  case neighbor(NeighborEvent)
  /// A port's link went up or down.
  case link(LinkEvent)
  /// The client was too slow for some events.
  case lost(LostEvent)
  /// What the stream says of itself.
  case stream(StreamEvent)

  private struct Name: Decodable {
    var event: String
  }

  /// Reads a line. One of a kind that this version does not know is an error.
  public init(json line: Data) throws {
    func read<Known: Event>(_ type: Known.Type) throws -> Known { try JSONDecoder().decode(type, from: line) }
    let name = try JSONDecoder().decode(Name.self, from: line).event
    switch EventKind(rawValue: name) {
    case .route?: self = .route(try read(RouteEvent.self))
    case .sid?: self = .sid(try read(SIDEvent.self))
    case .vrf?: self = .vrf(try read(VRFEvent.self))
    case .neighbor?: self = .neighbor(try read(NeighborEvent.self))
    case .link?: self = .link(try read(LinkEvent.self))
    case nil where LostEvent.Name(rawValue: name) != nil: self = .lost(try read(LostEvent.self))
    case nil: self = .stream(try read(StreamEvent.self))
    }
  }

  /// A line for people, in the manner of `ip monitor`; nil where there is nothing to say.
  public var text: String? {
    switch self {
    case .route(let event):
      "[ROUTE] \(event.change.words)\(event.prefix) vrf \(event.vrf) \(event.action) source \(event.source)"
        + " metric \(event.metric)"
    case .sid(let event): "[SID] \(event.change.words)\(event.sid) \(event.action)"
    case .vrf(let event): "[VRF] \(event.change.words)\(event.vrf) table \(event.table)"
    case .neighbor(let event):
      "[NEIGHBOR] \(event.change.words)\(event.address) port \(event.port)"
        + "\(event.mac.map { " mac \($0)" } ?? "") \(event.state)"
    case .link(let event): "[LINK] \(event.port) \(event.link.rawValue)"
    case .lost(let event): "[LOST] \(event.count) events: this client is too slow; read the state again"
    case .stream: nil
    }
  }
}

extension EventChange {
  fileprivate var words: String {
    switch self {
    case .added: ""
    case .replaced: "Replaced "
    case .deleted: "Deleted "
    }
  }
}
