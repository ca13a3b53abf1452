internal import EtcdProtocol
internal import HTTPTransport
internal import MVCC
internal import Member
internal import NIOCore
internal import Primitives
internal import SwiftProtobuf

/// `etcdserverpb.Watch`.
struct WatchService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.register("/etcdserverpb.Watch/Watch") { call in
      WatchConnection(call, context).start()
    }
  }
}

/// One gRPC stream of watches: pulls from its `WatchStream` whenever there is something to say and the client
/// takes it, so that what a slow client costs is bounded by the transport's buffer.
private final class WatchConnection: @unchecked Sendable {
  // Used on the call's event loop only.
  private let call: ServerCall
  private let context: APIContext
  private var stream: WatchStream?
  private var isReadingHistory = false
  /// Whether the response that was sent last is to be continued. Clients join fragments that follow each other,
  /// so no other answer may come between.
  private var isInFragment = false
  /// Requests that arrived meanwhile; reading is paused, so they are few.
  private var deferred: [Bytes] = []
  /// Bytes of events in a response that may be split.
  private static let responseBytes = 256 * 1024
  /// The wait before history is asked for again, when too many reads wait already.
  private static let retryDelay = TimeAmount.milliseconds(100)

  init(_ call: ServerCall, _ context: APIContext) {
    self.call = call
    self.context = context
  }

  func start() {
    guard context.streams.add(call) else { return }
    let call = call
    let weak = WeakConnection(self)
    stream = context.member.watches.openStream {
      call.execute { weak.connection?.pump() }
    }
    call.onMessage = { self.receive($0) }
    call.onWritable = { self.pump() }
    call.onCancel = { _ in self.close() }
    // Clients see at once that the stream stands, as with etcd.
    call.sendHeaders()
  }

  private func close() {
    stream?.close()
    stream = nil
  }

  // However the call has ended, its handlers are let go, and with them the connection.
  deinit { stream?.close() }

  private func receive(_ message: Bytes) {
    if isInFragment {
      deferred.append(message)
      call.pauseReading()
      return
    }
    guard let request = call.decoded(message, as: Etcdserverpb_WatchRequest.self) else {
      return close()
    }
    switch request.requestUnion {
    case .createRequest(let creation): create(creation)
    case .cancelRequest(let cancellation): cancel(cancellation.watchID)
    case .progressRequest: stream?.requestProgress()
    case nil: return
    }
    pump()
  }

  private func create(_ request: Etcdserverpb_WatchCreateRequest) {
    guard let stream else { return }
    var keys = KeyRange(Bytes(request.key), end: Bytes(request.rangeEnd))
    // An empty key with an end means "from the first key on", as etcd reads it.
    if keys.key.isEmpty { keys.key = [0] }
    var watch = WatchRequest(keys)
    watch.startRevision = Revision(request.startRevision)
    watch.noPut = request.filters.contains(.noput)
    watch.noDelete = request.filters.contains(.nodelete)
    watch.previous = request.prevKv
    watch.progressNotify = request.progressNotify
    watch.fragment = request.fragment
    watch.watchID = request.watchID
    switch stream.create(watch) {
    case .created(let id, let revision):
      send(id, revision) { $0.appendBoolField(3, true) }
    case .refused(let reason, let revision):
      send(-1, revision) {
        $0.appendBoolField(3, true)
        $0.appendBoolField(4, true)
        $0.appendBytesField(6, Bytes(reason.utf8))
      }
    }
  }

  private func cancel(_ id: Int64) {
    guard stream?.cancel(id) == true else { return }
    send(id, context.member.store.currentRevision) { $0.appendBoolField(4, true) }
  }

  private func pump() {
    while let stream, call.isWritable {
      if !isInFragment, !deferred.isEmpty {
        let messages = deferred
        deferred = []
        for message in messages { receive(message) }
        // Not before, or what the client sent later would overtake them.
        if deferred.isEmpty { call.resumeReading() }
        continue
      }
      switch stream.next(maxBytes: Self.responseBytes) {
      case .none: return
      case .events(let id, let revision, let events, let isFragment):
        isInFragment = isFragment
        send(id, revision) { writer in
          writer.appendBoolField(7, isFragment)
          for event in events {
            writer.appendLengthDelimited(11, length: event.encodedByteCount)
            event.append(to: &writer)
          }
        }
      case .progress(let id, let revision): send(id, revision) { _ in }
      case .canceled(let id, let revision, let compactRevision, let reason):
        send(id, revision) {
          $0.appendBoolField(4, true)
          $0.appendVarintField(5, compactRevision.rawValue)
          $0.appendBytesField(6, Bytes(reason.utf8))
        }
      case .needsHistory:
        readHistory(stream)
        return
      }
    }
  }

  private func readHistory(_ stream: WatchStream) {
    if isReadingHistory { return }
    isReadingHistory = true
    let call = call
    let isTaken = context.member.runRead {
      stream.readHistory()
      call.execute {
        self.isReadingHistory = false
        self.pump()
      }
    }
    if isTaken { return }
    // Very many streams want to read: this one waits, rather than make its client begin anew.
    call.eventLoop?.scheduleTask(in: Self.retryDelay) { [weak self] in
      self?.isReadingHistory = false
      self?.pump()
    }
  }

  /// Sends an `etcdserverpb.WatchResponse` whose fields after the identifier `body` writes.
  private func send(_ id: Int64, _ revision: Revision, _ body: (inout ByteWriter) -> Void) {
    let header = context.header(revision)
    var writer = ByteWriter(capacity: 128)
    header.append(to: &writer)
    writer.appendVarintField(2, id)
    body(&writer)
    call.send(writer.bytes)
  }
}

/// Lets the hub's wake-up not keep a connection alive that is gone.
private final class WeakConnection: @unchecked Sendable {
  // Read on the call's event loop only.
  weak var connection: WatchConnection?

  init(_ connection: WatchConnection) { self.connection = connection }
}
