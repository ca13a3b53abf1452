internal import HTTPTransport

/// Where a member listens for others: `http://HOST:PORT` or `https://HOST:PORT`.
struct PeerURL: Hashable, Sendable {
  let endpoint: Endpoint
  let isSecure: Bool

  init?(_ text: String) {
    let scheme: String
    if text.hasPrefix("https://") {
      scheme = "https://"
    } else if text.hasPrefix("http://") {
      scheme = "http://"
    } else {
      return nil
    }
    isSecure = scheme == "https://"
    let rest = text.dropFirst(scheme.count).prefix { $0 != "/" }
    guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
      (1...65_535).contains(port)
    else { return nil }
    var host = String(rest[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    if host.isEmpty { return nil }
    endpoint = .tcp(host: host, port: port)
  }
}
