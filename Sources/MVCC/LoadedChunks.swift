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
  /// What one chunk holds, in the order of revisions.
  struct Chunk: Sendable {
    var records: [Record] = []
    /// Of the keys, in the same order.
    var keyHashes: [UInt32] = []
  }

  /// Revisions below which a chunk is not worth a thread.
  private static let leastRevisions: Int64 = 8_192
  private static let mostChunks: Int64 = 256

  private let engine: any Engine
  private let revisions: Int64
  private let results: Mutex<[Result<Chunk, EngineError>?]>

  /// The number of chunks.
  let count: Int

  /// Divides what lies in an engine whose newest revision is `last`.
  init(_ engine: any Engine, through last: Revision) {
    self.engine = engine
    revisions = last.rawValue
    count = Int(max(1, min(Self.mostChunks, revisions / Self.leastRevisions)))
    results = Mutex(Array(repeating: nil, count: count))
  }

  /// The number of records in all chunks that are loaded.
  var recordCount: Int {
    results.withLock { $0.reduce(0) { $0 + ((try? $1?.get().records.count) ?? 0) } }
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

  /// Hands a loaded chunk over.
  func take(_ number: Int) throws(EngineError) -> Chunk {
    let result = results.withLock { results in
      defer { results[number] = nil }
      return results[number]
    }
    guard let result else { fatalError("chunk \(number) was not loaded, or was taken twice") }
    return try result.get()
  }

  /// The first key of a chunk; the first and the last chunk take what lies outside as well.
  private func boundary(_ number: Int) -> Bytes? {
    if number == 0 { return [] }
    if number == count { return nil }
    let (high, low) = revisions.multipliedFullWidth(by: Int64(number))
    return StoreLayout.firstKey(Revision(Int64(count).dividingFullWidth((high, low)).quotient))
  }

  private func decode(_ number: Int) throws(EngineError) -> Chunk {
    var chunk = Chunk()
    var failure: EngineError?
    try unsafe engine.visit(
      .records, from: boundary(number) ?? [], to: boundary(number + 1)
    ) { key, value in
      do throws(EngineError) {
        let record = try unsafe StoreLayout.decodeRecord(key: key, value: value)
        chunk.records.append(record)
        chunk.keyHashes.append(NewestRecords.keyHash(of: record))
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    return chunk
  }
}
