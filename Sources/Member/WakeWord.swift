internal import CFutex
internal import Synchronization

/// A signal for one thread that sleeps until there is work: a raw futex, because waking a thread
/// through a condition variable costs twice as much or more.
///
/// Signals that come while the thread is awake cost one atomic exchange and are kept as one.
@safe
package final class WakeWord: Sendable {
  private enum State {
    static let idle: UInt32 = 0
    static let signalled: UInt32 = 1
    static let sleeping: UInt32 = 2
  }

  /// Allocated, so that the kernel sees one address for the word's whole life.
  private nonisolated(unsafe) let word: UnsafeMutablePointer<Atomic<UInt32>>

  package init() {
    unsafe word = .allocate(capacity: 1)
    unsafe word.initialize(to: Atomic(State.idle))
  }

  deinit {
    unsafe word.deinitialize(count: 1)
    unsafe word.deallocate()
  }

  /// Makes the present or the next `wait` return. Cost: a system call only if the thread sleeps.
  package func signal() {
    let before = unsafe word.pointee.exchange(State.signalled, ordering: .acquiringAndReleasing)
    if before == State.sleeping { unsafe keelson_futex_wake(address, 1) }
  }

  /// Sleeps until a signal, or for `timeoutNanoseconds` (nil: without a bound). It may return
  /// early; the caller looks for work either way. For one thread.
  package func wait(timeoutNanoseconds: Int64?) {
    let fell = unsafe word.pointee.compareExchange(
      expected: State.idle, desired: State.sleeping, ordering: .acquiringAndReleasing)
    if fell.exchanged {
      unsafe keelson_futex_wait(address, State.sleeping, timeoutNanoseconds ?? -1)
    }
    _ = unsafe word.pointee.exchange(State.idle, ordering: .acquiringAndReleasing)
  }

  private var address: UnsafeMutablePointer<UInt32> {
    unsafe UnsafeMutableRawPointer(word).assumingMemoryBound(to: UInt32.self)
  }
}
