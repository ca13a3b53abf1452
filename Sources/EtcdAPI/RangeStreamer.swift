internal import HTTPTransport
internal import MVCC
internal import Primitives

/// Answers one `RangeStream` call: chunks of a range at one revision, each read when the client has taken the
/// one before, so that memory is that of a chunk and not of the result.
///
/// The first chunk has few keys, so that it comes soon; the following ones are sized by what the records
/// weigh. Header, `more` and `count` come with the last chunk.
final class RangeStreamer: @unchecked Sendable {
  private let call: ServerCall
  private let context: APIContext
  private let operation: RangeOperation
  // Used by one reader thread at a time; a new read starts only after the last one has answered.
  private var cursor: RangeCursor?
  private var chunkKeys = Limits.rangeStreamFirstKeys

  init(_ operation: RangeOperation, call: ServerCall, context: APIContext) {
    self.operation = operation
    self.call = call
    self.context = context
  }

  /// Whether a range can be streamed: in key order, and without filters that need all of it first.
  static func supports(_ operation: RangeOperation) -> Bool {
    operation.sortOrder != .descending
      && (operation.sortOrder == .none || operation.sortTarget == .key)
      && operation.minModRevision == .zero && operation.maxModRevision == .zero
      && operation.minCreateRevision == .zero && operation.maxCreateRevision == .zero
  }

  /// Reads and sends the first chunk.
  func start() { readChunk() }

  private func readChunk() {
    context.onReaderThread(for: call) {
      do throws(StoreError) {
        let cursor = try self.cursor ?? self.context.member.store.cursor(for: self.operation)
        self.cursor = cursor
        let chunk = try cursor.next(maxRecords: self.chunkKeys, maxBytes: Self.chunkBytes)
        let message = self.encoded(chunk)
        self.adapt(to: message.count)
        self.call.execute { self.send(message, isLast: chunk.isLast) }
      } catch {
        let status = CallStatus(error)
        self.call.execute { self.call.finish(status) }
      }
    }
  }

  private static let chunkBytes = 1_048_576

  private func adapt(to bytes: Int) {
    if bytes < Self.chunkBytes / 2 {
      chunkKeys = min(chunkKeys * 2, 10_000)
    } else if bytes > Self.chunkBytes {
      chunkKeys = max(chunkKeys / 2, 1)
    }
  }

  private func send(_ message: Bytes, isLast: Bool) {
    if call.isFinished { return }
    call.send(message)
    if isLast {
      call.finish()
    } else if call.isWritable {
      readChunk()
    } else {
      call.onWritable = { [unowned self] in
        self.call.onWritable = nil
        self.readChunk()
      }
      // Holds the streamer until the client has read on or gone away.
      call.onCancel = { _ in withExtendedLifetime(self) {} }
    }
  }

  private func encoded(_ chunk: RangeCursor.Chunk) -> Bytes {
    var result = RangeResult(
      records: chunk.records, revision: chunk.revision, keysOnly: operation.keysOnly)
    if !chunk.isLast {
      let length = result.recordsLength
      var writer = ByteWriter(capacity: length + 8)
      writer.appendLengthDelimited(1, length: length)
      result.appendRecords(to: &writer)
      return writer.bytes
    }
    result.count = chunk.count
    result.more = chunk.more
    let header = context.header(chunk.revision)
    let length = result.length(header)
    var writer = ByteWriter(capacity: length + 8)
    writer.appendLengthDelimited(1, length: length)
    result.append(header, to: &writer)
    return writer.bytes
  }
}
