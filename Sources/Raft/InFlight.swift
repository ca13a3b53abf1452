internal import Primitives

/// Entries under way, in portions, with their bytes: what a window is measured by.
///
/// Cost: amortised constant; memory is kept for reuse.
struct InFlight: Sendable {
  private struct Portion: Sendable {
    var last: LogIndex
    var bytes: Int
  }

  private var portions: [Portion] = []
  private var head = 0
  /// Bytes of all portions.
  private(set) var bytes = 0

  /// The number of portions.
  var count: Int { portions.count - head }

  /// Adds the portion that ends at `last`.
  mutating func add(through last: LogIndex, bytes: Int) {
    portions.append(Portion(last: last, bytes: bytes))
    self.bytes += bytes
  }

  /// Removes the portions that end at or before `index`.
  mutating func remove(through index: LogIndex) {
    while head < portions.count, portions[head].last <= index { removeFirst() }
  }

  /// Removes the oldest portion.
  mutating func removeFirst() {
    guard head < portions.count else { return }
    bytes -= portions[head].bytes
    head += 1
    if head == portions.count {
      portions.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= portions.count {
      portions.removeFirst(head)
      head = 0
    }
  }

  /// Removes all portions.
  mutating func removeAll() {
    portions.removeAll(keepingCapacity: true)
    head = 0
    bytes = 0
  }
}
