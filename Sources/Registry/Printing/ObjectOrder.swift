/// An order of objects by a field, as kubectl's `--sort-by` has it: numbers by size, amounts such as `100Mi` by what
/// they mean, other texts by their bytes; objects without the field come first.
public struct ObjectOrder: Sendable {
  private let path: JSONPath
  private let text: String

  /// Orders by what a path finds.
  public init(by path: String) throws(SelectionError) {
    self.path = try JSONPath(relaxed: path)
    text = path
  }

  private enum Key {
    case missing
    case truth(Bool)
    case number(Double)
    case amount(Double, String)
    case text(String)
    case other
  }

  /// The objects in this order; those that are the same stay as they are.
  /// - Throws: if no object has the field, or a path cannot be followed.
  public func sorted(_ objects: [StoredObject]) throws(SelectionError) -> [StoredObject] {
    var keyed: [(key: Key, place: Int)] = []
    var found = false
    for (place, object) in objects.enumerated() {
      let key = try key(of: object)
      if case .missing = key {} else { found = true }
      keyed.append((key, place))
    }
    guard found || objects.isEmpty else {
      throw SelectionError("couldn't find any field with path \"\(text)\" in the list of objects")
    }
    keyed.sort { left, right in
      if Self.isLess(left.key, right.key) { return true }
      return !Self.isLess(right.key, left.key) && left.place < right.place
    }
    return keyed.map { objects[$0.place] }
  }

  private func key(of object: StoredObject) throws(SelectionError) -> Key {
    guard let value = object.stored.object,
      let found = try path.find(value).joined().first
    else { return .missing }
    return switch found {
    case .null: .missing
    case .bool(let truth): .truth(truth)
    case .integer(let number): .number(Double(number))
    case .number(let number): .number(number)
    case .string(let text): Self.amount(text).map { .amount($0, text) } ?? .text(text)
    case .array, .object: .other
    }
  }

  private static func isLess(_ left: Key, _ right: Key) -> Bool {
    switch (left, right) {
    case (.missing, .missing): false
    case (.missing, _): true
    case (_, .missing): false
    case (.truth(let left), .truth(let right)): !left && right
    case (.number(let left), .number(let right)): left < right
    case (.amount(let left, _), .amount(let right, _)): left < right
    case (.text(let left), .text(let right)), (.amount(_, let left), .text(let right)),
      (.text(let left), .amount(_, let right)):
      isOrdered(left, before: right)
    default: rank(left) < rank(right)
    }
  }

  private static func rank(_ key: Key) -> Int {
    switch key {
    case .missing: 0
    case .truth: 1
    case .number: 2
    case .amount, .text: 3
    case .other: 4
    }
  }

  /// A number with a suffix of the International System or of powers of two; nil for anything else.
  static func amount(_ text: String) -> Double? {
    let digits = text.prefix { "+-.0123456789".contains($0) }
    guard !digits.isEmpty, let number = Double(digits) else { return nil }
    let suffix = String(text[digits.endIndex...])
    let powers = [
      "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
      "E": 1e18, "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
    ]
    if let power = powers[suffix] { return number * power }
    guard let mark = suffix.first, "eE".contains(mark), Int(suffix.dropFirst()) != nil else {
      return nil
    }
    return Double(text)
  }
}
