/// An IPv6 header as a value; its layout is ``IPv6View``'s.
public struct IPv6Header: HeaderValue {
  /// DSCP and ECN.
  public let trafficClass: UInt8
  /// The flow label, 0...0xfffff.
  public let flowLabel: UInt32
  /// Bytes after this header, extension headers included.
  public let payloadLength: UInt16
  /// What follows the header, an ``IPProtocol``.
  public let nextHeader: UInt8
  /// Hops left.
  public let hopLimit: UInt8
  /// The source address.
  public let source: IPv6Address
  /// The destination address.
  public let destination: IPv6Address

  /// Makes a header; a flow label above 20 bits is a programming error and traps.
  public init(
    trafficClass: UInt8 = 0, flowLabel: UInt32 = 0, payloadLength: UInt16, nextHeader: UInt8, hopLimit: UInt8 = 64,
    source: IPv6Address, destination: IPv6Address
  ) {
    precondition(flowLabel <= 0xf_ffff, "a flow label is 0...0xfffff")
    self.trafficClass = trafficClass
    self.flowLabel = flowLabel
    self.payloadLength = payloadLength
    self.nextHeader = nextHeader
    self.hopLimit = hopLimit
    self.source = source
    self.destination = destination
  }

  /// 40.
  public var byteCount: Int { IPv6View.byteCount }

  /// Reads 40 bytes; nil if there are fewer or the version is not 6. The payload need not be there.
  public init?(parsing bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.viewBase, let view = IPv6View(at: base, length: bytes.count), view.version == 6 else {
      return nil
    }
    self.init(
      trafficClass: view.trafficClass, flowLabel: view.flowLabel, payloadLength: view.payloadLength,
      nextHeader: view.nextHeader, hopLimit: view.hopLimit, source: view.source, destination: view.destination)
  }

  /// Writes 40 bytes.
  public func emit(into bytes: UnsafeMutableRawBufferPointer) {
    let view = IPv6View(at: place(in: bytes), length: bytes.count)!
    view.firstWord = 6 << 28 | UInt32(trafficClass) << 20 | flowLabel
    view.payloadLength = payloadLength
    view.nextHeader = nextHeader
    view.hopLimit = hopLimit
    view.source = source
    view.destination = destination
  }
}
