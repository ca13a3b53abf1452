public import Primitives

/// The keys that a request is about: one, or all in a half-open interval.
public struct KeySelection: Sendable, Hashable {
  /// The first key.
  public var key: Bytes
  /// The first key that is not meant; empty: `key` alone; one zero byte: everything from `key` on.
  public var rangeEnd: Bytes

  /// As etcd's messages encode it.
  public init(key: Bytes, rangeEnd: Bytes) {
    self.key = key
    self.rangeEnd = rangeEnd
  }

  /// One key.
  public static func key(_ key: some BytesConvertible) -> Self {
    Self(key: key.storedBytes, rangeEnd: [])
  }

  /// All keys that begin with `prefix`; an empty one means all keys.
  public static func prefix(_ prefix: some BytesConvertible) -> Self {
    let prefix = prefix.storedBytes
    return prefix.isEmpty ? .all : Self(key: prefix, rangeEnd: successor(ofPrefix: prefix))
  }

  /// The keys from `first` up to, but not including, `end`.
  public static func range(_ first: some BytesConvertible, upTo end: some BytesConvertible) -> Self
  {
    Self(key: first.storedBytes, rangeEnd: end.storedBytes)
  }

  /// The keys from `first` on.
  public static func from(_ first: some BytesConvertible) -> Self {
    let first = first.storedBytes
    return Self(key: first.isEmpty ? [0] : first, rangeEnd: [0])
  }

  /// All keys.
  public static let all = Self(key: [0], rangeEnd: [0])

  /// The first key after all that begin with `prefix`; one zero byte if there is none.
  static func successor(ofPrefix prefix: Bytes) -> Bytes {
    guard let last = prefix.lastIndex(where: { $0 < 0xff }) else { return [0] }
    var end = Bytes(prefix[...last])
    end[last] += 1
    return end
  }
}
