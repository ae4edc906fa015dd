import NIOSSL

/// Certificates and keys in PEM files, with errors that name the setting.
enum TLSFiles {
  /// A file that cannot be used.
  struct Failure: Error {
    let description: String
  }

  static func certificates(_ path: String, key: String) throws(Failure) -> [NIOSSLCertificate] {
    let certificates: [NIOSSLCertificate]
    do {
      certificates = try NIOSSLCertificate.fromPEMFile(path)
    } catch {
      throw Failure(description: "\(key): cannot read certificates from \(path): \(reason(error)); name a PEM file")
    }
    guard !certificates.isEmpty else {
      throw Failure(description: "\(key): \(path) holds no certificate; name a PEM file that does")
    }
    return certificates
  }

  static func privateKey(_ path: String, key: String) throws(Failure) -> NIOSSLPrivateKey {
    do {
      return try NIOSSLPrivateKey(file: path, format: .pem)
    } catch {
      throw Failure(
        description: "\(key): cannot read a private key from \(path): \(reason(error)); name a PEM file without a"
          + " passphrase")
    }
  }

  private static func reason(_ error: any Error) -> String {
    if let error = error as? NIOSSLError, case .failedToLoadCertificate = error { return "it holds none" }
    if let error = error as? NIOSSLError, case .failedToLoadPrivateKey = error { return "it holds none" }
    return "\(error)"
  }
}
