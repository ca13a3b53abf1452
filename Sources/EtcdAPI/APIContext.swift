internal import HTTPTransport
internal import Identity
internal import MVCC
internal import Member
internal import NIOCore
internal import Primitives
internal import ReplicaCore
internal import Synchronization
internal import Telemetry

/// What every service needs: the member, and the bounds that requests are held to.
public struct APIConfiguration: Sendable {
  /// Bytes of a request; beyond: InvalidArgument, "request is too large".
  public var maxRequestBytes = Limits.requestBytes
  /// Operations in a transaction, per list.
  public var maxTransactionOperations = Limits.transactionOperations
  /// The shortest lifetime of a lease, in seconds: one and a half election timeouts, as in etcd.
  public var minimumLeaseSeconds: Int64 = 2
  /// Whether the JSON gateway is served below /v3/.
  public var servesGateway = true
  /// Who may use the client ports without gRPC.
  public var access = AccessRules()
  /// Unary requests that take longer are reported to `onSlowRequest`.
  public var slowRequestNanoseconds: Int64 = 300_000_000
  /// Told of a slow request.
  public var onSlowRequest: @Sendable (SlowRequest) -> Void = { _ in }

  /// etcd's defaults.
  public init() {}

  /// The largest body of a gateway's request: that of the largest message in base64, and what JSON puts around it.
  public var maxGatewayBodyBytes: Int {
    (maxRequestBytes + Limits.messageOverheadBytes) / 3 * 4 + Limits.messageOverheadBytes
  }
}

/// What the services share.
final class APIContext: Sendable {
  let member: Member
  let configuration: APIConfiguration
  let authenticator: Authenticator
  let access: AccessGuard
  let streams = OpenStreams()
  let meters = ServiceMeters()
  /// Snapshots that are being sent.
  let openSnapshots = Atomic<Int>(0)
  /// Calls that stand in line for a lock or an election.
  let waitingCalls = Atomic<Int>(0)
  /// Ranges of at most so many keys are read on the event loop; longer ones on a reader thread.
  static let shortRangeKeys = 1_000

  init(member: Member, configuration: APIConfiguration, authenticator: Authenticator) {
    self.member = member
    self.configuration = configuration
    self.authenticator = authenticator
    access = AccessGuard(member: member, authenticator: authenticator, streams: streams)
  }

  /// The header of an answer that was true at `revision`.
  func header(_ revision: Revision) -> ResponseHeader {
    ResponseHeader(
      cluster: member.cluster.rawValue, member: member.id.rawValue,
      revision: revision.rawValue, term: member.term.rawValue)
  }

  /// The header of an answer that is true now.
  func header() -> ResponseHeader { header(member.store.currentRevision) }

  /// Proposes a command if the caller may have it carried out, and answers the call when it is applied, or
  /// refused.
  func propose(
    _ command: Command, for call: ServerCall,
    _ answer: @escaping @Sendable (CommandResult) -> Void
  ) {
    let author: Author
    do throws(CallStatus) { author = try access.author(of: command, for: call) } catch {
      return call.finish(error)
    }
    member.propose(command, by: author, mayTurnHere: call.isAlone) { result, steps in
      call.execute {
        if let steps { self.noteDuration(of: call, steps) }
        switch result {
        case .success(let value): answer(value)
        case .failure(let error): call.finish(CallStatus(error))
        }
      }
    }
  }

  /// Runs `body` on the call's event loop once everything that was acknowledged before is visible.
  func afterReadBarrier(for call: ServerCall, _ body: @escaping @Sendable () -> Void) {
    // A member that needs to ask no other answers without leaving the loop.
    if member.servesReadsAlone { return body() }
    if member.isLearner { return call.finish(.notForLearner) }
    member.linearizableRead { result in
      call.execute {
        switch result {
        case .success: body()
        case .failure(let error):
          self.meters.failedReadIndexes.add()
          if case .timeout = error { self.meters.slowReadIndexes.add() }
          call.finish(CallStatus(error))
        }
      }
    }
  }

  /// Runs `body` on a reader thread; when too much waits there already, the call is refused.
  func onReaderThread(for call: ServerCall, _ body: @escaping @Sendable () -> Void) {
    if !member.runRead(body) { call.execute { call.finish(.tooManyRequests) } }
  }
}
