import Wire

/// What the options of a hop-by-hop or destination options header ask of the node that looks at them (RFC 8200, section
/// 4.2).
@frozen public enum OptionsVerdict: Sendable {
  /// Nothing stands in the way.
  case pass
  /// The packet is to be dropped.
  case drop
  /// The packet is to be dropped with an ICMPv6 parameter problem of this code, whose pointer is `at`, bytes from the
  /// IPv6 header; not if `multicastIsSilent` and the destination is multicast.
  case report(code: UInt8, at: Int, multicastIsSilent: Bool)

  private static var pad1: UInt8 { 0 }
  private static var padN: UInt8 { 1 }
  private static var routerAlert: UInt8 { 5 }
  private static var jumbo: UInt8 { 0xc2 }

  /// Looks at a header's options.
  ///
  /// - Parameters:
  ///   - header: The IPv6 header.
  ///   - offset: Where the options header begins, bytes from the IPv6 header; all of it is readable.
  public init(_ header: UnsafeMutableRawPointer, at offset: Int) {
    let end = offset &+ 8 &+ Int(header.loadByte(offset &+ 1)) &* 8
    var option = offset &+ 2
    while option < end {
      let type = header.loadByte(option)
      if type == OptionsVerdict.pad1 {
        option &+= 1
        continue
      }
      guard option &+ 1 < end else {
        self = .drop
        return
      }
      let length = Int(header.loadByte(option &+ 1))
      guard option &+ 2 &+ length <= end else {
        self = .drop
        return
      }
      switch type {
      case OptionsVerdict.padN: break
      case OptionsVerdict.routerAlert where length == 2: break
      case OptionsVerdict.jumbo:
        self = OptionsVerdict.jumboVerdict(header, option: option, length: length)
        return
      default:
        let verdict = OptionsVerdict.unknown(type, at: option)
        guard case .pass = verdict else {
          self = verdict
          return
        }
      }
      option &+= 2 &+ length
    }
    self = .pass
  }

  /// The first two bits of an unknown option's type say what becomes of the packet.
  private static func unknown(_ type: UInt8, at option: Int) -> OptionsVerdict {
    switch type &>> 6 {
    case 0: .pass
    case 1: .drop
    case 2: .report(code: 2, at: option, multicastIsSilent: false)
    default: .report(code: 2, at: option, multicastIsSilent: true)
    }
  }

  /// No jumbogram fits a packet buffer here: the option is always at fault (RFC 2675, section 3).
  private static func jumboVerdict(_ header: UnsafeMutableRawPointer, option: Int, length: Int) -> OptionsVerdict {
    let isAligned = option & 3 == 2
    if length != 4 || !isAligned { return .report(code: 0, at: option &+ 1, multicastIsSilent: false) }
    let isLong = header.loadBE32(option &+ 2) > 0xffff
    return .report(code: 0, at: isLong ? option : option &+ 2, multicastIsSilent: false)
  }
}
