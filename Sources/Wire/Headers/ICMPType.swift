/// ICMP message types (RFC 792).
public enum ICMPType {
  /// Echo reply.
  @inlinable public static var echoReply: UInt8 { 0 }
  /// Destination unreachable.
  @inlinable public static var destinationUnreachable: UInt8 { 3 }
  /// Source quench, deprecated (RFC 6633).
  @inlinable public static var sourceQuench: UInt8 { 4 }
  /// Redirect.
  @inlinable public static var redirect: UInt8 { 5 }
  /// Echo request.
  @inlinable public static var echoRequest: UInt8 { 8 }
  /// Time exceeded.
  @inlinable public static var timeExceeded: UInt8 { 11 }
  /// Parameter problem.
  @inlinable public static var parameterProblem: UInt8 { 12 }

  /// The message reports an error or a redirect: no error is sent about it (RFC 1122, section 3.2.2).
  @inlinable public static func isError(_ type: UInt8) -> Bool {
    switch type {
    case destinationUnreachable, sourceQuench, redirect, timeExceeded, parameterProblem: true
    default: false
    }
  }
}

/// ICMPv6 message types (RFC 4443, RFC 4861).
public enum ICMPv6Type {
  /// Destination unreachable.
  @inlinable public static var destinationUnreachable: UInt8 { 1 }
  /// Packet too big.
  @inlinable public static var packetTooBig: UInt8 { 2 }
  /// Time exceeded.
  @inlinable public static var timeExceeded: UInt8 { 3 }
  /// Parameter problem.
  @inlinable public static var parameterProblem: UInt8 { 4 }
  /// Echo request.
  @inlinable public static var echoRequest: UInt8 { 128 }
  /// Echo reply.
  @inlinable public static var echoReply: UInt8 { 129 }
  /// Router solicitation.
  @inlinable public static var routerSolicitation: UInt8 { 133 }
  /// Router advertisement.
  @inlinable public static var routerAdvertisement: UInt8 { 134 }
  /// Neighbour solicitation.
  @inlinable public static var neighborSolicitation: UInt8 { 135 }
  /// Neighbour advertisement.
  @inlinable public static var neighborAdvertisement: UInt8 { 136 }
  /// Redirect.
  @inlinable public static var redirect: UInt8 { 137 }

  /// The message is of neighbour discovery (RFC 4861, section 4).
  @inlinable public static func isNeighborDiscovery(_ type: UInt8) -> Bool {
    type >= routerSolicitation && type <= redirect
  }

  /// The message reports an error or a redirect: no error is sent about it (RFC 4443, section 2.4 (e.1), (e.2)).
  @inlinable public static func isError(_ type: UInt8) -> Bool { type < 128 || type == redirect }
}
