internal import Glibc
internal import Primitives

/// An ordered list of header fields with lower-case names; a name may occur more than once.
///
/// All fields lie in one array, so that a request's headers cost one allocation, and strings are
/// made only of those that somebody asks for.
public struct Headers: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// For each field: the two lengths as 32-bit numbers, then name and value.
  private var storage: [UInt8] = []
  /// The number of fields.
  public private(set) var count = 0

  private static let prefixBytes = 8

  /// No fields.
  public init() {}

  /// The given fields, in order.
  public init(arrayLiteral elements: (String, String)...) {
    for (name, value) in elements { append(name, value) }
  }

  /// Whether there is no field.
  public var isEmpty: Bool { count == 0 }

  /// The bytes that names and values take together.
  public var byteCount: Int { storage.count - count * Self.prefixBytes }

  /// Adds a field at the end; the name is made lower-case.
  public mutating func append(_ name: String, _ value: String) {
    var name = name.lowercased()
    var value = value
    name.withUTF8 { nameBytes in
      value.withUTF8 { valueBytes in
        unsafe append(
          name: UnsafeRawBufferPointer(nameBytes), value: UnsafeRawBufferPointer(valueBytes))
      }
    }
  }

  mutating func reserve(_ bytes: Int) { storage.reserveCapacity(bytes) }

  /// Adds a field whose name is lower-case already.
  mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    var lengths = (UInt32(name.count), UInt32(value.count))
    unsafe withUnsafeBytes(of: &lengths) { unsafe storage.append(contentsOf: $0) }
    unsafe storage.append(contentsOf: name)
    unsafe storage.append(contentsOf: value)
    count += 1
  }

  /// The value of the first field of this lower-case name.
  public func first(named name: String) -> String? {
    var found: String?
    unsafe visit { fieldName, value in
      guard unsafe Self.equal(fieldName, name) else { return true }
      found = unsafe String(decoding: value, as: UTF8.self)
      return false
    }
    return found
  }

  /// The values of all fields of this lower-case name, in order.
  public func all(named name: String) -> [String] {
    var found: [String] = []
    unsafe visit { fieldName, value in
      if unsafe Self.equal(fieldName, name) {
        unsafe found.append(String(decoding: value, as: UTF8.self))
      }
      return true
    }
    return found
  }

  /// All fields in order. Cost: two strings a field.
  public var fields: [(name: String, value: String)] {
    var all: [(name: String, value: String)] = []
    all.reserveCapacity(count)
    unsafe visit { name, value in
      unsafe all.append(
        (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
      return true
    }
    return all
  }

  /// The fields as `name: value`, separated by commas.
  public var description: String {
    "[" + fields.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "]"
  }

  /// Calls `body` with each field until it answers false.
  func visit(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) {
    unsafe storage.withUnsafeBytes { unsafe Self.visit($0, body) }
  }

  /// Calls `body` with each field of a list's stored bytes until it answers false.
  static func visit(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) {
    var position = 0
    while position < bytes.count {
      let nameLength = Int(unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      let valueLength = Int(
        unsafe bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
      let nameStart = position + prefixBytes
      let valueStart = nameStart + nameLength
      position = valueStart + valueLength
      let name = unsafe UnsafeRawBufferPointer(rebasing: bytes[nameStart..<valueStart])
      let value = unsafe UnsafeRawBufferPointer(rebasing: bytes[valueStart..<position])
      if unsafe !body(name, value) { return }
    }
  }

  /// Where the field at `position` of a list's stored bytes ends, if it is the given one.
  @inline(__always)
  static func matchingField(
    in bytes: UnsafeRawBufferPointer, at position: Int, name: UnsafeRawBufferPointer,
    value: UnsafeRawBufferPointer
  ) -> Int? {
    let nameStart = position + prefixBytes
    let end = nameStart + name.count + value.count
    guard end <= bytes.count, let stored = bytes.baseAddress, let nameStored = name.baseAddress,
      unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self) == name.count,
      unsafe bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self) == value.count,
      unsafe memcmp(stored + nameStart, nameStored, name.count) == 0
    else { return nil }
    guard let valueStored = value.baseAddress, value.count > 0 else { return end }
    let valueStart = nameStart + name.count
    return unsafe memcmp(stored + valueStart, valueStored, value.count) == 0 ? end : nil
  }

  /// The stored bytes in memory of their own, which the caller frees.
  func copiedStorage() -> UnsafeMutableRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: storage.count, alignment: 8)
    unsafe copy.copyBytes(from: storage)
    return unsafe copy
  }

  /// Calls `body` with each field, while all of them stay in memory, and says which is the last.
  func withAllFields(
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, _ isLast: Bool) -> Void
  ) {
    var seen = 0
    unsafe visit { name, value in
      seen += 1
      unsafe body(name, value, seen == count)
      return true
    }
  }

  private static func equal(_ bytes: UnsafeRawBufferPointer, _ text: String) -> Bool {
    let utf8 = text.utf8
    return unsafe bytes.count == utf8.count && bytes.elementsEqual(utf8)
  }
}
