internal import Access
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
  /// What each watch was permitted, for as long as it lasts.
  private var standings: [Int64: AccessGuard.Standing] = [:]
  /// The state of users and roles that the watches were last checked against.
  private var generation: UInt64
  /// Requests that arrived meanwhile; reading is paused, so they are few.
  private var deferred: [Bytes] = []
  /// Bytes of events in a response that may be split.
  private static let responseBytes = 256 * 1024
  /// The wait before history is asked for again, when too many reads wait already.
  private static let retryDelay = TimeAmount.milliseconds(100)

  init(_ call: ServerCall, _ context: APIContext) {
    self.call = call
    self.context = context
    generation = context.access.generation
  }

  func start() {
    let weak = WeakConnection(self)
    let added = context.streams.add(call, onAccessChange: { weak.connection?.pump() })
    guard added else { return }
    let call = call
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
    let standing: AccessGuard.Standing
    // The range as it is watched: an open end must not pass for a single key.
    do throws(CallStatus) { standing = try context.access.stand(.read(keys), for: call) } catch {
      return refuse(error.asCancelReason, context.member.store.currentRevision)
    }
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
      standings[id] = standing
      send(id, revision) { $0.appendBoolField(3, true) }
    case .refused(let reason, let revision): refuse(reason, revision)
    }
  }

  /// Answers a creation that failed.
  private func refuse(_ reason: String, _ revision: Revision) {
    send(-1, revision) {
      $0.appendBoolField(3, true)
      $0.appendBoolField(4, true)
      $0.appendBytesField(6, Bytes(reason.utf8))
    }
  }

  /// Cancels the watches that are no longer permitted. Nothing is pulled between a change of users and roles and
  /// this, so no event that follows the change reaches who may not see it.
  private func checkStandings() {
    let present = context.access.generation
    if generation == present { return }
    // In order, so that what the client is told does not depend on a hash.
    for id in standings.keys.sorted() {
      guard var standing = standings[id] else { continue }
      do throws(CallStatus) {
        try context.access.renew(&standing, for: call)
        standings[id] = standing
      } catch {
        standings[id] = nil
        guard stream?.cancel(id) == true else { continue }
        send(id, context.member.store.currentRevision) {
          $0.appendBoolField(4, true)
          $0.appendBytesField(6, Bytes(error.asCancelReason.utf8))
        }
      }
    }
    generation = present
  }

  private func cancel(_ id: Int64) {
    standings[id] = nil
    guard stream?.cancel(id) == true else { return }
    send(id, context.member.store.currentRevision) { $0.appendBoolField(4, true) }
  }

  private func pump() {
    while let stream, call.isWritable {
      if !isInFragment { checkStandings() }
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
        standings[id] = nil
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

extension CallStatus {
  /// The status as grpc-go prints it, which is how etcd tells why it refuses a watch.
  fileprivate var asCancelReason: String {
    let name =
      switch code {
      case .permissionDenied: "PermissionDenied"
      case .unauthenticated: "Unauthenticated"
      case .invalidArgument: "InvalidArgument"
      default: "Unknown"
      }
    return "rpc error: code = \(name) desc = \(message)"
  }
}

/// Lets the hub's wake-up not keep a connection alive that is gone.
private final class WeakConnection: @unchecked Sendable {
  // Read on the call's event loop only.
  weak var connection: WatchConnection?

  init(_ connection: WatchConnection) { self.connection = connection }
}
