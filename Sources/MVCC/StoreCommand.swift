public import Primitives

/// What a log entry tells the store to do: everything that changes it.
public enum StoreCommand: Hashable, Sendable {
  case put(PutOperation)
  case deleteRange(DeleteRangeOperation)
  case transaction(TransactionOperation)
  /// Drops what only revisions below the given one can see.
  case compact(Revision)
  /// Creates a lease with a lifetime in seconds.
  case grantLease(LeaseID, seconds: Int64)
  /// Ends a lease and deletes its keys, as one revision.
  case revokeLease(LeaseID)
  /// Notes how many seconds leases have left (0: their whole lifetime again).
  case checkpointLeases([LeaseCheckpoint])
}

/// How long a lease has left.
public struct LeaseCheckpoint: Hashable, Sendable {
  /// The lease.
  public var lease: LeaseID
  /// Seconds that it has left; 0: its whole lifetime.
  public var remainingSeconds: Int64

  /// Describes a remainder.
  public init(lease: LeaseID, remainingSeconds: Int64) {
    self.lease = lease
    self.remainingSeconds = remainingSeconds
  }
}

/// What the store answers to a command.
public enum StoreResult: Sendable {
  case put(PutResult)
  case deleteRange(DeleteRangeResult)
  case transaction(TransactionResult)
  case compacted(revision: Revision)
  case leaseGranted(LeaseID, seconds: Int64, revision: Revision)
  case leaseRevoked(revision: Revision)
  case leasesCheckpointed
}

/// Why the store refused. Each has its gRPC status and text at the edge.
public enum StoreError: Error, Hashable, Sendable {
  /// The revision asked for has been compacted.
  case compacted
  /// The revision asked for does not exist yet.
  case futureRevision
  /// There is no such lease.
  case leaseNotFound
  /// There is such a lease already.
  case leaseExists
  /// A lease may not be granted for that long.
  case leaseTimeTooLong
  /// `ignoresValue` or `ignoresLease` was given for a key that does not exist.
  case keyNotFound
  /// What is stored fails its checks.
  case corrupt(detail: String)
  /// The engine refused, for a reason outside the store.
  case engineFailed(detail: String)
}
