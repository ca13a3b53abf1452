import Glibc
import Primitives
import Synchronization

/// Whether an interrupt asked to stop after the present seed.
private let isInterrupted = Atomic(false)

/// `keelson-simulator`: whole clusters in one thread, from a seed.
@main
enum KeelsonSimulator {
  static let usage = """
    usage: keelson-simulator [--seed N] [--seeds K] [--seconds S] [--plant NAME]

    Runs a simulated cluster for each of K seeds (1) from N (1) on: S seconds (60) of load and faults, then
    everything is healed and the cluster must go on. The same seed does the same.

      --plant NAME   with a fault that must be found; test builds only. NAME is one of
                     \(SimulatorPlants.all.map(\.rawValue).joined(separator: ", "))

    An interrupt ends the run behind the seed that is under way, with its report.

    Exit status: 0 nothing found, 1 a violation, 2 wrong usage, 3 a rare path that was never taken in 20 seeds
    or more.
    """

  static func main() {
    let options: Options
    do throws(UsageError) {
      options = try Options(Array(CommandLine.arguments.dropFirst()))
    } catch {
      if error.text.isEmpty {
        print(usage)
        exit(0)
      }
      complain("keelson-simulator: \(error.text)\n\(usage)")
      exit(2)
    }
    // Once to stop and report, twice to stop at once.
    _ = signal(SIGINT) { _ in
      if isInterrupted.exchange(true, ordering: .relaxed) { _exit(130) }
    }
    exit(run(options))
  }

  /// Runs all seeds; returns the exit status.
  static func run(_ options: Options) -> Int32 {
    var total = Report()
    for seed in options.seed..<options.seed + options.seeds {
      if isInterrupted.load(ordering: .relaxed) { break }
      // An invariant ends the process: what replays it must have been said before.
      let replay = options.replay(seed)
      if options.seeds > 1 || options.plantedBug != nil { note("running: \(replay)") }
      let cluster = SimulatedCluster(seed: seed, plantedBug: options.plantedBug)
      total.add(cluster.run(seconds: options.seconds))
      if let violation = cluster.violation {
        complain("seed \(seed): \(violation)\nreplay with: \(replay)")
        return 1
      }
    }
    print(total.summary)
    for mark in Mark.allCases { print("  \(total.marks[mark] ?? 0) times: \(mark.rawValue)") }
    guard total.seeds >= 20, !total.missingMarks.isEmpty else { return 0 }
    complain("never: \(total.missingMarks.map(\.rawValue).joined(separator: "; "))")
    return 3
  }

  /// On a terminal the line is written over by the next.
  private static func note(_ line: String) {
    write(isatty(STDERR_FILENO) == 0 ? line + "\n" : "\r\u{1B}[K" + line)
  }

  private static func complain(_ line: String) { write(line + "\n") }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
