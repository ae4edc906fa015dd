import Foundation
import Glibc
import Testing

@testable import Control

@Suite struct APISocketTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/api.sock"
  }

  @Test func theSocketIsForOwnerAndGroupInAFolderThatIsMade() throws {
    let deep = folder.path + "/run/needletail/api.sock"
    let server = try TestServer(path: deep)
    var status = stat()
    try #require(lstat(server.path, &status) == 0)
    #expect(status.st_mode == S_IFSOCK | 0o660)
    #expect(try APIClient(socket: deep).get("/") == Data("\"here\"\n".utf8))
  }

  @Test func aSocketThatNobodyListensAtIsReplaced() throws {
    // A server that was killed: its socket is closed, its file is left.
    close(try UnixSocket.listen(path))
    #expect(FileManager.default.fileExists(atPath: path))
    #expect(throws: APIClientError.self) { try APIClient(socket: path).get("/") }
    let server = try TestServer(path: path)
    #expect(try APIClient(socket: server.path).get("/") == Data("\"here\"\n".utf8))
  }

  @Test func aSocketThatIsInUseIsLeftAlone() throws {
    let first = try TestServer(path: path)
    let error = #expect(throws: APIServerError.self) { try TestServer(path: path) }
    #expect(
      error?.description == "another needletail is running with this socket, \(path): stop it or set api.socket")
    #expect(try APIClient(socket: first.path).get("/") == Data("\"here\"\n".utf8))
  }

  @Test func aFileThatIsNoSocketIsLeftAlone() throws {
    try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: APIServerError.self) { try TestServer(path: path) }
    #expect(error?.description.contains("\(path) is there and is no socket") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
  }

  @Test func aServerRemovesOnlyItsOwnFile() throws {
    let first = try TestServer(path: path)
    unlink(path)
    let second = try TestServer(path: path)
    try first.stop()
    #expect(try APIClient(socket: second.path).get("/") == Data("\"here\"\n".utf8))
  }

  @Test func pathsHave107BytesAtMost() throws {
    let longest = folder.path + "/" + String(repeating: "s", count: 106 - folder.path.utf8.count)
    try #require(longest.utf8.count == 107)
    let server = try TestServer(path: longest)
    #expect(try APIClient(socket: server.path).get("/") == Data("\"here\"\n".utf8))
    let error = #expect(throws: APIServerError.self) { try TestServer(path: longest + "s") }
    #expect(error?.description.contains("has 108 bytes, a socket's path 1 to 107: set api.socket") == true)
    #expect(throws: APIClientError.self) { try APIClient(socket: longest + "s").get("/") }
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
    let error = #expect(throws: APIServerError.self) { try TestServer(path: folder.path + "/file/api.sock") }
    #expect(error?.description.contains("cannot make the folder \(folder.path)/file") == true)
  }

  @Test func aServerThatIsSilentIsGivenUp() throws {
    let descriptor = try UnixSocket.listen(path)
    defer { close(descriptor) }
    var client = APIClient(socket: path)
    client.timeout = 1
    let error = #expect(throws: APIClientError.self) { try client.get("/") }
    #expect(error?.description.contains("it is silent") == true)
  }
}
