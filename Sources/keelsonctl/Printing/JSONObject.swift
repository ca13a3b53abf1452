internal import FoundationEssentials
internal import Primitives

/// Builds one JSON object with its fields in the order in which they are added.
struct JSONObject {
  private(set) var fields: [String] = []

  /// The object on one line, without spaces.
  var text: String { "{" + fields.joined(separator: ",") + "}" }

  /// Adds a field whose value is JSON already.
  mutating func raw(_ name: String, _ json: String) {
    fields.append("\"\(name)\":\(json)")
  }

  /// Adds a number; a zero is left out unless `always`.
  mutating func number(_ name: String, _ value: some FixedWidthInteger, always: Bool = false) {
    if always || value != 0 { raw(name, String(value)) }
  }

  /// Adds a truth value; `false` is left out unless `always`.
  mutating func flag(_ name: String, _ value: Bool, always: Bool = false) {
    if always || value { raw(name, value ? "true" : "false") }
  }

  /// Adds a text; an empty one is left out unless `always`.
  mutating func string(_ name: String, _ value: String, always: Bool = false) {
    if always || !value.isEmpty { raw(name, Self.quoted(value)) }
  }

  /// Adds bytes as base64; none are left out.
  mutating func bytes(_ name: String, _ value: Data) {
    if !value.isEmpty { raw(name, "\"" + value.base64EncodedString() + "\"") }
  }

  /// Adds a list of JSON values; an empty one is left out.
  mutating func list(_ name: String, _ values: [String]) {
    if !values.isEmpty { raw(name, "[" + values.joined(separator: ",") + "]") }
  }

  /// Adds all fields of another object.
  mutating func merge(_ other: JSONObject) { fields += other.fields }

  /// Text in quotes; `<`, `>` and `&` are escaped as Go does.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "<", ">", "&", "\u{2028}", "\u{2029}":
        out += "\\u" + GoSyntax.hexadecimal(scalar.value, width: 4)
      case ..<" ": out += "\\u" + GoSyntax.hexadecimal(scalar.value, width: 4)
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
