internal import Access
internal import HTTPTransport
internal import Member
internal import NIOCore
internal import Primitives
internal import SnapshotFile
internal import Synchronization
internal import Telemetry

/// Answers one `Maintenance.Snapshot` call: etcd's snapshot file in chunks, each made when the client has
/// taken those before, so that memory is that of a chunk and not of the database.
///
/// A snapshot keeps the engine from dropping history, so there are few at once, and a client that takes nothing for
/// a while loses its own.
final class SnapshotStreamer: @unchecked Sendable {
  private let call: ServerCall
  private let context: APIContext
  // Used by one reader thread at a time; the next read starts only after the last one has been sent.
  private var snapshot: SnapshotWriter?
  private var remaining: Int64 = 0
  private var isCounted = false
  private let begin = NIODeadline.now()
  // Used on the call's event loop only.
  private var standing: AccessGuard.Standing?

  init(_ call: ServerCall, _ context: APIContext) {
    self.call = call
    self.context = context
  }

  /// Pins the store and sends the first chunk.
  func start() {
    let count = context.openSnapshots.add(1, ordering: .relaxed).newValue
    isCounted = true
    if count > Limits.openSnapshots { return call.finish(.tooManyRequests) }
    do throws(CallStatus) {
      standing = try context.access.stand(.maintenance(.snapshot), for: call)
    } catch { return call.finish(error) }
    if context.streams.add(call) { readChunk() }
  }

  deinit { if isCounted { context.openSnapshots.subtract(1, ordering: .relaxed) } }

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
        if chunk.isEmpty { throw SnapshotCutShort(missingBytes: self.remaining) }
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
    do throws(CallStatus) {
      if var standing {
        try context.access.renew(&standing, for: call)
        self.standing = standing
      }
    } catch { return call.finish(error) }
    call.send(message)
    if isLast {
      context.meters.snapshots.observe(since: begin)
      call.finish()
    } else if call.isWritable {
      readChunk()
    } else {
      awaitClient()
    }
  }

  /// Goes on when the client has read on. Until then the call holds the streamer, but not for ever.
  private func awaitClient() {
    let timer = call.eventLoop?.scheduleTask(in: .seconds(Limits.snapshotStallSeconds)) { [call] in
      call.finish(
        CallStatus(
          .aborted, "etcdserver: the snapshot was not read for \(Limits.snapshotStallSeconds) s"))
    }
    call.onWritable = {
      timer?.cancel()
      self.call.onWritable = nil
      self.readChunk()
    }
    call.onCancel = { _ in timer?.cancel() }
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

/// The writer ended before the size that it had announced.
private struct SnapshotCutShort: Error, CustomStringConvertible {
  let missingBytes: Int64

  var description: String { "\(missingBytes) bytes are missing at its end" }
}
