public import Environment

/// What is going to happen in a simulation, in the order of time; what was planned first comes first where
/// times are equal.
///
/// Cost: logarithmic, in moves of three words: what is planned stays in its place meanwhile.
public struct EventQueue<Payload> {
  private var heap = EventHeap()
  private var payloads: [Payload?] = []
  private var freePlaces: [Int32] = []

  /// Nothing planned.
  public init() {}

  /// How much is planned.
  public var count: Int { heap.count }

  /// When the next thing happens; nil if nothing is planned.
  public var nextTime: MonotonicTime? { heap.first?.time }

  /// Plans something.
  public mutating func plan(_ payload: Payload, at time: MonotonicTime) {
    let place: Int32
    if let free = freePlaces.popLast() {
      place = free
      payloads[Int(place)] = payload
    } else {
      place = Int32(payloads.count)
      payloads.append(payload)
    }
    heap.insert(time, place: place)
  }

  /// Takes the next thing, and when it happens; nil if nothing is planned.
  public mutating func next() -> (time: MonotonicTime, payload: Payload)? {
    guard let first = heap.removeFirst() else { return nil }
    freePlaces.append(first.place)
    guard let payload = payloads[Int(first.place)].take() else { return nil }
    return (first.time, payload)
  }
}

/// The order of what is planned: a binary heap that knows times and places only.
struct EventHeap {
  struct Planned {
    var time: MonotonicTime
    /// How many things were planned before.
    var order: UInt64
    var place: Int32

    func isBefore(_ other: Planned) -> Bool {
      time != other.time ? time < other.time : order < other.order
    }
  }

  private var heap: [Planned] = []
  private var nextOrder: UInt64 = 0

  var count: Int { heap.count }
  var first: Planned? { heap.first }

  mutating func insert(_ time: MonotonicTime, place: Int32) {
    let new = Planned(time: time, order: nextOrder, place: place)
    nextOrder += 1
    heap.append(new)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard new.isBefore(heap[parent]) else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = new
  }

  mutating func removeFirst() -> Planned? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return first }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= heap.count { break }
      if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
      guard heap[child].isBefore(last) else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = last
    return first
  }
}
