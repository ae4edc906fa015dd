import CDPDKShim

/// Packets of one worker that wait to leave by one port.
public struct TransmitBuffer {
  /// Received packets that it holds: at least a burst, each of whose packets may go to the same port.
  static var capacity: Int { Burst.capacity }

  /// Packets made here that may wait besides, before all ports are sent what waits.
  static var generatedCapacity: Int { 64 }

  /// Room for them all, and for those of the burst that are not routed yet when that happens.
  static var places: Int { capacity &+ generatedCapacity &+ Burst.generatedLimit }

  let packets: UnsafeMutablePointer<Mbuf?>
  var count = 0
  let port: UInt16
  let queue: UInt16
  /// Held over a burst where the device has fewer transmit queues than there are workers; nil for a queue of one's own.
  let lock: UnsafeMutablePointer<UInt32>?

  /// A buffer for a port's transmit queue.
  public init(port: UInt16, queue: UInt16, lock: UnsafeMutablePointer<UInt32>?) {
    packets = .allocate(capacity: TransmitBuffer.places)
    self.port = port
    self.queue = queue
    self.lock = lock
  }

  /// Gives the buffer's memory back.
  public func deallocate() { packets.deallocate() }

  /// Gives the device what waits; returns how many it took, in order.
  @inline(__always) func send() -> Int {
    guard let lock else { return Int(ntl_tx_burst(port, queue, packets, UInt16(truncatingIfNeeded: count))) }
    ntl_lock(lock)
    let sent = ntl_tx_burst(port, queue, packets, UInt16(truncatingIfNeeded: count))
    ntl_unlock(lock)
    return Int(sent)
  }
}
