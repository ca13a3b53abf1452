import Engine
import MVCC
import Primitives
import Testing

/// Runs one history through a store and the model, with crashes, and compares everything that can be seen.
struct Differential {
  let seed: UInt64
  var engine: any Engine
  /// Takes the engine back to an earlier state and answers what then stands in its place.
  let crash: (inout Dice) throws -> any Engine
  var writer: HistoryWriter
  var model = ModelStore()
  var store: Store
  var log: [(command: StoreCommand, result: SeenResult)] = []
  var operations = 0
  let configuration: StoreConfiguration

  init(seed: UInt64, engine: any Engine, crash: @escaping (inout Dice) throws -> any Engine) throws
  {
    self.seed = seed
    self.engine = engine
    self.crash = crash
    writer = HistoryWriter(seed: seed)
    var configuration = StoreConfiguration()
    configuration.recentRecordBytes = [0, 2_000, 20_000, 1_000_000][writer.dice.below(4)]
    configuration.rangeSliceRecords = [1, 3, 1_000][writer.dice.below(3)]
    configuration.compactionSliceVersions = [1, 7, 1_000][writer.dice.below(3)]
    configuration.engineBatchBytes = [1, 500, 1_000_000][writer.dice.below(3)]
    configuration.historyReadBytes = [1, 300, 1_000_000][writer.dice.below(3)]
    if seed.isMultiple(of: 2) {
      configuration.wholeLoadBytes = -1
      configuration.leftValueBytes = 1
    }
    self.configuration = configuration
    store = try Store(engine: engine, configuration: configuration)
  }

  mutating func run(commands: Int) throws {
    for _ in 0..<commands {
      let command = writer.command(model)
      let expected = model.apply(command)
      log.append((command, expected))
      apply(log.count - 1)
      try read()
      try housekeeping()
    }
    store.finishBatch(appliedIndex: LogIndex(UInt64(log.count)))
    try settle()
  }

  private mutating func apply(_ position: Int) {
    operations += 1
    let seen = SeenResult(
      store.apply(log[position].command, at: LogIndex(UInt64(position + 1))))
    if seen != log[position].result {
      Issue.record(
        "seed \(seed), command \(position): \(log[position].command) gave \(seen), not \(log[position].result)"
      )
    }
  }

  private mutating func read() throws {
    for _ in 0..<2 {
      operations += 1
      let range = writer.range(model)
      let expected = model.range(range)
      let seen: SeenResult
      do { seen = SeenResult(try store.range(range)) } catch { seen = .failed(error) }
      if seen != expected {
        Issue.record("seed \(seed) at \(model.revision): \(range) gave \(seen), not \(expected)")
      }
      if RangeCursor.isStreamable(range) { try stream(range, expected) }
    }
    if writer.dice.chance(4) { try hash() }
    if writer.dice.chance(10) { try history() }
  }

  private mutating func stream(_ range: RangeOperation, _ expected: SeenResult) throws {
    var seen: SeenResult
    do throws(StoreError) {
      var cursor = try store.cursor(range)
      var records: [SeenRecord] = []
      while true {
        let chunk = try cursor.read(
          maxRecords: 1 + writer.dice.below(4), maxBytes: writer.dice.chance(20) ? 1 : 1_000)
        records += chunk.records.map { SeenRecord($0) }
        if let summary = chunk.summary {
          seen = .range(
            records, count: summary.count, more: summary.more, revision: summary.revision.rawValue)
          break
        }
      }
    } catch {
      seen = .failed(error)
    }
    if seen != expected {
      Issue.record("seed \(seed): in chunks, \(range) gave \(seen), not \(expected)")
    }
  }

  private mutating func hash() throws {
    let target = writer.dice.chance(50) ? 0 : Int64(1 + writer.dice.below(Int(model.revision)))
    if target != 0, target < model.floor {
      #expect(throws: StoreError.compacted) { try store.hashKV(at: Revision(target)) }
      return
    }
    let hash = try store.hashKV(at: Revision(target))
    if hash.hash != model.hash(at: target) {
      Issue.record(
        "seed \(seed): hash at \(target), present \(model.revision), floor \(model.floor)")
    }
    #expect(hash.compactRevision.rawValue == model.floor)
    #expect(hash.revision.rawValue == model.revision)
  }

  private mutating func history() throws {
    let published = store.currentRevision.rawValue
    let oldest = max(1, model.floor)
    if oldest > published { return }
    let reach = writer.dice.chance(50) ? 12 : published - oldest + 1
    let from = max(oldest, published - Int64(writer.dice.below(Int(reach))))
    let expected = model.history.filter { $0.revision.main.rawValue >= from }
      .filter { $0.revision.main.rawValue <= published }
    var seen: [SeenRecord] = []
    var next = Revision(from)
    while next.rawValue <= published {
      let slice = try store.historyEvents(
        from: next, through: Revision(.max), maxEvents: 1 + writer.dice.below(5))
      for event in slice.events {
        let record = SeenRecord(event.record)
        if record.revision.main.rawValue <= model.floor {
          // What its own transaction superseded at the floor goes whenever the background gets to it.
          if model.versions[record.key]?.contains(record) == true { seen.append(record) }
          continue
        }
        seen.append(record)
        let previous = model.versions[record.key]?.last { $0.revision < record.revision }
        let live = previous.flatMap { $0.isTombstone ? nil : $0 }
        if event.previous.map({ SeenRecord($0) }) != live {
          Issue.record("seed \(seed): \(record.revision) replaced another than \(live as Any)")
        }
      }
      next = slice.through.next
    }
    if seen != expected { Issue.record("seed \(seed): history from \(from) differs") }
  }

  private mutating func housekeeping() throws {
    if writer.dice.chance(40) { store.finishBatch(appliedIndex: LogIndex(UInt64(log.count))) }
    if writer.dice.chance(15) { try store.feedEngine() }
    if writer.dice.chance(30) { _ = store.compactSlice() }
    if writer.dice.chance(2) { _ = try store.flush() }
    if writer.dice.chance(1) { try settle() }
    if writer.dice.below(300) == 0 { try crashAndReopen() }
  }

  /// Everything in the background is done, and nothing differs in any part.
  mutating func settle() throws {
    store.finishBatch(appliedIndex: LogIndex(UInt64(log.count)))
    while store.compactSlice() {}
    try store.feedEngine()
    store.checkInvariants()
    #expect(store.logicalBytes == model.logicalBytes, "seed \(seed)")
    #expect(store.currentRevision.rawValue == model.revision, "seed \(seed)")
    #expect(store.compactedRevision.rawValue == max(0, model.floor))
    #expect(store.finishedCompactRevision == store.compactedRevision)
    #expect(store.unfedBytes == 0)
    let snapshot = try store.snapshotView()
    var stored: [SeenRecord] = []
    try snapshot.scanRecords { record in
      stored.append(SeenRecord(record))
      return true
    }
    if stored != model.history { Issue.record("seed \(seed): the engine holds other versions") }
    let leases = model.leases.sorted { $0.key < $1.key }.map { id, lease in
      Lease(id: LeaseID(id), seconds: lease.seconds, remainingSeconds: lease.remaining)
    }
    #expect(store.leases() == leases)
    #expect(try snapshot.leases() == leases)
    for lease in leases {
      #expect(store.keys(of: lease.id) == model.keys(of: lease.id.rawValue), "seed \(seed)")
    }
  }

  /// Opens the engine again in an earlier state, and replays what it lacks.
  mutating func crashAndReopen() throws {
    engine = try crash(&writer.dice)
    store = try Store(engine: engine, configuration: configuration)
    store.checkInvariants()
    let applied = Int(store.appliedIndex.rawValue)
    for position in applied..<log.count {
      apply(position)
      if writer.dice.chance(30) {
        store.finishBatch(appliedIndex: LogIndex(UInt64(position + 1)))
        if writer.dice.chance(30) { _ = store.compactSlice() }
      }
    }
    try settle()
  }
}

@Suite("A store and a naive model go the same way")
struct StoreDifferentialTests {
  #if DEBUG
    static let commands = 400
  #else
    static let commands = 6_000
  #endif

  @Test("in memory, with crashes", arguments: 0..<12 as Range<UInt64>)
  func memory(seed: UInt64) throws {
    let engine = MemoryEngine()
    var differential = try Differential(seed: seed, engine: engine) { dice in
      engine.crash(keeping: dice.below(engine.unflushedBatches + 1))
      return engine
    }
    try differential.run(commands: Self.commands)
    try differential.crashAndReopen()
  }

  @Test("over RocksDB, with closings that flush nothing", arguments: 100..<103 as Range<UInt64>)
  func rocks(seed: UInt64) throws {
    let directory = StoreDirectory()
    var engine = try RocksEngine(directory: directory.path + "/engine")
    var differential = try Differential(seed: seed, engine: engine) { _ in
      engine.close()
      engine = try RocksEngine(directory: directory.path + "/engine")
      return engine
    }
    try differential.run(commands: Self.commands / 2)
    try differential.crashAndReopen()
    engine.close()
  }
}
