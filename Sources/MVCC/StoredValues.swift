internal import Engine
internal import Primitives
internal import Synchronization

/// Values that a start has read and checked, and left in the engine.
///
/// Memory for a million values of a kilobyte takes longer to get than they take to be read, so a large store begins to
/// serve without. Its records bring a value when it is asked for first, and `bringAll` brings the rest. A snapshot of
/// the engine keeps what is read: a compaction meanwhile takes nothing away.
final class StoredValues: Sendable {
  /// The records of one chunk of a start.
  final class Chunk: Sendable {
    let values: StoredValues
    /// Bytes of a value that is worth leaving.
    let leastBytes: Int
    /// Those whose values were left, in the order of their revisions.
    fileprivate let noted = Mutex(Noted())

    fileprivate init(_ values: StoredValues) {
      self.values = values
      leastBytes = values.leastBytes
    }

    /// Tells which records were left, in the order of their revisions.
    func note(_ records: [Record]) { noted.withLock { $0.records = records.map(\.storage) } }
  }

  /// Records, as what can be asked whether somebody else has them.
  ///
  /// `@unchecked`: as a record.
  fileprivate struct Noted: @unchecked Sendable {
    var records: [Record.Storage] = []
  }

  /// Records that lie further apart, in revisions, are read one by one: a read costs as much as passing so many.
  private static let scanGap: Int64 = 32

  /// Nil once every value is in memory.
  private let snapshot: Mutex<(any EngineSnapshot)?>
  private let chunks = Mutex<[Chunk]>([])
  private let leastBytes: Int
  private let onLoss: @Sendable (String) -> Void

  /// - Parameters:
  ///   - leastBytes: bytes of a value that is worth leaving.
  ///   - onLoss: told what cannot be read any more where nobody can be refused. The process ends when it returns.
  init(
    _ snapshot: any EngineSnapshot, leastBytes: Int, onLoss: @escaping @Sendable (String) -> Void
  ) {
    self.snapshot = Mutex(snapshot)
    self.leastBytes = leastBytes
    self.onLoss = onLoss
  }

  /// Whether some values may not be in memory.
  var isPending: Bool { snapshot.withLock { $0 != nil } }

  /// Begins another chunk.
  func makeChunk() -> Chunk {
    let chunk = Chunk(self)
    chunks.withLock { $0.append(chunk) }
    return chunk
  }

  /// Brings the values that some records lack; they all are of this start. Cost: a scan of the engine where they lie
  /// close to each other, otherwise a read for each.
  static func bring(_ records: ArraySlice<Record>) throws(EngineError) {
    var lacking = records.filter(\.lacksValue)
    guard let values = lacking.first?.left?.values else { return }
    lacking.sort { $0.revision < $1.revision }
    try values.bring(lacking)
  }

  /// Brings one value. It returns when the record has it, and ends the process if it cannot be had: the next start finds
  /// the damage, and names or repairs it.
  func bring(_ record: Record) {
    var detail = "the snapshot that holds it has ended"
    do throws(EngineError) {
      try bring([record])
      if !record.lacksValue { return }
    } catch {
      detail = "\(error)"
    }
    onLoss("the value of revision \(record.revision) cannot be read: \(detail)")
    fatalError("the value of revision \(record.revision) cannot be read: \(detail)")
  }

  private func bring(_ records: [Record]) throws(EngineError) {
    // The last values may have arrived, and the snapshot have ended, since somebody looked.
    guard let snapshot = snapshot.withLock({ $0 }) else { return }
    var start = 0
    while start < records.count {
      var end = start + 1
      while end < records.count, Self.isNear(records[end - 1], records[end]) { end += 1 }
      if end - start > 1 {
        var run = records[start..<end].map(\.storage)
        try Self.scan(snapshot, &run) { true }
      } else {
        try Self.read(records[start], from: snapshot)
      }
      start = end
    }
  }

  private static func isNear(_ earlier: Record, _ later: Record) -> Bool {
    later.revision.main.rawValue - earlier.revision.main.rawValue <= scanGap
  }

  private static func read(
    _ record: Record, from snapshot: any EngineSnapshot
  ) throws(EngineError) {
    let stored = try snapshot.value(.records, StoreLayout.recordKey(record.revision))
    let isWhole = stored.map { unsafe $0.withUnsafeBytes { unsafe record.complete(with: $0) } }
    if isWhole != true { throw loss(record) }
  }

  /// Brings all values that somebody still wants, as long as `goesOn` says so; then the snapshot ends.
  func bringAll(while goesOn: () -> Bool) throws(EngineError) {
    guard let snapshot = snapshot.withLock({ $0 }) else { return }
    for chunk in chunks.withLock({ $0 }) {
      // Out of the chunk, so that a record which nobody else has is let go.
      var noted = chunk.noted.withLock { noted in
        defer { noted.records = [] }
        return noted
      }
      let isDone = try Self.scan(snapshot, &noted.records, while: goesOn)
      if !isDone { chunk.noted.withLock { [noted] in $0 = noted } }
      if !isDone { return }
    }
    chunks.withLock { $0 = [] }
    self.snapshot.withLock { $0 = nil }
  }

  /// Keeps no record any more; those that somebody has can still bring their values. For a store that ends before all
  /// values came: its records and what is noted of them would hold each other for ever.
  func forgetRecords() {
    for chunk in chunks.withLock({ $0 }) { chunk.note([]) }
    chunks.withLock { $0 = [] }
  }

  /// Completes records that ascend by revision, but for those that nobody else has, as long as `goesOn` says so.
  /// Answers whether it got to the end.
  @discardableResult
  private static func scan(
    _ snapshot: any EngineSnapshot, _ records: inout [Record.Storage], while goesOn: () -> Bool
  ) throws(EngineError) -> Bool {
    guard let first = records.first, let last = records.last else { return true }
    var place = 0
    var isStopped = false
    var lost: Record?
    try unsafe snapshot.visit(
      .records, from: StoreLayout.recordKey(Record(storage: first).revision),
      to: StoreLayout.firstKey(Record(storage: last).revision.main.next)
    ) { key, value in
      isStopped = !goesOn()
      if place == records.count || isStopped { return false }
      let isWanted = !isKnownUniquelyReferenced(&records[place])
      let record = Record(storage: records[place])
      let revision = unsafe StoreLayout.revision(ofRecordKey: key)
      guard let revision, revision >= record.revision else { return true }
      let isRight = revision == record.revision
      guard isRight, unsafe !isWanted || !record.lacksValue || record.complete(with: value) else {
        lost = record
        return false
      }
      place += 1
      return true
    }
    if lost == nil, place < records.count, !isStopped { lost = Record(storage: records[place]) }
    if let lost { throw loss(lost) }
    return place == records.count
  }

  private static func loss(_ record: Record) -> EngineError {
    .corrupt(detail: "the record of revision \(record.revision) is damaged or missing")
  }
}
