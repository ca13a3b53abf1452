/// A queue in an array: what came first leaves first.
///
/// Cost: constant for each element, on average; the memory of what left is given back in large steps.
struct FirstInFirstOut<Element> {
  private var elements: [Element] = []
  private var head = 0

  /// The number of elements that wait.
  var count: Int { elements.count - head }

  /// Whether nothing waits.
  var isEmpty: Bool { head == elements.count }

  /// What leaves next.
  var first: Element? { isEmpty ? nil : elements[head] }

  /// What came last.
  var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

  /// What waits, oldest first.
  var waiting: ArraySlice<Element> { elements[head...] }

  /// Adds an element at the end.
  mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the oldest element away, or nil.
  mutating func popFirst() -> Element? {
    guard let element = first else { return nil }
    removeFirst(1)
    return element
  }

  /// Takes the oldest elements away.
  mutating func removeFirst(_ count: Int) {
    head += count
    if head == elements.count {
      if head > 64 { elements = [] } else { elements.removeAll(keepingCapacity: true) }
      head = 0
    } else if head > 64, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
  }

  /// Takes everything away, with its memory.
  mutating func removeAll() {
    elements = []
    head = 0
  }

  /// The elements that `condition` holds for, in their order.
  func filtered(_ condition: (Element) -> Bool) -> FirstInFirstOut {
    var kept = FirstInFirstOut()
    kept.elements = waiting.filter(condition)
    return kept
  }
}

extension FirstInFirstOut: Sendable where Element: Sendable {}
