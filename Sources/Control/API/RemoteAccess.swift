import NIOCore
import NIOPosix
import NIOSSL

/// Where the API listens by TCP, and what a client has to show there.
public struct RemoteAccess: Sendable {
  let addresses: [ListenAddress]
  let token: APIToken?
  let tls: NIOSSLContext?

  /// No TCP.
  public static let none = RemoteAccess(addresses: [], token: nil, tls: nil)

  private init(addresses: [ListenAddress], token: APIToken?, tls: NIOSSLContext?) {
    (self.addresses, self.token, self.tls) = (addresses, token, tls)
  }

  /// Reads the files that a configuration names, if it asks for TCP.
  ///
  /// - Throws: ``APIServerError`` that names the key, the file and the fix.
  public init(_ api: APISection) throws(APIServerError) {
    guard !api.listen.isEmpty else {
      self = .none
      return
    }
    addresses = api.listen
    token = try api.tokenFile.map { path throws(APIServerError) in
      try APIToken(file: path, key: "api.token-file")
    }
    tls = try api.tls.map { section throws(APIServerError) in try Self.context(section) }
  }

  private static func context(_ section: TLSSection) throws(APIServerError) -> NIOSSLContext {
    var settings: TLSConfiguration
    do throws(TLSFiles.Failure) {
      let chain = try TLSFiles.certificates(section.certificate, key: "api.tls.certificate")
      let key = try TLSFiles.privateKey(section.key, key: "api.tls.key")
      settings = .makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
      if let path = section.clientCA {
        settings.trustRoots = .certificates(try TLSFiles.certificates(path, key: "api.tls.client-ca"))
        settings.certificateVerification = .noHostnameVerification
      }
    } catch {
      throw APIServerError(description: error.description)
    }
    settings.minimumTLSVersion = .tlsv12
    settings.applicationProtocols = ["http/1.1"]
    settings.shutdownTimeout = .milliseconds(500)
    do {
      return try NIOSSLContext(configuration: settings)
    } catch {
      throw APIServerError(
        description: "api.tls: \(section.key) is not the key of \(section.certificate) (\(error)): name the pair")
    }
  }

  /// Listens at every address; where one cannot be had, at none.
  func listen(
    on loop: any EventLoop, patience: TimeAmount, setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) -> EventLoopFuture<[any Channel]> {
    let bootstrap = ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // A peer that is gone for good does not say so.
      .childChannelOption(
        .socket(IPPROTO_TCP, TCP_USER_TIMEOUT), value: Int(patience.nanoseconds / 1_000_000)
      )
      .childChannelInitializer(setUp)
    let bound = addresses.map { listen(bootstrap, $0, on: loop) }
    return EventLoopFuture.whenAllComplete(bound, on: loop).flatMapThrowing { results in
      let channels = results.compactMap { try? $0.get() }
      do {
        for result in results { _ = try result.get() }
      } catch {
        for channel in channels { channel.close(promise: nil) }
        throw error
      }
      return channels
    }
  }

  private func listen(
    _ bootstrap: ServerBootstrap, _ address: ListenAddress, on loop: any EventLoop
  ) -> EventLoopFuture<any Channel> {
    do {
      let place = try SocketAddress(ipAddress: "\(address.address)", port: address.port)
      // [::] is IPv6 alone, so that 0.0.0.0 can stand beside it.
      let own =
        address.address.isIPv4
        ? bootstrap : bootstrap.serverChannelOption(.socket(IPPROTO_IPV6, IPV6_V6ONLY), value: 1)
      return own.bind(to: place).flatMapErrorThrowing { error in
        throw APIServerError(description: "api.listen: cannot listen at \(address): \(Self.reason(error))")
      }
    } catch {
      return loop.makeFailedFuture(APIServerError(description: "api.listen: \(address): \(error)"))
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? IOError else { return "\(error)" }
    let text = String(cString: strerror(error.errnoCode))
    return switch error.errnoCode {
    case EADDRINUSE: "\(text): stop who listens there (ss -ltnp shows it) or choose another port"
    case EADDRNOTAVAIL: "\(text): choose an address that this machine has (ip address), or 0.0.0.0 or [::] for all"
    case EACCES: "\(text): choose a port above 1023, or be root"
    default: text
    }
  }
}
