import CLinux
import Glibc

/// The network namespaces of the kernel.
enum NetworkNamespace {
  /// Does something inside a namespace. The calling thread alone goes there, and is back when this returns.
  ///
  /// - Parameter path: Such as `/run/netns/red`; nil stays.
  /// - Throws: What `body` throws, or why the namespace cannot be entered.
  static func within<Value>(
    _ path: String?, port: String, _ body: () throws(TwinFailure) -> Value
  ) throws(TwinFailure) -> Value {
    guard let path else { return try body() }
    let own = ntl_namespace_open(nil)
    guard own >= 0 else { throw failure(own, path, port) }
    defer { close(own) }
    let other = ntl_namespace_open(path)
    guard other >= 0 else { throw failure(other, path, port) }
    defer { close(other) }
    let entered = ntl_namespace_enter(other)
    guard entered == 0 else { throw failure(entered, path, port) }
    defer {
      // Everything that the thread did from now on would be in the wrong namespace.
      guard ntl_namespace_enter(own) == 0 else { fatalError("cannot leave network namespace \(path)") }
    }
    return try body()
  }

  private static func failure(_ result: Int32, _ path: String, _ port: String) -> TwinFailure {
    let fix =
      switch -result {
      case ENOENT, ENOTDIR:
        "there is no network namespace \(path): make it with `ip netns add`, or name another as the VRF's netns"
      case EPERM, EACCES: "\(path) may not be entered: run as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN"
      case EINVAL: "\(path) is no network namespace: name one as the VRF's netns"
      default: "\(path) cannot be entered (\(String(cString: strerror(-result))))"
      }
    return TwinFailure(port: port, message: fix)
  }
}
