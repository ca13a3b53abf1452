internal import Access
internal import HTTPTransport
internal import MVCC
internal import Member
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

  // Used on the call's event loop only.
  private var standing: AccessGuard.Standing?

  /// Reads and sends the first chunk, if the range may be read.
  func start() {
    do throws(CallStatus) {
      standing = try context.access.stand(.read(operation.keys), for: call)
    } catch { return call.finish(error) }
    readChunk()
  }

  private func readChunk() {
    context.onReaderThread(for: call) {
      do throws(StoreError) {
        var cursor: RangeCursor
        if let begun = self.cursor {
          cursor = begun
        } else {
          cursor = try self.context.member.store.cursor(self.operation)
        }
        let chunk = try cursor.read(maxRecords: self.chunkKeys, maxBytes: Self.chunkBytes)
        self.cursor = cursor
        let message = self.encoded(chunk)
        self.adapt(to: message.count)
        self.call.execute { self.send(message, isLast: chunk.summary != nil) }
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
    do throws(CallStatus) {
      if var standing {
        try context.access.renew(&standing, for: call)
        self.standing = standing
      }
    } catch { return call.finish(error) }
    call.send(message)
    if isLast {
      call.finish()
    } else if call.isWritable {
      readChunk()
    } else {
      // The call holds the streamer until the client has read on or gone away.
      call.onWritable = {
        self.call.onWritable = nil
        self.readChunk()
      }
    }
  }

  private func encoded(_ chunk: RangeCursor.Chunk) -> Bytes {
    var writer = ByteWriter()
    guard let summary = chunk.summary else {
      let result = RangeResult(records: chunk.records, keysOnly: operation.keysOnly)
      let length = result.recordsLength
      writer.reserve(length + 8)
      writer.appendLengthDelimited(1, length: length)
      result.appendRecords(to: &writer)
      return writer.bytes
    }
    var result = summary
    result.records = chunk.records
    let header = context.header(result.revision)
    let length = result.length(header)
    writer.reserve(length + 8)
    writer.appendLengthDelimited(1, length: length)
    result.append(header, to: &writer)
    return writer.bytes
  }
}
