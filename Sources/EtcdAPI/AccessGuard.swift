internal import Access
internal import HTTPTransport
internal import Identity
internal import MVCC
internal import Member
internal import Primitives
internal import ReplicaCore

/// The one place that decides whether a call may do what it asks for: who calls, by token or certificate, and
/// what follows from the replicated users and roles.
///
/// While authentication is off every check is one atomic load and a branch.
final class AccessGuard: Sendable {
  private let access: AccessStore
  private let store: Store
  private let authenticator: Authenticator

  init(member: Member, authenticator: Authenticator, streams: OpenStreams) {
    access = member.access
    store = member.store
    self.authenticator = authenticator
    member.observeAccess { [tokens = authenticator.simpleTokens] notice in
      switch notice {
      case .tokenIssued(let token, let user): tokens.assign(token, to: user)
      case .changed(let void):
        switch void {
        case .of(let user): tokens.void(user)
        case .all: tokens.voidAll()
        case .none: break
        }
        streams.accessChanged()
      }
    }
  }

  /// Whether permissions count.
  var isEnabled: Bool { access.isEnabled }

  /// A number that differs after every change of users and roles.
  var generation: UInt64 { access.generation }

  // MARK: Who

  /// What decides about a call's requests.
  ///
  /// - Throws: `invalidAuthToken` for a token that is forged, unknown or has ended.
  func subject(of call: ServerCall) throws(CallStatus) -> Subject {
    guard isEnabled, let proof = try proof(of: call) else { return access.subject(nil) }
    guard let revision = proof.revision else { return access.subject(user: proof.user) }
    return access.subject(Caller(user: proof.user, revision: revision))
  }

  /// A token counts before a certificate, as in etcd.
  private func proof(of call: ServerCall) throws(CallStatus) -> Proof? {
    if let text = call.headers.first(named: "token") ?? call.headers.first(named: "authorization") {
      let token = text.hasPrefix(Self.bearer) ? String(text.dropFirst(Self.bearer.count)) : text
      guard let proof = authenticator.proof(ofToken: token) else { throw .invalidAuthToken }
      return proof
    }
    guard let certificate = call.peer.certificates.first,
      // A gateway in front of the server shows its own certificate, not that of who asks.
      call.headers.first(named: "grpcgateway-accept") == nil
    else { return nil }
    return authenticator.proof(ofCertificate: certificate)
  }

  private static let bearer = "Bearer "

  // MARK: What

  /// Throws what the client is told unless it may do what is demanded.
  func check(_ demand: Demand, for call: ServerCall) throws(CallStatus) {
    if !isEnabled { return }
    try subject(of: call).allow { (subject) throws(AccessError) in try subject.check(demand) }
  }

  /// What the client is told if it may not do what is demanded, or nil.
  func refusal(of demand: Demand, for call: ServerCall) -> CallStatus? {
    do throws(CallStatus) {
      try check(demand, for: call)
      return nil
    } catch { return error }
  }

  /// Who wants a command, for its entry in the log; throws what the client is told if it may not.
  func author(of command: Command, for call: ServerCall) throws(CallStatus) -> Author {
    if !isEnabled { return .unknown }
    let subject = try subject(of: call)
    try subject.allow { (subject) throws(AccessError) in try subject.check(command, in: store) }
    return subject.caller.map(Author.user) ?? .unknown
  }

  /// Throws unless a lease may be ended or renewed: that takes write on each of its keys.
  func checkWrites(of lease: LeaseID, for call: ServerCall) throws(CallStatus) {
    if !isEnabled { return }
    try subject(of: call).allow { (subject) throws(AccessError) in
      try subject.checkWrites(of: lease, in: store)
    }
  }

  /// Throws unless leases may be looked at: that takes read on each of their keys.
  func checkReads(of leases: [LeaseID], for call: ServerCall) throws(CallStatus) {
    if !isEnabled { return }
    let subject = try subject(of: call)
    try subject.allow { (subject) throws(AccessError) in
      try subject.check(.login)
      for lease in leases { try subject.checkReads(of: lease, in: store) }
    }
  }

  // MARK: For as long as a call lasts

  /// A permission that a call goes on needing, such as a watch's.
  struct Standing {
    fileprivate let demand: Demand
    /// Who was permitted; nil if nobody had to be.
    fileprivate let user: AccessName?
    fileprivate var generation: UInt64
  }

  /// Checks a demand that is to be renewed later.
  func stand(_ demand: Demand, for call: ServerCall) throws(CallStatus) -> Standing {
    // Before the check: what changes during it is seen by the first renewal.
    let generation = generation
    guard isEnabled else { return Standing(demand: demand, user: nil, generation: generation) }
    let subject = try subject(of: call)
    try subject.allow { (subject) throws(AccessError) in try subject.check(demand) }
    return Standing(demand: demand, user: subject.caller?.user, generation: generation)
  }

  /// Checks a standing permission again if users or roles have changed since. The caller stays who it proved to
  /// be; one that had to prove nothing, because authentication was off, has to now.
  ///
  /// Cost while nothing has changed: one atomic load.
  func renew(_ standing: inout Standing, for call: ServerCall) throws(CallStatus) {
    let generation = generation
    if standing.generation == generation { return }
    guard isEnabled else {
      standing.generation = generation
      return
    }
    guard let user = standing.user else {
      standing = try stand(standing.demand, for: call)
      return
    }
    let demand = standing.demand
    try access.subject(user: user).allow { (subject) throws(AccessError) in
      try subject.check(demand)
    }
    standing.generation = generation
  }
}

extension Subject {
  /// Runs a check, and turns its refusal into what the client is told.
  fileprivate func allow(
    _ check: (Subject) throws(AccessError) -> Void
  ) throws(CallStatus) {
    do throws(AccessError) { try check(self) } catch { throw CallStatus(error) }
  }
}
