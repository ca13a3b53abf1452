internal import Member
internal import Primitives
internal import Raft

/// What waits to be sent on a lane, and the questions on it that have no answer yet. Not for several threads: the
/// lane holds its lock.
struct LaneQueue: Sendable {
  typealias Completion = @Sendable (Result<Bytes, PeerCallError>) -> Void

  /// A question without an answer.
  struct Call: Sendable {
    let deadline: ContinuousClock.Instant
    let completion: Completion
    /// Whether it went to the connection: the other member may have seen it.
    var isSent = false
  }

  /// Bytes that may wait. Beyond: what comes is refused.
  let limitBytes: Int
  private(set) var byteCount = 0
  private var items: [PeerItem] = []
  /// The first item that was not taken.
  private var head = 0
  private(set) var calls: [UInt64: Call] = [:]
  private var lastCall: UInt64 = 0

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  var isEmpty: Bool { head == items.count }

  /// Adds a message; false if there is no room.
  mutating func append(_ message: Message) -> Bool {
    let item = PeerItem.message(message)
    let bytes = item.byteCount
    // One alone always fits, however long it is.
    guard isEmpty || byteCount + bytes <= limitBytes else { return false }
    items.append(item)
    byteCount += bytes
    return true
  }

  /// Adds a question; false if there is no room.
  mutating func append(
    _ method: PeerMethod, _ payload: Bytes, deadline: ContinuousClock.Instant,
    _ completion: @escaping Completion
  ) -> Bool {
    guard calls.count < Limits.peerCalls else { return false }
    let item = PeerItem.request(number: lastCall + 1, method, payload)
    let bytes = item.byteCount
    guard isEmpty || byteCount + bytes <= limitBytes else { return false }
    lastCall += 1
    calls[lastCall] = Call(deadline: deadline, completion: completion)
    items.append(item)
    byteCount += bytes
    return true
  }

  /// Adds a ping, which overtakes what waits.
  mutating func prependPing(
    deadline: ContinuousClock.Instant, _ completion: @escaping Completion
  ) {
    lastCall += 1
    calls[lastCall] = Call(deadline: deadline, completion: completion)
    let item = PeerItem.request(number: lastCall, .ping, [])
    byteCount += item.byteCount
    if head > 0 {
      head -= 1
      items[head] = item
    } else {
      items.insert(item, at: 0)
    }
  }

  /// Takes items for one frame: at least one if there is one, and then as many as make up `bytes`.
  mutating func take(upTo bytes: Int) -> [PeerItem] {
    var taken: [PeerItem] = []
    var sum = 0
    while head < items.count {
      let item = items[head]
      let count = item.byteCount
      if sum > 0, sum + count > bytes { break }
      sum += count
      if case .request(let number, _, _) = item {
        // A question whose time has run out is not asked any more.
        if calls[number] == nil {
          head += 1
          byteCount -= count
          continue
        }
        calls[number]?.isSent = true
      }
      taken.append(item)
      head += 1
      byteCount -= count
    }
    if head == items.count {
      items.removeAll(keepingCapacity: items.count < 1_024)
      head = 0
    } else if head > 1_024 {
      items.removeFirst(head)
      head = 0
    }
    return taken
  }

  /// Ends a question.
  mutating func removeCall(_ number: UInt64) -> Completion? {
    calls.removeValue(forKey: number)?.completion
  }

  /// Ends the questions whose time has run out, in the order in which they were asked.
  mutating func removeCalls(before now: ContinuousClock.Instant) -> [Completion] {
    let expired = calls.filter { $0.value.deadline <= now }.keys.sorted()
    return expired.compactMap { removeCall($0) }
  }

  /// Drops everything; answers with the questions and whether each may have been seen, and with the number of
  /// messages that were dropped.
  mutating func removeAll() -> (calls: [(Completion, isSent: Bool)], messages: Int) {
    let ended = calls.sorted { $0.key < $1.key }.map { ($0.value.completion, $0.value.isSent) }
    var messages = 0
    for item in items[head...] { if case .message = item { messages += 1 } }
    items = []
    head = 0
    byteCount = 0
    calls = [:]
    return (ended, messages)
  }
}

extension PeerMethod {
  /// Answered by the transport itself.
  static let ping = PeerMethod(rawValue: 0)
  /// Who the members are: for those who have no identity yet.
  static let memberList = PeerMethod(rawValue: 8)
}
