internal import Environment
internal import MVCC
internal import Primitives

/// When leases end, by the monotonic clock of the process that leads.
///
/// It decides nothing by itself: it says which leases are over and whose remaining time is due to
/// be replicated, and the replica proposes that. The calendar plays no part, so steps of the wall
/// clock have no effect.
///
/// Cost: a renewal is one dictionary access; a lease passes the queue once for each time that it
/// falls due.
struct LeaseClock {
  /// What a renewal met.
  enum Renewal: Equatable {
    /// There is no such lease, or its time is over.
    case notFound
    /// Its replicated remainder must be removed first, or a restart would shorten it again.
    case checkpointed
    /// It has its whole lifetime again, in seconds.
    case renewed(seconds: Int64)
  }

  private struct Lease {
    var grantedSeconds: Int64
    var deadline: MonotonicTime
    /// When its remaining time is next replicated; nil for leases that are too short to bother.
    var nextCheckpoint: MonotonicTime?
    /// The remainder that is replicated; 0: none, so a restart gives it its whole lifetime.
    var replicatedRemainder: Int64
    /// Whether its expiry has been proposed.
    var isExpiring = false
    /// The time of its valid place in the queue; other places are left over and mean nothing.
    var queuedFor: MonotonicTime

    var due: MonotonicTime { nextCheckpoint.map { min($0, deadline) } ?? deadline }

    func remainingSeconds(at now: MonotonicTime) -> Int64 {
      let nanoseconds = max(0, (deadline - now).saturatingNanoseconds)
      return nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 == 0 ? 0 : 1)
    }
  }

  /// Leases longer than this have their remaining time replicated this often.
  static let checkpointInterval = Duration.seconds(300)
  /// How many leases end, and how many remainders are replicated, in one go.
  static let batch = 100
  /// The least time between two goes: with `batch`, a thousand leases a second.
  static let batchInterval = Duration.milliseconds(100)

  private var leases: [LeaseID: Lease] = [:]
  private var queue = LeaseQueue()
  private var nextBatch = MonotonicTime(nanoseconds: 0)

  /// The number of leases.
  var count: Int { leases.count }

  /// Places in the queue, left-over ones included.
  var queuedPlaces: Int { queue.count }

  /// When `takeDue` next has something to do; nil while nothing is due at all.
  var nextDeadline: MonotonicTime? {
    guard let first = queue.first else { return nil }
    return max(first.time, nextBatch)
  }

  /// Starts a lease's time: `remainder` seconds, or its whole lifetime if that is 0.
  mutating func start(
    _ id: LeaseID, grantedSeconds: Int64, remainder: Int64, now: MonotonicTime
  ) {
    let seconds = remainder > 0 ? min(remainder, grantedSeconds) : grantedSeconds
    var lease = Lease(
      grantedSeconds: grantedSeconds, deadline: now + .seconds(seconds), nextCheckpoint: nil,
      replicatedRemainder: remainder, queuedFor: now)
    lease.nextCheckpoint = Self.nextCheckpoint(of: lease, now: now)
    enqueue(id, &lease)
    leases[id] = lease
  }

  /// Forgets a lease that has ended.
  mutating func remove(_ id: LeaseID) {
    leases[id] = nil
    // What is left over in the queue goes when it outweighs what is valid.
    if queue.count > 2 * leases.count + 1024 {
      queue.removeAll()
      for (id, lease) in leases where !lease.isExpiring { queue.insert(lease.queuedFor, id) }
    }
  }

  /// Gives a lease its whole lifetime again, if nothing has to be replicated first.
  mutating func renew(_ id: LeaseID, now: MonotonicTime) -> Renewal {
    guard let place = leases.index(forKey: id) else { return .notFound }
    let lease = leases.values[place]
    guard !lease.isExpiring, lease.deadline > now else { return .notFound }
    if lease.replicatedRemainder > 0 { return .checkpointed }
    leases.values[place].deadline = now.later(bySeconds: lease.grantedSeconds)
    return .renewed(seconds: lease.grantedSeconds)
  }

  /// Notes that a remainder (0: its removal) has been replicated.
  mutating func checkpointed(_ id: LeaseID, remainder: Int64) {
    leases[id]?.replicatedRemainder = remainder
  }

  /// Lifetime and remaining whole seconds of a lease, or nil if there is none.
  func timeToLive(
    _ id: LeaseID, now: MonotonicTime
  ) -> (grantedSeconds: Int64, remainingSeconds: Int64)? {
    guard let lease = leases[id] else { return nil }
    let remaining = max(0, (lease.deadline - now).saturatingNanoseconds) / 1_000_000_000
    return (lease.grantedSeconds, remaining)
  }

  /// All leases in the order in which they end, as etcd lists them. Cost: a sort of all.
  var byDeadline: [LeaseID] {
    leases.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.key)
  }

  /// What is due: leases that are over, each told once, and remainders to replicate. At most
  /// `batch` leases.
  mutating func takeDue(now: MonotonicTime) -> (expired: [LeaseID], checkpoints: [LeaseCheckpoint])
  {
    var expired: [LeaseID] = []
    var checkpoints: [LeaseCheckpoint] = []
    guard now >= nextBatch else { return (expired, checkpoints) }
    while expired.count + checkpoints.count < Self.batch, let first = queue.first,
      first.time <= now
    {
      queue.removeFirst()
      guard var lease = leases[first.lease], lease.queuedFor == first.time, !lease.isExpiring
      else { continue }
      if lease.deadline <= now {
        lease.isExpiring = true
        expired.append(first.lease)
      } else {
        if let due = lease.nextCheckpoint, due <= now {
          let remaining = lease.remainingSeconds(at: now)
          // A lease that was renewed since has nothing to note unless a remainder stands.
          if remaining < lease.grantedSeconds {
            checkpoints.append(LeaseCheckpoint(lease: first.lease, remainingSeconds: remaining))
          }
          lease.nextCheckpoint = nil
        }
        if lease.nextCheckpoint == nil {
          lease.nextCheckpoint = Self.nextCheckpoint(of: lease, now: now)
        }
        enqueue(first.lease, &lease)
      }
      leases[first.lease] = lease
    }
    if expired.count + checkpoints.count == Self.batch { nextBatch = now + Self.batchInterval }
    return (expired, checkpoints)
  }

  /// Queues a lease again whose proposed expiry did nothing.
  mutating func reinstate(_ id: LeaseID) {
    guard var lease = leases[id], lease.isExpiring else { return }
    lease.isExpiring = false
    enqueue(id, &lease)
    leases[id] = lease
  }

  /// The remainders of all leases that have used some of their time: what a member notes before it
  /// stops.
  func remainders(now: MonotonicTime) -> [LeaseCheckpoint] {
    var checkpoints: [LeaseCheckpoint] = []
    for (id, lease) in leases where !lease.isExpiring {
      let remaining = max(1, lease.remainingSeconds(at: now))
      guard remaining < lease.grantedSeconds, remaining != lease.replicatedRemainder else {
        continue
      }
      checkpoints.append(LeaseCheckpoint(lease: id, remainingSeconds: remaining))
    }
    // The dictionary's order differs from run to run.
    return checkpoints.sorted { $0.lease < $1.lease }
  }

  private static func nextCheckpoint(of lease: Lease, now: MonotonicTime) -> MonotonicTime? {
    let next = now + checkpointInterval
    return .seconds(lease.grantedSeconds) > checkpointInterval && next < lease.deadline ? next : nil
  }

  private mutating func enqueue(_ id: LeaseID, _ lease: inout Lease) {
    lease.queuedFor = lease.due
    queue.insert(lease.queuedFor, id)
  }
}

/// Leases by the time at which they fall due: a binary heap. Equal times go by identifier, so that
/// the order does not depend on how the heap was filled.
struct LeaseQueue {
  struct Place {
    var time: MonotonicTime
    var lease: LeaseID

    func isBefore(_ other: Place) -> Bool {
      time != other.time ? time < other.time : lease < other.lease
    }
  }

  private var heap: [Place] = []

  var count: Int { heap.count }
  var first: Place? { heap.first }

  mutating func removeAll() { heap.removeAll() }

  mutating func insert(_ time: MonotonicTime, _ lease: LeaseID) {
    heap.append(Place(time: time, lease: lease))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].isBefore(heap[least]) { least = child }
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
