import Wire

/// An address as it stands in packets: bytes in network byte order.
protocol NetworkBytes {
  /// How many.
  static var byteCount: Int { get }
  init(loadingFrom bytes: UnsafeRawPointer)
  func store(to bytes: UnsafeMutableRawPointer)
}

extension NetworkBytes {
  /// Takes ``byteCount`` bytes.
  init(networkBytes bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == Self.byteCount)
    self = bytes.withUnsafeBytes { Self(loadingFrom: $0.baseAddress!) }
  }

  /// The bytes.
  var networkBytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      store(to: buffer.baseAddress!)
      count = Self.byteCount
    }
  }
}

extension MACAddress: NetworkBytes { static let byteCount = 6 }
extension IPv4Address: NetworkBytes { static let byteCount = 4 }
extension IPv6Address: NetworkBytes { static let byteCount = 16 }
