/// Something that a line of the event stream says.
protocol Event: Decodable, Sendable {
  /// Writes the fields, their names in order.
  func write(to object: inout JSONObject)
}

/// A route came, changed or went.
public struct RouteEvent: Event {
  /// `route`.
  public var event = EventKind.route
  /// What became of it.
  public var change: EventChange
  /// The VRF in whose table it stands, `main`, or the number of a table without a VRF.
  public var vrf: String
  /// The destination.
  public var prefix: String
  /// What it does, as it was configured: `via 10.1.0.2 port ce-red`.
  public var action: String
  /// Who put it there: ``RouteSource/name``.
  public var source: String
  /// As Linux counts it.
  public var metric: UInt32
  /// The transaction that changed it.
  public var revision: UInt64

  func write(to object: inout JSONObject) {
    object.add("action", action)
    object.add("change", change.rawValue)
    object.add("event", event.rawValue)
    object.add("metric", metric)
    object.add("prefix", prefix)
    object.add("revision", revision)
    object.add("source", source)
    object.add("vrf", vrf)
  }
}

/// A local SID came, changed or went.
public struct SIDEvent: Event {
  /// `sid`.
  public var event = EventKind.sid
  /// What became of it.
  public var change: EventChange
  /// The SID: an address, or a prefix where it is shorter than /128.
  public var sid: String
  /// The behaviour and its parameters in words: `End.DT4 vrf red`.
  public var action: String
  /// The transaction that changed it.
  public var revision: UInt64

  func write(to object: inout JSONObject) {
    object.add("action", action)
    object.add("change", change.rawValue)
    object.add("event", event.rawValue)
    object.add("revision", revision)
    object.add("sid", sid)
  }
}

/// A VRF came or went.
public struct VRFEvent: Event {
  /// `vrf`.
  public var event = EventKind.vrf
  /// What became of it.
  public var change: EventChange
  /// Its name.
  public var vrf: String
  /// Its table's number.
  public var table: UInt32
  /// The transaction that changed it.
  public var revision: UInt64

  func write(to object: inout JSONObject) {
    object.add("change", change.rawValue)
    object.add("event", event.rawValue)
    object.add("revision", revision)
    object.add("table", table)
    object.add("vrf", vrf)
  }
}

/// A neighbour came, is known in another way, or went.
public struct NeighborEvent: Event {
  /// `neighbor`.
  public var event = EventKind.neighbor
  /// What became of it.
  public var change: EventChange
  /// The port that it is reached through.
  public var port: String
  /// Its address.
  public var address: String
  /// Its Ethernet address; absent where it is not known.
  public var mac: String?
  /// How far it is known, as in ``NeighborRow/state``.
  public var state: String
  /// The last transaction before.
  public var revision: UInt64

  func write(to object: inout JSONObject) {
    object.add("address", address)
    object.add("change", change.rawValue)
    object.add("event", event.rawValue)
    if let mac { object.add("mac", mac) }
    object.add("port", port)
    object.add("revision", revision)
    object.add("state", state)
  }
}

/// A port's link went up or down.
public struct LinkEvent: Event {
  /// `link`.
  public var event = EventKind.link
  /// The port.
  public var port: String
  /// What its link is now.
  public var link: PortRow.Link
  /// The last transaction before.
  public var revision: UInt64

  func write(to object: inout JSONObject) {
    object.add("event", event.rawValue)
    object.add("link", link.rawValue)
    object.add("port", port)
    object.add("revision", revision)
  }
}
