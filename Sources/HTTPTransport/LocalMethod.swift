internal import Primitives

/// A gRPC method as this process calls it: for requests that come in another form, and for methods that are made of
/// others. It is the very handler that gRPC's clients reach, so whatever is checked there is checked here.
public struct LocalMethod: Sendable {
  let route: Route

  /// Looks a method up; nil if there is none.
  /// - Parameters:
  ///   - path: `/package.Service/Method`.
  ///   - metrics: where its calls are counted; nil for those that belong to a call that is counted already.
  public init?(_ path: String, of calls: CallRouter, metrics: TransportMetrics? = nil) {
    route = Route(bytes: Bytes(path.utf8), calls: calls, metrics: metrics)
    guard case .success = route.resolution else { return nil }
  }
}
