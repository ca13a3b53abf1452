import EtcdProtocol
import Foundation
import Synchronization

/// What clients know of a store that is killed again and again: what was acknowledged, and what watchers saw.
final class Ledger: Sendable {
  /// A write of one key; no two writes share a value.
  struct Write: Hashable, Sendable {
    var key: String
    /// Nil if it deleted the key.
    var value: String?
  }

  /// An event, as far as it must be the same for everybody.
  struct Event: Hashable, Sendable {
    var revision: Int64
    var write: Write

    init(_ event: Mvccpb_Event) {
      revision = event.kv.modRevision
      write = Write(
        key: String(decoding: event.kv.key, as: UTF8.self),
        value: event.type == .put ? String(decoding: event.kv.value, as: UTF8.self) : nil)
    }
  }

  private struct State {
    var acknowledged: [Int64: [Write]] = [:]
    var repeatedRevisions: [Int64] = []
    var attempts = 0
  }

  private let state = Mutex(State())

  /// A number for a value that no other write has.
  func nextAttempt() -> Int {
    state.withLock { state in
      state.attempts += 1
      return state.attempts
    }
  }

  /// Notes that a client was told that these writes are done, at a revision of their own.
  func acknowledge(_ writes: [Write], at revision: Int64) {
    state.withLock { state in
      if state.acknowledged.updateValue(writes, forKey: revision) != nil {
        state.repeatedRevisions.append(revision)
      }
    }
  }

  /// All acknowledged writes by their revision.
  var acknowledged: [Int64: [Write]] { state.withLock { $0.acknowledged } }
  /// Revisions that two writes were told to be theirs.
  var repeatedRevisions: [Int64] { state.withLock { $0.repeatedRevisions } }
}
