import Foundation
import Glibc

@testable import Control

/// Certificates and tokens of a test's own, in a folder that goes with their owner.
final class Secrets {
  private let folder: TemporaryFolder
  static let token = "0123456789abcdef-token"

  init() throws {
    folder = try TemporaryFolder()
    try Data("\(Self.token)\n".utf8).write(to: URL(fileURLWithPath: file("token")))
    chmod(file("token"), 0o600)
    for authority in ["ca", "stranger"] {
      try openssl([
        "req", "-x509", "-subj", "/CN=\(authority)", "-keyout", key(authority), "-out", certificate(authority),
      ])
    }
    try sign("server", by: "ca")
    try sign("client", by: "ca")
    try sign("impostor", by: "stranger")
  }

  func file(_ name: String) -> String { "\(folder.path)/\(name)" }
  func certificate(_ name: String) -> String { file("\(name).pem") }
  func key(_ name: String) -> String { file("\(name).key") }

  private func sign(_ name: String, by authority: String) throws {
    try openssl([
      "req", "-x509", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
      "-addext", "basicConstraints=critical,CA:FALSE", "-CA", certificate(authority), "-CAkey", key(authority),
      "-keyout", key(name), "-out", certificate(name),
    ])
  }

  private struct Failure: Error {}

  private func openssl(_ words: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = words + ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure() }
  }

  /// A port of this machine's that nobody listens at.
  static func freePort() -> Int {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        getsockname(descriptor, $0, &length)
      }
    }
    return Int(in_port_t(bigEndian: address.sin_port))
  }

  /// What a configuration says that has TCP with a token, TLS, or TLS that asks for certificates.
  func section(port: Int, hasToken: Bool = true, hasTLS: Bool = false, asksForCertificate: Bool = false) -> APISection {
    var api = APISection()
    api.listen = [ListenAddress(parsing: "127.0.0.1:\(port)")!]
    api.tokenFile = hasToken ? file("token") : nil
    if hasTLS || asksForCertificate {
      api.tls = TLSSection(
        certificate: certificate("server"), key: key("server"),
        clientCA: asksForCertificate ? certificate("ca") : nil)
    }
    return api
  }

  /// What a client shows; nil for nothing of a kind.
  func credentials(_ certificate: String? = nil, token: Bool = true, ca: String? = "ca") -> APIAddress.Credentials {
    var credentials = APIAddress.Credentials()
    credentials.tokenFile = token ? file("token") : nil
    credentials.authorities = ca.map { self.certificate($0) }
    credentials.certificate = certificate.map { self.certificate($0) }
    credentials.key = certificate.map { key($0) }
    return credentials
  }
}
