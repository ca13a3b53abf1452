internal import Primitives

/// A path that was resolved.
final class Route: Sendable {
  let path: String
  let bytes: Bytes
  let resolution: Result<any CallHandler, CallStatus>
  let metrics: MethodMetrics?

  init(bytes: Bytes, configuration: ServerConfiguration) {
    self.bytes = bytes
    path = String(decoding: bytes, as: UTF8.self)
    resolution = configuration.calls.resolve(path)
    if case .success = resolution {
      metrics = configuration.metrics.method(path)
    } else {
      metrics = nil
    }
  }
}

/// The paths that a connection used last, so that a request's path is compared and not looked up.
struct RouteCache {
  private var routes: [Route] = []

  private static let capacity = 16

  mutating func route(for path: Bytes, in configuration: ServerConfiguration) -> Route {
    for index in routes.indices where routes[index].bytes == path {
      if index > 0 { routes.swapAt(index, index - 1) }
      return routes[max(0, index - 1)]
    }
    let route = Route(bytes: path, configuration: configuration)
    if case .success = route.resolution {
      if routes.count == Self.capacity { routes.removeLast() }
      routes.append(route)
    }
    return route
  }
}
