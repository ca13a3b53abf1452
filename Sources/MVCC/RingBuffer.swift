internal import Primitives

/// A first-in, first-out queue with indices from 0 for the oldest element. Memory follows what it holds.
struct RingBuffer<Element: Sendable>: Sendable {
  private var slots: [Element?] = []
  private var head = 0
  /// The number of elements.
  private(set) var count = 0

  init() {}

  var isEmpty: Bool { count == 0 }
  var first: Element? { count == 0 ? nil : slots[head] }
  var last: Element? { count == 0 ? nil : self[count - 1] }

  /// The element that is `position` places behind the oldest.
  subscript(position: Int) -> Element {
    invariant(position >= 0 && position < count, "position \(position) of \(count)")
    guard let element = slots[(head + position) & (slots.count - 1)] else {
      fatalError("an empty slot inside a ring buffer")
    }
    return element
  }

  mutating func append(_ element: Element) {
    if count == slots.count { resize(max(16, slots.count * 2)) }
    slots[(head + count) & (slots.count - 1)] = element
    count += 1
  }

  @discardableResult
  mutating func removeFirst() -> Element {
    let element = self[0]
    slots[head] = nil
    head = (head + 1) & (slots.count - 1)
    count -= 1
    if slots.count > 64, count * 8 < slots.count { resize(slots.count / 2) }
    return element
  }

  /// The first position whose element does not satisfy `isBefore`, in a queue that is sorted by it.
  func partition(_ isBefore: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func resize(_ capacity: Int) {
    var moved: [Element?] = []
    moved.reserveCapacity(capacity)
    for position in 0..<count { moved.append(self[position]) }
    for _ in count..<capacity { moved.append(nil) }
    slots = moved
    head = 0
  }
}
