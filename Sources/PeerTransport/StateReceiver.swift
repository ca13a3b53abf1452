internal import HTTPTransport
internal import Member
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import Raft
internal import ReplicaCore
internal import Synchronization
internal import Telemetry

/// Takes the state that another member sends, one at a time, on a thread of its own.
///
/// A transfer whose connection broke waits a while for its sender to come back.
final class StateReceiver: Sendable {
  private struct Transfer {
    let number: UInt64
    let from: MemberID
    let sink: any StateSink
    var expected: UInt32 = 0
    var isComplete = false
    /// Who feeds it: the last stream that began with its number.
    var stream: UInt64
  }

  private let inbox: any PeerInbox
  private let counters: PeerCounterTable
  let pool: NIOThreadPool
  /// Used on the pool's only thread; the lock is never waited for.
  private let current = Mutex<Transfer?>(nil)

  init(inbox: any PeerInbox, counters: PeerCounterTable, pool: NIOThreadPool) {
    self.inbox = inbox
    self.counters = counters
    self.pool = pool
  }

  /// Answers a request of a stream. On the pool's thread; it may block.
  func answer(_ request: StateRequest, from member: MemberID, stream: UInt64) -> StateAnswer {
    let counters = counters.counters(of: member)
    do throws(PeerRefusal) {
      switch request {
      case .begin(let number, let mark):
        return try begin(number, mark, from: member, stream: stream)
      case .chunk(let chunk):
        let answer = try take(chunk, stream: stream)
        if answer == .complete { counters.statesReceived.add() }
        return answer
      case .abandon:
        abandon { $0.stream == stream }
        return .refused(PeerRefusal(.failed, "the sender gave up"))
      }
    } catch {
      counters.statesRefused.add()
      abandon { $0.stream == stream }
      return .refused(error)
    }
  }

  private func begin(
    _ number: UInt64, _ mark: SnapshotMark, from member: MemberID, stream: UInt64
  ) throws(PeerRefusal) -> StateAnswer {
    if var known = current.withLock({ $0 }), known.number == number, known.from == member {
      known.stream = stream
      let (isComplete, expected) = (known.isComplete, known.expected)
      let taken = known
      current.withLock { $0 = taken }
      return isComplete ? .complete : .expects(expected)
    }
    abandon { _ in true }
    let sink = try inbox.receiveState(from: member, mark: mark)
    current.withLock {
      $0 = Transfer(number: number, from: member, sink: sink, stream: stream)
    }
    return .expects(0)
  }

  private func take(_ chunk: StateChunk, stream: UInt64) throws(PeerRefusal) -> StateAnswer {
    guard let transfer = current.withLock({ $0 }), transfer.stream == stream, !transfer.isComplete
    else { throw PeerRefusal(.unavailable, "another state has taken the place of this one") }
    guard chunk.number == transfer.expected else {
      throw PeerRefusal(
        .malformed, "chunk \(chunk.number) came where \(transfer.expected) was expected")
    }
    guard chunk.isIntact else {
      throw PeerRefusal(.malformed, "chunk \(chunk.number) was damaged on its way")
    }
    try transfer.sink.append(chunk)
    if chunk.isLast { try transfer.sink.finish() }
    current.withLock {
      $0?.expected = chunk.number + 1
      $0?.isComplete = chunk.isLast
    }
    return chunk.isLast ? .complete : .expects(chunk.number + 1)
  }

  /// Drops the transfer that is under way, if it is meant.
  func abandon(_ isMeant: (_ stream: (stream: UInt64, isComplete: Bool)) -> Bool) {
    let dropped = current.withLock { current -> Transfer? in
      guard let transfer = current, isMeant((transfer.stream, transfer.isComplete)) else {
        return nil
      }
      current = nil
      return transfer
    }
    if let dropped, !dropped.isComplete { dropped.sink.abandon() }
  }
}

/// One stream of a state's chunks, on its event loop.
final class StateStream: @unchecked Sendable {
  private let call: ServerCall
  private let from: MemberID
  private let receiver: StateReceiver
  private let counters: PeerCounters
  private let number = UInt64.random(in: 0...UInt64.max)
  private var waiting = 0

  init(
    _ call: ServerCall, from: MemberID, receiver: StateReceiver, counters: PeerCounters
  ) {
    self.call = call
    self.from = from
    self.receiver = receiver
    self.counters = counters
  }

  func begin() {
    call.onMessage = { self.take($0) }
    call.onHalfClose = { self.call.finish() }
    call.onCancel = { _ in self.lose() }
  }

  private func take(_ message: Bytes) {
    counters.receivedBytes.add(message.count)
    guard let request = try? StateRequest.decode(message) else {
      counters.receiveFailures.add()
      call.finish(CallStatus(.invalidArgument, "a part of a state cannot be read"))
      return lose()
    }
    waiting += 1
    guard waiting <= Limits.stateChunksInFlight + 1 else {
      call.finish(CallStatus(.resourceExhausted, "too many parts of a state at once"))
      return lose()
    }
    receiver.pool.submit { state in
      guard case .active = state else { return }
      let answer = self.receiver.answer(request, from: self.from, stream: self.number)
      self.call.execute {
        self.waiting -= 1
        self.call.send(answer.encoded())
      }
    }
  }

  /// The connection broke: the sender has some time to come back.
  private func lose() {
    let (receiver, number) = (receiver, number)
    let patience = TimeAmount.milliseconds(2 * PeerTimes.statePatience.milliseconds)
    _ = call.eventLoop?.scheduleTask(in: patience) {
      receiver.pool.submit { _ in receiver.abandon { $0.stream == number && !$0.isComplete } }
    }
  }
}
