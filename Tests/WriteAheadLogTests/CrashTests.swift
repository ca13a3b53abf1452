import Environment
import Primitives
import Simulation
import Testing

@testable import WriteAheadLog

/// What a log should hold.
private struct Model: Equatable {
  var entries: [LogEntry] = []
  var hardState = HardState()

  var lastIndex: UInt64 { UInt64(entries.count) }
}

/// Random work on a log, with the power going at random calls, beside a model in memory.
private struct CrashRun {
  let fixture: LogFixture
  let entropy: SeededEntropy
  var log: WriteAheadLog
  /// What has been acknowledged, and what the next sync would add.
  var durable = Model()
  var buffered = Model()
  var dropped: UInt64 = 0
  var nonce: UInt64 = 0
  var cuts = 0

  init(seed: UInt64) throws {
    entropy = SeededEntropy(seed: seed)
    fixture = LogFixture(
      configuration: LogConfiguration(
        segmentBytes: 1024, spareSegments: Int(entropy.next(below: 3)), salt: seed))
    log = try fixture.open().log
  }

  func below(_ bound: UInt64) -> UInt64 { entropy.next(below: bound) }

  mutating func step() throws {
    switch below(12) {
    case 0..<5:
      for _ in 0...below(3) {
        nonce += 1
        var next = entry(buffered.lastIndex + 1, term: nonce, bytes: Int(below(120)))
        next.kind = LogEntry.Kind(rawValue: UInt8(below(3))) ?? .empty
        try log.append(next)
        buffered.entries.append(next)
      }
    case 5:
      let commit = LogIndex(
        buffered.hardState.commit.rawValue
          + below(buffered.lastIndex - buffered.hardState.commit.rawValue + 1))
      buffered.hardState = HardState(
        term: Term(nonce), votedFor: MemberID(below(4)), commit: commit)
      try log.setHardState(buffered.hardState)
    case 6:
      let first = buffered.hardState.commit.rawValue + 1
      if first > buffered.lastIndex { return }
      let from = first + below(buffered.lastIndex - first + 1)
      // Only what lies past the durable commit too, as with any log that was ever reopened.
      try log.truncateSuffix(from: LogIndex(from))
      buffered.entries.removeLast(Int(buffered.lastIndex - from + 1))
    case 7:
      dropped = max(dropped, durable.hardState.commit.rawValue)
      try log.truncatePrefix(through: durable.hardState.commit)
      if !log.hasUnsynced { durable = buffered }
    case 8:
      log.prepareNextSegment()
    default:
      try log.sync()
      durable = buffered
    }
  }

  /// Loses power, opens the log again and compares.
  mutating func crash(seed: UInt64) throws -> Bool {
    fixture.disk.inject(nil)
    fixture.disk.crash(seed: seed)
    let (reopened, recovery) = try fixture.open(mark: durable.hardState.commit.rawValue)
    log = reopened
    if recovery.tornTail != nil { cuts += 1 }
    let first = log.firstIndex.rawValue
    if first > dropped + 1 { return false }
    let read = Model(entries: try allEntries(log, maxBytes: 300), hardState: log.hardState)
    for candidate in [durable, buffered] {
      let kept = candidate.entries.dropFirst(Int(first) - 1)
      if read == Model(entries: Array(kept), hardState: candidate.hardState) {
        durable = candidate
        buffered = candidate
        return true
      }
    }
    return false
  }
}

@Suite("Crashes")
struct CrashTests {
  @Test("whenever the power goes, the log holds all that was acknowledged and nothing else")
  func powerLoss() throws {
    var cuts: UInt64 = 0
    let wanted = environmentNumber("KEELSON_SEED")
    let count = environmentNumber("KEELSON_SEEDS") ?? 120
    for seed in wanted.map({ $0...$0 }) ?? 0...count {
      let replay = "replay: KEELSON_SEED=\(seed) swift test --filter powerLoss"
      var run = try CrashRun(seed: seed)
      for round in 0..<5 as Range<UInt64> {
        run.fixture.disk.inject(
          DiskFault(call: Int(run.below(60)) + 1, duration: .forGood, kind: .powerLoss))
        do {
          for _ in 0..<60 { try run.step() }
        } catch let error as LogError {
          if case .damaged = error { Issue.record("\(error); \(replay)") }
        }
        #expect(try run.crash(seed: seed &* 31 &+ round), "round \(round); \(replay)")
      }
      cuts += UInt64(run.cuts)
    }
    // The rare path is reached.
    if wanted == nil { #expect(cuts > count / 10) }
  }

  @Test(
    "whichever call fails, nothing acknowledged is lost, and the log takes nothing more",
    arguments: [
      DiskFault.Kind.noSpace, .inputOutput, .readOnly, .powerLoss,
    ], [DiskFault.Duration.once, .forGood])
  func everyFailure(kind: DiskFault.Kind, duration: DiskFault.Duration) throws {
    var call = 1
    while true {
      let fixture = LogFixture(configuration: LogConfiguration(segmentBytes: 1024, salt: 3))
      fixture.disk.inject(DiskFault(call: call, duration: duration, kind: kind))
      var acknowledged: UInt64 = 0
      var log: WriteAheadLog?
      let error = logError {
        log = try fixture.open().log
        while acknowledged < 60, let log {
          let commit = LogIndex(acknowledged)
          try log.append(contentsOf: (1...3).map { entry(acknowledged + $0, bytes: 60) })
          try log.setHardState(HardState(term: Term(1), commit: commit))
          try log.sync()
          acknowledged += 3
          if acknowledged % 15 == 0 { try log.truncatePrefix(through: commit) }
          if acknowledged % 12 == 0 { log.prepareNextSegment() }
        }
      }
      let calls = fixture.disk.calls
      if let error {
        if kind == .noSpace {
          guard case .noSpace = error else {
            Issue.record("call \(call): \(error)")
            return
          }
        }
        if let log {
          let refusal = logError { try log.append(entry(1)) }
          guard case .failed = refusal else {
            Issue.record("call \(call): used after \(error)")
            return
          }
        }
      }
      log = nil
      fixture.disk.inject(nil)
      fixture.disk.crash(seed: UInt64(call))
      let (again, _) = try fixture.open(mark: acknowledged)
      #expect(again.lastIndex.rawValue >= acknowledged)
      #expect(again.lastIndex.rawValue <= acknowledged + 3)
      let expected = (again.firstIndex.rawValue...max(again.lastIndex.rawValue, 1)).map {
        entry($0, bytes: 60)
      }
      if again.lastIndex >= again.firstIndex { #expect(try allEntries(again) == expected) }
      // The run ended before the call that was to fail.
      if calls < call { break }
      call += 1
    }
    #expect(call > 50)
  }

  @Test("a reset and a drop of segments happen wholly or not, wherever the power goes")
  func resetAndDrop() throws {
    for isReset in [true, false] {
      var call = 1
      var outcomes: Set<UInt64> = []
      while true {
        let fixture = LogFixture(configuration: LogConfiguration(segmentBytes: 1024, salt: 3))
        var log: WriteAheadLog? = try fixture.open().log
        for index in 1...30 as ClosedRange<UInt64> {
          try log?.append(entry(index, bytes: 60))
          try log?.sync()
        }
        fixture.disk.inject(DiskFault(call: call, duration: .forGood, kind: .powerLoss))
        let error = logError {
          if isReset {
            try log?.reset(to: LogIndex(100), term: Term(5))
          } else {
            try log?.truncatePrefix(through: LogIndex(30))
          }
        }
        log = nil
        fixture.disk.inject(nil)
        fixture.disk.crash(seed: UInt64(call))
        let (again, _) = try fixture.open(mark: 30)
        outcomes.insert(again.lastIndex.rawValue)
        if again.lastIndex == LogIndex(30) {
          let kept = (again.firstIndex.rawValue...30).map { entry($0, bytes: 60) }
          #expect(try allEntries(again) == kept)
          #expect(!isReset || again.firstIndex == LogIndex(1))
          try again.append(entry(31))
        } else {
          #expect(again.firstIndex == LogIndex(101) && again.term(at: LogIndex(100)) == Term(5))
          try again.append(entry(101))
        }
        try again.sync()
        if error == nil { break }
        call += 1
      }
      #expect(outcomes == (isReset ? [30, 100] : [30]) && call > 5)
    }
  }

  @Test("what opening found after a killed process stays, even if the power goes next")
  func killedThenPowerLoss() throws {
    for seed in 0..<20 as Range<UInt64> {
      let fixture = LogFixture()
      let (log, _) = try fixture.open()
      try log.append(contentsOf: (1...5).map { entry($0, bytes: 100) })
      // Written, but killed before the sync.
      fixture.disk.inject(DiskFault(call: 2, duration: .forGood, kind: .powerLoss))
      #expect(throws: LogError.self) { try log.sync() }
      fixture.disk.inject(nil)
      fixture.disk.detach()
      #expect(try fixture.open().recovery.lastIndex == LogIndex(5))
      fixture.disk.crash(seed: seed)
      #expect(try fixture.open(mark: 5).recovery.lastIndex == LogIndex(5))
    }
  }

  @Test("a disk that is really full refuses before anything is acknowledged")
  func fullDisk() throws {
    let fixture = LogFixture(configuration: LogConfiguration(segmentBytes: 1024))
    fixture.disk.setCapacity(5000)
    let (log, _) = try fixture.open()
    var acknowledged: UInt64 = 0
    let error = logError {
      while true {
        try log.append(entry(acknowledged + 1, bytes: 100))
        try log.sync()
        acknowledged += 1
      }
    }
    guard case .noSpace = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(acknowledged > 10)
    fixture.disk.crash(seed: 1)
    // It opens on the full disk, and goes on once there is room.
    let (again, _) = try fixture.open(mark: acknowledged)
    #expect(again.lastIndex.rawValue == acknowledged)
    fixture.disk.setCapacity(.max)
    try again.append(entry(acknowledged + 1, bytes: 100))
    try again.sync()
  }
}
