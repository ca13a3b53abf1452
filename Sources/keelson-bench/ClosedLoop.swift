internal import HTTPTransport
internal import Primitives
internal import Synchronization

/// What a load has done so far.
struct LoadCounts: Sendable {
  /// Calls that were answered with the expected bytes.
  var answers = 0
  /// Calls that ended with a status other than OK.
  var errors = 0
  /// Calls that were answered with other bytes.
  var wrong = 0
  /// The first of the errors.
  var firstError: CallStatus?

  static func - (left: LoadCounts, right: LoadCounts) -> LoadCounts {
    LoadCounts(
      answers: left.answers - right.answers, errors: left.errors - right.errors,
      wrong: left.wrong - right.wrong, firstError: left.firstError)
  }
}

/// One connection that keeps a number of equal unary calls in flight: each answer sends the next request.
///
/// The loop lives on the connection's event loop; a call that fails is not repeated at once but ends its
/// place in flight, so that a refusing server is not hammered and the errors stay visible.
final class ClosedLoop: Sendable {
  private let connection: ClientConnection
  private let method: String
  private let request: Bytes
  private let expected: Bytes
  private let answers = Atomic<Int>(0)
  private let wrong = Atomic<Int>(0)
  private let inFlight = Atomic<Int>(0)
  private let isStopping = Atomic<Bool>(false)
  private let failures = Mutex<(count: Int, first: CallStatus?)>((0, nil))

  init(connection: ClientConnection, method: String, request: Bytes, expected: Bytes) {
    self.connection = connection
    self.method = method
    self.request = request
    self.expected = expected
  }

  /// Puts `depth` calls in flight.
  func start(depth: Int) {
    for _ in 0..<depth {
      inFlight.wrappingAdd(1, ordering: .relaxed)
      next()
    }
  }

  /// Lets the calls in flight be the last ones.
  func stop() { isStopping.store(true, ordering: .relaxed) }

  /// How many calls wait for their answer.
  var pending: Int { inFlight.load(ordering: .acquiring) }

  /// What has been done so far.
  var counts: LoadCounts {
    let (errors, first) = failures.withLock { ($0.count, $0.first) }
    return LoadCounts(
      answers: answers.load(ordering: .relaxed), errors: errors,
      wrong: wrong.load(ordering: .relaxed), firstError: first)
  }

  private func next() {
    connection.call(method, message: request) { [self] result in
      switch result {
      case .success(let answer):
        if answer == expected {
          answers.wrappingAdd(1, ordering: .relaxed)
        } else {
          wrong.wrappingAdd(1, ordering: .relaxed)
        }
        if isStopping.load(ordering: .relaxed) {
          inFlight.wrappingSubtract(1, ordering: .releasing)
        } else {
          next()
        }
      case .failure(let status):
        failures.withLock {
          $0.count += 1
          if $0.first == nil { $0.first = status }
        }
        inFlight.wrappingSubtract(1, ordering: .releasing)
      }
    }
  }
}
