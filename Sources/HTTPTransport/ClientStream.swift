internal import NIOCore
public import Primitives
internal import Synchronization

/// A streaming call as the client sees it. One task may send while another receives.
public final class ClientStream: Sendable {
  private struct State {
    var messages: [Bytes] = []
    var head = 0
    var bufferedBytes = 0
    var isPaused = false
    var end: CallStatus?
    var receiver: CheckedContinuation<Result<Bytes?, CallStatus>, Never>?
    var unsentBytes = 0
    var senders: [CheckedContinuation<Result<Void, CallStatus>, Never>] = []
    var isHalfClosed = false
  }

  private let state = Mutex(State())
  private let connection: ClientConnection
  private let box = LoopBox()

  /// What belongs to the event loop.
  private final class LoopBox: @unchecked Sendable {
    var call: ClientCall?
    var isCancelled = false
  }

  init(connection: ClientConnection) { self.connection = connection }

  deinit {
    let connection = connection
    let box = box
    connection.onLoop {
      guard let call = box.call else { return }
      connection.handler.session.cancel(call, CallStatus(.cancelled, "nobody holds the stream"))
    }
  }

  /// Begins the call; on the loop.
  func start(_ path: String, _ headers: Headers, _ deadline: NIODeadline?) {
    let call = ClientCall(
      path: path, headers: headers, deadline: deadline,
      maxMessageBytes: connection.maxMessageBytes,
      onSent: { [weak self] in self?.didSend($0) },
      onMessage: { [weak self] in self?.didReceive($0) },
      onEnd: { [weak self] in self?.didEnd($0) })
    box.call = call
    connection.handler.session.start(call)
    if box.isCancelled { cancel() }
  }

  /// Sends a message; returns when there is room for the next one.
  /// - Throws: the status with which the call has ended.
  public func send(_ message: Bytes) async throws(CallStatus) {
    let ended: CallStatus? = state.withLock { state in
      if state.isHalfClosed, state.end == nil {
        return CallStatus(.internalError, "sent after the half-close")
      }
      if state.end == nil { state.unsentBytes += message.count + SendQueue.prefixBytes }
      return state.end
    }
    if let ended {
      throw ended.code == .ok ? CallStatus(.cancelled, "the server has ended the call") : ended
    }
    let connection = connection
    let box = box
    connection.onLoop {
      if let call = box.call { connection.handler.session.send(message, on: call) }
    }
    let isFull = state.withLock { $0.unsentBytes > Limits.streamBufferBytes }
    if isFull { try await waitForRoom().get() }
  }

  private func waitForRoom() async -> Result<Void, CallStatus> {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let result: Result<Void, CallStatus>? = state.withLock { state in
          if let end = state.end { return .failure(end) }
          if state.unsentBytes <= Limits.streamBufferBytes { return .success(()) }
          state.senders.append(continuation)
          return nil
        }
        if let result { continuation.resume(returning: result) }
      }
    } onCancel: {
      cancel()
    }
  }

  /// Tells the server that nothing more comes.
  public func halfClose() {
    state.withLock { $0.isHalfClosed = true }
    let connection = connection
    let box = box
    connection.onLoop {
      if let call = box.call { connection.handler.session.halfClose(call) }
    }
  }

  /// The next message; nil when the server ended the call with OK.
  ///
  /// The server is held back by flow control while nobody receives. Cancelling the task cancels the call.
  public func receive() async throws(CallStatus) -> Bytes? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<Bytes?, CallStatus>, Never>) in
        let (result, resumes) = state.withLock { state in Self.take(&state, continuation) }
        if resumes { setPaused(false) }
        if let result { continuation.resume(returning: result) }
      }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  private static func take(
    _ state: inout State, _ continuation: CheckedContinuation<Result<Bytes?, CallStatus>, Never>
  ) -> (Result<Bytes?, CallStatus>?, resumesReading: Bool) {
    if state.head < state.messages.count {
      let message = state.messages[state.head]
      state.messages[state.head] = []
      state.head += 1
      if state.head == state.messages.count {
        state.messages.removeAll(keepingCapacity: true)
        state.head = 0
      }
      state.bufferedBytes -= message.count
      let resumes = state.isPaused && state.bufferedBytes < Limits.streamBufferBytes / 2
      if resumes { state.isPaused = false }
      return (.success(message), resumes)
    }
    if let end = state.end {
      return (end.code == .ok ? .success(nil) : .failure(end), false)
    }
    invariant(state.receiver == nil, "two tasks receive from one stream")
    state.receiver = continuation
    return (nil, false)
  }

  private func setPaused(_ isPaused: Bool) {
    let connection = connection
    let box = box
    connection.onLoop {
      if let call = box.call { connection.handler.session.setPaused(call, isPaused) }
    }
  }

  /// Gives up: the server sees a cancelled call.
  public func cancel() {
    let connection = connection
    let box = box
    connection.onLoop {
      box.isCancelled = true
      if let call = box.call {
        connection.handler.session.cancel(call, CallStatus(.cancelled, "context canceled"))
      }
    }
  }

  // MARK: On the loop

  private func didReceive(_ message: Bytes) {
    let (receiver, pauses) = state.withLock { state in
      if let receiver = state.receiver {
        state.receiver = nil
        return (Optional(receiver), false)
      }
      state.messages.append(message)
      state.bufferedBytes += message.count
      let pauses = !state.isPaused && state.bufferedBytes >= Limits.streamBufferBytes
      if pauses { state.isPaused = true }
      return (nil, pauses)
    }
    receiver?.resume(returning: .success(message))
    if pauses, let call = box.call { connection.handler.session.setPaused(call, true) }
  }

  private func didSend(_ count: Int) {
    typealias Sender = CheckedContinuation<Result<Void, CallStatus>, Never>
    let senders: [Sender] = state.withLock { state in
      state.unsentBytes = max(0, state.unsentBytes - count)
      guard state.unsentBytes <= Limits.streamBufferBytes / 2 else { return [] }
      let waiting = state.senders
      state.senders = []
      return waiting
    }
    for sender in senders { sender.resume(returning: .success(())) }
  }

  private func didEnd(_ status: CallStatus) {
    box.call = nil
    let (receiver, senders) = state.withLock { state in
      state.end = status
      defer {
        state.receiver = nil
        state.senders = []
      }
      return (state.receiver, state.senders)
    }
    receiver?.resume(returning: status.code == .ok ? .success(nil) : .failure(status))
    for sender in senders { sender.resume(returning: .failure(status)) }
  }

  /// The messages as a sequence; to be iterated once.
  public var responses: Responses { Responses(stream: self) }

  /// The messages of a stream: ends when the server ends the call with OK, otherwise throws its status.
  public struct Responses: AsyncSequence, Sendable {
    let stream: ClientStream

    /// Takes messages from the stream.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

    /// Takes messages from the stream.
    public struct Iterator: AsyncIteratorProtocol {
      let stream: ClientStream

      /// The next message.
      public mutating func next() async throws(CallStatus) -> Bytes? { try await stream.receive() }

      /// The next message.
      public mutating func next(
        isolation actor: isolated (any Actor)?
      ) async throws(CallStatus) -> Bytes? { try await stream.receive() }
    }
  }
}
