import Access
import Primitives
import Testing

@Suite("Sets of keys")
struct KeySetTests {
  private static func ranges(_ n: inout SeededNumbers) -> [KeyRange] {
    func key(_ n: inout SeededNumbers) -> Bytes {
      (0..<Int.random(in: 1...2, using: &n)).map { _ in UInt8.random(in: 0...7, using: &n) }
    }
    return (0..<Int.random(in: 0...6, using: &n)).map { _ in
      switch Int.random(in: 0..<8, using: &n) {
      case 0: KeyRange(key(&n), end: [0])
      case 1...3: KeyRange(key(&n))
      default: KeyRange(key(&n), end: key(&n))
      }
    }
  }

  @Test("a set finds what any of its ranges names, united sets included", arguments: 0..<400)
  func model(seed: Int) {
    var n = SeededNumbers(state: UInt64(seed))
    let (first, second) = (Self.ranges(&n), Self.ranges(&n))
    var set = KeySet(first)
    set.formUnion(KeySet(second))
    var keys: [Bytes] = []
    for high in UInt8(0)...8 {
      keys.append([high])
      for low in UInt8(0)...8 { keys.append([high, low]) }
    }
    for key in keys {
      let expected = (first + second).contains { $0.contains(key) }
      #expect(set.contains(key) == expected, "seed \(seed), key \(key)")
    }
  }

  @Test("a set covers a range if its ranges lead from one end to the other", arguments: 0..<2_000)
  func coverage(seed: Int) {
    var n = SeededNumbers(state: UInt64(seed))
    let ranges = Self.ranges(&n)
    let set = KeySet(ranges)
    for asked in Self.ranges(&n) {
      #expect(
        set.covers(asked) == Self.leadsThrough(ranges, asked), "seed \(seed), asked \(asked)")
    }
  }

  /// Goes from a range's first key to its end, from one of the set's ranges to the next.
  private static func leadsThrough(_ ranges: [KeyRange], _ asked: KeyRange) -> Bool {
    var place = asked.key
    let end = asked.upperBound
    if !ranges.contains(where: { $0.contains(place) }) { return false }
    while true {
      let uppers = ranges.filter { $0.contains(place) }.map(\.upperBound)
      if uppers.isEmpty { return false }
      if uppers.contains(nil) { return true }
      guard let end else {
        place = uppers.compactMap { $0 }.max { isOrdered($0, before: $1) }!
        continue
      }
      place = uppers.compactMap { $0 }.max { isOrdered($0, before: $1) }!
      if !isOrdered(place, before: end) { return true }
    }
  }

  @Test(
    "touching ranges cover what spans them, and a gap of one key does not",
    arguments: [
      (["a-c", "c-e"], "a-e", true), (["a-c", "d-e"], "a-e", false), (["a-c", "b-e"], "a-e", true),
      (["a"], "a", true), (["a"], "a-b", false), (["a"], "a-", false), (["a-"], "a-", true),
      (["a-"], "b-c", true), (["a-"], "0-c", false), (["a-c"], "a-", false),
      (["a-c"], "b-a", true), (["a-c"], "d-a", false), ([], "a", false), (["c-a"], "b", false),
    ])
  func spans(ranges: [String], asked: String, covered: Bool) {
    func range(_ text: String) -> KeyRange {
      let sides = text.split(separator: "-", omittingEmptySubsequences: false)
      let end: Bytes = sides.count == 1 ? [] : sides[1].isEmpty ? [0] : Bytes(sides[1].utf8)
      return KeyRange(Bytes(sides[0].utf8), end: end)
    }
    #expect(KeySet(ranges.map(range)).covers(range(asked)) == covered)
  }
}

/// SplitMix64, so that a failing case is repeated by its seed.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
