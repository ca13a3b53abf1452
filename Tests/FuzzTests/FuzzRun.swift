import Glibc
import Primitives

/// A bounded run over mutated inputs, in the process that may die of it.
struct FuzzRun {
  private let mutator: Mutator
  private let seconds: Double
  private let only: Int?

  /// An input that takes longer than this many seconds ends the process: a parser must not hang.
  private static let hangSeconds: UInt32 = 30
  /// The address space that a parser's process may have, so that a length out of an input that is believed
  /// shows. Sanitizers need more.
  private static let addressBytes: UInt = 8 << 30

  init(corpus: [Bytes]) {
    mutator = Mutator(seed: FuzzSettings.seed, corpus: corpus)
    seconds = Double(FuzzSettings.number("KEELSON_FUZZ_SECONDS") ?? 2)
    only = FuzzSettings.number("KEELSON_FUZZ_INPUT").map { Int($0) }
  }

  /// Runs until the time is over, and notes each input's number before the parser gets it.
  func run(_ progress: Progress, _ body: (Bytes) -> Void) {
    var bound = rlimit(rlim_cur: Self.addressBytes, rlim_max: Self.addressBytes)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &bound)
    let end = Self.now + seconds
    var number = only ?? 0
    repeat {
      progress.note(number)
      alarm(Self.hangSeconds)
      body(mutator.input(number))
      number += 1
    } while only == nil && Self.now < end
    alarm(0)
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// What the environment says about fuzzing.
enum FuzzSettings {
  static var seed: UInt64 { number("KEELSON_FUZZ_SEED") ?? 1 }

  static func number(_ name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }
}
