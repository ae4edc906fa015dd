import NIOHTTP1

/// The operations of sources besides the users: who they are, and that they begin, sweep and get lost.
public struct APISources {
  /// Lists them.
  public typealias Rows = () -> [SourceRow]
  /// Begins an epoch; the numbers are the hold time in seconds and the preference.
  public typealias Begin = (SourceName, Int?, Int?) throws(ChangeError) -> SourceRow?
  /// Removes what is stale.
  public typealias Sweep = (SourceName) throws(ChangeError) -> ChangeReport
  /// Takes note that one is gone.
  public typealias Lost = (SourceName) throws(ChangeError) -> SourceRow?

  private let rows: Rows
  private let begin: Begin
  private let sweep: Sweep
  private let lost: Lost

  /// Carries the operations out by these functions, on the event loop.
  public init(
    rows: @escaping Rows, begin: @escaping Begin, sweep: @escaping Sweep, lost: @escaping Lost
  ) {
    (self.rows, self.begin, self.sweep, self.lost) = (rows, begin, sweep, lost)
  }

  /// Those of a running forwarder.
  init(_ live: LiveChanges) {
    self.init(
      rows: { live.sourceRows() },
      begin: { name, hold, preference throws(ChangeError) in
        try live.begin(name, hold: hold, preference: preference)
        return live.sourceRow(name)
      },
      sweep: { name throws(ChangeError) in try live.sweep(name) },
      lost: { name throws(ChangeError) in
        try live.lost(name)
        return live.sourceRow(name)
      })
  }

  /// What says which source a request is of.
  static let parameters = [
    APIOperation.Parameter(
      name: "source", kind: .text, summary: "Who gives them: kernel or protocol; users by default"),
    APIOperation.Parameter(name: "name", kind: .text, summary: "The protocol's name, such as bgp or frr"),
  ]

  /// The source that a request names; nil is the users.
  static func name(_ request: APIRequest) throws(APIProblem) -> SourceName? {
    let name = request.parameter("name")
    guard let source = request.parameter("source") else {
      if name == nil { return nil }
      throw APIProblem(.badRequest, "'name' is that of a protocol; add source=protocol")
    }
    do throws(ChangeError) {
      return try SourceName(source: source, name: name)
    } catch {
      throw APIProblem(.badRequest, error.messages[0])
    }
  }

  private static func requiredName(_ request: APIRequest) throws(APIProblem) -> SourceName {
    if let name = try name(request) { return name }
    throw APIProblem(
      .badRequest, "the request does not say which source; add source=kernel, or source=protocol and name")
  }

  func add(to router: inout APIRouter) {
    let (rows, begin, sweep, lost) = (rows, begin, sweep, lost)
    let listing = APIOperation.get(
      "/v1/sources", "Who gives routes, SIDs and neighbours, and what of it is stale or parked",
      answer: [SourceRow].self)
    router.on(listing) { _ in .json(rows()) }
    let settings = [
      APIOperation.Parameter(
        name: "hold", kind: .count, summary: "Seconds for which its entries stay when it is lost; 120 by default"),
      APIOperation.Parameter(
        name: "preference", kind: .count, summary: "Of its entries, lower wins; 15 of the kernel's and 20 by default"),
    ]
    router.on(
      .post(
        "/v1/sources/begin", "Begins an epoch of a source: what it gave before is stale", Self.parameters + settings,
        answer: SourceRow.self)
    ) { request throws(APIProblem) in
      let (name, hold) = (try Self.requiredName(request), try request.count("hold"))
      let preference = try request.count("preference")
      return try answer { () throws(ChangeError) in try begin(name, hold, preference) }
    }
    router.on(.post("/v1/sources/sweep", "Removes what a source has not given again", Self.parameters)) {
      request throws(APIProblem) in
      let name = try Self.requiredName(request)
      return try answer { () throws(ChangeError) in try sweep(name) }
    }
    router.on(
      .post(
        "/v1/sources/lost", "A source is gone: what it gave is stale, and swept after its hold time", Self.parameters,
        answer: SourceRow.self)
    ) { request throws(APIProblem) in
      let name = try Self.requiredName(request)
      return try answer { () throws(ChangeError) in try lost(name) }
    }
  }
}
