/// Lets what cannot wait be done in between while a change of many entries is made.
final class Pacer {
  /// Steps between two pauses: less than a millisecond's work.
  private static let stepsPerPause = 256

  private let pause: () -> Void
  private var left = Pacer.stepsPerPause

  /// - Parameter pause: What is done in between, by the same thread.
  init(_ pause: @escaping () -> Void) { self.pause = pause }

  /// Counts an entry.
  func step() {
    left -= 1
    guard left == 0 else { return }
    left = Self.stepsPerPause
    pause()
  }
}
