internal import Glibc
internal import Synchronization

/// Threads for reads that take long, so that neither the edge's event loops nor the apply path wait
/// for them.
final class ReaderPool: Sendable {
  private struct State {
    var bodies: [@Sendable () -> Void] = []
    var head = 0
    var isClosed = false
  }

  /// Reads that wait. Beyond: they are refused.
  private static let bound = 1_024

  private final class Reader: Sendable {
    let wake = WakeWord()
    let isIdle = Atomic<Bool>(false)
  }

  private let state = Mutex(State())
  private let readers: [Reader]
  private let threads = Mutex<[MemberThread]>([])

  init(threads count: Int) throws(MemberError) {
    readers = (0..<count).map { _ in Reader() }
    for reader in readers {
      let thread = try MemberThread("keelson-read") { [self] in run(reader) }
      threads.withLock { $0.append(thread) }
    }
  }

  /// Has a body run; false if too many wait already or the pool is closed.
  func run(_ body: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = state.withLock { state in
      if state.isClosed || state.bodies.count - state.head >= Self.bound { return false }
      state.bodies.append(body)
      return true
    }
    guard isTaken else { return false }
    // Claimed, so that the next body wakes another one.
    let idle = readers.first {
      $0.isIdle.compareExchange(
        expected: true, desired: false, ordering: .sequentiallyConsistent
      ).exchanged
    }
    idle?.wake.signal()
    return true
  }

  /// Runs what waits, and ends the threads.
  func close() {
    state.withLock { $0.isClosed = true }
    for reader in readers { reader.wake.signal() }
    for thread in threads.withLock({ $0 }) { thread.join() }
  }

  private func run(_ reader: Reader) {
    while true {
      // Idle before the look at the queue: whoever adds after the look sees it, and signals.
      reader.isIdle.store(true, ordering: .sequentiallyConsistent)
      let (body, isClosed) = state.withLock { state in (next(&state), state.isClosed) }
      if let body {
        reader.isIdle.store(false, ordering: .sequentiallyConsistent)
        body()
      } else if isClosed {
        return
      } else {
        reader.wake.wait(timeoutNanoseconds: nil)
      }
    }
  }

  private func next(_ state: inout State) -> (@Sendable () -> Void)? {
    guard state.head < state.bodies.count else { return nil }
    let body = state.bodies[state.head]
    state.bodies[state.head] = {}
    state.head += 1
    if state.head == state.bodies.count || state.head >= 256 {
      state.bodies.removeFirst(state.head)
      state.head = 0
    }
    return body
  }
}
