import Foundation

/// Random numbers that a seed repeats (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// What the numbers follow from.
  public let seed: UInt64
  private var state: UInt64

  /// Begins at a seed.
  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// Begins at the seed in `KEELSON_TEST_SEED`, else at `seed`, else at one that nobody chose.
  public static func fromEnvironment(else seed: UInt64? = nil) -> SeededGenerator {
    let given = ProcessInfo.processInfo.environment["KEELSON_TEST_SEED"].flatMap { UInt64($0) }
    return SeededGenerator(seed: given ?? seed ?? UInt64.random(in: 1...UInt64(UInt32.max)))
  }

  /// How to run a test again with these numbers.
  public func replay(_ filter: String) -> String {
    "replay with: KEELSON_TEST_SEED=\(seed) swift test --filter \(filter)"
  }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
