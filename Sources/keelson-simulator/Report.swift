/// Rare paths that runs must take: one that no run of a set took was not tested by it.
enum Mark: String, CaseIterable {
  case leaderCrash = "a leader crashed"
  case tornTail = "an unfinished write was cut off the log"
  case failedDisk = "a disk failed under a member"
  case fullDisk = "a disk was full"
  case slowDisk = "a disk was slow"
  case damagedLog = "bits of a log rotted, and the member noticed"
  case damagedEngine = "an engine was damaged"
  case repairedMember = "a damaged member got its state from the others"
  case regainedVote = "a damaged member got its vote again"
  case wipedMember = "a machine lost its disk and joined anew"
  case pause = "a member was paused"
  case clockJump = "a clock jumped"
  case tickBurst = "a member's timer ran ahead"
  case partition = "the network was split"
  case oneWayCut = "a way was cut in one direction only"
  case overtaking = "leaders came back with entries that were never committed"
  case leaderTransfer = "the leadership was handed on"
  case memberAdded = "a member was added as a learner"
  case memberPromoted = "a learner was promoted"
  case memberRemoved = "a member was removed"
  case removedMember = "a member found itself removed"
  case installedState = "a member took a state from another"
  case interruptedTransfer = "a state's transfer was cut short"
  case damagedChunk = "a chunk of a state was damaged on its way"
  case crashWhileInstalling = "a member crashed while it put a state in place"
  case leaderChanged = "a proposal's leader was deposed"
  case unknownOutcome = "a client never learned what became of its request"
  case guardRefused = "a guarded write was refused"
  case forwardedWrite = "a follower had the leader propose what its client wanted"
  case lostForward = "a follower never learned whether the leader got what it forwarded"
  case followerRead = "a follower served a linearizable read"
  case leaseExpired = "a lease ended"
  case watchMoved = "a watch went on at another member"
  case watchHistory = "a watch read history"
  case watchCompacted = "a watch was told that what it missed is compacted"
}

/// What a run did.
struct Report {
  var simulatedSeconds = 0.0
  var seeds = 0
  var operations = 0
  var refusals = 0
  var events = 0
  var steps = 0
  var comparisons = 0
  var faults = 0
  var crashes = 0
  var slowWrites = 0
  var transfers = 0
  var elections = 0
  var lost = 0
  var duplicated = 0
  var late = 0
  var marks: [Mark: Int] = [:]

  /// Adds another run.
  mutating func add(_ other: Report) {
    simulatedSeconds += other.simulatedSeconds
    for path in Self.counts { self[keyPath: path] += other[keyPath: path] }
    for mark in Mark.allCases { marks[mark, default: 0] += other.marks[mark] ?? 0 }
  }

  /// The marks that were never reached.
  var missingMarks: [Mark] { Mark.allCases.filter { marks[$0] ?? 0 == 0 } }

  private static var counts: [WritableKeyPath<Report, Int>] {
    [
      \.seeds, \.operations, \.refusals, \.events, \.steps, \.comparisons, \.faults, \.crashes,
      \.slowWrites, \.transfers, \.elections, \.lost, \.duplicated, \.late,
    ]
  }

  /// The totals, a few lines for a person.
  var summary: String {
    let minutes = Int(simulatedSeconds / 60)
    return """
      seeds                \(seeds)
      simulated time       \(minutes / 60) h \(minutes % 60) min \(Int(simulatedSeconds) % 60) s
      operations checked   \(operations) (\(refusals) of them refused), \(events) watch events, \
      \(comparisons) comparisons of logs and states
      faults injected      \(faults) by plan, \(crashes) crashes, \(slowWrites) slow writes, \
      \(lost) messages lost, \(duplicated) doubled, \(late) late
      elections            \(elections)
      states transferred   \(transfers)
      """
  }
}
