/// Lets what cannot wait be done in between while a change of many entries is made.
final class Pacer {
  /// Steps between two pauses: less than a millisecond's work, unless told.
  var stepsPerPause = 256

  private let pause: () -> Void
  private var done = 0

  /// - Parameter pause: What is done in between, by the same thread.
  init(_ pause: @escaping () -> Void) { self.pause = pause }

  /// Counts an entry.
  func step() {
    done += 1
    guard done >= stepsPerPause else { return }
    done = 0
    pause()
  }
}
