internal import EtcdProtocol
internal import HTTPTransport
public import Primitives

extension StoreClient {
  /// Grants a lease.
  /// - Parameter lease: the identifier that it shall have; none lets the server choose.
  /// - Throws: `leaseExists`, `invalidArgument` for too long a time.
  public func grantLease(
    seconds: Int64, lease: LeaseID = .none, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> LeaseGrantResponse {
    var request = Etcdserverpb_LeaseGrantRequest()
    request.ttl = seconds
    request.id = lease.rawValue
    let answer: Etcdserverpb_LeaseGrantResponse = try await call(
      Method.leaseGrant, request, repeating: .unsent, timeout: timeout)
    if !answer.error.isEmpty {
      throw KeelsonError(serverText: answer.error, otherwise: .failedPrecondition)
    }
    return LeaseGrantResponse(answer)
  }

  /// Ends a lease and deletes its keys.
  /// - Throws: `leaseNotFound`.
  @discardableResult
  public func revokeLease(
    _ lease: LeaseID, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> LeaseRevokeResponse {
    var request = Etcdserverpb_LeaseRevokeRequest()
    request.id = lease.rawValue
    return LeaseRevokeResponse(
      try await call(Method.leaseRevoke, request, repeating: .unsent, timeout: timeout))
  }

  /// How long a lease has still to live, and if wanted its keys.
  public func timeToLive(
    of lease: LeaseID, includingKeys: Bool = false, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> LeaseTimeToLiveResponse {
    var request = Etcdserverpb_LeaseTimeToLiveRequest()
    request.id = lease.rawValue
    request.keys = includingKeys
    return LeaseTimeToLiveResponse(
      try await call(Method.leaseTimeToLive, request, repeating: .always, timeout: timeout))
  }

  /// All leases.
  public func leases(timeout: Timeout = .standard) async throws(KeelsonError) -> LeasesResponse {
    LeasesResponse(
      try await call(
        Method.leases, Etcdserverpb_LeaseLeasesRequest(), repeating: .always, timeout: timeout))
  }

  /// Renews a lease once.
  /// - Throws: `leaseNotFound`.
  public func renewLeaseOnce(
    _ lease: LeaseID, timeout: Timeout = .standard
  ) async throws(KeelsonError) -> LeaseRenewal {
    var request = Etcdserverpb_LeaseKeepAliveRequest()
    request.id = lease.rawValue
    let stream = MessageStream(
      client: self, path: Method.leaseKeepAlive, timeout: timeout, request: request
    ) { (answer: Etcdserverpb_LeaseKeepAliveResponse) in LeaseRenewal(answer) }
    var answers = stream.makeAsyncIterator()
    guard let renewal = try await answers.next() else {
      throw KeelsonError(.protocolViolation, "the server ended the renewal without an answer")
    }
    guard renewal.ttlSeconds > 0 else { throw .leaseNotFound }
    return renewal
  }

  /// Renews a lease in the background, three times in its time to live, until the result is dropped.
  ///
  /// All leases of a client share one stream. A lost connection is made again; the sequence ends with an
  /// error only when the lease is gone, or when its time has passed without an answer.
  ///
  /// ```swift
  /// let grant = try await client.grantLease(seconds: 10)
  /// for try await renewal in client.keepAlive(grant.lease) { print(renewal.ttlSeconds) }
  /// ```
  public func keepAlive(_ lease: LeaseID) -> LeaseRenewals {
    LeaseRenewals(lease: lease, renewer: renewals)
  }
}

extension KeelsonError {
  static let leaseNotFound = KeelsonError(
    .leaseNotFound, "etcdserver: requested lease not found")
}

/// The renewals of one lease; renewing goes on while this value, a copy or an iterator of it lives.
public struct LeaseRenewals: AsyncSequence, Sendable {
  private let subscription: LeaseRenewer.Subscription

  init(lease: LeaseID, renewer: LeaseRenewer) {
    subscription = LeaseRenewer.Subscription(lease: lease, renewer: renewer)
  }

  /// To be called once. A reader that is late finds the newest 16 renewals.
  public func makeAsyncIterator() -> Iterator { Iterator(subscription: subscription) }

  /// Takes renewals.
  public struct Iterator: AsyncIteratorProtocol {
    private let subscription: LeaseRenewer.Subscription
    private var base: AsyncThrowingStream<LeaseRenewal, any Error>.Iterator

    init(subscription: LeaseRenewer.Subscription) {
      self.subscription = subscription
      base = subscription.stream.makeAsyncIterator()
    }

    /// The next renewal; nil when the task is cancelled or the client shut down.
    public mutating func next() async throws(KeelsonError) -> LeaseRenewal? {
      do {
        return try await base.next(isolation: #isolation)
      } catch let error as KeelsonError {
        throw error
      } catch {
        throw .taskCancelled
      }
    }

    /// The next renewal; nil when the task is cancelled or the client shut down.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(KeelsonError) -> LeaseRenewal? { try await next() }
  }
}
