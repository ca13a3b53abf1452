public import HTTPTransport
public import Member
internal import NIOCore
public import NIOPosix
public import Primitives
public import Raft
public import ReplicaCore
internal import Synchronization
internal import Telemetry

/// Carries what members say to each other: to the others over connections of its own, and from them as methods
/// of the server that listens on the peer URLs.
///
/// Two connections lead to each member, one of them for what is long, and a third while a state is sent.
/// They live on one event loop, apart from those of clients, and what the others send is meant to arrive on the same
/// one: then an answer to a message leaves without another thread.
public final class PeerTransport: PeerLink {
  private struct Peer: Sendable {
    let prompt: PeerLane
    let bulk: PeerLane
    var urls: [PeerURL]
    var state: Task<Void, Never>?
  }

  private struct Peers: Sendable {
    var table: [MemberID: Peer] = [:]
    var members: [ClusterMember] = []
    var isStopped = false
  }

  private let configuration: PeerConfiguration
  private let inbox: any PeerInbox
  private let dialer: PeerDialer
  private let service: PeerService
  private let limiter: ByteRateLimiter
  /// One thread for all transports of a process, and for the listeners on their peer URLs; it lasts, since connections
  /// take their time to end.
  public static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  /// Reads states that are sent.
  private let readers = NIOThreadPool(numberOfThreads: 1)
  /// Writes the state that is received.
  private let writers = NIOThreadPool(numberOfThreads: 1)
  private let peersTable = Mutex(Peers())
  let counters = PeerCounterTable()

  /// A transport without peers, until `update` names them.
  public init(_ configuration: PeerConfiguration, inbox: any PeerInbox) {
    self.configuration = configuration
    self.inbox = inbox
    dialer = PeerDialer(configuration, group: Self.group)
    limiter = ByteRateLimiter(bytesPerSecond: configuration.stateBytesPerSecond)
    let receiver = StateReceiver(inbox: inbox, counters: counters, pool: writers)
    service = PeerService(configuration, inbox: inbox, counters: counters, receiver: receiver)
    readers.start()
    writers.start()
  }

  var localMember: MemberID { configuration.member }

  /// What a listener on the peer URLs serves. TLS and metrics are left to the caller.
  public var serverConfiguration: ServerConfiguration {
    var server = ServerConfiguration()
    server.calls = service.calls
    server.http = PeerPages(cluster: configuration.cluster) { [weak self] in
      self?.peersTable.withLock { $0.members } ?? []
    }
    // A frame is what it gathers and one message more, which holds one entry at least.
    server.maxRequestBytes =
      configuration.maxRequestBytes + 2 * Limits.raftAppendBytes + Limits.peerFrameBytes
    server.keepalive.minimumPingIntervalSeconds = 0.5
    server.keepalive.permitsPingsWithoutCalls = true
    return server
  }

  /// Ends all connections to other members. The listener is stopped by the caller.
  public func stop() async {
    let peers = peersTable.withLock { peers in
      peers.isStopped = true
      defer { peers.table = [:] }
      return peers.table
    }
    for peer in peers.values { Self.end(peer) }
    try? await readers.shutdownGracefully()
    try? await writers.shutdownGracefully()
  }

  private static func end(_ peer: Peer) {
    peer.state?.cancel()
    peer.prompt.stop()
    peer.bulk.stop()
  }

  // MARK: PeerLink

  public func send(_ messages: [Message]) {
    for message in messages {
      guard let peer = peersTable.withLock({ $0.table[message.to] }) else { continue }
      if case .append = message.content {
        peer.bulk.send(message)
      } else {
        peer.prompt.send(message)
      }
    }
  }

  public func call(
    _ member: MemberID, _ method: PeerMethod, _ payload: Bytes, timeout: Duration,
    completion: @escaping @Sendable (Result<Bytes, PeerCallError>) -> Void
  ) {
    guard let peer = peersTable.withLock({ $0.table[member] }) else {
      return completion(.failure(.unreachable))
    }
    let lane = payload.count <= Limits.peerShortCallBytes ? peer.prompt : peer.bulk
    lane.call(method, payload, timeout: timeout, completion: completion)
  }

  public func sendState(
    to member: MemberID, mark: SnapshotMark, next: @escaping @Sendable () throws -> StateChunk?,
    completion: @escaping @Sendable (LogIndex?) -> Void
  ) {
    let isBegun = peersTable.withLock { peers in
      guard let peer = peers.table[member], peer.state == nil else { return false }
      let sender = StateSender(
        member: member, mark: mark, next: next, dialer: dialer, pool: readers, limiter: limiter,
        counters: counters.counters(of: member)
      ) { [weak self] in self?.peersTable.withLock { $0.table[member]?.urls } ?? [] }
      peers.table[member]?.state = Task {
        sender.counters.sendsState.store(true, ordering: .relaxed)
        let last = await sender.run()
        sender.counters.sendsState.store(false, ordering: .relaxed)
        if last != nil { sender.counters.statesSent.add() }
        self.peersTable.withLock { $0.table[member]?.state = nil }
        completion(last)
      }
      return true
    }
    if !isBegun { completion(nil) }
  }

  public func update(_ members: [ClusterMember]) {
    let gone = peersTable.withLock { peers -> [Peer] in
      if peers.isStopped { return [] }
      peers.members = members
      let others = members.filter { $0.id != configuration.member }
      for member in others {
        let urls = member.peerURLs.compactMap { PeerURL($0) }
        if let known = peers.table[member.id] {
          known.prompt.move(to: urls)
          known.bulk.move(to: urls)
          peers.table[member.id]?.urls = urls
        } else {
          peers.table[member.id] = makePeer(member.id, urls)
        }
      }
      let names = Set(others.map(\.id))
      let leaving = peers.table.keys.filter { !names.contains($0) }
      return leaving.compactMap { peers.table.removeValue(forKey: $0) }
    }
    for peer in gone { Self.end(peer) }
  }

  private func makePeer(_ member: MemberID, _ urls: [PeerURL]) -> Peer {
    let counters = counters.counters(of: member)
    func lane(_ purpose: PeerLane.Purpose) -> PeerLane {
      PeerLane(
        to: member, at: urls, purpose, dialer: dialer, inbox: inbox, counters: counters)
    }
    return Peer(prompt: lane(.prompt), bulk: lane(.bulk), urls: urls)
  }

  public var peers: [PeerStatus] {
    let table = peersTable.withLock { $0.table }
    return table.sorted { $0.key < $1.key }.map { member, peer in
      let welcome = peer.prompt.welcome
      let nanoseconds = counters.counters(of: member).lastRoundTrip.load(ordering: .relaxed)
      return PeerStatus(
        member: member, isConnected: peer.prompt.isOpen && peer.bulk.isOpen,
        version: welcome?.version, protocolNumber: welcome?.protocolNumber ?? 0,
        roundTrip: nanoseconds > 0 ? .nanoseconds(nanoseconds) : nil)
    }
  }
}
