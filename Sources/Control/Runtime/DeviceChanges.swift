import DPDK

// Settings of devices that change while their queues are polled.

extension PortSet {
  /// Gives devices the settings of changed ports. The largest packet is asked for first, as only that may be refused; a
  /// lower one is left to the forwarding code, so that frames of the old size are still received.
  func apply(_ changes: [StateChanges.Change<PortEntry>]) throws(ChangeError) {
    let changed = changes.compactMap { change -> (old: PortEntry, new: PortEntry, port: DevicePort)? in
      guard let old = change.old, let new = change.new else { return nil }
      return devices.first { $0.entry.name == new.name }.map { (old, new, $0.port) }
    }
    for (_, new, port) in changed where new.mtu > port.mtu {
      do throws(DPDKError) {
        try port.setMTU(new.mtu)
      } catch {
        throw ChangeError(messages: [
          "ports.\(new.name).mtu: the device (\(port.driver)) does not change to \(new.mtu) while it runs (\(error));"
            + " write \(port.mtu) or less, or restart needletail with the new file"
        ])
      }
    }
    for (old, new, port) in changed {
      if old.promiscuous != new.promiscuous, !port.setPromiscuous(new.promiscuous) {
        log.info("port \(new.name) (\(port.driver)): cannot be made promiscuous, or not promiscuous, while it runs")
      }
      if old.mac != new.mac, !port.setMAC(new.mac?.networkBytes) {
        log.info(
          "port \(new.name) (\(port.driver)): cannot change its Ethernet address: the configured one is used in software"
        )
      }
    }
  }
}
