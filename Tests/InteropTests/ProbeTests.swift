import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("what probes ask", .serialized)
struct ProbeTests {
  private static func page(_ path: String, _ port: Int) async throws -> (status: Int, body: String)
  {
    let answer = try await HTTPAnswer.fetch(path, from: .tcp(host: "127.0.0.1", port: port))
    return (answer.status, String(decoding: answer.body, as: UTF8.self))
  }

  @Test("the status names a version from 3.5.13 on, and a size")
  func status() async throws {
    try await withStore { store, _ in
      try await store.put("a", "b")
      let status: Etcdserverpb_StatusResponse = try await store.call(
        "Maintenance/Status", Etcdserverpb_StatusRequest())
      let parts = status.version.split(separator: ".").map { Int($0) ?? -1 }
      #expect(parts.count == 3)
      #expect(parts.lexicographicallyPrecedes([3, 5, 13]) == false)
      #expect(status.dbSize > 0)
      #expect(status.dbSizeInUse > 0)
      #expect(status.leader == status.header.memberID)
      #expect(status.raftIndex >= status.raftAppliedIndex)
      #expect(status.raftTerm == status.header.raftTerm)
      #expect(!status.isLearner)
      #expect(status.errors.isEmpty)
    }
  }

  @Test("gRPC health says SERVING, once and as a stream")
  func health() async throws {
    try await withStore { store, _ in
      let answer: Grpc_Health_V1_HealthCheckResponse = try await store.call(
        "/grpc.health.v1.Health/Check", Grpc_Health_V1_HealthCheckRequest())
      #expect(answer.status == .serving)
      let stream = try await store.stream("/grpc.health.v1.Health/Watch")
      try await stream.send(try Grpc_Health_V1_HealthCheckRequest().serializedBytes())
      stream.halfClose()
      let first = try #require(try await stream.receive())
      #expect(try Grpc_Health_V1_HealthCheckResponse(serializedBytes: first).status == .serving)
      stream.cancel()
    }
  }

  @Test("the member list names this member with its addresses")
  func members() async throws {
    try await withStore { store, server in
      let list: Etcdserverpb_MemberListResponse = try await store.call(
        "Cluster/MemberList", Etcdserverpb_MemberListRequest.with { $0.linearizable = true })
      let member = try #require(list.members.first)
      #expect(list.members.count == 1)
      #expect(member.id == list.header.memberID)
      #expect(member.name == "m1")
      #expect(member.peerUrls == ["http://127.0.0.1:\(server.peerPort)"])
      #expect(member.clientUrls == ["http://127.0.0.1:\(server.clientPort)"])
      #expect(!member.isLearner)
    }
  }

  @Test("/health, /livez, /readyz, /version and /metrics on both ports")
  func pages() async throws {
    try await withStore { store, server in
      try await store.put("a", "b")
      for port in [server.clientPort, server.metricsPort] {
        for path in ["/health", "/health?serializable=true", "/health?exclude=NOSPACE"] {
          let health = try await Self.page(path, port)
          #expect(health.status == 200)
          #expect(health.body.contains(#""health":"true""#), "\(path)")
        }
        for path in ["/livez", "/readyz"] {
          #expect(try await Self.page(path, port).status == 200, "\(path)")
        }
        let live = try await Self.page("/livez?verbose", port).body
        #expect(live.contains("serializable_read"))
        let ready = try await Self.page("/readyz?verbose", port).body
        for check in ["data_corruption", "linearizable_read", "serializable_read"] {
          #expect(ready.contains(check), "\(check)")
        }
        let metrics = try await Self.page("/metrics", port)
        #expect(metrics.status == 200)
        #expect(metrics.body.contains("\netcd_mvcc_put_total 1\n"))
        #expect(metrics.body.contains("\netcd_server_has_leader 1\n"))
        #expect(try await Self.page("/no-such-page", port).status == 404)
      }
      let version = try await Self.page("/version", server.clientPort)
      #expect(version.status == 200)
      #expect(version.body.contains(#""etcdserver":"3."#))
      #expect(version.body.contains(#""etcdcluster":"3."#))
    }
  }

  @Test("curl reads the pages, over HTTP/1.1 and over HTTP/2 without TLS")
  func curl() async throws {
    try await withStore { _, server in
      for option in ["--http1.1", "--http2-prior-knowledge"] {
        let answer = try await run(
          "/usr/bin/curl", ["-sS", "--max-time", "10", option, "http://\(server.endpoint)/health"])
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.output.contains(#""health":"true""#), "\(option): \(answer.output)")
      }
    }
  }

  @Test("an unknown method is unimplemented, and a message that cannot be read is no crash")
  func strangeCalls() async throws {
    try await withStore { store, _ in
      let unknown = await #expect(throws: CallStatus.self) {
        try await store.call(
          "KV/NoSuch", RangeRequest(), as: Etcdserverpb_RangeResponse.self)
      }
      #expect(unknown?.code == .unimplemented)
      for method in [
        "KV/Range", "KV/Put", "KV/DeleteRange", "KV/Txn", "KV/Compact", "Lease/LeaseGrant",
        "Maintenance/Alarm", "Cluster/MemberList",
      ] {
        let refused = await #expect(throws: CallStatus.self) {
          try await store.connection.unary(
            "/etcdserverpb." + method, message: [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1])
        }
        #expect(refused?.code == .internalError, "\(method): \(String(describing: refused))")
      }
      let after = try await store.put("still", "here")
      #expect(after.header.revision == 2)
    }
  }

  @Test("`--version` prints the line that process tests read")
  func versionLine() async throws {
    let answer = try await run(try Programs.ours("keelson"), ["--version"])
    #expect(answer.code == 0)
    #expect(answer.output.contains(/(?m)^etcd Version: 3\.[0-9]+\.[0-9]+$/))
    #expect(answer.output.lowercased().contains("keelson"))
  }

  @Test("SIGTERM ends the server well while calls are open, and a restart goes on")
  func graceful() async throws {
    try await withStore { store, server in
      let watch = try await store.watches()
      try await watch.create { $0.key = Data("a".utf8) }
      #expect(try await watch.next().created)
      let revision = try await store.put("a", "b").header.revision
      #expect(try await server.stop() == 0)
      try await server.start()
      let again = try await WireClient(port: server.clientPort)
      #expect(try await again.range(Kubernetes.get("a")).kvs.map(\.modRevision) == [revision])
    }
  }
}
