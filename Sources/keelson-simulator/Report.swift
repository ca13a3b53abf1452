/// Rare paths that a run should have taken.
enum Mark: String, CaseIterable {
  case leaderCrash = "a leader crashed"
  case failedDisk = "a disk failed under a member"
  case pause = "a member was paused"
  case installedState = "a member took a state from another"
  case interruptedTransfer = "a state's transfer was cut short"
  case damagedChunk = "a chunk of a state was damaged on its way"
  case membershipChange = "the membership was changed"
  case leaderChanged = "a proposal's leader was deposed"
  case unknownOutcome = "a client never learned what became of its request"
  case followerRead = "a follower served a linearizable read"
  case leaseExpired = "a lease ended"
  case watchMoved = "a watch went on at another member"
  case watchHistory = "a watch read history"
  case removedMember = "a member found itself removed"

  /// Whether a long run must have taken it.
  var isRequired: Bool { self != .removedMember && self != .watchHistory }
}

/// What a run did.
struct Report {
  var simulatedSeconds = 0.0
  var operations = 0
  var refusals = 0
  var events = 0
  var steps = 0
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

  /// The required marks that were never reached.
  var missingMarks: [Mark] { Mark.allCases.filter { $0.isRequired && marks[$0] ?? 0 == 0 } }

  private static var counts: [WritableKeyPath<Report, Int>] {
    [
      \.operations, \.refusals, \.events, \.steps, \.faults, \.crashes, \.slowWrites, \.transfers,
      \.elections, \.lost, \.duplicated, \.late,
    ]
  }

  /// The totals, a few lines for a person.
  var summary: String {
    let minutes = Int(simulatedSeconds / 60)
    return """
      simulated time       \(minutes / 60) h \(minutes % 60) min \(Int(simulatedSeconds) % 60) s
      operations checked   \(operations) (\(refusals) of them refused), \(events) watch events
      faults injected      \(faults) by plan, \(crashes) crashes, \(slowWrites) slow writes, \
      \(lost) messages lost, \(duplicated) doubled, \(late) late
      elections            \(elections)
      states transferred   \(transfers)
      """
  }
}
