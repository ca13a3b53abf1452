internal import Primitives

/// `persist` effects that have not been reported, with the messages that wait for them.
struct PendingPersists: Sendable {
  /// One of them.
  struct Pending: Sendable {
    var number: PersistNumber
    /// The last entry that is durable once it is reported.
    var through: LogIndex
    var promises: [Message]
  }

  private var pending: [Pending] = []
  private var lastNumber = PersistNumber(rawValue: 0)

  var isEmpty: Bool { pending.isEmpty }

  /// Adds one; returns its number.
  mutating func add(through: LogIndex, promises: [Message]) -> PersistNumber {
    lastNumber = PersistNumber(rawValue: lastNumber.rawValue + 1)
    pending.append(Pending(number: lastNumber, through: through, promises: promises))
    return lastNumber
  }

  /// Lets messages wait for the last one.
  mutating func attach(_ promises: [Message]) {
    pending[pending.count - 1].promises.append(contentsOf: promises)
  }

  /// Entries from `index` on are dropped: those that earlier ones report are not these any more.
  mutating func truncate(from index: LogIndex) {
    for place in pending.indices {
      pending[place].through = min(pending[place].through, LogIndex(index.rawValue - 1))
    }
  }

  /// Takes the oldest one, if its number is at most `number`.
  mutating func next(through number: PersistNumber) -> Pending? {
    guard let first = pending.first, first.number <= number else { return nil }
    invariant(number <= lastNumber, "persist \(number.rawValue) was never asked for")
    return pending.removeFirst()
  }
}
