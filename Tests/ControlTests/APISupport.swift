import Foundation
import Glibc
import NIOCore
import NIOPosix

@testable import Control

/// A folder that goes with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("needletail-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A server on one of the process's event loops, stopped with its owner.
final class TestServer {
  let path: String
  private let server: APIServer

  /// - Parameter makeRoutes: Makes the routes, on the event loop.
  init(
    path: String, remote: RemoteAccess = .none, limits: APIServer.Limits = .init(),
    makeRoutes: @escaping @Sendable () -> ((APIRequest) -> APIResponse) = { { _ in .json("here") } }
  ) throws {
    self.path = path
    let loop = NIOSingletons.posixEventLoopGroup.next()
    server = try loop.flatSubmit {
      APIServer.start(
        on: loop, socket: path, remote: remote, limits: limits, hasLargeBody: { $1 == "/large" }, routes: makeRoutes())
    }.wait()
  }

  func stop() throws { try server.stop().wait() }

  deinit { try? stop() }
}

/// A connection whose bytes a test writes itself.
final class RawClient: Sendable {
  private let descriptor: CInt

  convenience init(_ path: String) throws { self.init(descriptor: try UnixSocket.connect(path, timeout: 5)) }

  /// By TCP, to this machine.
  convenience init(port: Int) throws {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    (address.sin_family, address.sin_port) = (sa_family_t(AF_INET), in_port_t(port).bigEndian)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(descriptor)
      throw UnixSocket.Failure(call: "connect", code: errno)
    }
    self.init(descriptor: descriptor)
  }

  private init(descriptor: CInt) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      // The server may close before it has read everything.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Everything until the server closes, or until `marker` has come; nil if neither happens within 5 s.
  func receive(until marker: String? = nil) -> String? {
    var received = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EAGAIN { return nil }
      if count <= 0 { break }
      let searched = max(0, received.count - (marker?.utf8.count ?? 0))
      received += chunk[..<count]
      if let marker, received[searched...].range(of: Data(marker.utf8)) != nil { break }
    }
    return String(decoding: received, as: UTF8.self)
  }

  /// Reads as fast as it can until the server closes.
  func drain() {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while read(descriptor, &chunk, chunk.count) > 0 {}
  }

  deinit { close(descriptor) }
}

/// Changes that are made nowhere: each is reported as one entry added, unless its text begins with `bad`.
func makeChanges(_ seen: @escaping (String) -> Void = { _ in }) -> APIChanges {
  func report(_ text: String, changes: [String]) throws(ChangeError) -> ChangeReport {
    seen(text)
    if text.hasPrefix("bad") { throw ChangeError(messages: ["\(changes[0]):1:1: bad", "\(changes[0]):2:1: worse"]) }
    return ChangeReport(added: 1, replaced: 0, deleted: 0, revision: 7, changes: changes)
  }
  return APIChanges(
    batch: { text, file, source throws(ChangeError) in
      try report(text, changes: [file] + (source.map { [$0.words] } ?? []))
    },
    apply: { request throws(ChangeError) in
      let others = [request.batch ?? "no batch", request.isDryRun ? "dry" : "wet"]
      return try report(request.configuration, changes: [request.file] + others)
    },
    sources: APISources(
      rows: { [] }, begin: { _, _, _ throws(ChangeError) in nil },
      sweep: { name throws(ChangeError) in try report("", changes: [name.words]) },
      lost: { _ throws(ChangeError) in throw ChangeError(messages: ["never"]) }))
}
