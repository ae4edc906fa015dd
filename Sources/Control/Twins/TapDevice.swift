import CLinux
import Glibc
import Wire

/// A TAP device of the kernel, which goes with its owner.
final class TapDevice {
  /// What frames are read from and written to.
  let descriptor: Int32

  /// Makes the device, in the calling thread's network namespace, and brings it up.
  init(_ settings: TwinSettings) throws(TwinFailure) {
    descriptor = ntl_tap_open(settings.place.name)
    guard descriptor >= 0 else { throw Self.failure(-descriptor, settings) }
    try Self.set(settings, without: [])
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Sets what can be set while the device is there, in the calling thread's network namespace.
  ///
  /// - Parameter gone: Addresses that it had before.
  static func set(_ settings: TwinSettings, without gone: [InterfaceAddress]) throws(TwinFailure) {
    let index = if_nametoindex(settings.place.name)
    let netlink = ntl_netlink_open()
    defer { if netlink >= 0 { close(netlink) } }
    try check(min(netlink, 0), "rtnetlink cannot be asked", settings)
    let mac = MACAddress(settings.mac).networkBytes
    try check(
      ntl_link_set(netlink, index, mac, UInt32(settings.mtu), settings.fitsIPv6), "its address and MTU cannot be set",
      settings)
    try check(ntl_link_set_up(netlink, index), "it cannot be brought up", settings)
    for address in gone { try set(address, false, netlink, index, settings) }
    // Not configured, so that a namespace without IPv6 may do without.
    if let own = settings.linkLocal { try? set(own, true, netlink, index, settings) }
    for address in settings.addresses { try set(address, true, netlink, index, settings) }
  }

  private static func set(
    _ address: InterfaceAddress, _ isThere: Bool, _ netlink: Int32, _ index: UInt32, _ settings: TwinSettings
  ) throws(TwinFailure) {
    let (bytes, length) = address.networkBytes
    let result = ntl_address_set(netlink, index, bytes, UInt32(bytes.count), UInt8(length), isThere)
    let hint = bytes.count == 16 ? "; see that IPv6 is on in its namespace (net.ipv6.conf.all.disable_ipv6)" : ""
    try check(result, "\(address) cannot be \(isThere ? "added\(hint)" : "removed")", settings)
  }

  private static func check(_ result: Int32, _ what: String, _ settings: TwinSettings) throws(TwinFailure) {
    guard result < 0 else { return }
    let message = "device \(settings.place.name): \(what): \(String(cString: strerror(-result)))"
    throw TwinFailure(port: settings.port, message: message)
  }

  private static func failure(_ error: Int32, _ settings: TwinSettings) -> TwinFailure {
    let name = settings.place.name
    let fix =
      switch error {
      case EBUSY, EEXIST:
        "there is a network device \(name) already: remove it with `ip link del \(name)`, or choose another name"
      case ENOENT, ENODEV, ENXIO:
        "/dev/net/tun is not there: load it with `modprobe tun`, or give the container the device"
      case EPERM, EACCES: "device \(name) may not be made: run as root, or with CAP_NET_ADMIN"
      default: "device \(name) cannot be made: \(String(cString: strerror(error)))"
      }
    return TwinFailure(port: settings.port, message: fix)
  }

  /// Has the kernel see a link, or none.
  func setLink(_ isUp: Bool) { _ = ntl_tap_set_carrier(descriptor, isUp) }

  /// Gives the kernel a frame; false: it did not take it.
  func write(_ frame: UnsafeRawBufferPointer) -> Bool {
    Glibc.write(descriptor, frame.baseAddress, frame.count) == frame.count
  }

  /// What the kernel had.
  enum Reading {
    /// A frame of so many bytes.
    case frame(Int)
    /// Nothing.
    case nothing
    /// The device is gone.
    case gone
  }

  /// Takes the next frame of the kernel's.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
    let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    if count >= 0 { return .frame(count) }
    return errno == EBADFD ? .gone : .nothing
  }
}

extension InterfaceAddress {
  /// The address in network byte order, and the length of its link's prefix.
  fileprivate var networkBytes: ([UInt8], Int) {
    switch self {
    case .v4(let address, let length): (address.networkBytes, length)
    case .v6(let address, let length): (address.networkBytes, length)
    }
  }
}
