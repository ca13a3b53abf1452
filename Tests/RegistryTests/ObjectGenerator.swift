import Primitives

@testable import Registry

/// Makes objects of any type, as the API would answer them: what Go leaves out of JSON is left out.
struct ObjectGenerator {
  var random: SeededGenerator
  /// How many more values the field that is being made may hold, where there is a choice.
  private var budget = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &random) == 0 }

  /// An object of this type, with its kind if it has one, and with all of its fields; those inside them come by chance.
  mutating func object(_ type: SchemaType, depth: Int = 0) -> Value {
    var members: [Value.Object.Member] = []
    for field in type.fields {
      if depth == 0 { budget = 40 }
      if let kind = type.kind, field.name == "apiVersion" || field.name == "kind" {
        members.append(
          .init(field.name, .string(field.name == "kind" ? kind.kind : kind.apiVersion)))
      } else if depth == 0 || field.isRequired
        || budget > 0 && chance(2 + depth)
      {
        if let value = value(field, depth) { members.append(.init(field.name, value)) }
      }
    }
    return .object(Value.Object(unordered: members)!)
  }

  private mutating func value(_ field: SchemaField, _ depth: Int) -> Value? {
    let isFree = field.keepsZero || field.defaultValue != nil
    for _ in 0..<20 {
      guard let value = value(field.type, depth + 1) else { return nil }
      if isFree || ![.string(""), .bool(false), .integer(0), .array([]), .null].contains(value) {
        return value
      }
    }
    return nil
  }

  private mutating func value(_ type: FieldType, _ depth: Int) -> Value? {
    budget -= 1
    switch type {
    case .string: return .string(text())
    case .bytes: return .string(Base64.encoded(bytes()))
    case .boolean: return .bool(chance(2))
    case .int32:
      return .integer(Int64(Int32.random(in: .min ... .max, using: &random) >> shift(31)))
    case .int64: return .integer(Int64.random(in: .min ... .max, using: &random) >> shift(63))
    case .double:
      return Value.canonical(Double(bitPattern: random.next())) ?? .number(0.5)
    case .intOrString: return chance(2) ? value(.int32, depth) : .string(text())
    case .quantity:
      return .string(["0", "100m", "2Gi", "1.5", "-3e6", "12E"].randomElement(using: &random)!)
    case .time:
      return .string(Timestamp.text(Int64.random(in: 1...253_402_300_799, using: &random)))
    case .microTime:
      let moment = Moment(
        seconds: Int64.random(in: -62_135_596_799...253_402_300_799, using: &random),
        nanoseconds: Int32.random(in: 0..<1_000_000, using: &random) * 1000)
      return .string(moment.microText)
    case .any: return anything(depth)
    case .structure(let structure):
      return depth > 14 ? nil : object(structure, depth: depth)
    case .list(let element):
      let elements = (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in
        value(element, depth)
      }
      return .array(elements)
    case .map(let element):
      var object = Value.Object()
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        if let value = value(element, depth) { object[text()] = value }
      }
      return object.isEmpty ? nil : .object(object)
    case .either(let first, let second): return value(chance(2) ? first : second, depth)
    }
  }

  private mutating func shift(_ bound: Int) -> Int { Int.random(in: 0...bound, using: &random) }

  private mutating func anything(_ depth: Int) -> Value {
    switch Int.random(in: 0..<(depth > 6 ? 4 : 7), using: &random) {
    case 0: return .string(text())
    case 1: return .integer(Int64.random(in: .min ... .max, using: &random) >> shift(63))
    case 2: return .bool(chance(2))
    case 3: return .number(Double(Int.random(in: 0..<1000, using: &random)) + 0.25)
    case 4: return .array([anything(depth + 1), .null, anything(depth + 1)])
    default:
      var object = Value.Object()
      for _ in 0..<Int.random(in: 0...3, using: &random) { object[text()] = anything(depth + 1) }
      return .object(object)
    }
  }

  private mutating func bytes() -> Bytes {
    (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
    }
  }

  /// Texts that YAML and JSON write in different ways, and plain ones.
  private mutating func text() -> String {
    let odd = [
      "", " ", "yes", "0x1F", "1e3", "null", "~", "- a", "a: b", "#", "a\nb\n", "\ta", "é\u{301}",
      "🦢",
      "\"quoted\"", "'", "\\", "2006-01-02", "=", "a ", "|", "012", ".5", "\u{7f}\u{0}", "<<",
    ]
    if chance(4) { return odd.randomElement(using: &random)! }
    let letters = Array("abcdefghijklmnopqrstuvwxyz-./0123456789")
    return String(
      (0..<Int.random(in: 1...16, using: &random)).map { _ in letters.randomElement(using: &random)!
      })
  }
}
