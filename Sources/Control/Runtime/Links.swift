/// Which devices' ports have a link, as far as control has seen.
final class Links {
  private var up: [UInt16: Bool] = [:]

  /// Whether a port has a link, or has not been looked at yet.
  func isUp(_ port: UInt16) -> Bool { up[port] ?? true }

  /// Notes what was seen; true if it is new.
  func set(_ port: UInt16, _ isUp: Bool) -> Bool { up.updateValue(isUp, forKey: port) != isUp }
}
