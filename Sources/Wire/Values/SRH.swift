/// A segment routing header as a value; its layout is ``SRHView``'s.
public struct SRH: HeaderValue {
  /// What follows the header, an ``IPProtocol``.
  public let nextHeader: UInt8
  /// The index of the active segment.
  public let segmentsLeft: UInt8
  /// The flags.
  public let flags: UInt8
  /// Marks packets of one class.
  public let tag: UInt16
  /// The segment list in wire order: the last segment of the path first.
  public let segments: [IPv6Address]
  /// The TLVs, padding included: a multiple of 8 bytes.
  public let tlvs: [UInt8]

  /// Makes a header.
  ///
  /// - Parameters:
  ///   - segmentsLeft: the index of the active segment; nil is that of the first segment of the path. One more says
  ///     that the path's first segment is not in the list (a reduced list, RFC 8754, section 4.1.1).
  ///   - segments: 1...127 segments in wire order, the last one of the path first.
  ///   - tlvs: a multiple of 8 bytes, ending with the last TLV.
  /// - Returns: nil if that is no header that RFC 8754 allows, or it is longer than 2,048 bytes.
  public init?(
    nextHeader: UInt8, segmentsLeft: UInt8? = nil, flags: UInt8 = 0, tag: UInt16 = 0, segments: [IPv6Address],
    tlvs: [UInt8] = []
  ) {
    guard (1...127).contains(segments.count), tlvs.count % 8 == 0, segments.count * 2 + tlvs.count / 8 <= 255 else {
      return nil
    }
    self.nextHeader = nextHeader
    self.segmentsLeft = segmentsLeft ?? UInt8(segments.count - 1)
    self.flags = flags
    self.tag = tag
    self.segments = segments
    self.tlvs = tlvs
    let isConsistent = bytes.withUnsafeBytes { bytes in
      bytes.viewBase.flatMap { SRHView(at: $0, length: bytes.count) }?.isConsistent(available: bytes.count)
    }
    guard isConsistent == true else { return nil }
  }

  /// 24...2048.
  public var byteCount: Int { SRHView.minimumByteCount + segments.count * 16 + tlvs.count }

  /// Reads a header; nil if it is not wholly there, its routing type is not 4 or it is not
  /// ``SRHView/isConsistent(available:)``.
  public init?(parsing bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.viewBase, let view = SRHView(at: base, length: bytes.count),
      view.routingType == SRHView.routingType, view.isConsistent(available: bytes.count)
    else { return nil }
    self.init(
      nextHeader: view.nextHeader, segmentsLeft: view.segmentsLeft, flags: view.flags, tag: view.tag,
      segments: (0...Int(view.lastEntry)).map { view.segment($0) },
      tlvs: Array(bytes[view.tlvOffset..<view.byteLength]))
  }

  /// Writes ``byteCount`` bytes.
  public func emit(into bytes: UnsafeMutableRawBufferPointer) {
    let view = SRHView(at: place(in: bytes), length: bytes.count)!
    view.nextHeader = nextHeader
    view.hdrExtLen = UInt8(byteCount / 8 - 1)
    view.routingType = SRHView.routingType
    view.segmentsLeft = segmentsLeft
    view.lastEntry = UInt8(segments.count - 1)
    view.flags = flags
    view.tag = tag
    for (index, segment) in segments.enumerated() { view.setSegment(index, to: segment) }
    for (index, byte) in tlvs.enumerated() { view.base.storeByte(byte, at: view.tlvOffset + index) }
  }
}
