import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Where a client finds the API, and what it shows there.
public struct APIAddress: Sendable, CustomStringConvertible {
  /// Files that name the client, and those that it believes. Nil: none, or for the authorities the system's.
  public struct Credentials: Sendable {
    /// Holds the word to bring.
    public var tokenFile: String?
    /// The authorities that the server's certificate may come from.
    public var authorities: String?
    /// The client's own certificate.
    public var certificate: String?
    /// Its private key.
    public var key: String?

    /// None.
    public init() {}

    var isEmpty: Bool { tokenFile == nil && authorities == nil && certificate == nil && key == nil }
  }

  private enum Place: Sendable {
    case socket(String)
    case tcp(host: String, port: Int)
  }

  /// The path or the URL.
  public let description: String
  private let place: Place
  let token: String?
  private let tls: NIOSSLContext?

  /// A Unix socket.
  public static func socket(_ path: String) -> APIAddress {
    APIAddress(description: path, place: .socket(path), token: nil, tls: nil)
  }

  private init(description: String, place: Place, token: String?, tls: NIOSSLContext?) {
    (self.description, self.place, self.token, self.tls) = (description, place, token, tls)
  }

  /// A server by its URL, `https://host:port`.
  ///
  /// - Throws: ``APIClientError/unusable(_:)`` where the URL or a file is none, or the token would be readable by others.
  public init(url text: String, _ credentials: Credentials) throws(APIClientError) {
    guard let url = URLComponents(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
      let host = url.host, !host.isEmpty, let port = url.port, ["", "/"].contains(url.path), url.query == nil
    else { throw .unusable("--server \(text) is no server: write https://HOST:PORT") }
    let bare = host.trimmingCharacters(in: ["[", "]"])
    let isEncrypted = scheme == "https"
    if !isEncrypted && !["127.0.0.1", "::1", "localhost"].contains(bare) {
      throw .unusable("--server \(text): what is sent there can be read on the way: write https://")
    }
    description = text
    place = .tcp(host: bare, port: port)
    do {
      token = try credentials.tokenFile.map { try APIToken(file: $0, key: "--token-file").word }
      tls = isEncrypted ? try Self.context(credentials) : nil
    } catch let error as APIServerError {
      throw .unusable(error.description)
    } catch let error as TLSFiles.Failure {
      throw .unusable(error.description)
    } catch {
      throw .unusable("--cert, --key: not a pair (\(error))")
    }
  }

  private static func context(_ credentials: Credentials) throws -> NIOSSLContext {
    var settings = TLSConfiguration.makeClientConfiguration()
    settings.minimumTLSVersion = .tlsv12
    settings.applicationProtocols = ["http/1.1"]
    settings.shutdownTimeout = .milliseconds(500)
    if let path = credentials.authorities {
      settings.trustRoots = .certificates(try TLSFiles.certificates(path, key: "--ca"))
    }
    if let path = credentials.certificate, let key = credentials.key {
      settings.certificateChain = try TLSFiles.certificates(path, key: "--cert").map { .certificate($0) }
      settings.privateKey = .privateKey(try TLSFiles.privateKey(key, key: "--key"))
    }
    return try NIOSSLContext(configuration: settings)
  }

  /// The `host` header.
  var host: String {
    guard case .tcp(let host, let port) = place else { return "localhost" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// What encrypts a connection; nil for plain ones.
  func makeTLSHandler() throws -> NIOSSLClientHandler? {
    guard let tls, case .tcp(let host, _) = place else { return nil }
    // Without a name the certificate has to have the address.
    let isAddress = IPAddress(parsing: host) != nil
    return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
  }

  func connect(_ bootstrap: ClientBootstrap, timeout: Int) throws -> EventLoopFuture<any Channel> {
    switch place {
    case .tcp(let host, let port): return bootstrap.connect(host: host, port: port)
    case .socket(let path): return bootstrap.withConnectedSocket(try Self.connect(path, timeout: timeout))
    }
  }

  private static func connect(_ path: String, timeout: Int) throws(APIClientError) -> CInt {
    guard path.utf8.count <= UnixSocket.longestPath else {
      throw .unreachable(server: path, reason: "a socket's path has at most \(UnixSocket.longestPath) bytes")
    }
    do throws(UnixSocket.Failure) {
      return try UnixSocket.connect(path, timeout: timeout)
    } catch {
      switch error.code {
      case ENOENT, ECONNREFUSED, ENOTDIR:
        throw .notRunning(
          server: path, hint: "start it with `needletail run -c ...` or name its socket with --socket")
      case EACCES, EPERM:
        throw .unreachable(server: path, reason: "permission denied: be root or a member of the socket's group")
      case EAGAIN: throw .unreachable(server: path, reason: "needletail has not answered for \(timeout) s")
      default: throw .unreachable(server: path, reason: error.text)
      }
    }
  }

  /// What a failed exchange means.
  func failure(_ error: any Error) -> APIClientError {
    switch error {
    case let error as NIOConnectionError:
      let refused = error.connectionErrors.contains { ($0.error as? IOError)?.errnoCode == ECONNREFUSED }
      if refused { return .notRunning(server: description, hint: "start it with api.listen set, or mend --server") }
      let reasons =
        error.connectionErrors.map { "\($0.error)" }
        + [error.dnsAError, error.dnsAAAAError].compactMap {
          $0.map { "\($0)" }
        }
      return .unreachable(server: description, reason: reasons.joined(separator: "; "))
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      return .unreachable(
        server: description,
        reason: "TLS failed (\(error)): see --ca for the server's certificate, --cert and --key for"
          + " this client's")
    default: return .badAnswer(server: description, reason: "\(error)")
    }
  }
}
