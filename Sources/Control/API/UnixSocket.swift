import Glibc

/// Unix stream sockets by path, with errors that say what to do.
enum UnixSocket {
  /// Longest path, bytes: `sun_path` less the zero that ends it (unix(7)).
  static let longestPath = 107

  /// A call that failed.
  struct Failure: Error {
    /// The call's name.
    var call: String
    /// Its errno.
    var code: CInt

    var text: String { "\(call): \(String(cString: strerror(code)))" }
  }

  /// A new socket, connected to the one that listens at `path`.
  ///
  /// - Parameter timeout: Seconds to wait where the listener's backlog is full.
  static func connect(_ path: String, timeout: Int) throws(Failure) -> CInt {
    let descriptor = try open()
    var limit = timeval(tv_sec: timeout, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard withAddress(of: path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      let code = errno
      close(descriptor)
      throw Failure(call: "connect", code: code)
    }
    return descriptor
  }

  /// A new socket that listens at `path`, where nothing may be yet, open to its owner and group.
  static func listen(_ path: String) throws(Failure) -> CInt {
    let descriptor = try open()
    func check(_ call: String, _ result: CInt) throws(Failure) {
      guard result != 0 else { return }
      let code = errno
      close(descriptor)
      throw Failure(call: call, code: code)
    }
    // bind(2) gives the file the socket's mode less the umask, so that it is never open to others; chmod(2) then gives
    // back what the umask took.
    let mode: mode_t = 0o660
    try check("fchmod", fchmod(descriptor, mode))
    try check("bind", withAddress(of: path) { bind(descriptor, $0, $1) })
    try check("chmod", chmod(path, mode))
    try check("listen", Glibc.listen(descriptor, 128))
    return descriptor
  }

  private static func open() throws(Failure) -> CInt {
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    return descriptor
  }

  /// Calls with the `sockaddr_un` of a path of at most ``longestPath`` bytes.
  private static func withAddress(
    of path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(longestPath)) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}
