import Dataplane

/// A port's twin: a TAP device of the kernel, and what went through it.
final class Twin {
  /// What it is.
  private(set) var settings: TwinSettings
  let device: TapDevice
  /// The port's interface, by index and as it is.
  var interface: Int
  var info: InterfaceInfo
  /// Frames that the kernel got, and those that it did not take.
  private var toHost = Tally()
  private var toHostDrops: UInt64 = 0
  /// Frames of the kernel's that a worker got, and those that were not given to one.
  private var fromHost = Tally()
  private var fromHostDrops: UInt64 = 0

  /// Makes the device.
  init(_ settings: TwinSettings, interface: Int, _ info: InterfaceInfo) throws(TwinFailure) {
    self.settings = settings
    self.interface = interface
    self.info = info
    device = try NetworkNamespace.within(settings.place.namespace, port: settings.port) {
      () throws(TwinFailure) in try TapDevice(settings)
    }
  }

  /// Makes the device what the port is now.
  func follow(_ wanted: TwinSettings) throws(TwinFailure) {
    guard wanted != settings else { return }
    var before = settings.addresses
    if let own = settings.linkLocal { before.append(own) }
    let gone = before.filter { !wanted.addresses.contains($0) && wanted.linkLocal != $0 }
    try NetworkNamespace.within(wanted.place.namespace, port: wanted.port) {
      () throws(TwinFailure) in try TapDevice.set(wanted, without: gone)
    }
    settings = wanted
  }

  /// Gives the kernel a frame.
  func write(_ frame: UnsafeRawBufferPointer) {
    if device.write(frame) {
      toHost.packets &+= 1
      toHost.bytes &+= UInt64(frame.count)
    } else {
      toHostDrops &+= 1
    }
  }

  /// Counts a frame of the kernel's.
  func count(_ bytes: Int, isTaken: Bool) {
    if isTaken {
      fromHost.packets &+= 1
      fromHost.bytes &+= UInt64(bytes)
    } else {
      fromHostDrops &+= 1
    }
  }

  /// The twin as it is shown.
  var row: TwinRow {
    TwinRow(
      name: settings.place.name, namespace: settings.place.namespace, toHostPackets: toHost.packets,
      toHostBytes: toHost.bytes, toHostDrops: toHostDrops, fromHostPackets: fromHost.packets,
      fromHostBytes: fromHost.bytes, fromHostDrops: fromHostDrops)
  }
}
