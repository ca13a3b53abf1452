import Primitives
import Testing

@testable import Registry

@Suite("Hostile documents")
struct FuzzTests {
  static let seeds = [
    ImportTests.configMap, ImportTests.definition, ImportTests.coupon,
    "a: &a [1, 2]\nb: {<<: {x: y}, c: *a}\n---\n- |\n  text\n- >-\n  folded\n- \"\\x41\\u00e9\"\n",
    "{\"a\": [1, 2.5e3, true, null, \"\\ud83d\\ude00\"], \"b\": {\"c\": \"d\"}}",
    "? complex\n: !!binary aGVsbG8=\n? 0x1F\n: .5\n",
  ]

  static let tokens = [
    "&a ", "*a", "<<: ", "- ", ": ", "{", "}", "[", "]", "\"", "'", "|\n", ">\n", "\n", "\t",
    "---\n",
    "...\n", "!!str ", "%YAML 1.1\n", "\\u", "\u{0}", "\u{feff}", "0x", "1e999", "~", "? ",
  ]

  @Test("no text, however it is mangled, breaks the reader", arguments: 1...4)
  func mutations(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<1500 {
      var bytes = Bytes(Self.seeds.randomElement(using: &random)!.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1 where place < bytes.count:
          bytes.removeSubrange(
            place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
        case 2:
          let from = Int.random(in: 0...bytes.count, using: &random)
          bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + 20)], at: place)
        case 3: bytes.removeSubrange(place...)
        default:
          bytes.insert(contentsOf: Self.tokens.randomElement(using: &random)!.utf8, at: place)
        }
      }
      fuzzYAML(bytes)
    }
  }

  @Test("no mangled manifest breaks the import")
  func manifests() async throws {
    var random = SeededGenerator(seed: 99)
    for _ in 0..<300 {
      var bytes = Bytes((ImportTests.definition + "---\n" + ImportTests.coupon).utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = Bytes(" :-[]{}a1\"\n&*".utf8).randomElement(using: &random)!
      }
      _ = try await importing(String(decoding: bytes, as: UTF8.self), into: FakeStore())
    }
  }
}
