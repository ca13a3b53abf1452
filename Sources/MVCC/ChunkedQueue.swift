internal import Primitives

/// A first-in, first-out queue with indices from 0 for the oldest element.
///
/// It grows and shrinks by chunks, so that no single call moves what the queue holds.
struct ChunkedQueue<Element: Sendable>: Sendable {
  private static var chunkLength: Int { 1_024 }

  private var chunks: [[Element?]] = []
  /// Elements that have been taken from the first chunk.
  private var head = 0
  /// The number of elements.
  private(set) var count = 0

  init() {}

  var isEmpty: Bool { count == 0 }
  var first: Element? { count == 0 ? nil : self[0] }

  /// The element that is `position` places behind the oldest.
  subscript(position: Int) -> Element {
    invariant(position >= 0 && position < count, "position \(position) of \(count)")
    let place = head + position
    guard let element = chunks[place / Self.chunkLength][place % Self.chunkLength] else {
      fatalError("an empty place inside a queue")
    }
    return element
  }

  mutating func append(_ element: Element) {
    if head + count == chunks.count * Self.chunkLength {
      var chunk: [Element?] = []
      chunk.reserveCapacity(Self.chunkLength)
      chunks.append(chunk)
    }
    chunks[chunks.count - 1].append(element)
    count += 1
  }

  @discardableResult
  mutating func removeFirst() -> Element {
    let element = self[0]
    chunks[0][head] = nil
    head += 1
    count -= 1
    if head == Self.chunkLength {
      chunks.removeFirst()
      head = 0
    }
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
}
