import Primitives
import Testing

@testable import MVCC

@Suite struct WatchMatcherTests {
  @Test("the matcher finds exactly those whose range contains a key", arguments: [1, 2, 3])
  func againstNaiveSearch(seed: UInt64) {
    var random = WatchRandom(seed: seed)
    var matcher = RangeMatcher<Int>()
    var entries: [Int: (range: KeyRange, token: RangeMatcher<Int>.Token)] = [:]
    func key() -> Bytes {
      (0..<Int.random(in: 1...3, using: &random)).map { _ in
        UInt8.random(in: 0...4, using: &random)
      }
    }
    for number in 0..<3000 {
      if random.chance(60) {
        let range: KeyRange
        switch Int.random(in: 0..<4, using: &random) {
        case 0: range = KeyRange(key())
        case 1: range = .prefix(key())
        case 2: range = KeyRange(key(), end: [0])
        default:
          let bounds = [key(), key()].sorted { isOrdered($0, before: $1) }
          if bounds[0] == bounds[1] || bounds[1] == [0] { continue }
          range = KeyRange(bounds[0], end: bounds[1])
        }
        entries[number] = (range, matcher.insert(range, number))
      } else if let victim = entries.keys.sorted().randomElement(using: &random),
        let entry = entries.removeValue(forKey: victim)
      {
        matcher.remove(entry.token)
      }
      if number % 10 != 0 { continue }
      let probe = key()
      var found: [Int] = []
      matcher.forEach(interestedIn: probe) { found.append($0) }
      let expected = entries.filter { $0.value.range.contains(probe) }.keys.sorted()
      #expect(found.sorted() == expected, "seed \(seed), step \(number), key \(probe)")
    }
    #expect(matcher.count == entries.count)
    for entry in entries.values { matcher.remove(entry.token) }
    #expect(matcher.count == 0)
  }
}
