internal import HTTPTransport

/// One endpoint of a client, read from its text.
struct ServerAddress: Sendable, Hashable {
  /// As the user wrote it.
  let text: String
  let endpoint: Endpoint
  /// Nil if the text does not say.
  let isEncrypted: Bool?

  /// Reads `host:port`, `http://host:port`, `https://…`, `unix:path`, `unix:///path`, `unixs:…`.
  init(_ text: String) throws(KeelsonError) {
    self.text = text
    var rest = Substring(text)
    if let scheme = Self.removeScheme(&rest, ["unixs:", "unix:"]) {
      if rest.hasPrefix("//") { rest = rest.dropFirst(2) }
      guard !rest.isEmpty else { throw Self.malformed(text, "the path is missing") }
      endpoint = .unix(path: String(rest))
      isEncrypted = scheme == "unixs:"
      return
    }
    let scheme = Self.removeScheme(&rest, ["https://", "http://"])
    isEncrypted = scheme.map { $0 == "https://" }
    if scheme == nil, rest.contains("://") {
      throw Self.malformed(text, "the scheme must be http, https, unix or unixs")
    }
    if let slash = rest.firstIndex(of: "/") {
      guard rest.index(after: slash) == rest.endIndex else {
        throw Self.malformed(text, "a path does not belong there")
      }
      rest = rest[..<slash]
    }
    guard let colon = rest.lastIndex(of: ":"),
      rest.hasPrefix("[") || rest.firstIndex(of: ":") == colon
    else { throw Self.malformed(text, "the port is missing") }
    guard let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
      throw Self.malformed(text, "the port must be a number from 1 to 65535")
    }
    var host = rest[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    endpoint = .tcp(host: host.isEmpty ? "127.0.0.1" : String(host), port: Int(port))
  }

  private static func removeScheme(_ text: inout Substring, _ schemes: [String]) -> String? {
    guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else { return nil }
    text = text.dropFirst(scheme.count)
    return scheme
  }

  private static func malformed(_ text: String, _ why: String) -> KeelsonError {
    KeelsonError(.invalidConfiguration, "the endpoint \"\(text)\" cannot be used: \(why)")
  }
}
