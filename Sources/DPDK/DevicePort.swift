import CDPDKShim
import Glibc

/// What a port is to be started with.
public struct PortSettings {
  /// Receive queues.
  public var rxQueues = 1
  /// Transmit queues.
  public var txQueues = 1
  /// Descriptors of each receive queue; rounded to the device's limits.
  public var rxDescriptors = 1024
  /// Descriptors of each transmit queue; rounded to the device's limits.
  public var txDescriptors = 1024
  /// Largest layer-3 packet, bytes.
  public var mtu = 1500
  /// Buffers of received packets may be freed in bulk without a look at each: they all come from one pool.
  public var fastFree = false
  /// The Ethernet address in network byte order; nil keeps the device's.
  public var mac: [UInt8]?
  /// Receive frames for any destination.
  public var promiscuous = false

  /// The defaults.
  public init() {}
}

/// An Ethernet device's port. Closed with its owner.
public final class DevicePort {
  /// DPDK's number of the port.
  public let number: UInt16
  /// What the device is and can do.
  public let info: ntl_port_info
  /// What the device lacks of what was asked for, a line each.
  public private(set) var notes: [String] = []
  /// Receive queues in use.
  public private(set) var rxQueues = 0
  /// Transmit queues in use.
  public private(set) var txQueues = 0
  private var started = false
  private var closed = false

  /// Takes over a port that exists already.
  public init(number: UInt16) throws(DPDKError) {
    var info = ntl_port_info()
    let result = ntl_port_get_info(number, &info)
    guard result == 0 else { throw DPDKError("reading what port \(number) can do", code: result) }
    self.number = number
    self.info = info
  }

  /// Probes a device: a PCI address or an EAL vdev with its parameters.
  public convenience init(device: String) throws(DPDKError) {
    var number: UInt16 = 0
    let name = device.split(separator: ",").first.map(String.init) ?? device
    // EAL probed PCI devices when it started; asking for one by name again gives its port.
    var result = ntl_port_by_name(name, &number)
    if result != 0 { result = ntl_port_probe(device, name, &number) }
    guard result == 0 else { throw DPDKError("probing \(device)", code: result) }
    try self.init(number: number)
  }

  deinit { close() }

  /// The driver's name, such as `net_ixgbe`.
  public var driver: String {
    withUnsafeBytes(of: info.driver) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The NUMA node; nil where the device has none.
  public var socket: Int? { info.socket < 0 ? nil : Int(info.socket) }

  /// Whether the device spreads flows over receive queues.
  public var hasRSS: Bool { info.rss != 0 }

  /// The Ethernet address, low 48 bits in host byte order.
  public var mac: UInt64 {
    var now = ntl_port_info()
    guard ntl_port_get_info(number, &now) == 0 else { return 0 }
    return Self.mac(now)
  }

  /// The Ethernet address that it had before anybody set one.
  public var deviceMAC: UInt64 { Self.mac(info) }

  private static func mac(_ info: ntl_port_info) -> UInt64 {
    withUnsafeBytes(of: info.mac) { $0.reduce(0) { $0 << 8 | UInt64($1) } }
  }

  /// Whether the device sends packets that lie in several buffers. These drivers copy out every buffer without saying
  /// that they do; others, such as net_af_xdp, would read behind the first.
  public var takesChains: Bool {
    info.tx_offloads & NTL_TX_MULTI_SEGS != 0 || ["net_pcap", "net_null", "net_af_packet"].contains(driver)
  }

  /// Configures the port and its queues, asking for offloads only where the device has them.
  public func configure(_ settings: PortSettings, pool: Mempool) throws(DPDKError) {
    var conf = ntl_port_conf()
    conf.rx_queues = UInt16(settings.rxQueues)
    conf.tx_queues = UInt16(settings.txQueues)
    conf.rx_descriptors = UInt16(settings.rxDescriptors)
    conf.tx_descriptors = UInt16(settings.txDescriptors)
    conf.mtu = UInt32(settings.mtu)
    conf.pool = pool.handle
    chooseOffloads(settings, &conf)

    var step: UnsafePointer<CChar>?
    let result = ntl_port_configure(number, &conf, &step)
    guard result == 0 else {
      throw DPDKError(step.map { String(cString: $0) } ?? "configuring the port", code: result)
    }
    rxQueues = settings.rxQueues
    txQueues = settings.txQueues
    if let mac = settings.mac, ntl_port_set_mac(number, mac) != 0 {
      notes.append("cannot change its Ethernet address: the configured one is used in software")
    }
    if ntl_port_set_promiscuous(number, settings.promiscuous) != 0, settings.promiscuous {
      notes.append("cannot be made promiscuous")
    }
  }

  private func chooseOffloads(_ settings: PortSettings, _ conf: inout ntl_port_conf) {
    if info.rx_offloads & NTL_RX_IPV4_CKSUM != 0 {
      conf.rx_offloads |= NTL_RX_IPV4_CKSUM
    } else {
      notes.append("no receive checksum offload: IPv4 header checksums are verified in software")
    }
    if UInt32(settings.mtu) + 26 > UInt32(Mempool.dataRoom) {
      if info.rx_offloads & NTL_RX_SCATTER != 0 {
        conf.rx_offloads |= NTL_RX_SCATTER
      } else {
        notes.append("no receive scatter: packets over \(Mempool.dataRoom) bytes may not be received")
      }
    }
    if info.tx_offloads & NTL_TX_MULTI_SEGS != 0 {
      conf.tx_offloads |= NTL_TX_MULTI_SEGS
    } else if !takesChains {
      notes.append("no multi-segment transmit: packets over \(Mempool.dataRoom) bytes are not sent")
    }
    if settings.fastFree, info.tx_offloads & NTL_TX_FAST_FREE != 0 { conf.tx_offloads |= NTL_TX_FAST_FREE }
    guard settings.rxQueues > 1 else { return }
    conf.rss = info.rss & NTL_RSS_IP_TCP_UDP
    if conf.rss == 0 { notes.append("no RSS: what reaches which of its receive queues is up to the device") }
  }

  /// The largest layer-3 packet that the device takes now, bytes.
  public var mtu: Int { Int(ntl_port_get_mtu(number)) }

  /// Has the device take larger packets, started or not.
  public func setMTU(_ mtu: Int) throws(DPDKError) {
    // Chains of buffers are received only where that was asked for when the port was configured.
    let needsChains = mtu + 26 > Int(Mempool.dataRoom) && self.mtu + 26 <= Int(Mempool.dataRoom)
    guard !needsChains || info.rx_offloads & NTL_RX_SCATTER == 0 else {
      throw DPDKError("receiving packets that do not fit one buffer", code: -EBUSY)
    }
    let result = ntl_port_set_mtu(number, UInt16(mtu))
    guard result == 0 else { throw DPDKError("rte_eth_dev_set_mtu", code: result) }
  }

  /// Has the device receive frames for any destination, or no longer; false: it cannot.
  public func setPromiscuous(_ on: Bool) -> Bool { ntl_port_set_promiscuous(number, on) == 0 }

  /// Gives the device an Ethernet address, in network byte order, or its own; false: it cannot.
  public func setMAC(_ mac: [UInt8]?) -> Bool {
    let own = withUnsafeBytes(of: info.mac) { Array($0) }
    return ntl_port_set_mac(number, mac ?? own) == 0
  }

  /// Starts receiving and transmitting.
  public func start() throws(DPDKError) {
    let result = ntl_port_start(number)
    guard result == 0 else { throw DPDKError("rte_eth_dev_start", code: result) }
    started = true
  }

  /// Stops receiving and transmitting.
  public func stop() {
    guard started else { return }
    _ = ntl_port_stop(number)
    started = false
  }

  /// Stops the port and gives the device back.
  public func close() {
    guard !closed else { return }
    stop()
    _ = ntl_port_close(number)
    closed = true
  }

  /// The link's state now. Drivers that borrow an interface of the kernel's call it up whatever its peer does, so that the
  /// kernel is asked.
  public var link: ntl_port_link {
    var link = ntl_port_link()
    _ = ntl_port_get_link(number, &link)
    let isBorrowed = info.if_index != 0 && ["net_af_packet", "net_af_xdp", "net_pcap"].contains(driver)
    if link.up && isBorrowed { link.up = ntl_interface_is_running(info.if_index) }
    return link
  }

  /// The device's own counters.
  public var statistics: ntl_port_stats {
    var statistics = ntl_port_stats()
    _ = ntl_port_get_stats(number, &statistics)
    return statistics
  }
}
