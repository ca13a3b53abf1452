internal import Synchronization

/// A value that is set once and awaited by one task; what is set later is ignored.
final class OneShot<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case awaited(CheckedContinuation<Value, Never>)
    case set(Value)
    case taken
  }

  private let state = Mutex(State.empty)

  func set(_ value: Value) {
    let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
      switch state {
      case .empty:
        state = .set(value)
        return nil
      case .awaited(let continuation):
        state = .taken
        return continuation
      case .set, .taken: return nil
      }
    }
    waiter?.resume(returning: value)
  }

  func value() async -> Value {
    await withCheckedContinuation { continuation in
      let value = state.withLock { state -> Value? in
        switch state {
        case .set(let value):
          state = .taken
          return value
        case .empty, .awaited, .taken:
          state = .awaited(continuation)
          return nil
        }
      }
      if let value { continuation.resume(returning: value) }
    }
  }
}
