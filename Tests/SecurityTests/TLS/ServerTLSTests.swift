import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

/// What a member under TLS shows and accepts, against openssl as the client.
@Suite("TLS of the client port", .serialized)
struct ServerTLSTests {
  @Test("versions and suites are those that the flags allow")
  func versions() async throws {
    let authority = try await TestAuthority.with(["server"])
    let suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    let both = try await SecureServer(authority, flags: ["--cipher-suites", suite])
    #expect(SecureServer.isHealthy(try await both.health(["-tls1_3"])))
    let chosen = try await both.health(["-tls1_2"])
    #expect(SecureServer.isHealthy(chosen) && chosen.contains("ECDHE-ECDSA-AES256-GCM-SHA384"))
    #expect(
      !SecureServer.isHealthy(
        try await both.health(["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"])))
    for old in ["-tls1", "-tls1_1"] {
      #expect(
        !SecureServer.isHealthy(try await both.health([old, "-cipher", "ALL:@SECLEVEL=0"])))
    }
    both.server.kill()
    let newest = try await SecureServer(authority, flags: ["--tls-min-version", "TLS1.3"])
    #expect(SecureServer.isHealthy(try await newest.health(["-tls1_3"])))
    #expect(!SecureServer.isHealthy(try await newest.health(["-tls1_2"])))
    newest.server.kill()
    let older = try await SecureServer(authority, flags: ["--tls-max-version", "TLS1.2"])
    #expect(SecureServer.isHealthy(try await older.health(["-tls1_2"])))
    #expect(!SecureServer.isHealthy(try await older.health(["-tls1_3"])))
  }

  @Test("plain text on a port of TLS is not answered, whatever it asks for")
  func noDowngrade() async throws {
    let authority = try await TestAuthority.with(["server"])
    let server = try await SecureServer(authority)
    for text in [
      "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    ] {
      let socket = try RawSocket(port: server.port)
      socket.write(text)
      let answer = String(decoding: socket.readToEnd(), as: UTF8.self)
      #expect(!answer.contains("HTTP/") && !answer.contains("health"), "\(answer)")
    }
    // And on a plain port, an upgrade is not taken up either: HTTP/1.1 answers, or nothing.
    try await withServer(.keelson) { plain in
      let socket = try RawSocket(port: plain.clientPort)
      socket.write(
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
          + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
      #expect(String(decoding: socket.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test("renewed certificates are shown without a restart, and halves of a renewal are not")
  func renewal() async throws {
    let authority = try await TestAuthority.with(["server", "renewed"])
    let server = try await SecureServer(authority)
    #expect(try await server.health().contains("subject=CN = server"))
    func move(_ file: String) throws {
      guard rename(authority.path("renewed." + file), authority.path("server." + file)) == 0 else {
        throw HarnessError("cannot rename")
      }
    }
    // A certificate without its key: the old pair goes on.
    try move("pem")
    #expect(try await server.health().contains("subject=CN = server"))
    try move("key")
    #expect(try await server.health().contains("subject=CN = renewed"))
  }

  @Test("--auto-tls makes a certificate at the first start, and keeps it")
  func automatic() async throws {
    let authority = try await TestAuthority()
    let folder = try TemporaryDirectory()
    let data = folder.path + "/data"
    var shown: [String] = []
    for _ in 0..<2 {
      let server = try await SecureServer(
        authority, flags: ["--auto-tls"], certificate: [], dataDirectory: data)
      let answer = try await server.health(["-showcerts"])
      #expect(SecureServer.isHealthy(answer))
      shown.append(
        String(answer.split(separator: "-----BEGIN CERTIFICATE-----").dropFirst().first ?? ""))
      try await server.server.stop()
    }
    #expect(shown[0].count > 100 && shown[0].prefix(400) == shown[1].prefix(400))
    let key = data + "/fixtures/client/key.pem"
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("addresses for HTTP alone leave gRPC alone to the others; sockets of Unix serve as well")
  func otherAddresses() async throws {
    let folder = try TemporaryDirectory()
    let (plain, http) = (LoopbackPorts.next(), LoopbackPorts.next())
    let socket = folder.path + "/s"
    let flags = [
      "--listen-client-urls", "http://127.0.0.1:\(plain),unix://\(socket)",
      "--listen-client-http-urls", "http://127.0.0.1:\(http)",
    ]
    try await withServer(.keelson, flags: flags) { _ in
      func status(_ arguments: [String]) async throws -> String {
        try await run(
          "/usr/bin/curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}"] + arguments
        ).output
      }
      #expect(try await status(["http://127.0.0.1:\(http)/health"]) == "200")
      #expect(try await status(["http://127.0.0.1:\(plain)/health"]) == "404")
      let put = "{\"key\":\"aw==\",\"value\":\"dg==\"}"
      #expect(try await status(["http://127.0.0.1:\(http)/v3/kv/put", "-d", put]) == "200")
      #expect(try await status(["http://127.0.0.1:\(plain)/v3/kv/put", "-d", put]) == "404")
      let client = try await WireClient(port: plain)
      #expect(try await client.range(.with { $0.key = Data("k".utf8) }).count == 1)
      let other = try await WireClient(port: http)
      await #expect(throws: CallStatus.self) {
        _ = try await other.range(.with { $0.key = Data("k".utf8) })
      }
      let local = try await ClientConnection.connect(to: .unix(path: socket))
      await local.close()
    }
  }
}
