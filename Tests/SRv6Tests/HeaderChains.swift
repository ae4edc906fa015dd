/// An extension header that a test puts into a chain.
enum ChainedHeader: CaseIterable {
  case hopByHop, destinationOptions, longDestinationOptions, authentication, atomicFragment, firstFragment
  case srhOfOne, srhOfThreeWithOneLeft, srhOfThreeWithThreeLeft, srhWithTLVs, srhMalformed
  case rpl, rplWithSegmentsLeft

  /// The protocol number that announces it.
  var kind: UInt8 {
    switch self {
    case .hopByHop: 0
    case .destinationOptions, .longDestinationOptions: 60
    case .authentication: 51
    case .atomicFragment, .firstFragment: 44
    default: 43
    }
  }

  /// Its bytes, before a header of protocol `next`.
  func bytes(next: UInt8) -> [UInt8] {
    switch self {
    case .hopByHop, .destinationOptions: [next, 0, 1, 4, 0, 0, 0, 0]
    case .longDestinationOptions: [next, 1, 1, 12] + [UInt8](repeating: 0, count: 12)
    case .authentication: [next, 4, 0, 0] + [UInt8](repeating: 0xaa, count: 20)
    case .atomicFragment: [next, 0xff, 0, 0, 1, 2, 3, 4]
    case .firstFragment: [next, 0, 0, 1, 1, 2, 3, 4]
    case .srhOfOne: srh(next, segments: 1, left: 0)
    case .srhOfThreeWithOneLeft: srh(next, segments: 3, left: 1)
    case .srhOfThreeWithThreeLeft: srh(next, segments: 3, left: 3)
    case .srhWithTLVs: srh(next, segments: 1, left: 0, tlvs: [5, 6, 1, 2, 3, 4, 5, 6, 0, 0, 4, 4, 0, 0, 0, 0])
    case .srhMalformed: srh(next, segments: 1, left: 2)
    case .rpl: [next, 0, 3, 0, 0, 0, 0, 0]
    case .rplWithSegmentsLeft: [next, 0, 3, 1, 0, 0, 0, 0]
    }
  }
}

/// A segment routing header (RFC 8754, section 2).
func srh(_ next: UInt8, segments: Int, left: UInt8, tlvs: [UInt8] = []) -> [UInt8] {
  let list = [UInt8](repeating: 0xfc, count: segments * 16)
  return [next, UInt8((list.count + tlvs.count) / 8), 4, left, UInt8(segments - 1), 0, 0, 0] + list + tlvs
}

/// An IPv6 packet of extension headers, then `payload`, which is of protocol `upper`.
func packet(_ chain: [ChainedHeader], upper: UInt8, payload: [UInt8] = [UInt8](repeating: 0x45, count: 12)) -> [UInt8] {
  var next = upper
  var rest = payload
  for header in chain.reversed() {
    rest = header.bytes(next: next) + rest
    next = header.kind
  }
  return ipv6(next: next) + rest
}

/// An IPv6 header; a walk reads nothing of it but the next header.
func ipv6(next: UInt8) -> [UInt8] {
  [0x60, 0, 0, 0, 0, 0, next, 64] + [UInt8](repeating: 0x20, count: 32)
}
