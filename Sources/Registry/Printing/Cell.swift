/// What stands in one column of a table for an object.
typealias Cell = @Sendable (_ object: Value, _ context: CellContext) -> String

/// What a cell depends on besides its object.
struct CellContext: Sendable {
  /// Seconds since 1970.
  var now: Int64
  /// Whether there is room for long texts.
  var isWide: Bool

  /// How long ago a time was; `<unknown>` if there is none.
  func age(_ time: Value?) -> String {
    guard let text = time?.text, let seconds = Timestamp.seconds(text) else { return "<unknown>" }
    return Age.text(now - seconds)
  }
}

/// What stands in the columns of Kubernetes' own kinds, after what kube-apiserver prints.
///
/// Which columns a kind has, and in which order, is in the schema; here is what stands in them.
enum Cells {
  /// The cell of a column; nil if the kind has no such column.
  /// - Parameter resource: `deployments.apps`.
  /// - Parameter title: the column's name as the schema has it.
  static func cell(of resource: String, _ title: String) -> Cell? {
    if let cell = byResource[resource]?[title] { return cell }
    return switch title {
    case "Name": { object, _ in object.text("metadata", "name") }
    case "Age": { object, context in context.age(object[path: "metadata", "creationTimestamp"]) }
    case "Created At": { object, _ in object.text("metadata", "creationTimestamp") }
    default: nil
    }
  }

  private static let byResource: [String: [String: Cell]] = [
    workloads, cluster, network, storage, policies,
  ].reduce([:]) { $0.merging($1) { $1 } }

  // MARK: What cells have in common

  /// Two lists of columns as one; the second one's count where both have a column.
  static func joined(_ first: [String: Cell], _ second: [String: Cell]) -> [String: Cell] {
    first.merging(second) { $1 }
  }

  static let none = "<none>"
  static let unset = "<unset>"
  static let unknown = "<unknown>"

  /// Items between commas, or `<none>`.
  static func list(_ items: [String], _ separator: String = ",") -> String {
    items.isEmpty ? none : items.joined(separator: separator)
  }

  /// The first items, and how many more there are.
  static func list(_ items: [String], atMost count: Int, empty: String) -> String {
    if items.isEmpty { return empty }
    let text = items.prefix(count).joined(separator: ",")
    return items.count > count ? "\(text) + \(items.count - count) more..." : text
  }

  /// `key=value` pairs between commas, or `<none>`.
  static func labels(_ labels: Value?) -> String {
    list((labels?.object?.members ?? []).map { "\($0.name)=\(GoText.text($0.value))" })
  }

  /// A label selector as one would write it on the command line, or `<none>`.
  static func selector(_ selector: Value?) -> String {
    var terms = (selector?["matchLabels"]?.object?.members ?? []).map {
      (key: $0.name, text: "\($0.name)=\(GoText.text($0.value))")
    }
    for expression in selector?["matchExpressions"]?.elements ?? [] {
      let key = expression.text("key")
      let values = expression.list("values").compactMap(\.text).sorted().joined(separator: ",")
      switch expression.text("operator") {
      case "In": terms.append((key, "\(key) in (\(values))"))
      case "NotIn": terms.append((key, "\(key) notin (\(values))"))
      case "Exists": terms.append((key, key))
      case "DoesNotExist": terms.append((key, "!\(key)"))
      default: return "<error>"
      }
    }
    return list(terms.sorted { ($0.key, $0.text) < ($1.key, $1.text) }.map(\.text))
  }

  /// The names of containers.
  static func names(_ containers: [Value]) -> String {
    containers.map { $0.text("name") }.joined(separator: ",")
  }

  /// The images of containers.
  static func images(_ containers: [Value]) -> String {
    containers.map { $0.text("image") }.joined(separator: ",")
  }

  /// Whether a condition stands.
  static func isTrue(_ condition: String, in object: Value) -> Bool {
    object.list("status", "conditions").contains {
      $0.text("type") == condition && $0.text("status") == "True"
    }
  }

  static func isDeleted(_ object: Value) -> Bool {
    object[path: "metadata", "deletionTimestamp"] != nil
  }

  /// A truth value as a word, in the way of tables.
  static func truth(_ value: Value?, or missing: Bool) -> String {
    String(value?.truth ?? missing)
  }
}

extension Value {
  /// The text at the end of a path.
  func text(_ path: String..., or missing: String = "") -> String {
    guard let value = find(path) else { return missing }
    switch value {
    case .null, .string(""): return missing
    default: return GoText.text(value)
    }
  }

  /// The whole number at the end of a path.
  func number(_ path: String..., or missing: Int64 = 0) -> Int64 {
    find(path)?.wholeNumber ?? missing
  }

  /// The elements of the array at the end of a path; none if there is no array.
  func list(_ path: String...) -> [Value] { find(path)?.elements ?? [] }

  private func find(_ path: [String]) -> Value? {
    var value: Value? = self
    for name in path { value = value?[name] }
    return value
  }
}
