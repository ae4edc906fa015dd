import Foundation
import NIOCore
import NIOHTTP1

/// A whole answer.
struct HTTPAnswer: Sendable {
  var status: HTTPResponseStatus
  /// What was not handed on while it came.
  var body = Data()
}

/// Collects the parts of one answer, or hands those of a good one on as they come.
final class HTTPAnswerCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  /// The answer broke off.
  struct Incomplete: Error, CustomStringConvertible {
    let description: String
  }

  private let promise: EventLoopPromise<HTTPAnswer>
  private let take: APIClient.Taker?
  private var answer: HTTPAnswer?
  private var isDone = false

  init(_ promise: EventLoopPromise<HTTPAnswer>, take: APIClient.Taker? = nil) {
    self.promise = promise
    self.take = take
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): answer = HTTPAnswer(status: head.status)
    case .body(let part):
      if let take, answer?.status == .ok {
        take(Data(part.readableBytesView))
      } else {
        answer?.body.append(contentsOf: part.readableBytesView)
      }
    case .end:
      if let answer { finish(.success(answer), context) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      finish(.failure(Incomplete(description: "it is silent: see whether the process is stopped or busy")), context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The decoder's words for an end in the middle of a body.
    if error as? HTTPParserError == .invalidEOFState { return }
    finish(.failure(error), context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(Incomplete(description: "it closed the connection in the middle")), context)
  }

  private func finish(_ result: Result<HTTPAnswer, any Error>, _ context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    promise.completeWith(result)
    context.close(promise: nil)
  }
}
