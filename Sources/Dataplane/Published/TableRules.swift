import Wire

/// What holds for a table besides its routes.
@frozen public struct TableRules {
  /// What has no route here is looked up in the main table, as Linux's rules do.
  public var fallsBackToMain: Bool
  /// The table by which answers about its packets are routed: its own, but main for a table that no VRF has.
  public var answers: UInt32
  /// Which sources IPv4 packets may have that come out of a tunnel; nil: those that the receiving interface says.
  public var rpFilter: ReversePathFilter?
  /// Its routes are the neighbours of one link, to whom Linux's End.DX4 sends whatever the destination is.
  public var isLink: Bool
  /// The host takes what is for addresses of the table, by the twin of one of its interfaces.
  public var hasTwin: Bool

  /// Makes the rules.
  public init(
    fallsBackToMain: Bool, answers: UInt32, rpFilter: ReversePathFilter? = nil, isLink: Bool = false,
    hasTwin: Bool = false
  ) {
    self.fallsBackToMain = fallsBackToMain
    self.answers = answers
    self.rpFilter = rpFilter
    self.isLink = isLink
    self.hasTwin = hasTwin
  }
}

/// The addresses of this node, from which answers are sent: interface by interface, in the configuration's order.
@frozen public struct OwnAddressList {
  /// An IPv4 address and the interface that has it.
  @frozen public struct IPv4Entry {
    /// In host byte order.
    public var address: UInt32
    /// The mask of its on-link prefix, in host byte order.
    public var mask: UInt32
    /// The interface's index.
    public var interface: UInt32
    /// The interface's table.
    public var table: UInt32

    /// Makes an entry.
    public init(address: UInt32, mask: UInt32, interface: UInt32, table: UInt32) {
      self.address = address
      self.mask = mask
      self.interface = interface
      self.table = table
    }
  }

  /// An IPv6 address and the interface that has it.
  @frozen public struct IPv6Entry {
    /// The address.
    public var address: IPv6Address
    /// The interface's index.
    public var interface: UInt32
    /// The interface's table.
    public var table: UInt32

    /// Makes an entry.
    public init(address: IPv6Address, interface: UInt32, table: UInt32) {
      self.address = address
      self.interface = interface
      self.table = table
    }
  }

  /// IPv4 addresses.
  public var ipv4: UnsafePointer<IPv4Entry>
  /// How many.
  public var ipv4Count: Int
  /// IPv6 addresses, link-local ones left out.
  public var ipv6: UnsafePointer<IPv6Entry>
  /// How many.
  public var ipv6Count: Int

  /// Makes a list.
  public init(ipv4: UnsafePointer<IPv4Entry>, ipv4Count: Int, ipv6: UnsafePointer<IPv6Entry>, ipv6Count: Int) {
    self.ipv4 = ipv4
    self.ipv4Count = ipv4Count
    self.ipv6 = ipv6
    self.ipv6Count = ipv6Count
  }
}
