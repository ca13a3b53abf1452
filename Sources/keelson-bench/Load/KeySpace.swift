internal import Primitives

/// Numbered keys below one prefix, 24 bytes each, and values of one length.
struct KeySpace: Sendable {
  /// What all keys begin with.
  let prefix: Bytes
  /// How many keys there are.
  let count: Int
  /// What is stored under each key.
  let value: Bytes

  private static let digits = 8

  init(_ name: String = "bench", count: Int, valueBytes: Int) {
    prefix = Bytes("/registry/\(name)/".utf8)
    self.count = count
    // Not compressible to nothing, and not random: letters in a long cycle.
    value = Bytes((0..<valueBytes).map { UInt8(ascii: "a") + UInt8(($0 * 7 + $0 / 26) % 26) })
  }

  /// The end of the range of all keys.
  var end: Bytes { Requests.end(ofPrefix: prefix) }

  /// The key of a number.
  func key(_ number: Int) -> Bytes {
    var key = prefix + Bytes(repeating: 0, count: Self.digits)
    write(number, at: prefix.count, in: &key)
    return key
  }

  /// A put of the key of a number, made from another key's put.
  func put(_ number: Int, template: Bytes) -> Bytes {
    var request = template
    write(number, at: prefix.count + 2, in: &request)
    return request
  }

  /// A put whose key is to be replaced.
  var putTemplate: Bytes { Requests.put(key(0), value) }

  private func write(_ number: Int, at position: Int, in bytes: inout Bytes) {
    var rest = number
    for place in (0..<Self.digits).reversed() {
      bytes[position + place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}

/// Keys in an order that is the same in every run and looks like none (a linear congruence).
struct KeyOrder: Sendable {
  private var state: UInt64

  init(seed: UInt64 = 1) { state = seed }

  /// A number below `count`.
  mutating func next(below count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(count))
  }
}
