import Primitives

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Makes inputs out of valid ones. An input depends on the seed and its number alone, so that each can be
/// made again without those before it.
struct Mutator {
  private let seed: UInt64
  private let corpus: [Bytes]
  private static let longest = 131_072

  init(seed: UInt64, corpus: [Bytes]) {
    precondition(!corpus.isEmpty, "nothing to mutate")
    self.seed = seed
    self.corpus = corpus
  }

  /// The first inputs are the valid ones themselves, and nothing at all.
  func input(_ number: Int) -> Bytes {
    if number < corpus.count { return corpus[number] }
    if number == corpus.count { return [] }
    var generator = SeededGenerator(seed)
    generator = SeededGenerator(generator.next() ^ UInt64(number) &* 0x9FB2_1C65_1E98_DF25)
    var bytes = corpus.randomElement(using: &generator)!
    for _ in 0..<Int.random(in: 1...6, using: &generator) { change(&bytes, &generator) }
    return bytes.count > Self.longest ? Bytes(bytes.prefix(Self.longest)) : bytes
  }

  private func change(_ bytes: inout Bytes, _ generator: inout SeededGenerator) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    let range = place..<min(bytes.count, place + Self.length(&generator))
    switch Int.random(in: 0..<9, using: &generator) {
    case 0, 1:
      if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
    case 2:
      if place < bytes.count { bytes[place] = .random(in: 0...255, using: &generator) }
    case 3:
      let some = (0..<Self.length(&generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      bytes.insert(contentsOf: some, at: place)
    case 4: bytes.removeSubrange(range)
    case 5: bytes.insert(contentsOf: Bytes(bytes[range]), at: place)
    case 6: bytes.removeLast(bytes.count - place)
    case 7:
      // The head of this one and the tail of another.
      let other = corpus.randomElement(using: &generator)!
      let from = Int.random(in: 0...other.count, using: &generator)
      bytes.replaceSubrange(place..., with: other[from...])
    default: Self.overwrite(&bytes, at: place, &generator)
    }
  }

  /// Mostly a few bytes, sometimes many.
  private static func length(_ generator: inout SeededGenerator) -> Int {
    1 << Int.random(in: 0...(Bool.random(using: &generator) ? 3 : 11), using: &generator)
  }

  /// Puts a number at a limit where lengths, counts and offsets may stand, in either byte order.
  private static func overwrite(
    _ bytes: inout Bytes, at place: Int, _ generator: inout SeededGenerator
  ) {
    let limits: [UInt64] = [
      0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0xffff, 0xff_ffff, 0x7fff_ffff, 0x8000_0000,
      0xffff_ffff, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, .max,
    ]
    let number = limits.randomElement(using: &generator)!
    let width = [1, 2, 3, 4, 8].randomElement(using: &generator)!
    let isBigEndian = Bool.random(using: &generator)
    for index in 0..<width where place + index < bytes.count {
      let shift = 8 * (isBigEndian ? width - 1 - index : index)
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(shift))
    }
  }
}
