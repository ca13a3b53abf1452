import Foundation
import HTTPTransport
import ProcessHarness
import Testing

@Suite("who may use the gateway", .serialized)
struct GatewayDoorTests {
  /// The status and the body of one request.
  private static func ask(
    _ server: ServerProcess, _ path: String, _ body: String? = nil, _ options: [String] = []
  ) async throws -> (status: Int, head: String, body: String) {
    var words = ["-sSi", "--max-time", "20", "http://" + server.endpoint + path]
    if let body { words += ["-X", "POST", "-d", body] }
    let answer = try await run("/usr/bin/curl", words + options)
    let text = answer.output.replacingOccurrences(of: "\r\n", with: "\n")
    let parts = text.components(separatedBy: "\n\n")
    let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (status ?? 0, parts[0].lowercased(), parts.dropFirst().joined(separator: "\n\n"))
  }

  private static let kinds: [ServerProcess.Kind] =
    Programs.hasPeers ? [.etcd, .underTest] : [.underTest]

  @Test("origins and host names outside the lists are refused", arguments: kinds)
  func lists(_ kind: ServerProcess.Kind) async throws {
    let flags = ["--cors", "http://a.example:80", "--host-whitelist", "127.0.0.1,store.example"]
    try await withServer(kind, flags: flags) { server in
      let key = #"{"key":"YQ=="}"#
      let known = try await Self.ask(
        server, "/v3/kv/range", key, ["-H", "Origin: http://a.example:80"])
      #expect(known.status == 200)
      #expect(known.head.contains("access-control-allow-origin: http://a.example:80"))
      let unknown = try await Self.ask(
        server, "/v3/kv/range", key, ["-H", "Origin: http://b.example"])
      #expect(unknown.status == 200)
      #expect(!unknown.head.contains("access-control"))
      for (host, status) in [
        ("store.example", 200), ("store.example:2379", 200), ("evil.example", 421),
        ("evil.example:2379", 421),
      ] {
        let answer = try await Self.ask(server, "/v3/kv/range", key, ["-H", "Host: \(host)"])
        #expect(answer.status == status, "\(host)")
        #expect(
          try await Self.ask(server, "/health", nil, ["-H", "Host: \(host)"]).status == status)
      }
    }
  }

  @Test("--enable-grpc-gateway=false leaves the pages alone", arguments: kinds)
  func switchedOff(_ kind: ServerProcess.Kind) async throws {
    try await withServer(kind, flags: ["--enable-grpc-gateway=false"]) { server in
      let refused = try await Self.ask(server, "/v3/kv/range", #"{"key":"YQ=="}"#)
      #expect(refused.status == 404)
      let health = try await Self.ask(server, "/health")
      #expect(health.status == 200)
    }
  }

  @Test("permissions hold for the gateway's calls, by the token of each", arguments: kinds)
  func tokens(_ kind: ServerProcess.Kind) async throws {
    try await withServer(kind) { server in
      for (path, body) in [
        ("user/add", #"{"name":"root","password":"r"}"#),
        ("user/grant", #"{"user":"root","role":"root"}"#),
        ("user/add", #"{"name":"u","password":"p"}"#), ("role/add", #"{"name":"reader"}"#),
        ("role/grant", #"{"name":"reader","perm":{"permType":"READ","key":"YQ=="}}"#),
        ("user/grant", #"{"user":"u","role":"reader"}"#), ("enable", "{}"),
      ] {
        let answer = try await Self.ask(server, "/v3/auth/" + path, body)
        #expect(answer.status == 200, "\(path): \(answer.body)")
      }
      let login = try await Self.ask(
        server, "/v3/auth/authenticate", #"{"name":"u","password":"p"}"#)
      let match = try #require(login.body.firstMatch(of: /"token":"([^"]+)"/))
      let own = ["-H", "Authorization: \(match.1)"]
      let wrong = try await Self.ask(
        server, "/v3/auth/authenticate", #"{"name":"u","password":"x"}"#)
      #expect(wrong.status == 400)
      let a = #"{"key":"YQ=="}"#
      #expect(try await Self.ask(server, "/v3/kv/range", a).status == 400)
      #expect(try await Self.ask(server, "/v3/kv/range", a, own).status == 200)
      #expect(try await Self.ask(server, "/v3/kv/range", #"{"key":"Yg=="}"#, own).status == 403)
      #expect(try await Self.ask(server, "/v3/kv/put", a, own).status == 403)
      #expect(
        try await Self.ask(server, "/v3/kv/range", a, ["-H", "Authorization: forged"]).status
          == 401)
      let lock = try await Self.ask(server, "/v3/lock/lock", #"{"name":"bG9jaw=="}"#, own)
      #expect(lock.body.contains("permission denied"))
      let nobody = try await Self.ask(server, "/v3/lock/lock", #"{"name":"bG9jaw=="}"#)
      #expect(nobody.body.contains("user name is empty"))
    }
  }
}
