internal import NIOCore
internal import Primitives
public import Synchronization

/// What the transport counts; read from any thread.
public final class TransportMetrics: Sendable {
  /// Bytes of HTTP/2 frames and of HTTP/1.1 bodies that came in, after TLS.
  public let receivedBytes = Atomic<Int>(0)
  /// Bytes of HTTP/2 frames and of HTTP/1.1 bodies that went out, before TLS.
  public let sentBytes = Atomic<Int>(0)
  /// Connections that are open.
  public let openConnections = Atomic<Int>(0)
  /// Connections that were accepted.
  public let acceptedConnections = Atomic<Int>(0)
  private let byPath = Mutex<[String: MethodMetrics]>([:])

  /// Everything at zero.
  public init() {}

  /// The counters of each gRPC method that was called at least once, by path.
  public var methods: [String: MethodMetrics] { byPath.withLock { $0 } }

  /// Shows these methods from the start, with all counts at zero, so that their first calls are seen as a rise.
  public func prepare(_ paths: [String]) {
    for path in paths { _ = method(path) }
  }

  /// The counters of one method, made when first asked for; only for methods that exist, so that clients
  /// cannot make more.
  func method(_ path: String) -> MethodMetrics {
    byPath.withLock { methods in
      if let known = methods[path] { return known }
      let new = MethodMetrics()
      methods[path] = new
      return new
    }
  }
}

/// The counters of one gRPC method.
public final class MethodMetrics: Sendable {
  /// Calls whose headers arrived.
  public let started = Atomic<Int>(0)
  /// Messages that were received.
  public let receivedMessages = Atomic<Int>(0)
  /// Messages that were sent.
  public let sentMessages = Atomic<Int>(0)
  /// From the arrival of a call to its end.
  public let durations = CallDurations()
  private let ok = Atomic<Int>(0)
  private let failed = Mutex<[Int: Int]>([:])

  init() {}

  /// Calls that ended, by status code.
  public var handled: [StatusCode: Int] {
    var counts: [StatusCode: Int] = [:]
    let succeeded = ok.load(ordering: .relaxed)
    if succeeded > 0 { counts[.ok] = succeeded }
    for (code, count) in failed.withLock({ $0 }) { counts[StatusCode(rawValue: code)] = count }
    return counts
  }

  func ended(_ code: StatusCode, after duration: TimeAmount) {
    durations.observe(duration)
    if code == .ok {
      ok.add(1, ordering: .relaxed)
    } else {
      failed.withLock { $0[code.rawValue, default: 0] += 1 }
    }
  }
}
