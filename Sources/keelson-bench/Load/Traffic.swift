internal import Primitives

/// What a load asks, and what it accepts as an answer. Used on the load's event loop only.
protocol Traffic: AnyObject {
  /// The next request of a lane: one of the calls that are in flight at once.
  func request(_ lane: Int) -> (method: String, message: Bytes)
  /// Whether an answer to the lane's last request is right.
  func isRight(_ answer: Bytes, _ lane: Int) -> Bool
  /// How many right answers were to writes: by so much the store's revision has grown.
  var writes: Int { get }
}

/// Puts of the keys of a key space, in no order.
final class PutTraffic: Traffic {
  private let keys: KeySpace
  private let template: Bytes
  private var order = KeyOrder()
  private(set) var writes = 0

  init(_ keys: KeySpace) {
    self.keys = keys
    template = keys.putTemplate
  }

  func request(_ lane: Int) -> (method: String, message: Bytes) {
    (Methods.put, keys.put(order.next(below: keys.count), template: template))
  }

  func isRight(_ answer: Bytes, _ lane: Int) -> Bool {
    guard Answers.revision(answer) != nil else { return false }
    writes += 1
    return true
  }
}

/// Puts of each key of a key space once, from a number on; it must not be asked for more.
final class FillTraffic: Traffic {
  private let keys: KeySpace
  private let template: Bytes
  private var next: Int
  private(set) var writes = 0

  init(_ keys: KeySpace, from first: Int) {
    self.keys = keys
    next = first
    template = keys.putTemplate
  }

  func request(_ lane: Int) -> (method: String, message: Bytes) {
    defer { next += 1 }
    return (Methods.put, keys.put(next % keys.count, template: template))
  }

  func isRight(_ answer: Bytes, _ lane: Int) -> Bool {
    guard Answers.revision(answer) != nil else { return false }
    writes += 1
    return true
  }
}

/// Equal requests that must get equal answers, chosen from a list: reads while nobody writes.
final class ReadTraffic: Traffic {
  /// A request, and what must be answered.
  typealias Pair = (request: Bytes, answer: Bytes)

  private let method: String
  private let pairs: [Pair]
  private var order = KeyOrder()
  private var asked: [Int]
  let writes = 0

  init(_ pairs: [Pair], method: String = Methods.range, lanes: Int) {
    self.pairs = pairs
    self.method = method
    asked = [Int](repeating: 0, count: lanes)
  }

  func request(_ lane: Int) -> (method: String, message: Bytes) {
    let number = order.next(below: pairs.count)
    asked[lane] = number
    return (method, pairs[number].request)
  }

  func isRight(_ answer: Bytes, _ lane: Int) -> Bool { answer == pairs[asked[lane]].answer }
}
