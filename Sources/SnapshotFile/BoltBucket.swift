public import Primitives

/// A bucket that is to be written: its name, and where its pairs come from.
///
/// The pairs are read twice, because the file's first pages tell where the last ones lie: once for their sizes
/// alone and once for their contents. Both closures are called until they answer nil, and each only in one pass.
public struct BoltBucket {
  /// The bucket's name; the buckets of a file are in the order of their names.
  public let name: Bytes
  let nextSize: () throws -> (key: Int, value: Int)?
  let nextPair: () throws -> (key: Bytes, value: Bytes)?

  /// A bucket whose pairs are pulled, in ascending order of their keys.
  public init(
    name: Bytes,
    nextSize: @escaping () throws -> (key: Int, value: Int)?,
    nextPair: @escaping () throws -> (key: Bytes, value: Bytes)?
  ) {
    self.name = name
    self.nextSize = nextSize
    self.nextPair = nextPair
  }

  /// A bucket whose pairs are at hand, in any order.
  public init(name: Bytes, pairs: [(key: Bytes, value: Bytes)]) {
    let sorted = pairs.sorted { isOrdered($0.key, before: $1.key) }
    var sizes = sorted.makeIterator()
    var contents = sorted.makeIterator()
    self.init(
      name: name,
      nextSize: { sizes.next().map { ($0.key.count, $0.value.count) } },
      nextPair: { contents.next() })
  }

  /// The name as text, for messages.
  var label: String { String(decoding: name, as: UTF8.self) }
}
