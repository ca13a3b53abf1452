import Foundation

/// JSON whose shape the test says.
enum JSONValue: Decodable, Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// A field; `.null` if there is none.
  subscript(key: String) -> JSONValue {
    if case .object(let fields) = self { fields[key] ?? .null } else { .null }
  }

  /// An element; `.null` if there is none.
  subscript(index: Int) -> JSONValue { items.indices.contains(index) ? items[index] : .null }

  /// The element of a list whose `name` is this.
  func named(_ name: String) -> JSONValue { items.first { $0["name"].text == name } ?? .null }

  var items: [JSONValue] { if case .list(let items) = self { items } else { [] } }
  var keys: [String] { if case .object(let fields) = self { fields.keys.sorted() } else { [] } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var texts: [String] { items.compactMap(\.text) }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var isTrue: Bool { self == .bool(true) }
  var isFalse: Bool { self == .bool(false) }
  var isAbsent: Bool { self == .null }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .number(Double(value)) }
}
