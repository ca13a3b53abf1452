import ClientHistory
import Foundation
import HTTPTransport
import Primitives
import Synchronization

/// What clients did and saw, for the checks at the end.
final class History: Sendable {
  private struct State {
    var operations: [ClientOperation] = []
    var failures: [String] = []
    var writes = 0
    var reads = 0
    var attempts = 0
  }

  private let state = Mutex(State())
  private let start = ContinuousClock.now

  /// A value that no other write has.
  func nextValue() -> String {
    state.withLock { state in
      state.attempts += 1
      return "v\(state.attempts)"
    }
  }

  /// Nanoseconds since the history began, on one clock for all clients.
  var now: UInt64 {
    let time = (ContinuousClock.now - start).components
    return UInt64(time.seconds) * 1_000_000_000 + UInt64(time.attoseconds / 1_000_000_000)
  }

  /// Notes a request that was answered.
  func add(_ operation: ClientOperation) {
    state.withLock { state in
      state.operations.append(operation)
      if case .read = operation.action { state.reads += 1 } else { state.writes += 1 }
    }
  }

  /// Notes a request of which nobody knows what became.
  func add(failed action: ClientOperation.Action, begin: UInt64, _ error: any Error) {
    state.withLock { state in
      state.operations.append(ClientOperation(action, begin: begin, outcome: .unknown))
      state.failures.append("\(error)")
    }
  }

  var writes: Int { state.withLock { $0.writes } }
  var reads: Int { state.withLock { $0.reads } }
  /// What clients were told of requests that failed.
  var failures: [String] { state.withLock { $0.failures } }

  /// One change of the store, as a watch tells it.
  struct Event: Hashable, Sendable {
    let revision: Int64
    let key: String
    let value: String
  }

  /// What cannot be explained by one store that does one thing at a time; `events` is all that it did.
  func violations(_ events: [Event]) -> [Violation] {
    var history = RevisionHistory(after: Revision((events.first?.revision ?? 2) - 1))
    var found: [Violation] = []
    for event in events {
      let change = RevisionHistory.Change(
        key: Bytes(event.key.utf8), value: Bytes(event.value.utf8))
      if let violation = history.add([change], at: Revision(event.revision), of: "the watch") {
        found.append(violation)
      }
    }
    return found
      + LinearizabilityChecker.check(
        state.withLock { $0.operations }, in: .init(history: history))
  }
}
