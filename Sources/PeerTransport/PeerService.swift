internal import HTTPTransport
internal import Member
internal import NIOPosix
internal import Primitives
internal import Synchronization

/// What answers other members on the peer port: the greeting, and the streams of those who were greeted.
final class PeerService: Sendable {
  /// A certificate, at a host, that was found good.
  private struct Visitor: Hashable {
    let certificate: Bytes
    let host: String
  }

  private let configuration: PeerConfiguration
  private let inbox: any PeerInbox
  private let counters: PeerCounterTable
  private let receiver: StateReceiver
  private let visitors = Mutex<Set<Visitor>>([])
  private static let rememberedVisitors = 1_024

  init(
    _ configuration: PeerConfiguration, inbox: any PeerInbox, counters: PeerCounterTable,
    receiver: StateReceiver
  ) {
    self.configuration = configuration
    self.inbox = inbox
    self.counters = counters
    self.receiver = receiver
  }

  var calls: CallRouter {
    var calls = CallRouter()
    calls.registerUnary(PeerPath.hello) { call, message in self.greet(call, message) }
    calls.register(PeerPath.messages) { call in self.beginMessages(call) }
    calls.register(PeerPath.state) { call in self.beginState(call) }
    calls.registerUnary(PeerPath.members) { call, message in self.tellMembers(call) }
    return calls
  }

  // MARK: The greeting

  private func greet(_ call: ServerCall, _ message: Bytes) {
    guard let hello = try? PeerHello.decode(message) else {
      call.finish(CallStatus(.invalidArgument, "the greeting cannot be read"))
      return
    }
    admit(call) { refusal in
      let answer: Result<PeerWelcome, PeerRefusal> =
        if let refusal = refusal ?? self.refusal(of: hello) {
          .failure(refusal)
        } else {
          .success(
            PeerWelcome(
              protocolNumber: PeerProtocol.common(hello.protocols) ?? 0,
              version: self.configuration.version))
        }
      if case .failure(let refusal) = answer { self.note(refusal, hello, call) }
      call.finish(PeerWelcome.encode(answer))
    }
  }

  private func refusal(of hello: PeerHello) -> PeerRefusal? {
    let identity = StreamIdentity(
      cluster: hello.cluster, from: hello.from, to: hello.to,
      protocolNumber: PeerProtocol.common(hello.protocols) ?? 0)
    if let refusal = refusal(of: identity) { return refusal }
    if PeerProtocol.common(hello.protocols) == nil {
      return .incompatible(
        theirs: "\(hello.protocols.lowerBound) to \(hello.protocols.upperBound)")
    }
    return nil
  }

  private func refusal(of identity: StreamIdentity) -> PeerRefusal? {
    if identity.cluster != configuration.cluster {
      return PeerRefusal(
        .clusterMismatch,
        "cluster ID mismatch: this member belongs to cluster \(configuration.cluster), the other to"
          + " \(identity.cluster); check --initial-cluster and --initial-cluster-token, and that the"
          + " data directories are of one cluster")
    }
    if identity.to != configuration.member {
      return PeerRefusal(
        .memberMismatch,
        "member ID mismatch: this is member \(configuration.member), not \(identity.to); check the"
          + " peer URLs in the member list")
    }
    if identity.from == configuration.member {
      return PeerRefusal(
        .memberMismatch,
        "a member with the identifier \(identity.from) calls itself; two members have the same data,"
          + " or a peer URL of another leads here")
    }
    if inbox.isRemoved(identity.from) { return .removed }
    return nil
  }

  private func note(_ refusal: PeerRefusal, _ hello: PeerHello, _ call: ServerCall) {
    configuration.log(
      MemberNotice(
        .warning, "a member that connected was refused",
        [
          .init("member", "\(hello.from)"), .init("address", call.peer.remoteAddress),
          .init("version", hello.version), .init("error", refusal.message),
        ]))
  }

  /// Asks once whether a certificate may speak for a member; `body` runs on the call's event loop.
  private func admit(_ call: ServerCall, _ body: @escaping @Sendable (PeerRefusal?) -> Void) {
    guard let check = configuration.refusal, let visitor = visitor(call.peer) else {
      return body(nil)
    }
    if visitors.withLock({ $0.contains(visitor) }) { return body(nil) }
    let peer = call.peer
    NIOThreadPool.singleton.submit { _ in
      let refusal = check(peer)
      if refusal == nil {
        self.visitors.withLock { visitors in
          if visitors.count >= Self.rememberedVisitors { visitors.removeAll() }
          visitors.insert(visitor)
        }
      }
      call.execute { body(refusal) }
    }
  }

  private func visitor(_ peer: PeerIdentity) -> Visitor? {
    guard peer.isSecure else { return nil }
    let host = peer.remoteAddress.lastIndex(of: ":").map { peer.remoteAddress[..<$0] } ?? ""
    return Visitor(certificate: peer.certificates.first ?? [], host: String(host))
  }

  // MARK: Streams

  /// Who opens a stream; nil if the call was refused.
  private func identify(_ call: ServerCall) -> MemberID? {
    guard let text = call.headers.first(named: StreamIdentity.header),
      let identity = StreamIdentity(text)
    else {
      call.finish(CallStatus(.invalidArgument, "the stream does not say whose it is"))
      return nil
    }
    if let refusal = refusal(of: identity) {
      call.finish(CallStatus(.failedPrecondition, refusal.message))
      return nil
    }
    guard PeerProtocol.spoken.contains(identity.protocolNumber) else {
      call.finish(CallStatus(.failedPrecondition, "the protocol was not agreed on"))
      return nil
    }
    if configuration.refusal != nil, let visitor = visitor(call.peer),
      !visitors.withLock({ $0.contains(visitor) })
    {
      call.finish(CallStatus(.permissionDenied, "the connection did not begin with a greeting"))
      return nil
    }
    return identity.from
  }

  private func beginMessages(_ call: ServerCall) {
    guard let from = identify(call) else { return }
    MessageStream(
      call, from: from, to: configuration.member, inbox: inbox,
      counters: counters.counters(of: from)
    ).begin()
  }

  private func beginState(_ call: ServerCall) {
    guard let from = identify(call) else { return }
    StateStream(call, from: from, receiver: receiver, counters: counters.counters(of: from)).begin()
  }

  private func tellMembers(_ call: ServerCall) {
    admit(call) { refusal in
      if let refusal {
        return call.finish(CallStatus(.permissionDenied, refusal.message))
      }
      self.inbox.serve(.memberList, from: .none, []) { result in
        call.execute {
          switch result {
          case .success(let bytes): call.finish(bytes)
          case .failure(let refusal): call.finish(CallStatus(.unavailable, refusal.message))
          }
        }
      }
    }
  }
}

extension PeerRefusal {
  static let removed = PeerRefusal(
    .removed,
    "the member has been permanently removed from the cluster; add it anew, and start it with an"
      + " empty data directory and --initial-cluster-state=existing")
}
