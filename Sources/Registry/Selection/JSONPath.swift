public import Primitives

/// A template in kubectl's dialect of JSONPath: `{range .items[*]}{.metadata.name}{"\n"}{end}`.
///
/// Members that are missing find nothing; members of objects come in the order of their names, where kubectl
/// has none.
public struct JSONPath: Hashable, Sendable {
  private let nodes: [JSONPathNode]
  private let text: String

  /// Parses a template: text, and paths in braces.
  public init(_ text: String) throws(SelectionError) {
    var parser = JSONPathParser(text)
    do throws(SelectionError) {
      nodes = try parser.template()
    } catch {
      throw SelectionError("error parsing jsonpath \(text), \(error.message)")
    }
    self.text = text
  }

  /// Parses a path as `--sort-by` and columns take it: `.metadata.name`, with or without the dot and the braces.
  public init(relaxed text: String) throws(SelectionError) {
    var path = Substring(text)
    if path.hasPrefix("{"), path.hasSuffix("}"), path.count >= 2 {
      path = path.dropFirst().dropLast()
    }
    if path.hasPrefix(".") { path = path.dropFirst() }
    guard !path.isEmpty, !path.contains("{"), !path.contains("}") else {
      throw SelectionError(
        "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
          + "'{.name1.name2}'")
    }
    try self.init("{." + path + "}")
  }

  /// What the template makes of a value. Cost: what it finds; at most 16 million steps.
  public func render(_ value: Value) throws(SelectionError) -> Bytes {
    var bytes: Bytes = []
    for results in try find(value) {
      for (index, result) in results.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: " ")) }
        switch result {
        case .array, .object, .null: bytes += result.json
        default: bytes += GoText.text(result).utf8
        }
      }
    }
    return bytes
  }

  /// What the template finds, as indented JSON: for each of its parts, the values in a list.
  public func renderJSON(_ value: Value) throws(SelectionError) -> Bytes {
    var bytes: Bytes = []
    for results in try find(value) { bytes += Value.array(results).indentedJSON + [0x0a] }
    return bytes
  }

  /// What each part of the template finds.
  func find(_ value: Value) throws(SelectionError) -> [[Value]] {
    var evaluation = JSONPathEvaluation()
    do throws(SelectionError) {
      return try evaluation.find(nodes, in: value)
    } catch {
      throw SelectionError("error executing jsonpath \"\(text)\": \(error.message)")
    }
  }
}

/// Values as Go prints them, which is how kubectl prints what is not JSON.
enum GoText {
  static func text(_ value: Value) -> String {
    switch value {
    case .null: "<nil>"
    case .bool(let truth): truth ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): float(number)
    case .string(let text): text
    case .array(let elements): "[" + elements.map(text).joined(separator: " ") + "]"
    case .object(let object):
      "map[" + object.members.map { $0.name + ":" + text($0.value) }.joined(separator: " ") + "]"
    }
  }

  /// Shortest digits, with an exponent of two digits at least below 1e-4 and from 1e21 on.
  private static func float(_ number: Double) -> String {
    let magnitude = number.magnitude
    guard magnitude != 0, magnitude < 1e-4 || magnitude >= 1e21 else {
      return NumberText.text(number)
    }
    var text = NumberText.text(number)
    if !text.contains("e") {
      // Below 1e-4 but not yet with an exponent.
      let digits = text.drop { "-0.".contains($0) }
      let zeros = text.drop { $0 == "-" }.dropFirst(2).prefix { $0 == "0" }.count
      text =
        (number < 0 ? "-" : "") + String(digits.prefix(1))
        + (digits.count > 1 ? "." + digits.dropFirst() : "") + "e-\(zeros + 1)"
    }
    guard let mark = text.lastIndex(of: "e") else { return text }
    let exponent = text[text.index(mark, offsetBy: 2)...]
    guard exponent.count == 1 else { return text }
    return text.dropLast() + "0" + exponent
  }
}
