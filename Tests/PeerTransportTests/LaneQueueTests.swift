import Member
import Primitives
import Raft
import Testing

@testable import PeerTransport

@Suite("What waits for a member")
struct LaneQueueTests {
  static func append(_ bytes: Int) -> Message {
    let entry = LogEntry(
      index: LogIndex(1), term: Term(1), kind: .command, payload: Bytes(repeating: 0, count: bytes))
    return Message(
      from: MemberID(1), to: MemberID(2), term: Term(1),
      content: .append(AppendRequest(previous: .zero, entries: [entry], commit: .zero)))
  }

  /// Whether there was room for an append of that many bytes.
  static func put(_ bytes: Int, into queue: inout LaneQueue) -> Bool {
    queue.append(append(bytes))
  }

  static func ask(
    _ method: PeerMethod, _ payload: Bytes, _ deadline: ContinuousClock.Instant,
    _ queue: inout LaneQueue
  ) -> Bool {
    queue.append(method, payload, deadline: deadline) { _ in }
  }

  @Test("what does not fit is refused, except when nothing else waits")
  func bound() {
    var queue = LaneQueue(limitBytes: 1_000)
    #expect(Self.put(5_000, into: &queue))
    #expect(!Self.put(10, into: &queue))
    let long = queue.take(upTo: 100)
    #expect(long.count == 1)
    #expect(queue.byteCount == 0)
    #expect(Self.put(400, into: &queue))
    #expect(Self.put(400, into: &queue))
    #expect(!Self.put(400, into: &queue))
  }

  @Test("a frame gathers what fits, in order, and a ping overtakes it")
  func frames() {
    var queue = LaneQueue(limitBytes: 10_000)
    for count in [100, 200, 3_000] { #expect(Self.put(count, into: &queue)) }
    queue.prependPing(deadline: .now + .seconds(1)) { _ in }
    let first = queue.take(upTo: 1_000)
    guard case .request(_, .ping, _)? = first.first else {
      Issue.record("no ping at the front of \(first.count) items")
      return
    }
    #expect(first.count == 3)
    let rest = queue.take(upTo: 1_000)
    #expect(rest.count == 1)
    #expect(queue.isEmpty)
  }

  @Test("a question whose time has run out is not asked any more")
  func expiry() {
    var queue = LaneQueue(limitBytes: 10_000)
    let now = ContinuousClock.Instant.now
    #expect(Self.ask(.propose, [1], now + .seconds(1), &queue))
    #expect(Self.ask(.leases, [2], now + .seconds(9), &queue))
    let expired = queue.removeCalls(before: now + .seconds(2))
    #expect(expired.count == 1)
    let items = queue.take(upTo: 1_000)
    #expect(items == [.request(number: 2, .leases, [2])])
    #expect(queue.byteCount == 0)
  }

  @Test("when the connection breaks, only questions that were not sent are surely unseen")
  func loss() {
    var queue = LaneQueue(limitBytes: 10_000)
    let deadline = ContinuousClock.Instant.now + .seconds(1)
    #expect(Self.ask(.propose, [1], deadline, &queue))
    let rest = queue.take(upTo: 1_000)
    #expect(rest.count == 1)
    #expect(Self.ask(.propose, [2], deadline, &queue))
    #expect(Self.put(10, into: &queue))
    let dropped = queue.removeAll()
    #expect(dropped.calls.map(\.isSent) == [true, false])
    #expect(dropped.messages == 1)
    #expect(queue.isEmpty && queue.byteCount == 0)
  }

  @Test("pauses grow up to a bound")
  func backOff() {
    var backOff = BackOff()
    var last = Duration.zero
    for _ in 0..<20 { last = backOff.next() }
    #expect(last <= PeerTimes.longestPause && last >= PeerTimes.longestPause / 2)
    backOff.reset()
    #expect(backOff.next() <= PeerTimes.firstPause)
  }
}
