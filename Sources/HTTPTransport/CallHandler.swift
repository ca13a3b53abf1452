public import Primitives

/// What answers the calls of one method.
public protocol CallHandler: Sendable {
  /// Takes over a call whose headers have arrived; runs on the connection's event loop and must not
  /// block.
  ///
  /// It sets the call's `onMessage`, `onHalfClose` and `onCancel`, or `onRequest`, before it
  /// returns, and ends the call with `finish`, at once or later.
  func handle(_ call: ServerCall)
}

/// The methods of a server: from paths (`/package.Service/Method`) to handlers.
public struct CallRouter: Sendable {
  /// What answers a call that takes one message, once the client has sent it whole.
  public typealias UnaryBody = @Sendable (_ call: ServerCall, _ message: Bytes) -> Void

  /// What answers the calls of a method.
  enum Method: Sendable {
    case streaming(any CallHandler)
    case unary(UnaryBody)
  }

  private var handlers: [String: Method] = [:]
  private var services: Set<String> = []

  /// A router without methods.
  public init() {}

  /// Adds or replaces a method.
  public mutating func register(_ path: String, _ handler: any CallHandler) {
    register(path, Method.streaming(handler))
  }

  /// Adds or replaces a method that takes one message: `body` answers it, at once or later.
  ///
  /// The same as `onRequest`, and cheaper: a call keeps no closure of its own.
  public mutating func registerUnary(_ path: String, _ body: @escaping UnaryBody) {
    register(path, Method.unary(body))
  }

  private mutating func register(_ path: String, _ method: Method) {
    invariant(path.hasPrefix("/"), "the method path \(path) does not begin with a slash")
    handlers[path] = method
    services.insert(Self.split(path)?.service ?? "")
  }

  /// Adds or replaces a method that a closure answers.
  public mutating func register(
    _ path: String, _ body: @escaping @Sendable (_ call: ServerCall) -> Void
  ) {
    register(path, ClosureHandler(body: body))
  }

  /// Puts a check before a method that is there: each of its calls goes on only if `refusal` answers nil, and else
  /// ends with what it answers. It runs on the connection's event loop and must not block.
  public mutating func restrict(
    _ path: String, refusal: @escaping @Sendable (_ call: ServerCall) -> CallStatus?
  ) {
    switch handlers[path] {
    case nil: break
    case .streaming(let handler):
      register(path) { call in
        if let status = refusal(call) { call.finish(status) } else { handler.handle(call) }
      }
    case .unary(let body):
      registerUnary(path) { call, message in
        if let status = refusal(call) { call.finish(status) } else { body(call, message) }
      }
    }
  }

  /// The paths of all methods, sorted.
  public var paths: [String] { handlers.keys.sorted() }

  /// The handler of a path, or what grpc-go's clients are told in its place.
  func resolve(_ path: String) -> Result<Method, CallStatus> {
    if let handler = handlers[path] { return .success(handler) }
    guard let (service, method) = Self.split(path) else {
      return .failure(CallStatus(.unimplemented, "malformed method name: \"\(path)\""))
    }
    if services.contains(service) {
      return .failure(
        CallStatus(.unimplemented, "unknown method \(method) for service \(service)"))
    }
    return .failure(CallStatus(.unimplemented, "unknown service \(service)"))
  }

  private static func split(_ path: String) -> (service: String, method: String)? {
    let text = path.hasPrefix("/") ? path.dropFirst() : path[...]
    guard let slash = text.lastIndex(of: "/") else { return nil }
    return (String(text[..<slash]), String(text[text.index(after: slash)...]))
  }
}

private struct ClosureHandler: CallHandler {
  let body: @Sendable (ServerCall) -> Void

  func handle(_ call: ServerCall) { body(call) }
}
