internal import Glibc
internal import Primitives

/// A path that was resolved.
final class Route: Sendable {
  let path: String
  let bytes: Bytes
  let resolution: Result<CallRouter.Method, CallStatus>
  let metrics: MethodMetrics?
  /// What answers the call, if that takes one message.
  let unary: CallRouter.UnaryBody?

  init(bytes: Bytes, calls: CallRouter, metrics counters: TransportMetrics?) {
    self.bytes = bytes
    path = String(decoding: bytes, as: UTF8.self)
    resolution = calls.resolve(path)
    guard case .success(let method) = resolution else {
      metrics = nil
      unary = nil
      return
    }
    metrics = counters?.method(path)
    if case .unary(let body) = method { unary = body } else { unary = nil }
  }
}

/// The paths that a connection used last, so that a request's path is compared and not looked up.
final class RouteCache {
  private var routes: [Route] = []
  private var last: Route?

  private static let capacity = 16

  /// The route of a path that was used before.
  func known(_ path: UnsafeRawBufferPointer) -> Route? {
    if let last, unsafe equals(last.bytes, path) { return last }
    for index in routes.indices where unsafe equals(routes[index].bytes, path) {
      if index > 0 { routes.swapAt(index, index - 1) }
      last = routes[max(0, index - 1)]
      return last
    }
    return nil
  }

  /// The route of a path that is not known yet.
  func resolve(_ path: Bytes, in configuration: ServerConfiguration) -> Route {
    let route = Route(
      bytes: path, calls: configuration.calls, metrics: configuration.metrics)
    if case .success = route.resolution {
      if routes.count == Self.capacity { routes.removeLast() }
      routes.append(route)
    }
    return route
  }

  @inline(__always)
  private func equals(_ bytes: Bytes, _ path: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count == path.count, let base = path.baseAddress else { return false }
    return unsafe bytes.withUnsafeBytes { known in
      guard let start = known.baseAddress else { return false }
      return unsafe memcmp(start, base, known.count) == 0
    }
  }
}
