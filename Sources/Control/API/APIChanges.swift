import Foundation
import NIOCore
import NIOHTTP1

/// The operations that change the running state, and what they are carried out by.
public struct APIChanges {
  /// Applies lines; the second is their name, the third the source besides the users that gives them.
  public typealias Batch = (String, String, SourceName?) throws(ChangeError) -> ChangeReport
  /// Makes the running state equal to what a request says.
  public typealias Apply = (ApplyRequest) throws(ChangeError) -> ChangeReport

  private let batch: Batch
  private let apply: Apply
  let sources: APISources

  /// Carries changes out by these functions, on the event loop.
  public init(batch: @escaping Batch, apply: @escaping Apply, sources: APISources) {
    self.batch = batch
    self.apply = apply
    self.sources = sources
  }

  /// Changes a running forwarder.
  public init(_ live: LiveChanges) {
    self.init(
      batch: { text, file, source throws(ChangeError) in
        guard let source else { return try live.apply(batch: text, file: file) }
        return try live.apply(batch: text, file: file, from: source)
      },
      apply: { request throws(ChangeError) in
        try live.apply(
          configuration: request.configuration, file: request.file, batch: request.batch, dryRun: request.isDryRun)
      }, sources: APISources(live))
  }

  func add(to router: inout APIRouter) {
    let (batch, apply) = (batch, apply)
    let lines = APIOperation.Body(
      summary: "Lines as ip -batch takes them (route, neighbor, sr tunsrc set), and lines of sid", content: .text)
    let file = APIOperation.Parameter(
      name: "file", kind: .text, summary: "What messages call the lines; batch by default")
    let parameters = [file] + APISources.parameters
    router.on(.post("/v1/batch", "Applies lines of ip in one transaction", parameters, body: lines)) {
      request throws(APIProblem) in
      let source = try APISources.name(request)
      guard let text = request.body.text else {
        throw APIProblem(.badRequest, "the body is not UTF-8: send lines as ip -batch takes them")
      }
      return try answer { () throws(ChangeError) in try batch(text, request.parameter("file") ?? "batch", source) }
    }
    let wanted = APIOperation.Body(summary: "What is to be", content: .object(ApplyRequest.fields))
    router.on(.post("/v1/apply", "Makes the running state equal to a configuration", body: wanted)) {
      request throws(APIProblem) in
      let request = try ApplyRequest(json: request.body)
      return try answer { () throws(ChangeError) in try apply(request) }
    }
    sources.add(to: &router)
  }
}

/// What a change answers, or the reasons why nothing was changed.
func answer(_ change: () throws(ChangeError) -> some Encodable) throws(APIProblem) -> APIResponse {
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
