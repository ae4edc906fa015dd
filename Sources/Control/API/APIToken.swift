import Foundation
import Glibc

/// The word that clients by TCP bring as `Authorization: Bearer WORD` (RFC 6750).
struct APIToken: Sendable {
  /// Bytes of the shortest: a word that nobody guesses.
  static let shortest = 16
  /// Bytes of the longest, which leaves headers room for others.
  static let longest = 4096

  /// The word.
  let word: String

  /// What requests without the word are answered with.
  static var problem: APIProblem {
    var problem = APIProblem(
      .unauthorized,
      "the token is missing or wrong: send the header 'authorization: Bearer TOKEN' with the word that"
        + " the server's api.token-file holds")
    problem.headers = [("www-authenticate", "Bearer realm=\"needletail\"")]
    return problem
  }

  /// Reads the word that a file holds, with or without a line's end behind it.
  ///
  /// - Parameter key: What names the file, for messages.
  /// - Throws: ``APIServerError`` that says what to do to the file.
  init(file path: String, key: String) throws(APIServerError) {
    func failure(_ why: String) -> APIServerError { APIServerError(description: "\(key): \(path) \(why)") }
    let make = "make one with: (umask 077; openssl rand -hex 32 > FILE)"
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw failure("cannot be read: \(String(cString: strerror(errno))); \(make)")
    }
    defer { try? file.close() }
    var status = stat()
    guard fstat(file.fileDescriptor, &status) == 0, status.st_mode & 0o007 == 0 else {
      throw failure("is open to everybody: chmod o= \(path), and put another token into it")
    }
    let data = (try? file.read(upToCount: Self.longest + 2)) ?? Data()
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard (Self.shortest...Self.longest).contains(text.utf8.count) else {
      throw failure("holds \(text.utf8.count) bytes; a token has \(Self.shortest) to \(Self.longest): \(make)")
    }
    guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw failure("holds more than one word of printable ASCII: \(make)")
    }
    word = text
  }

  /// Whether a request's `authorization` has the word. How long that takes says nothing about it.
  func matches(_ header: String?) -> Bool {
    let parts = (header ?? "").split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
    let (given, wanted) = (Array(parts[1].utf8), Array(word.utf8))
    guard given.count == wanted.count else { return false }
    return zip(given, wanted).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
