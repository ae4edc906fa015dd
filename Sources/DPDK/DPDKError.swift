import CDPDKShim

/// A DPDK call that failed.
public struct DPDKError: Error, CustomStringConvertible {
  /// What was being done.
  public let action: String
  /// The errno, positive.
  public let code: Int32

  /// Makes an error from a call's negative return value or a positive errno.
  public init(_ action: String, code: Int32) {
    self.action = action
    self.code = abs(code)
  }

  /// The action and the error's text.
  public var description: String { "\(action): \(String(cString: ntl_strerror(code)))" }
}
