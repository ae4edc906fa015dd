/// An IPv4 header without options as a value; its layout is ``IPv4View``'s. The checksum is computed when it is emitted
/// and checked when it is read.
public struct IPv4Header: HeaderValue {
  /// DSCP and ECN.
  public let typeOfService: UInt8
  /// Bytes of header and payload, 20...65535.
  public let totalLength: UInt16
  /// Tells the fragments of one datagram from those of another.
  public let identification: UInt16
  /// DF: routers must not fragment.
  public let dontFragment: Bool
  /// MF: this is not the last fragment.
  public let moreFragments: Bool
  /// Where the payload belongs in the datagram: bytes, a multiple of 8 up to 65528.
  public let fragmentOffset: Int
  /// Hops left.
  public let ttl: UInt8
  /// What follows the header, an ``IPProtocol``.
  public let `protocol`: UInt8
  /// The source address.
  public let source: IPv4Address
  /// The destination address.
  public let destination: IPv4Address

  /// Makes a header. A payload above 65,515 bytes or a fragment offset that is no multiple of 8 in 0...65528 is a
  /// programming error and traps.
  public init(
    typeOfService: UInt8 = 0, payloadLength: Int, identification: UInt16 = 0, dontFragment: Bool = false,
    moreFragments: Bool = false, fragmentOffset: Int = 0, ttl: UInt8 = 64, protocol: UInt8, source: IPv4Address,
    destination: IPv4Address
  ) {
    precondition((0...65_515).contains(payloadLength), "an IPv4 payload without options is 0...65515 bytes")
    precondition((0...65_528).contains(fragmentOffset) && fragmentOffset % 8 == 0, "a fragment offset is 8 n")
    self.typeOfService = typeOfService
    totalLength = UInt16(IPv4View.minimumByteCount + payloadLength)
    self.identification = identification
    self.dontFragment = dontFragment
    self.moreFragments = moreFragments
    self.fragmentOffset = fragmentOffset
    self.ttl = ttl
    self.protocol = `protocol`
    self.source = source
    self.destination = destination
  }

  /// 20.
  public var byteCount: Int { IPv4View.minimumByteCount }

  /// Reads 20 bytes; nil if there are fewer, the version is not 4, there are options, Total Length is below 20 or the
  /// checksum is wrong. The payload need not be there. The reserved flag is ignored.
  public init?(parsing bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.viewBase, let view = IPv4View(at: base, length: bytes.count),
      view.versionAndIHL == 0x45, Int(view.totalLength) >= view.headerLength, view.hasValidChecksum
    else { return nil }
    self.init(
      typeOfService: view.typeOfService, payloadLength: Int(view.totalLength) - view.headerLength,
      identification: view.identification, dontFragment: view.dontFragment, moreFragments: view.moreFragments,
      fragmentOffset: view.fragmentOffset, ttl: view.ttl, protocol: view.protocol, source: view.source,
      destination: view.destination)
  }

  /// Writes 20 bytes.
  public func emit(into bytes: UnsafeMutableRawBufferPointer) {
    let view = IPv4View(at: place(in: bytes), length: bytes.count)!
    view.versionAndIHL = 0x45
    view.typeOfService = typeOfService
    view.totalLength = totalLength
    view.identification = identification
    view.flagsAndFragmentOffset =
      (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | UInt16(fragmentOffset >> 3)
    view.ttl = ttl
    view.protocol = `protocol`
    view.source = source
    view.destination = destination
    view.updateChecksum()
  }
}
