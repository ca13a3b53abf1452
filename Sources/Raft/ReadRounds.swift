internal import Primitives

/// A leader's reads: each waits for a round of heartbeats that began after it arrived (section 6.4 of
/// Ongaro's dissertation).
struct ReadRounds: Sendable {
  /// Who waits.
  enum Reader: Sendable {
    case local(ReadID)
    case remote(MemberID, ReadContext)
  }

  /// Those who came after the present round began: the next one is theirs.
  private(set) var waiting: [Reader] = []
  /// Those for whom the present round was begun.
  private var current: [Reader] = []
  /// The present round's number, or the last one's.
  private(set) var number = ReadRound(rawValue: 0)
  /// The commit index when the present round began.
  private(set) var index = LogIndex.zero
  /// Whether a round waits for its confirmation.
  private(set) var isUnderWay = false

  /// Readers, in the present round or the next.
  var count: Int { waiting.count + current.count }

  /// Adds a reader to the next round.
  mutating func add(_ reader: Reader) { waiting.append(reader) }

  /// Begins the next round for all who wait.
  mutating func begin(at commit: LogIndex) {
    swap(&waiting, &current)
    number = ReadRound(rawValue: number.rawValue + 1)
    index = commit
    isUnderWay = true
  }

  /// Ends the present round; returns those who may read at `index`.
  mutating func confirm() -> [Reader] {
    isUnderWay = false
    defer { current.removeAll(keepingCapacity: true) }
    return current
  }

  /// Forgets everyone; returns this member's own reads.
  mutating func removeAllLocal() -> [ReadID] {
    if count == 0 { return [] }
    let reads = (current + waiting).compactMap { reader in
      if case .local(let read) = reader { read } else { nil }
    }
    self = ReadRounds()
    return reads
  }
}

/// A follower's reads, which it asks the leader about, many at once.
struct ForwardedReads: Sendable {
  /// What the present question is known by; questions of other lives of this member differ.
  private(set) var context: ReadContext
  /// Those for whom the present question was asked.
  private(set) var asked: [ReadID] = []
  /// Those who came after it: the next one is theirs.
  private(set) var waiting: [ReadID] = []
  /// Ticks since the question was asked.
  var age = 0

  init(first: UInt64) { context = ReadContext(rawValue: first) }

  var count: Int { asked.count + waiting.count }
  var isUnderWay: Bool { !asked.isEmpty }

  mutating func add(_ read: ReadID) { waiting.append(read) }

  /// Begins the next question.
  mutating func begin() {
    swap(&waiting, &asked)
    context = ReadContext(rawValue: context.rawValue &+ 1)
    age = 0
  }

  /// Ends the present question; returns those for whom it was asked.
  mutating func confirm() -> [ReadID] {
    defer { asked.removeAll(keepingCapacity: true) }
    return asked
  }

  /// Forgets everyone, and returns them.
  mutating func removeAll() -> [ReadID] {
    if count == 0 { return [] }
    defer {
      asked.removeAll()
      waiting.removeAll()
    }
    return asked + waiting
  }
}
