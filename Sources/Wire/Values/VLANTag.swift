/// An 802.1Q tag behind its EtherType, as a value; its layout is ``VLANView``'s.
public struct VLANTag: HeaderValue {
  /// The priority code point, 0...7.
  public let priority: UInt8
  /// The drop eligible indicator.
  public let dropEligible: Bool
  /// The VLAN identifier, 0...4095.
  public let vlanID: UInt16
  /// What follows the tag, an ``EtherType``, in host byte order.
  public let etherType: UInt16

  /// Makes a tag; a priority above 7 or an identifier above 4095 is a programming error and traps.
  public init(priority: UInt8 = 0, dropEligible: Bool = false, vlanID: UInt16, etherType: UInt16) {
    precondition(priority <= 7, "an 802.1Q priority is 0...7")
    precondition(vlanID <= 0x0fff, "a VLAN identifier is 0...4095")
    self.priority = priority
    self.dropEligible = dropEligible
    self.vlanID = vlanID
    self.etherType = etherType
  }

  /// 4.
  public var byteCount: Int { VLANView.byteCount }

  /// Reads 4 bytes; nil if there are fewer.
  public init?(parsing bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.viewBase, let view = VLANView(at: base, length: bytes.count) else { return nil }
    self.init(
      priority: view.priority, dropEligible: view.dropEligible, vlanID: view.vlanID, etherType: view.etherType)
  }

  /// Writes 4 bytes.
  public func emit(into bytes: UnsafeMutableRawBufferPointer) {
    let view = VLANView(at: place(in: bytes), length: bytes.count)!
    view.tagControl = UInt16(priority) << 13 | (dropEligible ? 0x1000 : 0) | vlanID
    view.etherType = etherType
  }
}
