/// Something that must never be seen, and was.
public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is promised.
  public enum Property: String, Hashable, Sendable {
    case electionSafety = "election safety"
    case logMatching = "log matching"
    case committedEntries = "committed entries"
    case stateMachines = "state machines"
    case linearizability
    case durability
    case watch
    case leases
    case progress
    /// The program itself refuses to go on where it should.
    case operation
  }

  /// What was promised.
  public var property: Property
  /// What was seen instead, for a person.
  public var detail: String

  /// Describes a violation.
  public init(_ property: Property, _ detail: String) {
    self.property = property
    self.detail = detail
  }

  public var description: String { "\(property.rawValue): \(detail)" }
}
