internal import KeelsonClient
internal import Primitives

/// Revisions of the source that become one transaction of the destination.
struct ChangeBatch {
  /// What one transaction of the source changed.
  struct Change {
    var revision: Revision
    var operations: [Operation] = []
    var keys: Set<Bytes> = []
    var byteCount = 0
  }

  private let operationsMax: Int
  private let bytesMax: Int
  private(set) var operations: [Operation] = []
  private(set) var lastRevision: Revision?
  private var keys: Set<Bytes> = []
  private var byteCount = 0

  init(operationsMax: Int, bytesMax: Int) {
    self.operationsMax = operationsMax
    self.bytesMax = bytesMax
  }

  /// A response's events by their revisions, in order. A transaction changes no key twice.
  static func revisions(of response: WatchResponse) -> [Change] {
    var changes: [Change] = []
    for event in response.events {
      let record = event.record
      if changes.last?.revision != record.modRevision {
        changes.append(Change(revision: record.modRevision))
      }
      let key = record.key
      let operation: Operation =
        event.kind == .delete
        ? .delete(DeleteRequest(.key(key))) : .put(PutRequest(key, record.value))
      changes[changes.count - 1].operations.append(operation)
      changes[changes.count - 1].keys.insert(key)
      changes[changes.count - 1].byteCount += operation.byteCount
    }
    return changes
  }

  /// Whether a change may join: the order of writes to a key, and what a server takes at once, are kept.
  func takes(_ change: Change) -> Bool {
    operations.isEmpty
      || operations.count + change.operations.count <= operationsMax
        && byteCount + change.byteCount <= bytesMax && keys.isDisjoint(with: change.keys)
  }

  mutating func add(_ change: Change) {
    operations += change.operations
    keys.formUnion(change.keys)
    byteCount += change.byteCount
    lastRevision = change.revision
  }

  mutating func removeAll() {
    self = ChangeBatch(operationsMax: operationsMax, bytesMax: bytesMax)
  }
}

/// Hands a watch's responses from the task that receives them to the one that writes, which may wait for a time.
/// It holds one response: a source that is faster than the destination waits.
actor ResponseQueue {
  /// What there is to take.
  enum Item {
    case response(WatchResponse)
    /// Nothing came in time.
    case nothing
    /// The watch ended because its task did.
    case end
  }

  private var response: WatchResponse?
  private var hasEnded = false
  private var failure: (any Error)?

  func put(_ new: WatchResponse) async {
    while response != nil, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
    response = new
  }

  func end(with error: (any Error)?) {
    hasEnded = true
    failure = error
  }

  func take(waiting: Duration) async throws -> Item {
    let deadline = ContinuousClock.now + waiting
    while true {
      if let next = response {
        response = nil
        return .response(next)
      }
      if let failure { throw failure }
      if hasEnded { return .end }
      if ContinuousClock.now >= deadline { return .nothing }
      try await Task.sleep(for: .milliseconds(1))
    }
  }
}
