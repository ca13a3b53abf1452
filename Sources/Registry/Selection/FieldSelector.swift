/// Which objects are meant, by the values of fields: `status.phase=Running,spec.nodeName!=n1`.
///
/// An API server compares a few fields of each kind; here any field may be named that holds a text, a
/// number or a truth value. A field that an object does not have compares as the empty text.
public struct FieldSelector: Hashable, Sendable {
  /// What is asked of one field.
  struct Requirement: Hashable, Sendable {
    var path: [String]
    var value: String
    var isEqual: Bool
  }

  /// All must be fulfilled.
  let requirements: [Requirement]

  /// The fields that are compared, as paths of names.
  public var paths: [[String]] { requirements.map(\.path) }

  /// Parses a selector as kubectl's `--field-selector` takes it: in values, `\,`, `\=` and `\\` stand for the
  /// character itself.
  public init(_ text: String) throws(SelectionError) {
    requirements = try Self.terms(text).map { (term) throws(SelectionError) in
      try Self.requirement(term)
    }
  }

  /// Whether an object's fields fulfil all that is asked.
  public func matches(_ object: Value) -> Bool {
    requirements.allSatisfy { requirement in
      isSame(Self.text(object, requirement.path), requirement.value) == requirement.isEqual
    }
  }

  private static func text(_ object: Value, _ path: [String]) -> String {
    var value: Value? = object
    for name in path { value = value?[name] }
    return switch value {
    case .string(let text)?: text
    case .bool(let truth)?: truth ? "true" : "false"
    case .integer(let number)?: String(number)
    case .number(let number)?: NumberText.text(number)
    case .null?, .array?, .object?, nil: ""
    }
  }

  /// The parts between commas that no backslash marks.
  private static func terms(_ text: String) -> [String] {
    var terms: [String] = []
    var term = ""
    var isEscaped = false
    for character in text {
      if character == ",", !isEscaped {
        terms.append(term)
        term = ""
        continue
      }
      isEscaped = character == "\\" && !isEscaped
      term.append(character)
    }
    return (terms + [term]).filter { !$0.isEmpty }
  }

  private static func requirement(_ term: String) throws(SelectionError) -> Requirement {
    for (mark, isEqual) in [("!=", false), ("==", true), ("=", true)] {
      guard let range = term.firstRange(of: mark) else { continue }
      let field = term[..<range.lowerBound]
      // The first operator in the text counts, whichever it is.
      if field.contains("=") { continue }
      let path = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard path.allSatisfy({ !$0.isEmpty }), !path.isEmpty else {
        throw SelectionError("the field selector \"\(term)\" names no field, such as status.phase")
      }
      return Requirement(
        path: path, value: try unescaped(String(term[range.upperBound...])), isEqual: isEqual)
    }
    throw SelectionError(
      "the field selector \"\(term)\" is not of the form FIELD=VALUE, FIELD==VALUE or FIELD!=VALUE")
  }

  private static func unescaped(_ text: String) throws(SelectionError) -> String {
    var plain = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        guard "\\,=".contains(character) else {
          throw SelectionError(
            "'\\\(character)' in a field selector: a backslash may mark ',', '=' and '\\'")
        }
        plain.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "=" || character == "," {
        throw SelectionError(
          "'\(character)' in the value of a field selector needs a '\\' in front")
      } else {
        plain.append(character)
      }
    }
    if isEscaped { throw SelectionError("a field selector ends with a single '\\'") }
    return plain
  }
}
