internal import Dispatch
internal import Primitives
internal import Synchronization

/// A few threads that hash passwords and sign tokens, so that no event loop does. Bounded: what does not fit is
/// refused at once.
final class HashingPool: Sendable {
  private let queues: [DispatchQueue]
  private let waiting = Atomic<Int>(0)
  private let turn = Atomic<Int>(0)

  init(threads: Int) {
    queues = (0..<threads).map { DispatchQueue(label: "keelson.hashing.\($0)") }
  }

  /// Runs `body` on one of the threads; false, without running it, when too much waits already.
  func run(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard waiting.add(1, ordering: .relaxed).newValue <= Limits.queuedHashes else {
      waiting.subtract(1, ordering: .relaxed)
      return false
    }
    let place = turn.wrappingAdd(1, ordering: .relaxed).newValue
    queues[Int(UInt(bitPattern: place) % UInt(queues.count))].async { [self] in
      body()
      waiting.subtract(1, ordering: .relaxed)
    }
    return true
  }
}
