internal import HTTPTransport
internal import Member
internal import Primitives
internal import SnapshotFile
internal import SwiftProtobuf

/// Answers one `Maintenance.Snapshot` call: etcd's snapshot file in chunks, each made when the client has
/// taken those before, so that memory is that of a chunk and not of the database.
final class SnapshotStreamer: @unchecked Sendable {
  private let call: ServerCall
  private let context: APIContext
  // Used by one reader thread at a time; the next read starts only after the last one has been sent.
  private var snapshot: SnapshotWriter?
  private var remaining: Int64 = 0

  init(_ call: ServerCall, _ context: APIContext) {
    self.call = call
    self.context = context
  }

  /// Pins the store and sends the first chunk.
  func start() { readChunk() }

  private func readChunk() {
    context.onReaderThread(for: call) {
      do {
        let writer = try self.snapshot ?? self.context.member.makeSnapshot()
        if self.snapshot == nil { self.remaining = writer.byteCount }
        self.snapshot = writer
        var chunk: Bytes = []
        while chunk.count < Limits.snapshotChunkBytes, let piece = try writer.next() {
          chunk += piece
        }
        self.remaining -= Int64(chunk.count)
        let message = self.encoded(chunk)
        let isLast = self.remaining == 0
        self.call.execute { self.send(message, isLast: isLast) }
      } catch {
        let status = CallStatus(.internalError, "etcdserver: the snapshot failed: \(error)")
        self.call.execute { self.call.finish(status) }
      }
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
      // The call holds the streamer until the client has read on or gone away.
      call.onWritable = {
        self.call.onWritable = nil
        self.readChunk()
      }
    }
  }

  /// An `etcdserverpb.SnapshotResponse`.
  private func encoded(_ chunk: Bytes) -> Bytes {
    let header = context.header()
    var writer = ByteWriter(capacity: chunk.count + header.fieldSize + 32)
    header.append(to: &writer)
    writer.appendVarintField(2, remaining)
    writer.appendBytesField(3, chunk)
    writer.appendBytesField(4, Bytes(Version.etcdCluster.utf8))
    return writer.bytes
  }
}
