internal import HTTPTransport
internal import MVCC
internal import Primitives

/// The answer to a Range, written from the records that it found while the connection takes it: no
/// copy of it is ever whole.
///
/// Records never change, so the answer stays that of one revision, however slow the client is and
/// whatever is written or compacted meanwhile. What a slow client keeps in memory is at most the
/// records themselves, once nobody else has them any more: no more than a copy would take.
///
/// `@unchecked`: made by one thread, and then read on its call's event loop alone.
final class RangeAnswer: MessageSource, @unchecked Sendable {
  let count: Int
  /// What is still to be written, the next one last: each is let go as soon as it is written.
  private var records: [Record]
  private let keysOnly: Bool
  /// Bytes that come before the records: at first the header, then a record that did not fit.
  private var pending: Bytes
  private var pendingOffset = 0
  /// What follows the records.
  private var tail: Bytes
  /// Runs something on another thread, or says that it will not.
  private let elsewhere: @Sendable (@escaping @Sendable () -> Void) -> Bool

  /// Records that an event loop lets go at once; more are left to a reader thread.
  private static let quickReleases = 4_096

  /// Cost: a look at each record's length.
  init(
    _ result: RangeResult, header: ResponseHeader,
    elsewhere: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool
  ) {
    count = result.length(header)
    keysOnly = result.keysOnly
    self.elsewhere = elsewhere
    var writer = ByteWriter()
    header.append(to: &writer)
    pending = writer.bytes
    var end = ByteWriter()
    result.appendSummary(to: &end)
    tail = end.bytes
    records = result.records
    records.reverse()
  }

  deinit {
    guard records.count > Self.quickReleases else { return }
    let rest = records
    _ = elsewhere { withExtendedLifetime(rest) {} }
  }

  func read(into writer: inout MessageWriter) {
    while writer.remaining > 0 {
      if pendingOffset < pending.count {
        let taken = min(writer.remaining, pending.count - pendingOffset)
        unsafe pending.withUnsafeBytes {
          unsafe writer.append(
            UnsafeRawBufferPointer(rebasing: $0[pendingOffset..<pendingOffset + taken]))
        }
        pendingOffset += taken
      } else if let record = records.popLast() {
        let length = record.fieldLength(keysOnly: keysOnly)
        if length <= writer.remaining {
          record.append(2, keysOnly: keysOnly, to: &writer)
        } else {
          hold(Bytes.message(count: length) { record.append(2, keysOnly: keysOnly, to: &$0) })
        }
      } else {
        invariant(!tail.isEmpty, "\(writer.remaining) bytes are wanted beyond the answer's end")
        hold(tail)
        tail = []
      }
    }
  }

  private func hold(_ bytes: Bytes) {
    pending = bytes
    pendingOffset = 0
  }
}
