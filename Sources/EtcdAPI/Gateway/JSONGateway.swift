internal import HTTPTransport
internal import NIOCore
internal import Primitives

/// The JSON gateway: etcd's API for programs that speak HTTP and JSON alone.
///
/// A request becomes a call of the method that gRPC's clients call, with its metadata, so that nothing is checked twice
/// or forgotten here. Client certificates do not name a gateway's user, as in etcd: tokens do.
struct JSONGateway: Sendable {
  private struct Route: Sendable {
    let form: GatewayMethod
    let method: LocalMethod
  }

  private let context: APIContext
  private let routes: [String: Route]

  init(context: APIContext, calls: CallRouter, transport: TransportMetrics) {
    self.context = context
    var routes: [String: Route] = [:]
    for form in GatewayMethod.all {
      // A method that this server does not have is answered like an unknown path.
      guard let method = LocalMethod(form.method, of: calls, metrics: transport) else { continue }
      routes[form.path] = Route(form: form, method: method)
    }
    self.routes = routes
  }

  /// The paths that are served.
  var paths: [String] { routes.keys.sorted() }

  /// Answers a request whose path is below `/v3/`.
  func handle(_ request: HTTPRequest, responder: HTTPResponder) {
    guard let route = routes[request.path] else { return refuse(404, "Not Found\n", responder) }
    guard request.method == "POST" else {
      return refuse(405, "Method Not Allowed\n", responder)
    }
    var deadline: NIODeadline?
    if let text = request.headers.first(named: "grpc-timeout") {
      deadline = .after(grpcTimeout: text)
      if deadline == nil {
        let status = CallStatus(.invalidArgument, "invalid grpc-timeout: \(text)")
        return GatewayCall.refuse(status, responder)
      }
    }
    let origin = LocalCall.Origin(
      responder, headers: Self.metadata(of: request),
      peer: PeerIdentity(
        remoteAddress: request.peer.remoteAddress, isSecure: request.peer.isSecure),
      deadline: deadline)
    let call = LocalCall(
      route.method, origin,
      maxMessageBytes: context.configuration.maxRequestBytes + Limits.messageOverheadBytes)
    GatewayCall(route.form, call, request.body, responder, context).start()
  }

  private func refuse(_ status: Int, _ text: String, _ responder: HTTPResponder) {
    responder.respond(
      status: status,
      headers: [
        ("content-type", "text/plain; charset=utf-8"), ("x-content-type-options", "nosniff"),
      ], body: Bytes(text.utf8))
  }

  /// The gRPC metadata of a request: its credentials, and what it marks as metadata.
  private static func metadata(of request: HTTPRequest) -> Headers {
    var metadata: Headers = []
    let prefix = "grpc-metadata-"
    for (name, value) in request.headers.fields {
      if name == "authorization" || name == "user-agent" {
        metadata.append(name, value)
      } else if name.hasPrefix(prefix) {
        metadata.append(String(name.dropFirst(prefix.count)), value)
      }
    }
    return metadata
  }
}
