internal import CFutex
internal import Glibc
internal import Synchronization

/// A thread of the system's, for work that blocks.
package final class MemberThread: Sendable {
  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Bytes of its stack: nested transactions need little.
  private static let stackBytes = 1 << 20

  private let thread: Mutex<pthread_t?>

  /// Starts a thread; at most 15 bytes of `name` are shown.
  package init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(MemberError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, Self.stackBytes)
    let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
    var started = pthread_t()
    let result = unsafe pthread_create(
      &started, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        unsafe start.name.withCString { unsafe keelson_thread_name($0) }
        start.body()
        return nil
      }, start.toOpaque())
    if result != 0 {
      unsafe start.release()
      throw .noThread(errno: result)
    }
    thread = Mutex(started)
  }

  /// Waits until the thread has ended. Once, and not from the thread itself.
  package func join() {
    let ended = thread.withLock { $0.take() }
    if let ended { pthread_join(ended, nil) }
  }
}
