import CDPDKShim
import CLinux
import DPDK
import Dataplane
import Glibc
import Logging
import Wire

/// The twins of all ports: what workers punt for the host goes into them, what the kernel sends by them goes to the first
/// worker. Control thread only.
final class TwinSet: HostReceiver {
  /// Frames taken from one twin before the others have their turn.
  private static let framesInTurn = 64
  /// Twins that are looked at in one turn.
  private static let twinsInTurn = 32
  /// More bytes than a frame of any port has.
  private static let frameLimit = 1 << 16
  /// Bytes that fill one packet buffer, a tag included.
  private static let longestBuffer = Int(Mempool.dataRoom) - VLANView.byteCount

  private let state: ForwardingState
  private let frames: FrameSender
  private let hasLink: (_ port: UInt16) -> Bool
  private let log: Logger
  private let epoll = ntl_epoll_open()
  private var twins: [TwinName: Twin] = [:]
  private var byInterface: [Int: Twin] = [:]
  private var byDescriptor: [Int32: Twin] = [:]
  private var choice: TwinChoice
  /// One frame, behind room for a tag.
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: frameLimit, alignment: 16)

  init(
    _ state: ForwardingState, frames: FrameSender, hasLink: @escaping (_ port: UInt16) -> Bool, log: Logger
  ) {
    self.state = state
    self.frames = frames
    self.hasLink = hasLink
    self.log = log
    choice = TwinChoice(state)
  }

  deinit {
    buffer.deallocate()
    close(epoll)
  }

  /// Makes the twins what the state's interfaces are: those that are missing come, those that are gone go, and the others have
  /// the addresses and the MTU of their ports. To be called again when interfaces have changed.
  func sync(_ interfaces: [InterfaceInfo]) throws(TwinFailure) {
    var wanted: [TwinName: (interface: Int, settings: TwinSettings)] = [:]
    for (index, info) in interfaces.enumerated() {
      if info.isGone { continue }
      if let settings = TwinSettings(info, state.configuration) { wanted[settings.place] = (index, settings) }
    }
    for (place, twin) in twins where wanted[place]?.settings.port != twin.settings.port { remove(twin) }
    choice = TwinChoice(state)
    for (place, twin) in twins {
      guard let index = wanted[place]?.interface else { continue }
      (twin.interface, twin.info) = (index, interfaces[index])
    }
    // Those that could be made are of use even if one could not.
    defer { byInterface = Dictionary(uniqueKeysWithValues: twins.values.map { ($0.interface, $0) }) }
    for (place, (index, settings)) in wanted {
      if let twin = twins[place] {
        try twin.follow(settings)
      } else {
        add(try Twin(settings, interface: index, interfaces[index]))
      }
    }
  }

  private func add(_ twin: Twin) {
    let descriptor = twin.device.descriptor
    twins[twin.settings.place] = twin
    byDescriptor[descriptor] = twin
    _ = ntl_epoll_add(epoll, descriptor)
    twin.device.setLink(hasLink(twin.info.port))
  }

  private func remove(_ twin: Twin) {
    twins[twin.settings.place] = nil
    byDescriptor[twin.device.descriptor] = nil
    byInterface[twin.interface] = nil
  }

  /// Has the twins on a device's port show its link.
  func setLink(port: UInt16, _ isUp: Bool) {
    for twin in twins.values where twin.info.port == port { twin.device.setLink(isUp) }
  }

  /// The twins by their interface's index, for statistics.
  var rows: [Int: TwinRow] { byInterface.mapValues(\.row) }

  // MARK: To the host

  func deliver(_ mbuf: Mbuf, _ note: ntl_note) {
    guard let twin = choice.interface(mbuf, note).flatMap({ byInterface[$0] }) else { return }
    let isFrame = note.kind == PuntKind.multicast.rawValue || note.kind == PuntKind.link.rawValue
    let headerLength = isFrame ? 0 : EthernetView.byteCount
    let room = UInt32(buffer.count - headerLength)
    let payload = buffer.baseAddress! + headerLength
    let count = Int(ntl_mbuf_read(mbuf, 0, min(mbuf.pointee.pkt_len, room), payload))
    if !isFrame { writeHeader(for: twin, isARP: note.kind == PuntKind.arp.rawValue, payload, count: count) }
    twin.write(UnsafeRawBufferPointer(start: buffer.baseAddress, count: headerLength + count))
  }

  /// Puts an Ethernet header before a packet that has lost its own, if it ever had one: from the interface itself, or of ARP
  /// from its sender.
  private func writeHeader(for twin: Twin, isARP: Bool, _ packet: UnsafeMutableRawPointer, count: Int) {
    let isIPv6 = count > 0 && packet.loadByte(0) >> 4 == 6
    var (destination, source) = (twin.info.mac, twin.info.mac)
    if isARP, count >= ARPMessage.byteCount { source = MACAddress(loadingFrom: packet + 8).value }
    if isIPv6, !isARP, count >= IPv6View.byteCount {
      let group = IPv6Address(loadingFrom: packet + 24)
      if group.isMulticast { destination = group.multicastMAC.value }
    }
    let etherType = isARP ? EtherType.arp : isIPv6 ? EtherType.ipv6 : EtherType.ipv4
    EthernetHeader(destination: MACAddress(destination), source: MACAddress(source), etherType: etherType)
      .emit(into: buffer)
  }

  // MARK: From the host

  /// Takes what the kernel sent, a bounded part of it.
  func poll() {
    if twins.isEmpty { return }
    let ready = [Int32](unsafeUninitializedCapacity: Self.twinsInTurn) { descriptors, count in
      count = Int(max(ntl_epoll_ready(epoll, descriptors.baseAddress, Int32(Self.twinsInTurn)), 0))
    }
    for descriptor in ready { byDescriptor[descriptor].map(take) }
  }

  private func take(from twin: Twin) {
    let tagLength = VLANView.byteCount
    let frame = UnsafeMutableRawBufferPointer(rebasing: buffer[tagLength...])
    for _ in 0..<Self.framesInTurn {
      // What a worker has no room for waits in the kernel.
      guard frames.hasRoom else { return }
      switch twin.device.read(into: frame) {
      case .nothing: return
      case .gone:
        log.warning("port \(twin.info.name): somebody has removed its twin \(twin.settings.place.name)")
        return remove(twin)
      case .frame(let count): twin.count(count, isTaken: forward(frame[..<count], twin))
      }
    }
  }

  /// Gives a worker a frame: to be taken as the port's if it is for the port's own address, else to be sent as it is.
  private func forward(_ slice: Slice<UnsafeMutableRawBufferPointer>, _ twin: Twin) -> Bool {
    let frame = UnsafeRawBufferPointer(rebasing: slice)
    guard let view = EthernetView(at: UnsafeMutableRawPointer(mutating: frame.baseAddress!), length: frame.count) else {
      return false
    }
    let ownTag = view.etherType == EtherType.vlan ? VLANView.byteCount : 0
    guard frame.count - EthernetView.byteCount - ownTag <= twin.info.entry.mtu,
      twin.info.takesChains || frame.count <= Self.longestBuffer
    else { return false }
    let isForPort = view.destination.value == twin.info.mac
    guard let tag = twin.info.tag, !isForPort else {
      return frames.send(frame, isForPort ? .receive : .frame, twin.interface, port: twin.info.port)
    }
    return frames.send(tagged(frame, tag), .frame, twin.interface, port: twin.info.port)
  }

  private func tagged(_ frame: UnsafeRawBufferPointer, _ tag: UInt16) -> UnsafeRawBufferPointer {
    let stations = EthernetView.byteCount - 2
    let start = buffer.baseAddress!
    start.copyMemory(from: frame.baseAddress!, byteCount: stations)
    start.storeBE16(EtherType.vlan, at: stations)
    start.storeBE16(tag, at: stations + 2)
    return UnsafeRawBufferPointer(start: start, count: frame.count + VLANView.byteCount)
  }
}
