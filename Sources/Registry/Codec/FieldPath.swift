/// A place inside an object.
struct FieldPath: Sendable {
  enum Step: Sendable {
    case field(String)
    case element(Int)
    case key(String)
  }

  private(set) var steps: [Step] = []

  mutating func push(_ step: Step) { steps.append(step) }

  mutating func pop() { steps.removeLast() }

  /// As in `spec.containers[0].resources.limits[cpu]`; empty for the object itself.
  var text: String {
    var text = ""
    for step in steps {
      switch step {
      case .field(let name): text += text.isEmpty ? name : ".\(name)"
      case .element(let index): text += "[\(index)]"
      case .key(let key): text += "[\(key)]"
      }
    }
    return text
  }
}

/// Something about an object that a codec could not carry over.
public struct FieldIssue: Hashable, Sendable, CustomStringConvertible {
  /// Where, such as `spec.containers[0].image`; empty for the object as a whole.
  public var path: String
  /// What, for a person.
  public var message: String

  /// Describes an issue.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// `PATH: MESSAGE`.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Why bytes cannot be read as an object, or an object not be written.
public struct CodecError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where and what.
  public var issue: FieldIssue

  init(_ path: FieldPath, _ message: String) {
    issue = FieldIssue(path: path.text, message: message)
  }

  init(_ message: String) { issue = FieldIssue(path: "", message: message) }

  /// `PATH: MESSAGE`.
  public var description: String { issue.description }
}
