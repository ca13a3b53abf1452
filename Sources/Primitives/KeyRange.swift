/// The keys that a request names, in etcd's convention.
public struct KeyRange: Hashable, Sendable {
  /// The first key.
  public var key: Bytes
  /// Empty: `key` alone. A single zero byte: every key from `key` on. Else: every key from `key` up to, and
  /// without, `end`.
  public var end: Bytes

  /// Names keys; by default a single one.
  public init(_ key: Bytes, end: Bytes = []) {
    self.key = key
    self.end = end
  }

  /// Whether the range names a single key.
  public var isSingleKey: Bool { end.isEmpty }

  /// Whether the range has no upper end.
  public var isOpen: Bool { end.count == 1 && end[0] == 0 }

  /// The key before which the range ends, or nil where it has no end; for a single key its successor.
  public var upperBound: Bytes? {
    if isSingleKey { return key + [0] }
    return isOpen ? nil : end
  }

  /// Whether the range names `other`.
  public func contains(_ other: Bytes) -> Bool {
    if isSingleKey { return key == other }
    if isOrdered(other, before: key) { return false }
    return isOpen || isOrdered(other, before: end)
  }

  /// The range of all keys that begin with `prefix`.
  public static func prefix(_ prefix: Bytes) -> KeyRange {
    if prefix.isEmpty { return KeyRange([0], end: [0]) }
    var end = prefix
    while let last = end.last {
      if last < 0xFF {
        end[end.count - 1] = last + 1
        return KeyRange(prefix, end: end)
      }
      end.removeLast()
    }
    return KeyRange(prefix, end: [0])
  }
}
