/// An Ethernet header as a value; its layout is ``EthernetView``'s.
public struct EthernetHeader: HeaderValue {
  /// The receiver's address.
  public var destination: MACAddress
  /// The sender's address.
  public var source: MACAddress
  /// What follows the header, an ``EtherType``, in host byte order.
  public var etherType: UInt16

  /// Makes a header.
  public init(destination: MACAddress, source: MACAddress, etherType: UInt16) {
    self.destination = destination
    self.source = source
    self.etherType = etherType
  }

  /// 14.
  public var byteCount: Int { EthernetView.byteCount }

  /// Reads 14 bytes; nil if there are fewer.
  public init?(parsing bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.viewBase, let view = EthernetView(at: base, length: bytes.count) else { return nil }
    self.init(destination: view.destination, source: view.source, etherType: view.etherType)
  }

  /// Writes 14 bytes.
  public func emit(into bytes: UnsafeMutableRawBufferPointer) {
    let view = EthernetView(at: place(in: bytes), length: bytes.count)!
    view.destination = destination
    view.source = source
    view.etherType = etherType
  }
}
