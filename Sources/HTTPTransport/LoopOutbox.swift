internal import NIOCore
internal import Synchronization

/// The door from other threads to one event loop: what is handed in while the loop has not yet come round
/// runs in one go, for one wake-up, and each connection that it touched is flushed once.
///
/// Its length is bounded by the calls that are open, as long as each has at most one `execute` under way.
final class LoopOutbox: @unchecked Sendable {
  /// The loop; nil when a session is driven without a socket and `drain` is called by hand.
  let eventLoop: (any EventLoop)?
  private let incoming = Mutex<[Work]>([])
  /// What is being run; its memory is used again. Only touched on the loop.
  private var running: [Work] = []
  /// Only touched on the loop.
  private var touched: [any Flushable] = []
  private var isDraining = false
  /// Places in the queue whose memory is kept.
  private static let keptWorks = 4_096
  private var isDrainScheduled = false

  /// A closure in a generic collection is wrapped in one more, on the heap, unless a struct holds it.
  private struct Work: Sendable {
    let run: @Sendable () -> Void
  }

  init(eventLoop: (any EventLoop)?) { self.eventLoop = eventLoop }

  // What the loop was busy with of late; only touched on it.
  private var reader: ObjectIdentifier?
  private var loneCalls = 0
  /// Calls in a row that were alone after which the loop counts as calm.
  private static let calmCalls = 32

  /// Whether one connection alone has made calls of late, one at a time.
  var isCalm: Bool { loneCalls >= Self.calmCalls }

  /// Takes note that a connection has sent something.
  func noteRead(_ connection: AnyObject) {
    let name = ObjectIdentifier(connection)
    if reader == name { return }
    reader = name
    loneCalls = 0
  }

  /// Takes note that a call begins, and whether its connection has no other.
  func noteCall(isAlone: Bool) { loneCalls = isAlone ? loneCalls + 1 : 0 }

  /// Whether the caller may use what belongs to the loop.
  var isCurrent: Bool { eventLoop?.inEventLoop ?? true }

  /// Runs `body` on the loop; any thread.
  func execute(_ body: @escaping @Sendable () -> Void) {
    let wasEmpty = incoming.withLock { queue in
      queue.append(Work(run: body))
      return queue.count == 1
    }
    if wasEmpty { eventLoop?.execute { self.drain() } }
  }

  /// Has a connection flushed before the loop goes back to sleep; on the loop only.
  func touch(_ connection: any Flushable) {
    touched.append(connection)
    if isDraining || isDrainScheduled { return }
    isDrainScheduled = true
    eventLoop?.execute {
      self.isDrainScheduled = false
      self.drain()
    }
  }

  /// Runs all that has been handed in, then flushes what it touched.
  func drain() {
    if isDraining { return }
    isDraining = true
    var works = running
    running = []
    incoming.withLock { swap(&$0, &works) }
    for work in works { work.run() }
    works.removeAll(keepingCapacity: works.capacity <= Self.keptWorks)
    running = works
    var connections = touched
    touched.removeAll(keepingCapacity: true)
    while !connections.isEmpty {
      for connection in connections { connection.flush() }
      connections = touched
      touched.removeAll(keepingCapacity: true)
    }
    isDraining = false
  }
}

/// A connection that has gathered output.
protocol Flushable: AnyObject {
  /// Writes what has been gathered to the socket.
  func flush()
}
