import Glibc

/// Something that stops the bench, for the person who reads it.
struct BenchError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// One side of a measurement, as a figure.
struct Side {
  let name: String
  let runs: [Double]
}

/// What is measured, as one line of JSON on stdout as soon as it is known.
enum Report {
  /// Prints a measurement: our figure, and where there is one, the other side and the name of the ratio of both.
  static func measured(
    _ ours: Side, unit: String, better: String = "lower", beside theirs: Side? = nil, ratio: String? = nil,
    variant: String? = nil
  ) {
    var fields = ["\"unit\": \"\(unit)\"", "\"better\": \"\(better)\"", "\"ours\": \(json(ours))"]
    if let theirs { fields.append("\"theirs\": \(json(theirs))") }
    if let ratio { fields.append("\"ratio\": \"\(ratio)\"") }
    if let variant { fields.append("\"variant\": \"\(variant)\"") }
    print("{\(fields.joined(separator: ", "))}")
    fflush(nil)
  }

  private static func json(_ side: Side) -> String { "{\"name\": \"\(side.name)\", \"runs\": \(side.runs)}" }
}
