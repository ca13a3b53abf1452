internal import Glibc

/// A document as data: what YAML and JSON have in common.
///
/// Numbers are as the Kubernetes API machinery keeps them: 64-bit integers, and IEEE doubles for all others.
public enum Value: Hashable, Sendable {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number.
  case integer(Int64)
  /// Any other number; never infinite, never "not a number", and not what `integer` could hold.
  case number(Double)
  /// Text.
  case string(String)
  /// Values in order.
  case array([Value])
  /// Values by name.
  case object(Object)

  /// A number in the case that it belongs to; nil for infinities and "not a number".
  public static func canonical(_ number: Double) -> Value? {
    guard number.isFinite else { return nil }
    guard number.rounded() == number, number.magnitude < 0x1p63 else { return .number(number) }
    // Beyond 53 bits the shortest digits, which JSON would carry, are not the number's own.
    if number.magnitude < 0x1p53 { return .integer(Int64(number)) }
    return Int64(NumberText.text(number)).map(Value.integer) ?? .number(number)
  }

  /// An object without members.
  public static let emptyObject = Value.object(Object())

  /// The text, if it is text.
  public var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The whole number, if it is one.
  public var wholeNumber: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  /// The truth value, if it is one.
  public var truth: Bool? {
    if case .bool(let truth) = self { truth } else { nil }
  }

  /// The elements, if it is an array.
  public var elements: [Value]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members, if it is an object.
  public var object: Object? {
    if case .object(let object) = self { object } else { nil }
  }

  /// What kind of thing it is, for messages.
  var kindName: String {
    switch self {
    case .null: "null"
    case .bool(let truth): "the boolean \(truth)"
    case .integer: "a number"
    case .number: "a number with a fraction"
    case .string: "text"
    case .array: "a list"
    case .object: "a map"
    }
  }

  /// A member of an object; nil if there is none, or if this is no object. Cost: O(log members).
  public subscript(name: String) -> Value? {
    if case .object(let object) = self { object[name] } else { nil }
  }

  /// What lies at the end of a path of names.
  public subscript(path path: String...) -> Value? {
    var value = self
    for name in path {
      guard let next = value[name] else { return nil }
      value = next
    }
    return value
  }

  /// Members of an object, in the order of their names' bytes: the order that kube-apiserver writes.
  public struct Object: Hashable, Sendable {
    /// A name and its value.
    public struct Member: Hashable, Sendable {
      /// The name.
      public var name: String
      /// The value.
      public var value: Value

      /// Puts a name and its value together.
      public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
      }
    }

    /// All members, ordered by name; no name occurs twice.
    public private(set) var members: [Member] = []

    /// An object without members.
    public init() {}

    /// Orders members; nil if a name occurs twice. Cost: O(n log n), O(n) if they are in order already.
    public init?(unordered members: [Member]) {
      var ordered = members
      if !Self.isStrictlyOrdered(ordered) {
        ordered.sort { isOrdered($0.name, before: $1.name) }
        guard Self.isStrictlyOrdered(ordered) else { return nil }
      }
      self.members = ordered
    }

    private static func isStrictlyOrdered(_ members: [Member]) -> Bool {
      members.indices.dropFirst().allSatisfy {
        isOrdered(members[$0 - 1].name, before: members[$0].name)
      }
    }

    /// The member of this name; setting nil removes it. Cost: O(log n) to read, O(n) to write.
    public subscript(name: String) -> Value? {
      get {
        let place = place(of: name)
        return place < members.count && isSame(members[place].name, name)
          ? members[place].value : nil
      }
      set {
        let place = place(of: name)
        let exists = place < members.count && isSame(members[place].name, name)
        if let newValue {
          if exists {
            members[place].value = newValue
          } else {
            members.insert(Member(name, newValue), at: place)
          }
        } else if exists {
          members.remove(at: place)
        }
      }
    }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The number of members.
    public var count: Int { members.count }

    private func place(of name: String) -> Int {
      var low = 0
      var high = members.count
      while low < high {
        let middle = (low + high) / 2
        if isOrdered(members[middle].name, before: name) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }
}

extension Value: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = .string(text) }
}

extension Value: ExpressibleByIntegerLiteral {
  public init(integerLiteral number: Int64) { self = .integer(number) }
}

extension Value.Object: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Value)...) {
    for (name, value) in elements { self[name] = value }
  }
}

/// Bytewise order of texts: Swift's own looks through different spellings of one character.
func isOrdered(_ left: String, before right: String) -> Bool { comparison(left, right) < 0 }

/// Whether two texts have the same bytes.
func isSame(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count && comparison(left, right) == 0
}

/// Negative, zero or positive, as the bytes of one text come before, with or behind those of another. Importing compares
/// names more often than it does anything else.
private func comparison(_ left: String, _ right: String) -> Int {
  let result = unsafe left.utf8.withContiguousStorageIfAvailable { left in
    unsafe right.utf8.withContiguousStorageIfAvailable { right -> Int in
      let count = min(left.count, right.count)
      guard count > 0, let ours = left.baseAddress, let theirs = right.baseAddress
      else { return left.count - right.count }
      let order = unsafe memcmp(ours, theirs, count)
      return order == 0 ? left.count - right.count : Int(order)
    }
  }
  if let known = result.flatMap({ $0 }) { return known }
  if left.utf8.elementsEqual(right.utf8) { return 0 }
  return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
}
