public import Environment

/// What is going to happen in a simulation, in the order of time; what was planned first comes first where
/// times are equal.
///
/// Cost: logarithmic.
public struct EventQueue<Payload> {
  private struct Planned {
    var time: MonotonicTime
    var order: UInt64
    var payload: Payload

    func isBefore(_ other: Planned) -> Bool {
      time != other.time ? time < other.time : order < other.order
    }
  }

  private var heap: [Planned] = []
  private var nextOrder: UInt64 = 0

  /// Nothing planned.
  public init() {}

  /// How much is planned.
  public var count: Int { heap.count }

  /// When the next thing happens; nil if nothing is planned.
  public var nextTime: MonotonicTime? { heap.first?.time }

  /// Plans something.
  public mutating func plan(_ payload: Payload, at time: MonotonicTime) {
    heap.append(Planned(time: time, order: nextOrder, payload: payload))
    nextOrder += 1
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the next thing, and when it happens; nil if nothing is planned.
  public mutating func next() -> (time: MonotonicTime, payload: Payload)? {
    guard let first = heap.first else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].isBefore(heap[least]) { least = child }
      }
      if least == parent { return (first.time, first.payload) }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
