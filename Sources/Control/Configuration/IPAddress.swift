import Wire

extension IPAddress: CustomStringConvertible {
  /// Reads an address of either family; nil for any other text.
  init?(parsing text: String) {
    if let address = IPv4Address(parsing: text) {
      self = .v4(address)
    } else if let address = IPv6Address(parsing: text) {
      self = .v6(address)
    } else {
      return nil
    }
  }

  /// The canonical text.
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }

  var isIPv4: Bool {
    if case .v4 = self { true } else { false }
  }

  var isUnspecified: Bool {
    switch self {
    case .v4(let address): address.isUnspecified
    case .v6(let address): address.isUnspecified
    }
  }

  /// fe80::/10: it means a host on one link, and says nothing of which.
  var isIPv6LinkLocal: Bool {
    if case .v6(let address) = self { address.isLinkLocal } else { false }
  }

  /// Why no host on a link can have this address; nil if one can.
  var flaw: String? {
    switch self {
    case .v4(let address):
      if address.isUnspecified { return "the unspecified address" }
      if address.isMulticast { return "a multicast address" }
      if address.isLoopback { return "a loopback address" }
      if address.isBroadcast { return "the broadcast address" }
      return address.isZeroNetwork ? "in 0.0.0.0/8, which no host has" : nil
    case .v6(let address):
      if address.isUnspecified { return "the unspecified address" }
      if address.isMulticast { return "a multicast address" }
      return address.isLoopback ? "the loopback address" : nil
    }
  }

  /// The prefix that holds this address alone.
  var host: IPPrefix { prefix(isIPv4 ? 32 : 128) }

  /// The prefix of `length` bits that the address lies in.
  func prefix(_ length: Int) -> IPPrefix {
    switch self {
    case .v4(let address): .v4(IPv4Prefix(address: address, length: length).masked)
    case .v6(let address): .v6(IPv6Prefix(address: address, length: length).masked)
    }
  }
}

extension IPPrefix: CustomStringConvertible {
  /// Reads a prefix of either family, host bits as given; a bare address is a prefix of its own. Nil for other text.
  init?(parsing text: String) {
    if let prefix = IPv4Prefix(parsing: text) {
      self = .v4(prefix)
    } else if let prefix = IPv6Prefix(parsing: text) {
      self = .v6(prefix)
    } else {
      return nil
    }
  }

  /// The prefix of the default route.
  static func everything(isIPv4: Bool) -> IPPrefix {
    isIPv4
      ? .v4(IPv4Prefix(address: IPv4Address(0), length: 0))
      : .v6(IPv6Prefix(address: IPv6Address(high: 0, low: 0), length: 0))
  }

  /// The canonical text, with the length.
  public var description: String {
    switch self {
    case .v4(let prefix): prefix.description
    case .v6(let prefix): prefix.description
    }
  }

  var isIPv4: Bool {
    if case .v4 = self { true } else { false }
  }

  var address: IPAddress {
    switch self {
    case .v4(let prefix): .v4(prefix.address)
    case .v6(let prefix): .v6(prefix.address)
    }
  }

  var length: Int {
    switch self {
    case .v4(let prefix): prefix.length
    case .v6(let prefix): prefix.length
    }
  }

  /// The prefix without host bits.
  var masked: IPPrefix { address.prefix(length) }
}

extension InterfaceAddress: CustomStringConvertible {
  /// The address itself.
  var address: IPAddress {
    switch self {
    case .v4(let address, _): .v4(address)
    case .v6(let address, _): .v6(address)
    }
  }

  /// The prefix that is on link.
  var onLink: IPPrefix {
    switch self {
    case .v4(let address, let length): IPAddress.v4(address).prefix(length)
    case .v6(let address, let length): IPAddress.v6(address).prefix(length)
    }
  }

  /// The directed broadcast address of the subnet (RFC 1812, section 5.3.5.2); nil where there is none.
  var directedBroadcast: IPv4Address? {
    guard case .v4(let own, let length) = self, length < 31 else { return nil }
    return IPv4Address(own.value | UInt32.max >> UInt32(length))
  }

  /// Address and length, such as `10.1.0.1/24`.
  public var description: String { "\(address)/\(onLink.length)" }
}

extension IPAddress: Comparable {
  /// IPv4 before IPv6, then by number.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    switch (left, right) {
    case (.v4(let left), .v4(let right)): left.value < right.value
    case (.v6(let left), .v6(let right)): (left.high, left.low) < (right.high, right.low)
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }
}
