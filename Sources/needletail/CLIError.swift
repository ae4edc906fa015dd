/// An error for the person at the terminal: one line that says what is wrong and how to mend it.
struct CLIError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
