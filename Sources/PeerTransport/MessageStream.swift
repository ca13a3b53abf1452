internal import HTTPTransport
internal import Member
internal import Primitives
internal import Raft
internal import Synchronization
internal import Telemetry

/// One stream of frames from another member: messages go to the inbox, and answers to questions go back, all
/// that have gathered in one frame.
///
/// `@unchecked`: what is not under the lock belongs to the call's event loop.
final class MessageStream: @unchecked Sendable {
  private struct Replies {
    var items: [PeerItem] = []
    var isFlushDue = false
    /// Questions that have no answer yet.
    var open = 0
  }

  private let call: ServerCall
  private let from: MemberID
  private let to: MemberID
  private let inbox: any PeerInbox
  private let counters: PeerCounters
  private let replies = Mutex(Replies())

  init(
    _ call: ServerCall, from: MemberID, to: MemberID, inbox: any PeerInbox, counters: PeerCounters
  ) {
    self.call = call
    self.from = from
    self.to = to
    self.inbox = inbox
    self.counters = counters
  }

  func begin() {
    call.sendHeaders()
    call.onMessage = { self.take($0) }
    call.onHalfClose = { self.call.finish() }
    call.onWritable = { self.flush() }
  }

  private func take(_ frame: Bytes) {
    counters.receivedBytes.add(frame.count)
    let items: [PeerItem]
    do throws(DecodingError) {
      items = try PeerFrame.decode(frame, from: from, to: to)
    } catch {
      counters.receiveFailures.add()
      call.finish(CallStatus(.invalidArgument, "a frame cannot be read"))
      return
    }
    if inbox.isRemoved(from) {
      call.finish(CallStatus(.failedPrecondition, PeerRefusal.removed.message))
      return
    }
    var messages: [Message] = []
    messages.reserveCapacity(items.count)
    for item in items {
      switch item {
      case .message(let message): messages.append(message)
      case .request(let number, let method, let payload): serve(number, method, payload)
      case .reply:
        counters.receiveFailures.add()
        call.finish(CallStatus(.invalidArgument, "an answer came to no question"))
        return
      }
    }
    if !messages.isEmpty { inbox.receive(messages) }
  }

  private func serve(_ number: UInt64, _ method: PeerMethod, _ payload: Bytes) {
    let hasRoom = replies.withLock { replies in
      replies.open += 1
      return replies.open <= Limits.peerCalls
    }
    if method == .ping { return reply(number, .success(payload)) }
    guard hasRoom else {
      return reply(
        number, .failure(PeerRefusal(.unavailable, "too many questions wait for an answer")))
    }
    inbox.serve(method, from: from, payload) { result in self.reply(number, result) }
  }

  /// Any thread.
  private func reply(_ number: UInt64, _ result: Result<Bytes, PeerRefusal>) {
    let isFlushNeeded = replies.withLock { replies in
      replies.open -= 1
      replies.items.append(.reply(number: number, result))
      if replies.isFlushDue { return false }
      replies.isFlushDue = true
      return true
    }
    if isFlushNeeded { call.execute { self.flush() } }
  }

  private func flush() {
    // What finds no room now is sent when there is some.
    guard !call.isFinished, call.isWritable else { return }
    let items = replies.withLock { replies in
      replies.isFlushDue = false
      defer { replies.items = [] }
      return replies.items
    }
    if items.isEmpty { return }
    let frame = PeerFrame.encode(items)
    counters.sentBytes.add(frame.count)
    call.send(frame)
  }
}
