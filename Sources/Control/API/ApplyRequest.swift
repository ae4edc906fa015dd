import Foundation
import NIOCore

/// The body of `POST /v1/apply`.
public struct ApplyRequest: Sendable {
  /// The text of a configuration file.
  public var configuration: String
  /// What messages call it.
  public var file = "configuration"
  /// Lines as `ip -batch` takes them, applied after the configuration; nil without any.
  public var batch: String?
  /// Nothing is changed; the report says what would be.
  public var isDryRun = false

  /// Makes a request.
  public init(configuration: String) { self.configuration = configuration }
}

extension ApplyRequest: Codable {
  /// The fields of the JSON object.
  enum CodingKeys: String, CodingKey, CaseIterable {
    case configuration
    case file
    case batch
    case isDryRun = "dry-run"
  }

  private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads the fields. One that is not known is an error, as a misspelt `dry-run` would otherwise change everything.
  public init(from decoder: any Decoder) throws {
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys
    where CodingKeys(stringValue: key.stringValue) == nil {
      let known = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "unknown field \(quoted(key.stringValue)); the fields are \(known)"))
    }
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try fields.decode(String.self, forKey: .configuration)
    file = try fields.decodeIfPresent(String.self, forKey: .file) ?? file
    batch = try fields.decodeIfPresent(String.self, forKey: .batch)
    isDryRun = try fields.decodeIfPresent(Bool.self, forKey: .isDryRun) ?? false
  }

  /// What OpenAPI's description says of the fields.
  static let fields: [APIOperation.Body.Field] = CodingKeys.allCases.map { key in
    let (schema, summary): (JSONSchema, String) =
      switch key {
      case .configuration: (.string(), "The YAML text of a configuration file")
      case .file: (.string(), "What messages call the file; configuration by default")
      case .batch: (.string(), "Lines as ip -batch takes them, applied after the configuration")
      case .isDryRun: (.boolean, "Change nothing, and say what would be changed")
      }
    return .init(name: key.rawValue, schema: schema, isRequired: key == .configuration, summary: summary)
  }

  /// Reads a request's body.
  ///
  /// - Throws: A 400 that says what is wrong with it.
  init(json body: ByteBuffer) throws(APIProblem) {
    do {
      self = try body.withUnsafeReadableBytes { bytes in
        // Foundation reads the bytes where they are: a body may have 256 MiB.
        let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(bitPattern: 1)!
        let data = Data(bytesNoCopy: start, count: bytes.count, deallocator: .none)
        return try JSONDecoder().decode(ApplyRequest.self, from: data)
      }
    } catch let error as DecodingError {
      throw APIProblem(.badRequest, "the body is no request to apply: \(Self.reason(error))")
    } catch {
      throw APIProblem(.badRequest, "the body is no request to apply: \(error)")
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    func field(_ context: DecodingError.Context) -> String {
      context.codingPath.last.map { "\($0.stringValue): " } ?? ""
    }
    switch error {
    case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      let wanted = type == Bool.self ? "true or false" : type == String.self ? "a string" : "a JSON object"
      return "\(field(context))write \(wanted)"
    case .dataCorrupted(let context):
      let detail = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
      return field(context) + (detail ?? context.debugDescription)
    @unknown default: return "\(error)"
    }
  }
}
