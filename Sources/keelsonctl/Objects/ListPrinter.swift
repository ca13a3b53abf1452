internal import Primitives
internal import Registry

/// Prints objects as JSON or YAML while they come in: one alone, a `List` of them, or one document after the other.
struct ListPrinter {
  /// What is around the objects.
  enum Form {
    /// Nothing: there is one.
    case one
    /// An object of the kind `List`.
    case list
    /// Nothing: more may follow at any time.
    case stream
  }

  private let isJSON: Bool
  private let form: Form
  private var count = 0

  init(isJSON: Bool, form: Form) {
    self.isJSON = isJSON
    self.form = form
  }

  /// The next object.
  mutating func add(_ object: Value) {
    count += 1
    switch form {
    case .one: Output.write(text(object))
    case .stream:
      if !isJSON, count > 1 { Output.write("---\n") }
      Output.write(text(object))
    case .list where isJSON:
      let head = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n"
      Output.write(Bytes((count == 1 ? head : ",\n").utf8) + object.indentedJSON(depth: 2))
    case .list:
      // The element of a list stands behind its dash as it does in a list of its own.
      Output.write((count == 1 ? "apiVersion: v1\nitems:\n" : "") + Value.array([object]).yaml)
    }
  }

  /// The end of the list.
  func finish() {
    guard case .list = form else { return }
    if count == 0 {
      Output.write(text(Self.emptyList))
    } else if isJSON {
      Output.write(
        "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n"
          + "    }\n}\n")
    } else {
      Output.write("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
    }
  }

  private func text(_ object: Value) -> Bytes {
    isJSON ? object.indentedJSON + [0x0a] : Bytes(object.yaml.utf8)
  }

  private static let emptyList = list(of: [])

  /// A `List` that holds these objects.
  static func list(of objects: [Value]) -> Value {
    .object([
      "apiVersion": "v1", "kind": "List", "items": .array(objects),
      "metadata": .object(["resourceVersion": ""]),
    ])
  }
}
