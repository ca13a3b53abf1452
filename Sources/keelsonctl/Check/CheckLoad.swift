internal import Glibc
internal import KeelsonClient
internal import Primitives
internal import Synchronization

/// Puts of 1 KiB from many clients, each with a connection of its own, as etcdctl's checks send them.
final class CheckLoad: Sendable {
  /// What the puts took.
  struct Outcome {
    var seconds = 0.0
    var count = 0
    var slowest = 0.0
    var sum = 0.0
    var sumOfSquares = 0.0
    /// Errors and how often each was met.
    var errors: [String: Int] = [:]

    var perSecond: Double { seconds > 0 ? Double(count) / seconds : 0 }

    var standardDeviation: Double {
      guard count > 0 else { return 0 }
      let mean = sum / Double(count)
      return max(0, sumOfSquares / Double(count) - mean * mean).squareRoot()
    }

    mutating func add(_ seconds: Double) {
      count += 1
      slowest = max(slowest, seconds)
      sum += seconds
      sumOfSquares += seconds * seconds
    }

    mutating func add(_ other: Outcome) {
      count += other.count
      slowest = max(slowest, other.slowest)
      sum += other.sum
      sumOfSquares += other.sumOfSquares
      errors.merge(other.errors, uniquingKeysWith: +)
    }
  }

  static let valueBytes = 1_024
  private static let keyBytes = 256

  private let prefix: Bytes
  private let total: Int
  private let perSecond: Double?
  private let limit: Duration?
  private let begin = ContinuousClock.now
  private let sent = Atomic<Int>(0)
  private let isOnTerminal = isatty(STDERR_FILENO) == 1

  /// - Parameters:
  ///   - total: puts in all.
  ///   - perSecond: puts a second of all clients together; nil: as many as they can.
  ///   - limit: when no further put is sent, whatever is missing.
  init(prefix: Bytes, total: Int, perSecond: Double? = nil, limit: Duration? = nil) {
    self.prefix = prefix
    self.total = total
    self.perSecond = perSecond
    self.limit = limit
  }

  /// Sends the puts, and shows on a terminal how far it is.
  func run(_ clients: [StoreClient]) async -> Outcome {
    let meter = Task { await showProgress() }
    var outcome = await withTaskGroup(of: Outcome.self) { group in
      for client in clients { group.addTask { await self.send(client) } }
      return await group.reduce(into: Outcome()) { $0.add($1) }
    }
    outcome.seconds = Self.seconds(ContinuousClock.now - begin)
    meter.cancel()
    await meter.value
    return outcome
  }

  private func send(_ client: StoreClient) async -> Outcome {
    var outcome = Outcome()
    let value = Bytes(repeating: UInt8(ascii: "v"), count: Self.valueBytes)
    while !Task.isCancelled {
      let number = sent.wrappingAdd(1, ordering: .relaxed).oldValue
      guard number < total else { break }
      if let perSecond {
        let due = begin + .seconds(Double(number) / perSecond)
        if let limit, due > begin + limit { break }
        try? await Task.sleep(until: due, clock: .continuous)
      }
      let sentAt = ContinuousClock.now
      do throws(KeelsonError) {
        try await client.put(Self.key(prefix), value)
        outcome.add(Self.seconds(ContinuousClock.now - sentAt))
      } catch {
        outcome.errors[error.message, default: 0] += 1
      }
    }
    return outcome
  }

  private static func key(_ prefix: Bytes) -> Bytes {
    var key = prefix
    key.reserveCapacity(prefix.count + keyBytes)
    var random = UInt64.random(in: 0...UInt64.max)
    for _ in 0..<8 {
      key.append(UInt8(truncatingIfNeeded: random))
      random >>= 8
    }
    key.append(contentsOf: repeatElement(0, count: keyBytes - 8))
    return key
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  private func showProgress() async {
    guard isOnTerminal else { return }
    while !Task.isCancelled {
      let done = min(total, sent.load(ordering: .relaxed))
      Output.writeError("\r\u{1B}[K\(done) of \(total) puts")
      try? await Task.sleep(for: .milliseconds(200))
    }
    Output.writeError("\r\u{1B}[K")
  }
}
