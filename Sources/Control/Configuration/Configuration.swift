import Dataplane
import Wire

/// A place in a configuration file, counted from 1.
public struct Mark: Hashable, Sendable {
  /// The file; nil is the configuration file itself.
  public var file: String?
  /// The line, from 1.
  public var line: Int
  /// The column, from 1.
  public var column: Int

  /// Makes a mark.
  public init(file: String? = nil, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }
}

/// The whole configuration, validated: every name in it resolves and every value is in range.
///
/// Sections keep the file's order; nothing depends on it.
public struct Configuration: Sendable {
  /// `dpdk:`
  public var dpdk = DPDKSection()
  /// `lcores:`
  public var lcores = LcoreSection()
  /// `api:`
  public var api = APISection()
  /// `srv6:`
  public var srv6 = SRv6Section()
  /// `tables:`
  public var tables = TablesSection()
  /// `vrfs: {main: {lookup}}`
  public var mainLookup = LookupForm.auto
  /// `vrfs: {main: {netns}}`
  public var mainNamespace: String?
  /// `punt:`
  public var punt = PuntSection()
  /// `ports:`, in the file's order.
  public var ports: [PortEntry] = []
  /// `vrfs:`, in the file's order.
  public var vrfs: [VRFEntry] = []
  /// `sids:`
  public var sids: [SIDEntry] = []
  /// `routes:`
  public var routes: [RouteEntry] = []
  /// `neighbors:`
  public var neighbors: [NeighborEntry] = []

  /// An empty configuration.
  public init() {}
}

/// `dpdk:`: what the Environment Abstraction Layer is started with.
public struct DPDKSection: Sendable {
  /// Verbatim EAL words.
  public var eal: [String] = []
  /// Packet buffers in each NUMA node's pool.
  public var mbufs = 65536
  /// Where `mbufs` stands in the file, if it does.
  public var mbufsMark: Mark?
}

/// `lcores:`: which lcore does what.
public struct LcoreSection: Sendable {
  /// One worker of the long form: an lcore and the receive queues pinned to it.
  public struct PinnedWorker: Sendable {
    /// The lcore.
    public var lcore: Int
    /// `port/queue` pairs.
    public var queues: [QueueName]
    /// Where the entry stands.
    public var mark: Mark
  }
  /// A receive queue, written `port/queue`.
  public struct QueueName: Hashable, Sendable {
    /// The port's name.
    public var port: String
    /// The queue's number, from 0.
    public var queue: Int
  }
  /// The two forms of `workers`.
  public enum Workers: Sendable {
    /// A plain list of lcores: queues are spread over them evenly and NUMA-locally.
    case spread([Int])
    /// Queues pinned to lcores.
    case pinned([PinnedWorker])
  }
  /// The lcore of the control thread.
  public var main = 0
  /// The forwarding lcores.
  public var workers = Workers.spread([1])
  /// `idle-sleep-us`: microseconds that a worker sleeps after a round of empty polls; 0 polls without pause.
  public var idleSleepMicroseconds = 0
  /// Where `lcores` stands in the file, if it does.
  public var mark: Mark?
}

/// `api:`: where the running forwarder is asked and changed.
public struct APISection: Sendable {
  /// Path of the Unix socket.
  public var socket = "/run/needletail/api.sock"
  /// Where `socket` stands in the file, if it does.
  public var socketMark: Mark?
  /// Addresses of TCP to listen at beside; none unless set.
  public var listen: [ListenAddress] = []
  /// `token-file`: holds the word that clients by TCP have to bring.
  public var tokenFile: String?
  /// What TCP is secured by.
  public var tls: TLSSection?
}

/// `api: {tls}`: paths of PEM files.
public struct TLSSection: Hashable, Sendable {
  /// The certificate of this node, and those between it and the authority that clients trust.
  public var certificate: String
  /// Its private key.
  public var key: String
  /// `client-ca`: the authorities whose certificates clients have to show; nil asks for none.
  public var clientCA: String?
}

/// `srv6:`: how this node encapsulates, and whom it answers like.
public struct SRv6Section: Sendable {
  /// What the flow label of an outer header is made of (`net.ipv6.seg6_flowlabel`).
  public enum FlowLabel: String, CaseIterable, Sendable {
    /// A hash of the inner flow (1).
    case hash
    /// The inner packet's, 0 for IPv4 (0).
    case copy
    /// None (-1).
    case zero
  }
  /// What a field of an outer header is made of.
  public enum Propagation: Hashable, Sendable {
    /// The inner packet's.
    case copy
    /// Always the same.
    case fixed(UInt8)
  }
  /// Whose answers are given where the RFCs say otherwise.
  public enum Compatibility: String, CaseIterable, Sendable {
    /// Linux's seg6.
    case linux
  }
  /// `encap-source`: the outer source address of what this node encapsulates; nil takes an address of the port it leaves by.
  public var encapSource: IPv6Address?
  /// `flow-label`
  public var flowLabel = FlowLabel.hash
  /// `hop-limit`; nil is Linux's: ``Propagation/copy`` for IPv6, 64 for IPv4.
  public var hopLimit: Propagation?
  /// `dscp`; nil is Linux's: ``Propagation/copy`` for IPv6, 0 for IPv4.
  public var dscp: Propagation?
  /// `compat`; nil follows the RFCs.
  public var compat: Compatibility?
}

/// `tables:`: the lookup tables of all VRFs.
public struct TablesSection: Sendable {
  /// `memory-limit`: the bytes that they may use at most; nil is 3/4 of the machine's memory.
  public var memoryLimit: Int?
  /// Where `memory-limit` stands in the file, if it does.
  public var memoryLimitMark: Mark?
}

/// How a VRF's routes are stored for lookups.
public enum LookupForm: String, CaseIterable, Sendable {
  /// By the number of its routes and of VRFs.
  case auto
  /// With the least memory.
  case compact
  /// With the fewest memory accesses.
  case flat
}

/// An address of ours on a port, with its on-link prefix length.
public enum InterfaceAddress: Hashable, Sendable {
  /// An IPv4 address and its prefix length (0...32).
  case v4(IPv4Address, Int)
  /// An IPv6 address and its prefix length (0...128).
  case v6(IPv6Address, Int)
}

/// One entry of `ports:`: a device of its own, or an 802.1Q sub-interface of another port.
public struct PortEntry: Sendable {
  /// What carries the port's frames.
  public enum Link: Hashable, Sendable {
    /// A PCI address or EAL vdev, verbatim (`0000:3b:00.0`, `net_af_xdp0,iface=ce0`).
    case device(String)
    /// An 802.1Q tag (1...4094) on another port of this file.
    case vlan(parent: String, id: Int)
  }
  /// The port's name.
  public var name: String
  /// What carries its frames.
  public var link: Link
  /// The VRF it belongs to; nil is main.
  public var vrf: String?
  /// Addresses of ours.
  public var addresses: [InterfaceAddress] = []
  /// Largest layer-3 packet, bytes.
  public var mtu = 1500
  /// Ethernet address; nil takes the device's own.
  public var mac: MACAddress?
  /// Receive frames for any destination address.
  public var promiscuous = false
  /// Which sources its IPv4 packets may have.
  public var rpFilter = ReversePathFilter.off
  /// The name of its twin, a TAP device of the kernel; nil has none.
  public var tap: String?
  /// Receive queues; nil chooses by the number of workers and the device.
  public var rxQueues: Int?
  /// Descriptors of each receive queue; nil takes 1024, rounded to what the device allows.
  public var rxDescriptors: Int?
  /// Descriptors of each transmit queue; nil takes 1024, rounded to what the device allows.
  public var txDescriptors: Int?
  /// Where the entry stands.
  public var mark: Mark
}

/// One entry of `vrfs:`.
public struct VRFEntry: Sendable {
  /// The VRF's name.
  public var name: String
  /// The kernel's table number (1...4294967295), bound to this VRF alone.
  public var table: UInt32
  /// `fallback: main`: what the VRF has no route for is looked up in main, as Linux's rules do.
  public var fallsBackToMain = false
  /// How its routes are stored.
  public var lookup = LookupForm.auto
  /// Which sources IPv4 packets may have that come out of tunnels into it; nil: those that the receiving port says.
  public var rpFilter: ReversePathFilter?
  /// The path of the network namespace where the twins of its ports are; nil is this process's own.
  public var namespace: String?
  /// Where the entry stands.
  public var mark: Mark
}

/// An address of either family.
public enum IPAddress: Hashable, Sendable {
  /// IPv4.
  case v4(IPv4Address)
  /// IPv6.
  case v6(IPv6Address)
}

/// A prefix of either family.
public enum IPPrefix: Hashable, Sendable {
  /// IPv4.
  case v4(IPv4Prefix)
  /// IPv6.
  case v6(IPv6Prefix)
}

/// One entry of `neighbors:`: a static neighbour.
public struct NeighborEntry: Sendable {
  /// The port's name.
  public var port: String
  /// The neighbour's address.
  public var address: IPAddress
  /// Its Ethernet address.
  public var mac: MACAddress
  /// Who put it there.
  public var source = RouteSource.static
  /// Which feed of that source: ``Feed/number``; 0 where it is none's.
  var feed: UInt8 = 0
  /// The feed's epoch in which it was given last.
  var epoch: UInt32 = 0
  /// Where the entry stands.
  public var mark: Mark
}
