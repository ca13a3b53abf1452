import Foundation
import Synchronization

/// What clients did and saw, for the checks at the end.
final class History: Sendable {
  /// A write that was acknowledged, or a read that was answered.
  struct Operation: Sendable {
    let key: String
    /// What was written, or seen; nil for a key that was not there.
    let value: String?
    let isWrite: Bool
    let revision: Int64
    /// On one clock for all clients.
    let begin: ContinuousClock.Instant
    let end: ContinuousClock.Instant
  }

  private struct State {
    var operations: [Operation] = []
    var writes = 0
    var reads = 0
    var attempts = 0
  }

  private let state = Mutex(State())

  /// A value that no other write has.
  func nextValue() -> String {
    state.withLock { state in
      state.attempts += 1
      return "v\(state.attempts)"
    }
  }

  func add(_ operation: Operation) {
    state.withLock { state in
      state.operations.append(operation)
      if operation.isWrite { state.writes += 1 } else { state.reads += 1 }
    }
  }

  var writes: Int { state.withLock { $0.writes } }
  var reads: Int { state.withLock { $0.reads } }
  var operations: [Operation] { state.withLock { $0.operations } }

  /// One change of the store, as a watch tells it.
  struct Event: Hashable, Sendable {
    let revision: Int64
    let key: String
    let value: String
  }

  /// What cannot be explained by one store that does one thing at a time; `events` is all that it did.
  ///
  /// The store numbers its states, so no order has to be searched for. Every acknowledged write must be the event of
  /// its revision, every read must show its key as it was at its revision, and nobody may see an earlier state than
  /// one that somebody was told of before he asked.
  func violations(_ events: [Event]) -> [String] {
    var found: [String] = []
    var versions: [String: [Event]] = [:]
    var byRevision: [Int64: Event] = [:]
    for event in events {
      versions[event.key, default: []].append(event)
      byRevision[event.revision] = event
    }
    let operations = operations
    for operation in operations {
      if operation.isWrite {
        let event = byRevision[operation.revision]
        if event?.key != operation.key || event?.value != operation.value {
          found.append("acknowledged and lost: \(operation); there is \(String(describing: event))")
        }
      } else {
        let seen = versions[operation.key]?.last { $0.revision <= operation.revision }
        if seen?.value != operation.value {
          found.append("a read that no state explains: \(operation); \(String(describing: seen))")
        }
      }
    }
    found += staleness(operations)
    return found
  }

  private func staleness(_ operations: [Operation]) -> [String] {
    let ends = operations.sorted { $0.end < $1.end }
    var (place, newest) = (0, Int64(0))
    var found: [String] = []
    for operation in operations.sorted(by: { $0.begin < $1.begin }) {
      while place < ends.count, ends[place].end < operation.begin {
        newest = max(newest, ends[place].revision)
        place += 1
      }
      let isStale =
        operation.isWrite ? operation.revision <= newest : operation.revision < newest
      if isStale { found.append("revision \(newest) was told before this began: \(operation)") }
    }
    return found
  }
}
