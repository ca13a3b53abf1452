import Primitives
import Testing

@Suite("how far two words are apart")
struct EditDistanceTests {
  @Test(
    "each insertion, deletion, replacement and swap of neighbours counts once",
    arguments: [
      ("", "", 0), ("get", "get", 0), ("", "get", 3), ("leese", "lease", 1), ("lase", "lease", 1),
      ("leaase", "lease", 1), ("laese", "lease", 1), ("ca", "abc", 3), ("kitten", "sitting", 3),
      ("é", "e", 2),
    ])
  func distance(left: String, right: String, expected: Int) {
    #expect(EditDistance.between(left, right) == expected)
    #expect(EditDistance.between(right, left) == expected)
  }

  @Test("what lies beyond 64 bytes does not count, so that no length costs much")
  func bound() {
    let long = String(repeating: "a", count: 1_000_000)
    #expect(EditDistance.between(long, String(repeating: "a", count: 64)) == 0)
    #expect(EditDistance.between(long, "") == 64)
  }
}
