internal import Engine
internal import Primitives
internal import Synchronization

/// Runs a body for each number below a count and returns when all have ended, in whatever order and on whatever
/// threads.
public typealias ConcurrentLoop =
  @Sendable (
    _ count: Int, _ body: @escaping @Sendable (Int) -> Void
  ) -> Void

/// The records of an engine, decoded in chunks of as many revisions each, so that chunks can be decoded at once.
///
/// Where revisions leap, as after a restored snapshot, the chunks differ in size: that costs time, nothing else.
final class LoadedChunks: Sendable {
  /// What one chunk holds of one part of the keys, in the order of revisions.
  struct Share: Sendable {
    var records: [Record] = []
    /// Of the keys, in the same order.
    var keyHashes: [UInt32] = []
  }

  /// What one chunk holds.
  private struct Chunk: Sendable {
    /// By part; what has been taken is empty.
    var shares: [Share]
    var first: SubRevision?
    var last: SubRevision?
  }

  /// Revisions below which a chunk is not worth a thread.
  private static let leastRevisions: Int64 = 8_192
  private static let mostChunks: Int64 = 256
  /// Parts of the keys in a store of several chunks: more than processors, so that they even out.
  private static let mostParts = 8

  private let engine: any Engine
  private let values: StoredValues?
  private let revisions: Int64
  private let results: Mutex<[Result<Chunk, EngineError>?]>

  /// The number of chunks.
  let count: Int
  /// Ascending keys; each begins a part but the first, which goes up to the first of them.
  private let pivots: [Bytes]

  /// The number of parts into which keys are divided, so that each can be put in order by itself. Every key of a
  /// part is before every key of the next.
  var parts: Int { pivots.count + 1 }

  /// Divides what lies in an engine whose newest revision is `last`. Cost: one seek for each chunk.
  ///
  /// - Parameter values: where values stay that are not brought into memory; nil: all are.
  init(
    _ engine: any Engine, through last: Revision, leavingValuesIn values: StoredValues?
  ) throws(EngineError) {
    self.engine = engine
    self.values = values
    revisions = last.rawValue
    count = Int(max(1, min(Self.mostChunks, revisions / Self.leastRevisions)))
    results = Mutex(Array(repeating: nil, count: count))
    pivots = try Self.pivots(engine, revisions: revisions, chunks: count)
  }

  /// Divides the keys of the chunks' first records evenly. Keys that are no sample of all make parts of unlike
  /// sizes: that costs time, nothing else.
  private static func pivots(
    _ engine: any Engine, revisions: Int64, chunks: Int
  ) throws(EngineError) -> [Bytes] {
    if chunks == 1 { return [] }
    var keys: [Bytes] = []
    for number in 0..<chunks {
      let from = boundary(number, of: chunks, revisions) ?? []
      try unsafe engine.visit(.records, from: from, to: nil) { key, value in
        // One that cannot be decoded is reported when its chunk is.
        if let record = try? unsafe StoreLayout.decodeRecord(key: key, value: value) {
          keys.append(record.key)
        }
        return false
      }
    }
    keys.sort { isOrdered($0, before: $1) }
    var pivots: [Bytes] = []
    for part in 1..<mostParts where keys.count >= mostParts {
      let key = keys[keys.count * part / mostParts]
      if pivots.last != key { pivots.append(key) }
    }
    return pivots
  }

  /// Decodes one chunk. From any thread.
  func load(_ number: Int) {
    let result: Result<Chunk, EngineError>
    do throws(EngineError) {
      result = .success(try decode(number))
    } catch {
      result = .failure(error)
    }
    results.withLock { $0[number] = result }
  }

  /// Throws what went wrong in a chunk, and if the records of all are not in the order of revisions; answers the
  /// last revision.
  func check() throws(EngineError) -> SubRevision? {
    let ends = results.withLock { results in
      results.enumerated().map { number, result in
        guard let result else { fatalError("chunk \(number) was not loaded") }
        return result.map { (first: $0.first, last: $0.last) }
      }
    }
    var last: SubRevision?
    for end in ends {
      let (first, next) = try end.get()
      if let first, let last, first <= last { throw Self.disorder(first, after: last) }
      last = next ?? last
    }
    return last
  }

  /// Hands over what all chunks hold of one part, in their order. From any thread, once for each part and after
  /// `check`.
  func take(part: Int) -> [Share] {
    results.withLock { results in
      (0..<count).map { number in
        guard case .success(var chunk) = results[number] else { return Share() }
        results[number] = nil
        defer { results[number] = .success(chunk) }
        let share = chunk.shares[part]
        chunk.shares[part] = Share()
        return share
      }
    }
  }

  /// The first key of a chunk; the first and the last chunk take what lies outside as well.
  private static func boundary(_ number: Int, of count: Int, _ revisions: Int64) -> Bytes? {
    if number == 0 { return [] }
    if number == count { return nil }
    let (high, low) = revisions.multipliedFullWidth(by: Int64(number))
    return StoreLayout.firstKey(Revision(Int64(count).dividingFullWidth((high, low)).quotient))
  }

  private func decode(_ number: Int) throws(EngineError) -> Chunk {
    var chunk = Chunk(shares: Array(repeating: Share(), count: parts))
    let left = values?.makeChunk()
    var lacking: [Record] = []
    var failure: EngineError?
    let from = Self.boundary(number, of: count, revisions) ?? []
    let to = Self.boundary(number + 1, of: count, revisions)
    try unsafe engine.visit(.records, from: from, to: to) { key, value in
      do throws(EngineError) {
        let record = try unsafe StoreLayout.decodeRecord(
          key: key, value: value, leavingValueIn: left)
        if record.lacksValue { lacking.append(record) }
        let revision = record.revision
        if let last = chunk.last, revision <= last { throw Self.disorder(revision, after: last) }
        if chunk.first == nil { chunk.first = revision }
        chunk.last = revision
        let part = self.part(of: record)
        chunk.shares[part].records.append(record)
        chunk.shares[part].keyHashes.append(NewestRecords.keyHash(of: record))
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    left?.note(lacking)
    return chunk
  }

  private func part(of record: Record) -> Int {
    unsafe record.withKey { key in
      var part = 0
      while part < pivots.count,
        unsafe pivots[part].withUnsafeBytes({ unsafe compare($0, key) <= 0 })
      {
        part += 1
      }
      return part
    }
  }

  private static func disorder(_ revision: SubRevision, after last: SubRevision) -> EngineError {
    .corrupt(detail: "revision \(revision) follows revision \(last)")
  }
}
