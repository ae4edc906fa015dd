import Foundation
import Glibc
import NIOCore
import Testing

@testable import Control

/// The API by TCP: who is let in, and who is not.
@Suite struct APIRemoteTests {
  let folder: TemporaryFolder
  let secrets: Secrets
  let port = Secrets.freePort()

  init() throws {
    folder = try TemporaryFolder()
    secrets = try Secrets()
  }

  private func server(_ api: APISection, limits: APIServer.Limits = .init()) throws -> TestServer {
    try TestServer(path: folder.path + "/api.sock", remote: try RemoteAccess(api), limits: limits) {
      { .json($0.path) }
    }
  }

  private func ask(_ scheme: String, _ credentials: APIAddress.Credentials) throws -> String {
    let client = APIClient(try APIAddress(url: "\(scheme)://127.0.0.1:\(port)", credentials))
    return String(decoding: try client.get("/here"), as: UTF8.self)
  }

  private func refusal(_ scheme: String, _ credentials: APIAddress.Credentials) throws -> String {
    let error = #expect(throws: APIClientError.self) { _ = try ask(scheme, credentials) }
    return error?.description ?? ""
  }

  // MARK: Tokens

  @Test func aTokenOpensTheDoor() throws {
    let server = try server(secrets.section(port: port))
    #expect(try ask("http", secrets.credentials()) == "\"/here\"\n")
    #expect(try refusal("http", secrets.credentials(token: false)).hasPrefix("the token is missing or wrong: send the"))
    // The socket asks for none.
    #expect(try APIClient(socket: server.path).get("/") == Data("\"/\"\n".utf8))
  }

  @Test(arguments: [
    "", "authorization: Bearer\r\n", "authorization: Bearer \r\n", "authorization: Basic 0123456789abcdef-token\r\n",
    "authorization: Bearer 0123456789abcdef-tokeN\r\n", "authorization: Bearer 0123456789abcdef-token1\r\n",
    "authorization: 0123456789abcdef-token\r\n", "x-authorization: Bearer 0123456789abcdef-token\r\n",
  ]) func othersAreTurnedAway(_ header: String) throws {
    let server = try server(secrets.section(port: port))
    for path in ["/here", "/large", "/nowhere?x=%zz"] {
      let client = try RawClient(port: port)
      client.send("POST \(path) HTTP/1.1\r\nhost: x\r\n\(header)content-length: 1000000\r\n\r\n")
      client.send(String(repeating: "b", count: 1_000_000))
      let answer = try #require(client.receive())
      #expect(
        answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer realm=\"needletail\"\r\n"), "\(answer)")
      #expect(answer.contains("\r\n\r\n{\"error\":\"the token is missing or wrong"))
    }
    _ = server
  }

  @Test func theSchemeIsReadAsHTTPSaysIt() throws {
    let server = try server(secrets.section(port: port))
    let client = try RawClient(port: port)
    client.send("GET /a HTTP/1.1\r\nhost: x\r\nAuthorization: bearer \(Secrets.token)\r\n\r\n")
    #expect(client.receive(until: "\"/a\"\n") != nil)
    _ = server
  }

  @Test func badTokenFilesAreRefused() throws {
    let path = secrets.file("other")
    func refusal(_ text: String, mode: mode_t = 0o600) throws -> String {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      chmod(path, mode)
      let error = #expect(throws: APIServerError.self) { try APIToken(file: path, key: "api.token-file") }
      return error?.description ?? ""
    }
    #expect(try refusal("fifteen-bytes-x").hasPrefix("api.token-file: \(path) holds 15 bytes; a token has 16 to 4096"))
    #expect(try refusal(String(repeating: "x", count: 5000)).contains("a token has 16 to 4096"))
    #expect(try refusal("two words of which neither will do").contains("more than one word of printable ASCII"))
    #expect(
      try refusal(Secrets.token, mode: 0o604)
        == "api.token-file: \(path) is open to everybody: chmod o= \(path), and put another token into it")
    let error = #expect(throws: APIServerError.self) { try APIToken(file: path + "x", key: "api.token-file") }
    #expect(error?.description.contains("cannot be read: No such file or directory; make one with") == true)
  }

  // MARK: TLS

  @Test func certificatesAreChecked() throws {
    let server = try server(secrets.section(port: port, hasToken: false, asksForCertificate: true))
    #expect(try ask("https", secrets.credentials("client", token: false)) == "\"/here\"\n")
    for credentials in [
      secrets.credentials("impostor", token: false), secrets.credentials(nil, token: true),
      secrets.credentials("client", token: false, ca: "stranger"), secrets.credentials("client", token: false, ca: nil),
    ] {
      let message = try refusal("https", credentials)
      #expect(message.hasPrefix("cannot connect to https://127.0.0.1:\(port): TLS failed ("), "\(message)")
    }
    #expect(try ask("https", secrets.credentials("client", token: false)) == "\"/here\"\n")
    _ = server
  }

  @Test func aTokenMayBeAskedForAsWell() throws {
    let server = try server(secrets.section(port: port, asksForCertificate: true))
    #expect(try ask("https", secrets.credentials("client")) == "\"/here\"\n")
    #expect(try refusal("https", secrets.credentials("client", token: false)).hasPrefix("the token is missing"))
    #expect(try refusal("https", secrets.credentials()).contains("TLS failed"))
    _ = server
  }

  @Test func aTokenInsideTLSIsEnough() throws {
    let server = try server(secrets.section(port: port, hasTLS: true))
    #expect(try ask("https", secrets.credentials()) == "\"/here\"\n")
    #expect(try refusal("https", secrets.credentials(token: false)).hasPrefix("the token is missing"))
    let named = APIClient(try APIAddress(url: "https://localhost:\(port)", secrets.credentials()))
    #expect(try named.get("/here") == Data("\"/here\"\n".utf8))
    _ = server
  }

  @Test func otherBytesThanTLSHarmNobody() throws {
    let server = try server(secrets.section(port: port, hasTLS: true))
    for garbage in [
      "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", String(repeating: "\u{16}\u{3}\u{1}\u{7f}", count: 10_000),
    ] {
      let client = try RawClient(port: port)
      client.send(garbage)
      if garbage.utf8.count > 3 { #expect(client.receive()?.contains("HTTP/1.1 200") == false) }
    }
    #expect(try ask("https", secrets.credentials()) == "\"/here\"\n")
    _ = server
  }

  @Test func whatCannotBeReadIsNamed() throws {
    func refusal(_ change: (inout TLSSection) -> Void) -> String {
      var api = secrets.section(port: port, asksForCertificate: true)
      change(&api.tls!)
      let error = #expect(throws: APIServerError.self) { try RemoteAccess(api) }
      return error?.description ?? ""
    }
    let nowhere = secrets.file("nowhere")
    #expect(
      refusal { $0.certificate = nowhere }.hasPrefix("api.tls.certificate: cannot read certificates from \(nowhere)"))
    #expect(refusal { $0.key = nowhere }.hasPrefix("api.tls.key: cannot read a private key from \(nowhere)"))
    #expect(refusal { $0.clientCA = nowhere }.hasPrefix("api.tls.client-ca: cannot read certificates from \(nowhere)"))
    #expect(refusal { $0.certificate = $0.key }.contains("holds no"))
    let other = secrets.key("client")
    #expect(
      refusal { $0.key = other }.hasPrefix("api.tls: \(other) is not the key of \(secrets.certificate("server"))"))
  }

  // MARK: Limits

  @Test(arguments: [true, false]) func halfAHandshakeIsNotWaitedFor(_ hasTLS: Bool) throws {
    var limits = APIServer.Limits()
    limits.patience = .milliseconds(500)
    let server = try server(secrets.section(port: port, hasTLS: hasTLS), limits: limits)
    let began = Date()
    // The beginning of a record, or of a request; more bytes win no time.
    let client = try RawClient(port: port)
    client.send(
      hasTLS ? "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}" : "GET / HTTP/1.1\r\nauthorization: Bearer \(Secrets.token)\r\nx: ")
    for _ in 0..<4 {
      Thread.sleep(forTimeInterval: 0.2)
      client.send("\u{0}".replacing("\u{0}", with: hasTLS ? "\u{0}" : "a"))
    }
    #expect(client.receive() != nil, "it is disconnected")
    #expect(Date().timeIntervalSince(began) < 4)
    _ = server
  }

  @Test(arguments: [true, false]) func whoeverTakesAllOfTCPLeavesTheSocket(_ hasTLS: Bool) throws {
    var limits = APIServer.Limits()
    limits.remoteConnections = 3
    let server = try server(secrets.section(port: port, hasTLS: hasTLS), limits: limits)
    var idle = try (0..<3).map { _ in try RawClient(port: port) }
    for client in idle { client.send(hasTLS ? "\u{16}" : "GET") }
    let another = try RawClient(port: port)
    #expect(another.receive() == "")
    #expect(try APIClient(socket: server.path).get("/") == Data("\"/\"\n".utf8))
    idle.removeAll()
    let deadline = Date(timeIntervalSinceNow: 5)
    let scheme = hasTLS ? "https" : "http"
    while (try? ask(scheme, secrets.credentials())) == nil, Date() < deadline {}
    #expect(try ask(scheme, secrets.credentials()) == "\"/here\"\n")
  }

  @Test func aPortInUseIsNamed() throws {
    let first = try server(secrets.section(port: port))
    let error = #expect(throws: APIServerError.self) {
      try TestServer(path: folder.path + "/other.sock", remote: try RemoteAccess(secrets.section(port: port)))
    }
    #expect(
      error?.description
        == "api.listen: cannot listen at 127.0.0.1:\(port): Address already in use: stop who listens there (ss -ltnp "
        + "shows it) or choose another port")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/other.sock"), "nothing is left")
    try first.stop()
    #expect(throws: APIClientError.self) { try ask("http", secrets.credentials()) }
    _ = try server(secrets.section(port: port))
  }

  @Test func changesToItNeedARestart() throws {
    func configuration(_ api: String) throws -> Configuration { try ConfigurationLoader.load(text: api, file: "c") }
    let plain = try configuration("api: {token-file: t, listen: 127.0.0.1:1}")
    for (other, key) in [
      ("api: {token-file: t, listen: 127.0.0.1:2}", "api.listen"),
      ("api: {token-file: u, listen: 127.0.0.1:1}", "api.token-file"),
      ("api: {token-file: t, listen: 127.0.0.1:1, tls: {certificate: c, key: k}}", "api.tls"),
    ] {
      let found = try plain.needingRestart(for: configuration(other))
      #expect(found == ["\(key) cannot change while needletail runs; restart it with the new file"])
    }
  }

  @Test(arguments: [
    ("ftp://127.0.0.1:1", "is no server: write https://HOST:PORT"), ("127.0.0.1:1", "is no server"),
    ("https://127.0.0.1", "is no server"), ("https://127.0.0.1:1/v1", "is no server"),
    ("http://192.0.2.1:1", "can be read on the way: write https://"),
  ]) func badServersAreRefused(_ url: String, _ fragment: String) throws {
    let error = #expect(throws: APIClientError.self) { try APIAddress(url: url, .init()) }
    #expect(error?.description.contains(fragment) == true)
  }
}
