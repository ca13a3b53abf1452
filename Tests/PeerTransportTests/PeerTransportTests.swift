import HTTPTransport
import Member
import Primitives
import Raft
import ReplicaCore
import Synchronization
import Telemetry
import TestPeers
import Testing

@testable import PeerTransport

@Suite("Members that talk")
struct PeerTransportTests {
  /// Two members that know each other.
  private func pair(
    _ first: TestMember = TestMember(1), _ second: TestMember = TestMember(2),
    _ body: (TestMember, TestMember) async throws -> Void
  ) async throws {
    try await first.listen()
    try await second.listen()
    let members = [first.description(), second.description()]
    first.transport.update(members)
    second.transport.update(members)
    try await body(first, second)
    await first.stop()
    await second.stop()
  }

  @Test("messages arrive in order, those with entries among themselves")
  func order() async throws {
    try await pair { first, second in
      let terms = (1...2_000).map { UInt64($0) }
      for start in stride(from: 0, to: 2_000, by: 10) {
        first.transport.send(
          terms[start..<start + 10].flatMap { term in
            var append = LaneQueueTests.append(100)
            append.term = Term(term)
            return [first.message(to: second.id, term: term), append]
          })
      }
      try await waits("4000 messages") {
        second.inbox.state.withLock { $0.messages.count } == 4_000
      }
      let messages = second.inbox.state.withLock { $0.messages }
      let heartbeats = messages.filter {
        if case .heartbeat = $0.content { return true }
        return false
      }
      #expect(heartbeats.map(\.term.rawValue) == terms)
      let appends = messages.filter { message in
        if case .append = message.content { return true }
        return false
      }
      #expect(appends.map(\.term.rawValue) == terms)
      #expect(first.inbox.state.withLock { $0.unreachable.isEmpty })
    }
  }

  @Test("questions are answered, short and long, many at once; refusals say why")
  func calls() async throws {
    try await pair { first, second in
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask {
            let payload = Bytes(repeating: UInt8(number), count: number * 300) + [1]
            let answer = await first.ask(second.id, .propose, payload)
            #expect(answer == .success(payload.reversed()))
          }
        }
      }
      #expect(
        await first.ask(second.id, .hash, [])
          == .failure(.refused(PeerRefusal(.unknownMethod, "the method is not known"))))
      #expect(await first.ask(MemberID(77), .propose, []) == .failure(.unreachable))
      #expect(
        await first.ask(second.id, .leases, [], timeout: .milliseconds(80)) == .failure(.timeout))
    }
  }

  @Test("a connection that breaks is made again; what was lost meanwhile is reported")
  func reconnection() async throws {
    try await pair { first, second in
      #expect(await first.ask(second.id, .propose, [1]) == .success([1]))
      await second.goDeaf()
      try await waits("a report") {
        first.transport.send([first.message(to: second.id, term: 1)])
        return first.inbox.state.withLock { $0.unreachable.contains(second.id) }
      }
      try await waits("a refusal to try") { first.transport.peers.first?.isConnected == false }
      #expect(await first.ask(second.id, .propose, [1]) == .failure(.unreachable))
      try await second.listen()
      try await waits("a connection") { first.transport.peers.first?.isConnected == true }
      #expect(await first.ask(second.id, .propose, [2]) == .success([2]))
      let status = try #require(first.transport.peers.first)
      #expect(status.version == Version.keelson)
      #expect(status.protocolNumber == PeerProtocol.spoken.upperBound)
    }
  }

  @Test("a member of another cluster, of another identity or removed is refused by name")
  func refusals() async throws {
    for (stranger, told, code) in [
      (TestMember(1, cluster: 8), MemberID(2), PeerRefusal.Code.clusterMismatch),
      (TestMember(1), MemberID(3), .memberMismatch),
      (TestMember(2), MemberID(2), .memberMismatch), (TestMember(9), MemberID(2), .removed),
    ] {
      let member = TestMember(2)
      member.inbox.state.withLock { $0.removed = [MemberID(9)] }
      try await member.listen()
      var description = member.description()
      description.id = told
      if stranger.id == told {
        // Its own address is not in its list under its own name.
        let connection = try await ClientConnection.connect(
          to: PeerURL(description.peerURLs[0])!.endpoint)
        let hello = PeerHello(
          cluster: ClusterID(7), from: told, to: told, protocols: 1...1, version: "")
        let answer = try await connection.unary(PeerPath.hello, message: hello.encoded())
        guard case .failure(let refusal) = try PeerWelcome.decode(answer) else {
          Issue.record("a member may call itself")
          continue
        }
        #expect(refusal.code == code)
        await connection.close()
      } else {
        stranger.transport.update([description])
        try await waits("\(code)") {
          stranger.inbox.state.withLock { $0.refusals.first?.code } == code
        }
      }
      await stranger.stop()
      await member.stop()
    }
  }

  @Test("members without a common protocol refuse each other and say which they speak")
  func protocols() async throws {
    let member = TestMember(2)
    try await member.listen()
    let connection = try await ClientConnection.connect(
      to: PeerURL(member.description().peerURLs[0])!.endpoint)
    let hello = PeerHello(
      cluster: ClusterID(7), from: MemberID(1), to: MemberID(2), protocols: 8...9, version: "9")
    let answer = try await connection.unary(PeerPath.hello, message: hello.encoded())
    #expect(
      try PeerWelcome.decode(answer) == .failure(.incompatible(theirs: "8 to 9")))
    await connection.close()
    await member.stop()
  }

  @Test("a state arrives whole, and one at a time")
  func states() async throws {
    try await pair { first, second in
      #expect(await first.sendState(to: second.id, chunks: 50) == LogIndex(99))
      let sink = try #require(second.inbox.state.withLock { $0.sinks.first })
      let taken = sink.state.withLock { $0 }
      #expect(taken.isFinished && taken.chunks.map(\.number) == Array(0..<50))
      #expect(taken.chunks.allSatisfy { $0.isIntact })
      second.inbox.state.withLock { $0.refusesStates = true }
      #expect(await first.sendState(to: second.id, chunks: 5) == nil)
      #expect(await first.sendState(to: MemberID(5), chunks: 5) == nil)
    }
  }

  @Test("a state goes on where it stood when the connection broke")
  func resumption() async throws {
    try await pair { first, second in
      let isHalfway = Atomic<Bool>(false)
      let halfway = Flag(isHalfway)
      async let sent = first.sendState(to: second.id, chunks: 40) { number in
        if number == 20 { halfway.raiseAndWait() }
      }
      try await waits("half of the state") { halfway.isRaised }
      await second.goDeaf()
      halfway.letGo()
      try await Task.sleep(for: .milliseconds(50))
      try await second.listen()
      #expect(await sent == LogIndex(99))
      let sinks = second.inbox.state.withLock { $0.sinks }
      #expect(sinks.count == 1)
      #expect(sinks.first?.state.withLock { $0.chunks.map(\.number) } == Array(0..<40))
    }
  }

  @Test("the members are told to whoever asks, and the rest of the port speaks as etcd's does")
  func probes() async throws {
    try await pair { first, second in
      let url = second.description().peerURLs[0]
      let answer = try await PeerProbe.cluster(at: url, tls: nil, timeout: .seconds(30))
      #expect(answer == [1])
      await #expect(throws: TransportError.self) {
        try await PeerProbe.cluster(at: "m2:1", tls: nil, timeout: .seconds(30))
      }
      let version = try await HTTPAnswer.fetch("/version", from: PeerURL(url)!.endpoint)
      #expect(String(decoding: version.body, as: UTF8.self).contains("\"etcdcluster\""))
      let members = try await HTTPAnswer.fetch("/members", from: PeerURL(url)!.endpoint)
      #expect(String(decoding: members.body, as: UTF8.self).hasPrefix("[{\"id\":1,\"peerURLs\":"))
    }
  }

  @Test("traffic is counted under etcd's names")
  func metrics() async throws {
    try await pair { first, second in
      let registry = MetricRegistry()
      first.transport.register(in: registry)
      #expect(await first.ask(second.id, .propose, [1]) == .success([1]))
      try await waits("a ping") { first.transport.peers.first?.roundTrip != nil }
      let text = registry.exposition()
      for line in [
        "etcd_network_peer_sent_bytes_total{To=\"2\"} ",
        "etcd_network_peer_received_bytes_total{From=\"2\"} ",
        "etcd_network_peer_sent_failures_total{To=\"2\"} 0",
        "etcd_network_active_peers{Local=\"1\",Remote=\"2\"} 1",
        "etcd_network_peer_round_trip_time_seconds_bucket{To=\"2\",le=\"0.0001\"} ",
      ] {
        #expect(text.contains(line), "\(line) is missing")
      }
    }
  }

  @Test("a certificate of another authority is refused on both sides")
  func certificates() async throws {
    let (ours, theirs) = (try Certificates(), try Certificates())
    func client(_ certificates: Certificates, trusting: Certificates) -> TLSConfiguration {
      .client(
        authorityFile: trusting.path("ca.pem"), certificateFile: certificates.path("client.pem"),
        privateKeyFile: certificates.path("client.key"))
    }
    let member = TestMember(2) {
      $0.refusal = { $0.certificates.isEmpty ? PeerRefusal(.forbidden, "no certificate") : nil }
    }
    try await member.listen(
      tls: .server(
        certificateFile: ours.path("server.pem"), privateKeyFile: ours.path("server.key"),
        clientAuthorityFile: ours.path("ca.pem"), clientCertificates: .require))
    for (tls, isWelcome) in [
      (client(ours, trusting: ours), true), (client(theirs, trusting: ours), false),
      (client(ours, trusting: theirs), false),
    ] {
      let other = TestMember(1) { $0.clientTLS = tls }
      other.transport.update([member.description(isSecure: true)])
      let answer = await other.ask(member.id, .propose, [1])
      #expect(answer == (isWelcome ? .success([1]) : .failure(.unreachable)))
      await other.stop()
    }
    await member.stop()
  }
}

/// Stops a thread at a place until the test lets it go.
private final class Flag: Sendable {
  private let raised: Atomic<Bool>
  private let gone = Atomic<Bool>(false)

  init(_ raised: consuming Atomic<Bool>) { self.raised = raised }

  var isRaised: Bool { raised.load(ordering: .acquiring) }

  func raiseAndWait() {
    raised.store(true, ordering: .releasing)
    while !gone.load(ordering: .acquiring) {}
  }

  func letGo() { gone.store(true, ordering: .releasing) }
}
