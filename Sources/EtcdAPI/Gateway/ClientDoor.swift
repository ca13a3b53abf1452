internal import HTTPTransport
internal import Primitives

/// Which browsers' pages and which host names may use a listener, by `--cors` and `--host-whitelist`.
public struct AccessRules: Sendable, Hashable {
  /// Origins that a browser may come from; `*` for all.
  public var origins: Set<String> = ["*"]
  /// Host names that requests without TLS may be addressed to; `*` for all.
  public var hosts: Set<String> = ["*"]

  /// Everybody, as is etcd's default.
  public init() {}

  func allows(origin: String) -> Bool { origins.contains("*") || origins.contains(origin) }

  func allows(host: String) -> Bool {
    hosts.isEmpty || hosts.contains("*") || hosts.contains(host)
  }
}

/// What answers on a client port when a request is not gRPC: checks host and origin, and hands it to the gateway or to
/// the status pages.
struct ClientDoor: HTTPHandler {
  let rules: AccessRules
  let gateway: JSONGateway?
  let pages: any HTTPHandler

  func handle(_ request: HTTPRequest, responder: HTTPResponder) {
    let host = Self.hostName(of: request)
    guard request.peer.isSecure || rules.allows(host: host) else {
      return refuse(host, responder)
    }
    responder.commonHeaders = crossOriginHeaders(for: request)
    if request.method == "OPTIONS" { return responder.respond(status: 200) }
    var request = request
    let older = "/v3beta/"
    if request.path.hasPrefix(older) { request.path = "/v3/" + request.path.dropFirst(older.count) }
    if let gateway, request.path.hasPrefix("/v3/") {
      gateway.handle(request, responder: responder)
    } else {
      pages.handle(request, responder: responder)
    }
  }

  private func crossOriginHeaders(for request: HTTPRequest) -> Headers {
    let origin = rules.origins.contains("*") ? "*" : request.headers.first(named: "origin")
    guard let origin, rules.allows(origin: origin) else { return [] }
    return [
      ("access-control-allow-headers", "accept, content-type, authorization"),
      ("access-control-allow-methods", "POST, GET, OPTIONS, PUT, DELETE"),
      ("access-control-allow-origin", origin),
    ]
  }

  /// A page of a stranger's that has its own name resolve to this machine must not reach the store.
  private func refuse(_ host: String, _ responder: HTTPResponder) {
    let text =
      "The Host header \"\(host)\" is not among the names that this server answers to without TLS.\n"
      + "Use TLS, or add the name with --host-whitelist.\n"
    responder.respond(
      status: 421, headers: [("content-type", "text/plain; charset=utf-8")],
      body: Bytes(text.utf8))
  }

  /// The name that a request is addressed to, without its port.
  static func hostName(of request: HTTPRequest) -> String {
    let authority =
      request.headers.first(named: "host") ?? request.headers.first(named: ":authority") ?? ""
    if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
      return String(authority[authority.index(after: authority.startIndex)..<close])
    }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? String(parts[0]) : authority
  }
}
