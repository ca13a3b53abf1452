package import EtcdProtocol
public import Primitives

/// A lease that was granted.
public struct LeaseGrantResponse: Sendable, Hashable {
  package var message: Etcdserverpb_LeaseGrantResponse

  package init(_ message: Etcdserverpb_LeaseGrantResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The lease.
  public var lease: LeaseID { LeaseID(message.id) }
  /// Seconds that the lease lives without a renewal; may be more than was asked for.
  public var ttlSeconds: Int64 { message.ttl }
}

/// A lease that was revoked.
public struct LeaseRevokeResponse: Sendable, Hashable {
  package var message: Etcdserverpb_LeaseRevokeResponse

  package init(_ message: Etcdserverpb_LeaseRevokeResponse) { self.message = message }

  /// Who answered; its revision is that of the deletion of the lease's keys.
  public var header: ResponseHeader { ResponseHeader(message.header) }
}

/// A renewal of a lease.
public struct LeaseRenewal: Sendable, Hashable {
  package var message: Etcdserverpb_LeaseKeepAliveResponse

  package init(_ message: Etcdserverpb_LeaseKeepAliveResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The lease.
  public var lease: LeaseID { LeaseID(message.id) }
  /// Seconds that the lease lives from now on.
  public var ttlSeconds: Int64 { message.ttl }
}

/// How long a lease has still to live.
public struct LeaseTimeToLiveResponse: Sendable, Hashable {
  package var message: Etcdserverpb_LeaseTimeToLiveResponse

  package init(_ message: Etcdserverpb_LeaseTimeToLiveResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The lease.
  public var lease: LeaseID { LeaseID(message.id) }
  /// Seconds that are left; negative if there is no such lease.
  public var remainingSeconds: Int64 { message.ttl }
  /// Seconds that a renewal gives.
  public var grantedSeconds: Int64 { message.grantedTtl }
  /// Whether the lease lives.
  public var exists: Bool { message.ttl > 0 || message.grantedTtl > 0 }
  /// The keys of the lease, if they were asked for.
  public var keys: [Bytes] { message.keys.map { Bytes($0) } }
}

/// All leases of the store.
public struct LeasesResponse: Sendable, Hashable {
  package var message: Etcdserverpb_LeaseLeasesResponse

  package init(_ message: Etcdserverpb_LeaseLeasesResponse) { self.message = message }

  /// Who answered, and at which revision.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The leases.
  public var leases: [LeaseID] { message.leases.map { LeaseID($0.id) } }
}
