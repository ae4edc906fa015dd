import Glibc

/// systemd's notifications (`sd_notify(3)`): datagrams to the socket that `NOTIFY_SOCKET` names. Without one, nothing.
struct ServiceManager {
  private let address: [UInt8]?
  /// Milliseconds between signs of life: half of what the unit's WatchdogSec allows; nil: none are wanted.
  let watchdogInterval: Int?

  /// Takes the addresses from the environment of the process.
  init() {
    address = getenv("NOTIFY_SOCKET").map { Array(String(cString: $0).utf8) }
    watchdogInterval = getenv("WATCHDOG_USEC").flatMap { Int(String(cString: $0)) }.map { max(1, $0 / 2000) }
  }

  /// Sends a state: `READY=1`, `WATCHDOG=1`, `RELOADING=1`, `STOPPING=1`, `STATUS=...`.
  func notify(_ state: String) {
    guard var path = address, var name = path.first.map({ _ in sockaddr_un() }) else { return }
    // A name that begins with @ is in the abstract namespace, which begins with a zero.
    if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    guard path.count < MemoryLayout.size(ofValue: name.sun_path) else { return }
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let text = Array(state.utf8)
    _ = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
