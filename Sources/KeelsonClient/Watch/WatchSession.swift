internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf
internal import Synchronization

/// One watch across the streams that carry it, one after the other.
final class WatchSession: Sendable {
  private struct State {
    var stream: ClientStream?
    var slot: EndpointSlot?
    /// Whether the server has confirmed the watch on this stream.
    var stands = false
    /// The revision to begin with on the next stream; zero before the server told where "now" is.
    var nextRevision: Revision
    /// The events of a response of which more parts are to come.
    var parts: [Mvccpb_Event] = []
    var partBytes = 0
    var hasAnnounced = false
    /// Whether the client has logged in again since the watch stood.
    var hasLoggedInAgain = false
    var failures = 0
    var isOver = false
  }

  /// The parts of one response that are put together. Beyond: the watch ends with an error.
  private static let partBytesMax = 1 << 30

  private let client: StoreClient
  private let request: WatchRequest
  private let state: Mutex<State>

  init(client: StoreClient, request: WatchRequest) {
    self.client = client
    self.request = request
    state = Mutex(State(nextRevision: request.startRevision))
  }

  deinit { state.withLock { $0.stream }?.cancel() }

  func requestProgress() async {
    let stream = state.withLock { $0.stands ? $0.stream : nil }
    var message = Etcdserverpb_WatchRequest()
    message.progressRequest = Etcdserverpb_WatchProgressRequest()
    guard let stream, let bytes: Bytes = try? message.serializedBytes() else { return }
    try? await stream.send(bytes)
  }

  /// The next response for the user; nil after the end.
  func next() async throws(KeelsonError) -> WatchResponse? {
    while !state.withLock({ $0.isOver }) {
      do throws(KeelsonError) {
        let stream = try await openStream()
        if let response = try await receive(from: stream) { return response }
      } catch {
        if client.tokens.mayRetry(after: error), !state.withLock({ $0.hasLoggedInAgain }) {
          state.withLock { $0.hasLoggedInAgain = true }
          await client.tokens.discard()
        } else if Task.isCancelled || !isWorthResuming(error) {
          end()
          throw Task.isCancelled ? .taskCancelled : error
        }
        try await pause()
      }
    }
    return nil
  }

  private func openStream() async throws(KeelsonError) -> ClientStream {
    let (current, revision) = state.withLock { ($0.stream, $0.nextRevision) }
    if let current { return current }
    let deadline = Deadline(after: nil)
    let (stream, slot) = try await client.open(
      Method.watch, first: request.message(from: revision), closing: false, within: deadline)
    state.withLock {
      $0.stream = stream
      $0.slot = slot
      $0.stands = false
      $0.parts = []
      $0.partBytes = 0
    }
    return stream
  }

  /// Takes one message; nil if it holds nothing for the user yet.
  private func receive(from stream: ClientStream) async throws(KeelsonError) -> WatchResponse? {
    let endpoint = state.withLock { $0.slot?.address.text } ?? ""
    let bytes: Bytes
    do throws(CallStatus) {
      guard let received = try await stream.receive() else {
        throw CallStatus(.unavailable, "the server ended the watch stream")
      }
      bytes = received
    } catch {
      throw KeelsonError(error, endpoint: endpoint)
    }
    guard let message = try? Etcdserverpb_WatchResponse(serializedBytes: bytes) else {
      throw KeelsonError(
        .protocolViolation, "the server sent a watch response that is not readable")
    }
    return try accept(message, byteCount: bytes.count)
  }

  private func accept(
    _ message: Etcdserverpb_WatchResponse, byteCount: Int
  ) throws(KeelsonError) -> WatchResponse? {
    if message.canceled { throw Self.cancellation(message) }
    let outcome = state.withLock { state -> Result<WatchResponse?, KeelsonError> in
      state.failures = 0
      if message.created {
        state.stands = true
        state.hasLoggedInAgain = false
        state.slot?.reportSuccess()
        if state.nextRevision == .zero {
          state.nextRevision = Revision(message.header.revision).next
        }
        let isWanted = request.announcesCreation && !state.hasAnnounced
        state.hasAnnounced = true
        return .success(isWanted ? WatchResponse(message) : nil)
      }
      if message.fragment {
        state.parts += message.events
        state.partBytes += byteCount
        if state.partBytes <= Self.partBytesMax { return .success(nil) }
        return .failure(
          KeelsonError(.resourceExhausted, "the events of one revision exceed the client's bound"))
      }
      var whole = message
      if !state.parts.isEmpty {
        whole.events = state.parts + message.events
        state.parts = []
        state.partBytes = 0
      }
      let last = whole.events.last.map { Revision($0.kv.modRevision) }
      let delivered = last ?? Revision(message.header.revision)
      if delivered >= state.nextRevision { state.nextRevision = delivered.next }
      return .success(WatchResponse(whole))
    }
    return try outcome.get()
  }

  /// Drops the stream and waits a little, longer with each failure in a row.
  private func pause() async throws(KeelsonError) {
    let (stream, slot, failures) = state.withLock { state in
      defer {
        state.stream = nil
        state.slot = nil
        state.stands = false
        state.failures += 1
      }
      return (state.stream, state.slot, state.failures)
    }
    stream?.cancel()
    if let slot { client.pool.reportFailure(of: slot) }
    do throws(KeelsonError) {
      try await Deadline(after: nil).sleep(.milliseconds(20 << min(failures, 7)))
    } catch {
      end()
      throw error
    }
  }

  private func end() {
    let stream = state.withLock { state in
      state.isOver = true
      defer { state.stream = nil }
      return state.stream
    }
    stream?.cancel()
  }

  private static func cancellation(_ message: Etcdserverpb_WatchResponse) -> KeelsonError {
    if message.compactRevision != 0 {
      return KeelsonError(
        .compacted, "etcdserver: mvcc: required revision has been compacted",
        compactRevision: Revision(message.compactRevision))
    }
    let reason =
      message.cancelReason.isEmpty ? "etcdserver: watch canceled" : message.cancelReason
    return KeelsonError(serverText: reason, otherwise: .watchCancelled)
  }

  /// Whether a new stream may go on where this one ended.
  ///
  /// A server that cannot be reached is waited for once the watch has stood.
  private func isWorthResuming(_ error: KeelsonError) -> Bool {
    switch error.code {
    case .unavailable: true
    case .connectionFailed: state.withLock { $0.hasAnnounced }
    case .protocolViolation: error.serverStatus != nil
    default: false
    }
  }
}
