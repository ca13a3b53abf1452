import Synchronization

/// Numbers that no two callers share.
final class Counter: Sendable {
  private let value: Atomic<UInt16>

  init(start: UInt16) { value = Atomic(start) }

  func next() -> UInt16 { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}
