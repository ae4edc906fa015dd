import NIOHTTP1

/// Which function answers which method and path.
public struct APIRouter {
  /// Answers a request, on the event loop.
  public typealias Handler = (APIRequest) throws(APIProblem) -> APIResponse

  private struct Route {
    var operation: APIOperation
    var handler: Handler
  }

  /// By path, then by the method's name.
  private var paths: [String: [String: Route]] = [:]

  /// Makes a router without routes.
  public init() {}

  /// Answers an operation by `handler`.
  public mutating func on(_ operation: APIOperation, handler: @escaping Handler) {
    paths[operation.path, default: [:]][operation.method.rawValue] = Route(operation: operation, handler: handler)
  }

  /// What is answered, in any order.
  public var operations: [APIOperation] { paths.values.flatMap { $0.values.map(\.operation) } }

  /// Whether requests of this method have a body on this path, which may be large; `uri` may have a query.
  public func takesBody(_ method: HTTPMethod, uri: String) -> Bool {
    let path = uri.prefix { $0 != "?" }
    return paths[String(path)]?[method.rawValue]?.operation.body != nil
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
    try check(request, route.operation.parameters.map(\.name))
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
