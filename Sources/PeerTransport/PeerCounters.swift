internal import Primitives
internal import Synchronization
internal import Telemetry

/// What is counted of the traffic with one other member.
final class PeerCounters: Sendable {
  let sentBytes = Counter()
  let receivedBytes = Counter()
  let sendFailures = Counter()
  let receiveFailures = Counter()
  let disconnections = Counter()
  let statesSent = Counter()
  let statesFailed = Counter()
  let statesReceived = Counter()
  let statesRefused = Counter()
  /// etcd's buckets: from a tenth of a millisecond.
  let roundTrips = Histogram(firstBoundMicroseconds: 100)
  let sendsState = Atomic<Bool>(false)
  /// The last round trip in nanoseconds; 0 before the first.
  let lastRoundTrip = Atomic<Int64>(0)
}

/// The counters of all members, also of those that have left since.
final class PeerCounterTable: Sendable {
  private let table = Mutex<[MemberID: PeerCounters]>([:])
  /// For members beyond the bound, which nobody asks about.
  private let others = PeerCounters()
  private static let bound = 1_024

  /// The counters of a member.
  func counters(of member: MemberID) -> PeerCounters {
    table.withLock { table in
      if let known = table[member] { return known }
      if table.count >= Self.bound { return others }
      let new = PeerCounters()
      table[member] = new
      return new
    }
  }

  /// By ascending identifier.
  var all: [(member: MemberID, counters: PeerCounters)] {
    table.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
