internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM for commands that have something to give back before they end.
///
/// A handler writes to a pipe that somebody reads: in a handler itself nearly nothing is allowed.
struct Interruption: Sendable {
  private static let writeEnd = Atomic<Int32>(-1)
  private let readEnd: Int32

  /// From now on the signals do not end the process.
  init() {
    var ends: [Int32] = [-1, -1]
    let error = unsafe ends.withUnsafeMutableBufferPointer { unsafe pipe($0.baseAddress!) }
    if error != 0 { fatalError("no pipe can be made: error \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    readEnd = ends[0]
    Self.writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
    for number in [SIGINT, SIGTERM] {
      _ = signal(number) { _ in
        var byte: UInt8 = 1
        _ = unsafe write(Interruption.writeEnd.load(ordering: .relaxed), &byte, 1)
      }
    }
  }

  /// Returns when one of the signals has come; to be called once.
  func wait() async {
    let readEnd = readEnd
    await withCheckedContinuation { continuation in
      detachThread {
        var byte: UInt8 = 0
        while unsafe read(readEnd, &byte, 1) < 0, errno == EINTR {}
        continuation.resume()
      }
    }
  }
}
