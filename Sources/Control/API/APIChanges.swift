import Foundation
import NIOCore
import NIOHTTP1

/// The operations that change the running state, and what they are carried out by.
public struct APIChanges {
  /// Applies lines; the second is their name.
  public typealias Batch = (String, String) throws(ChangeError) -> ChangeReport
  /// Makes the running state equal to what a request says.
  public typealias Apply = (ApplyRequest) throws(ChangeError) -> ChangeReport

  private let batch: Batch
  private let apply: Apply

  /// Carries changes out by these functions, on the event loop.
  public init(batch: @escaping Batch, apply: @escaping Apply) {
    self.batch = batch
    self.apply = apply
  }

  /// Changes a running forwarder.
  public init(_ live: LiveChanges) {
    self.init(
      batch: { text, file throws(ChangeError) in try live.apply(batch: text, file: file) },
      apply: { request throws(ChangeError) in
        try live.apply(
          configuration: request.configuration, file: request.file, batch: request.batch, dryRun: request.isDryRun)
      })
  }

  func add(to router: inout APIRouter) {
    let (batch, apply) = (batch, apply)
    let lines = APIOperation.Body(
      summary: "Lines as ip -batch takes them (route, neighbor, sr tunsrc set), and lines of sid", content: .text)
    let file = APIOperation.Parameter(
      name: "file", kind: .text, summary: "What messages call the lines; batch by default")
    router.on(.post("/v1/batch", "Applies lines of ip in one transaction", [file], body: lines)) {
      request throws(APIProblem) in
      guard let text = request.body.text else {
        throw APIProblem(.badRequest, "the body is not UTF-8: send lines as ip -batch takes them")
      }
      return try answer { () throws(ChangeError) in try batch(text, request.parameter("file") ?? "batch") }
    }
    let wanted = APIOperation.Body(summary: "What is to be", content: .object(ApplyRequest.fields))
    router.on(.post("/v1/apply", "Makes the running state equal to a configuration", body: wanted)) {
      request throws(APIProblem) in
      let request = try ApplyRequest(json: request.body)
      return try answer { () throws(ChangeError) in try apply(request) }
    }
  }
}

/// The report of a change, or the reasons why nothing was changed.
private func answer(_ change: () throws(ChangeError) -> ChangeReport) throws(APIProblem) -> APIResponse {
  do throws(ChangeError) {
    return .json(try change())
  } catch {
    throw APIProblem(.unprocessableEntity, messages: error.messages)
  }
}

extension ByteBuffer {
  /// The bytes as text; nil if they are not UTF-8.
  var text: String? { withUnsafeReadableBytes { String(validating: $0, as: UTF8.self) } }
}
