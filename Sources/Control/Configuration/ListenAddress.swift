import Wire

/// An address and a port of TCP to listen at: `127.0.0.1:8443`, `[2001:db8::1]:8443`.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// One of this machine's addresses, or the unspecified one for all of its family.
  public var address: IPAddress
  /// The port, 1 to 65535.
  public var port: Int

  /// Reads an address and a port; nil if the text is none.
  init?(parsing text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
      return nil
    }
    var host = text[..<colon]
    let isBracketed = host.first == "[" && host.last == "]"
    if isBracketed { host = host.dropFirst().dropLast() }
    guard let address = IPAddress(parsing: String(host)), address.isIPv4 != isBracketed else { return nil }
    (self.address, self.port) = (address, Int(port))
  }

  /// Only this machine reaches it.
  var isLoopback: Bool {
    switch address {
    case .v4(let address): address.isLoopback
    case .v6(let address): address.isLoopback
    }
  }

  /// As it is written.
  public var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
