import Tables

/// Everything that a worker reads to forward: one immutable value, published whole by one store.
@frozen public struct Snapshot {
  /// IPv4 routes of every table.
  public var fib4: FIB4View
  /// IPv6 routes and local SIDs of every table.
  public var fib6: FIB6View
  /// Next hops by index; 0 is unused.
  public var nextHops: UnsafePointer<NextHop>
  /// The buckets of all groups of next hops: indexes of next hops.
  public var buckets: UnsafePointer<UInt32>
  /// What flow hashes begin with.
  public var flowSeed: UInt64
  /// Local SIDs by index.
  public var sids: UnsafePointer<LocalSID>
  /// Interfaces by index.
  public var interfaces: UnsafePointer<Interface>
  /// Ports by the device's number.
  public var ports: UnsafePointer<IngressPort>
  /// Policies by index.
  public var policies: UnsafePointer<Policy>
  /// Tables by index.
  public var tables: UnsafePointer<TableRules>
  /// The first of the tables that each interface has for itself, which say what its link-local addresses are.
  public var firstLinkTable: UInt32
  /// Addresses of this node.
  public var addresses: OwnAddressList
  /// Answers are Linux's where they differ.
  public var isLikeLinux: Bool

  /// Makes a snapshot.
  public init(
    fib4: FIB4View, fib6: FIB6View, nextHops: UnsafePointer<NextHop>, buckets: UnsafePointer<UInt32>,
    flowSeed: UInt64, sids: UnsafePointer<LocalSID>, interfaces: UnsafePointer<Interface>,
    ports: UnsafePointer<IngressPort>, policies: UnsafePointer<Policy>,
    tables: UnsafePointer<TableRules>, firstLinkTable: UInt32, addresses: OwnAddressList, isLikeLinux: Bool
  ) {
    self.fib4 = fib4
    self.fib6 = fib6
    self.nextHops = nextHops
    self.buckets = buckets
    self.flowSeed = flowSeed
    self.sids = sids
    self.interfaces = interfaces
    self.ports = ports
    self.policies = policies
    self.tables = tables
    self.firstLinkTable = firstLinkTable
    self.addresses = addresses
    self.isLikeLinux = isLikeLinux
  }
}
