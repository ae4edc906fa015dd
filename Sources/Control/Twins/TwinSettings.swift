import Dataplane

/// What a port's twin is to be.
struct TwinSettings: Equatable {
  /// Its name and namespace.
  var place: TwinName
  /// The port's name, for messages.
  var port: String
  /// The low 48 bits, in host byte order.
  var mac: UInt64
  /// Largest layer-3 packet, bytes.
  var mtu: Int
  /// The port's addresses.
  var addresses: [InterfaceAddress]
  /// The link-local address that the port has because none is configured; nil if one is, or IPv6 does not fit the MTU.
  var linkLocal: InterfaceAddress?

  /// The least MTU that IPv6 is possible with (RFC 8200, section 5).
  private static let leastIPv6 = 1280

  /// Nil: the port is to have none.
  init?(_ interface: InterfaceInfo, _ configuration: Configuration) {
    guard let tap = interface.entry.tap else { return nil }
    place = TwinName(namespace: configuration.namespace(vrf: interface.entry.vrf), name: tap)
    port = interface.name
    mac = interface.mac
    mtu = interface.entry.mtu
    addresses = interface.entry.addresses
    let own = InterfaceAddress.v6(interface.linkLocal, 64)
    let isConfigured = addresses.contains { $0.address == own.address }
    linkLocal = isConfigured || mtu < Self.leastIPv6 ? nil : own
  }

  /// The twin can have IPv6 addresses.
  var fitsIPv6: Bool { mtu >= Self.leastIPv6 }
}

/// Why a port has no twin.
struct TwinFailure: Error {
  /// The port's name.
  var port: String
  /// What is wrong and how to mend it.
  var message: String
}
