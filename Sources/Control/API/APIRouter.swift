import NIOHTTP1

/// Which function answers which method and path.
public struct APIRouter {
  /// Answers a request, on the event loop.
  public typealias Handler = (APIRequest) throws(APIProblem) -> APIResponse

  private struct Route {
    var parameters: [String]
    var handler: Handler
  }

  /// By path, then by the method's name.
  private var paths: [String: [String: Route]] = [:]

  /// Makes a router without routes.
  public init() {}

  /// Answers `method` on `path` by `handler`.
  ///
  /// - Parameter parameters: Names that the query may have, each once; others are refused.
  public mutating func on(
    _ method: HTTPMethod, _ path: String, parameters: [String] = [], handler: @escaping Handler
  ) {
    paths[path, default: [:]][method.rawValue] = Route(parameters: parameters, handler: handler)
  }

  /// The handler's answer, or the reason why there is none.
  public func respond(to request: APIRequest) -> APIResponse {
    do throws(APIProblem) {
      return try route(request).handler(request)
    } catch {
      return error.response
    }
  }

  private func route(_ request: APIRequest) throws(APIProblem) -> Route {
    guard let methods = paths[request.path] else {
      let known = paths.keys.sorted().joined(separator: ", ")
      throw APIProblem(.notFound, "there is no '\(request.path)'; there are \(known)")
    }
    guard let route = methods[request.method.rawValue] else {
      let allowed = methods.keys.sorted().joined(separator: ", ")
      var problem = APIProblem(
        .methodNotAllowed, "\(request.path) does not take \(request.method.rawValue); it takes \(allowed)")
      problem.headers = [("allow", allowed)]
      throw problem
    }
    try check(request, route.parameters)
    return route
  }

  private func check(_ request: APIRequest, _ allowed: [String]) throws(APIProblem) {
    var seen: Set<String> = []
    for name in request.query.map(\.name) {
      guard allowed.contains(name) else {
        let takes = allowed.isEmpty ? "takes none" : "takes \(allowed.joined(separator: ", "))"
        throw APIProblem(.badRequest, "unknown parameter '\(name)': \(request.path) \(takes)")
      }
      guard seen.insert(name).inserted else {
        throw APIProblem(.badRequest, "parameter '\(name)' is given twice: give it once")
      }
    }
  }
}
