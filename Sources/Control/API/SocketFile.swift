import Foundation
import Glibc

/// Why the API cannot be served at its path.
public struct APIServerError: Error, CustomStringConvertible {
  /// What is wrong and how to mend it.
  public let description: String
}

/// The file of a listening socket: made by its server, removed by it and by nobody else.
struct SocketFile: Sendable {
  let path: String
  private let device: dev_t
  private let inode: ino_t

  /// Listens at `path`, in a folder that is made if it is missing; a file that a dead server left is replaced.
  static func listen(_ path: String) throws(APIServerError) -> (file: SocketFile, descriptor: CInt) {
    let length = path.utf8.count
    guard length > 0, length <= UnixSocket.longestPath else {
      throw APIServerError(
        description: "api.socket: '\(path)' has \(length) bytes, a socket's path 1 to \(UnixSocket.longestPath): "
          + "set api.socket to a shorter path")
    }
    try makeFolder(of: path)
    try removeStale(path)
    do throws(UnixSocket.Failure) {
      let descriptor = try UnixSocket.listen(path)
      return (SocketFile(path: path, status: status(path)), descriptor)
    } catch {
      throw APIServerError(
        description: "api.socket: cannot listen at \(path): \(error.text); set api.socket to a path that this user "
          + "may write")
    }
  }

  private init(path: String, status: stat?) {
    self.path = path
    device = status?.st_dev ?? 0
    inode = status?.st_ino ?? 0
  }

  /// Removes the file unless another one has taken its place.
  func remove() {
    guard let now = Self.status(path), now.st_dev == device, now.st_ino == inode else { return }
    unlink(path)
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  private static func makeFolder(of path: String) throws(APIServerError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw APIServerError(
        description: "api.socket: cannot make the folder \(folder): \(error.localizedDescription); make it, or set "
          + "api.socket to a path that this user may write")
    }
  }

  /// Removes a socket that nobody listens at; refuses anything else that stands there.
  private static func removeStale(_ path: String) throws(APIServerError) {
    guard let status = status(path) else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw APIServerError(
        description: "api.socket: \(path) is there and is no socket: remove it or set api.socket to another path")
    }
    do throws(UnixSocket.Failure) {
      close(try UnixSocket.connect(path, timeout: 1))
    } catch {
      guard error.code == ECONNREFUSED else {
        throw APIServerError(
          description: "api.socket: cannot tell whether anybody listens at \(path): \(error.text); stop who does or "
            + "set api.socket to another path")
      }
      unlink(path)
      return
    }
    throw APIServerError(
      description: "another needletail is running with this socket, \(path): stop it or set api.socket")
  }
}
