/// Why a selector, a path or a list of columns cannot be used.
public struct SelectionError: Error, Hashable, Sendable {
  /// What is wrong, for a person.
  public var message: String

  /// Describes what is wrong.
  public init(_ message: String) { self.message = message }
}
