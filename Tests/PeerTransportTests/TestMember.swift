import HTTPTransport
import Member
import Primitives
import Raft
import ReplicaCore
import Synchronization
import Testing

@testable import PeerTransport

/// Records what comes, and answers every question with its payload turned round.
final class RecordingInbox: PeerInbox {
  struct State {
    var messages: [Message] = []
    var unreachable: [MemberID] = []
    var refusals: [PeerRefusal] = []
    var removed: Set<MemberID> = []
    var sinks: [RecordingSink] = []
    var refusesStates = false
  }

  let state = Mutex(State())

  func receive(_ messages: [Message]) { state.withLock { $0.messages += messages } }

  func unreachable(_ member: MemberID) { state.withLock { $0.unreachable.append(member) } }

  func refused(by member: MemberID, _ refusal: PeerRefusal) {
    state.withLock { $0.refusals.append(refusal) }
  }

  func isRemoved(_ member: MemberID) -> Bool { state.withLock { $0.removed.contains(member) } }

  func receiveState(
    from member: MemberID, mark: SnapshotMark
  ) throws(PeerRefusal) -> any StateSink {
    let sink = state.withLock { state -> RecordingSink? in
      if state.refusesStates { return nil }
      let sink = RecordingSink()
      state.sinks.append(sink)
      return sink
    }
    guard let sink else { throw PeerRefusal(.unavailable, "busy") }
    return sink
  }

  func serve(
    _ method: PeerMethod, from member: MemberID, _ payload: Bytes,
    reply: @escaping @Sendable (Result<Bytes, PeerRefusal>) -> Void
  ) {
    switch method {
    case .propose: reply(.success(payload.reversed()))
    case .leases: break
    case .memberList: reply(.success([member == .none ? 1 : 0]))
    default: reply(.failure(PeerRefusal(.unknownMethod, "the method is not known")))
    }
  }
}

/// Keeps chunks in memory.
final class RecordingSink: StateSink {
  struct State {
    var chunks: [StateChunk] = []
    var isFinished = false
    var isAbandoned = false
  }

  let state = Mutex(State())

  func append(_ chunk: StateChunk) throws(PeerRefusal) {
    state.withLock { $0.chunks.append(chunk) }
  }

  func finish() throws(PeerRefusal) { state.withLock { $0.isFinished = true } }

  func abandon() { state.withLock { $0.isAbandoned = true } }
}

/// A transport with a listener before it.
final class TestMember: Sendable {
  let id: MemberID
  let inbox = RecordingInbox()
  let transport: PeerTransport
  private let server = Mutex<HTTPServer?>(nil)
  private let bound = Mutex<Int>(0)

  init(
    _ id: UInt64, cluster: UInt64 = 7, _ adjust: (inout PeerConfiguration) -> Void = { _ in }
  ) {
    self.id = MemberID(id)
    var configuration = PeerConfiguration(cluster: ClusterID(cluster), member: self.id)
    adjust(&configuration)
    transport = PeerTransport(configuration, inbox: inbox)
  }

  /// Listens, on the port of last time if there was one.
  func listen(tls: TLSConfiguration? = nil) async throws {
    let server = HTTPServer(eventLoops: 1)
    var configuration = transport.serverConfiguration
    configuration.tls = tls
    let address = try await server.bind(
      to: .tcp(host: "127.0.0.1", port: bound.withLock { $0 }), configuration: configuration)
    guard case .tcp(_, let port) = address else { return }
    bound.withLock { $0 = port }
    self.server.withLock { $0 = server }
  }

  /// Ends the listener and all connections to it.
  func goDeaf() async { await server.withLock { $0.take() }?.shutdown(graceSeconds: 0) }

  func description(isSecure: Bool = false) -> ClusterMember {
    let scheme = isSecure ? "https" : "http"
    return ClusterMember(
      id: id, name: "m\(id)", peerURLs: ["\(scheme)://127.0.0.1:\(bound.withLock { $0 })"],
      clientURLs: [], isLearner: false)
  }

  func stop() async {
    await transport.stop()
    await goDeaf()
  }

  /// Asks another member, and waits for what comes of it.
  func ask(
    _ member: MemberID, _ method: PeerMethod, _ payload: Bytes, timeout: Duration = .seconds(30)
  ) async -> Result<Bytes, PeerCallError> {
    await withCheckedContinuation { continuation in
      transport.call(member, method, payload, timeout: timeout) {
        continuation.resume(returning: $0)
      }
    }
  }

  /// Sends a state of that many chunks.
  func sendState(
    to member: MemberID, chunks: UInt32,
    beforeChunk: @escaping @Sendable (UInt32) -> Void = { _ in }
  ) async -> LogIndex? {
    let mark = SnapshotMark(
      last: EntryMark(index: LogIndex(99), term: Term(3)),
      configuration: Configuration(voters: [id, member]))
    let number = Atomic<UInt32>(0)
    let counter = Box(number)
    return await withCheckedContinuation { continuation in
      transport.sendState(to: member, mark: mark) {
        let next = counter.next()
        if next >= chunks { return nil }
        beforeChunk(next)
        return StateChunk(
          number: next, isLast: next == chunks - 1, content: Bytes(repeating: 7, count: 10_000))
      } completion: {
        continuation.resume(returning: $0)
      }
    }
  }

  func message(to member: MemberID, term: UInt64) -> Message {
    Message(
      from: id, to: member, term: Term(term),
      content: .heartbeat(commit: .zero, round: ReadRound(rawValue: term)))
  }
}

private final class Box: Sendable {
  private let number: Atomic<UInt32>

  init(_ number: consuming Atomic<UInt32>) { self.number = number }

  func next() -> UInt32 { number.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// Waits until something holds, for as long as no sound machine needs.
func waits(_ what: String, until condition: () -> Bool) async throws {
  for _ in 0..<6_000 {
    if condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  Issue.record("in vain: \(what)")
}
