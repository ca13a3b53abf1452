internal import Access
internal import HTTPTransport
internal import MVCC
internal import Primitives
internal import ReplicaCore

// The one place where refusals become gRPC statuses. Clients compare the texts.

extension CallStatus {
  static let corrupt = CallStatus(.dataLoss, "etcdserver: corrupt cluster")
  static let badLeaderTransferee = CallStatus(
    .failedPrecondition, "etcdserver: bad leader transferee")
  static let notLearner = CallStatus(
    .failedPrecondition, "etcdserver: can only promote a learner member")
  static let leaseExists = CallStatus(.failedPrecondition, "etcdserver: lease already exists")
  static let notEnoughStarted = CallStatus(
    .failedPrecondition, "etcdserver: re-configuration failed due to not enough started members")
  static let noDowngrade = CallStatus(
    .failedPrecondition, "etcdserver: no inflight downgrade job")
  static let invalidDowngradeTarget = CallStatus(
    .invalidArgument, "etcdserver: invalid downgrade target version")
  static let wrongDowngradeFormat = CallStatus(
    .invalidArgument, "etcdserver: wrong downgrade target version format")
  static let duplicateKey = CallStatus(
    .invalidArgument, "etcdserver: duplicate key given in txn request")
  static let invalidSort = CallStatus(.invalidArgument, "etcdserver: invalid sort option")
  static let emptyKey = CallStatus(.invalidArgument, "etcdserver: key is not provided")
  static let keyNotFound = CallStatus(.invalidArgument, "etcdserver: key not found")
  static let leaseProvided = CallStatus(.invalidArgument, "etcdserver: lease is provided")
  static let requestTooLarge = CallStatus(.invalidArgument, "etcdserver: request is too large")
  static let tooManyOperations = CallStatus(
    .invalidArgument, "etcdserver: too many operations in txn request")
  static let valueProvided = CallStatus(.invalidArgument, "etcdserver: value is provided")
  static let invalidURLs = CallStatus(
    .invalidArgument, "etcdserver: given member URLs are invalid")
  static let notForLearner = CallStatus(
    .failedPrecondition, "etcdserver: rpc not supported for learner")
  static let memberNotFound = CallStatus(.notFound, "etcdserver: member not found")
  static let leaseNotFound = CallStatus(.notFound, "etcdserver: requested lease not found")
  static let compacted = CallStatus(
    .outOfRange, "etcdserver: mvcc: required revision has been compacted")
  static let futureRevision = CallStatus(
    .outOfRange, "etcdserver: mvcc: required revision is a future revision")
  static let leaseTimeTooLong = CallStatus(.outOfRange, "etcdserver: too large lease TTL")
  static let noSpace = CallStatus(.resourceExhausted, "etcdserver: mvcc: database space exceeded")
  static let tooManyRequests = CallStatus(.resourceExhausted, "etcdserver: too many requests")
  static let noLeader = CallStatus(.unavailable, "etcdserver: no leader")
  static let authenticationNotEnabled = CallStatus(
    .failedPrecondition, "etcdserver: authentication is not enabled")
  static let permissionNotGranted = CallStatus(
    .failedPrecondition, "etcdserver: permission is not granted to the role")
  static let roleNotGranted = CallStatus(
    .failedPrecondition, "etcdserver: role is not granted to the user")
  static let roleExists = CallStatus(
    .failedPrecondition, "etcdserver: role name already exists")
  static let roleNotFound = CallStatus(.failedPrecondition, "etcdserver: role name not found")
  static let noRootUser = CallStatus(.failedPrecondition, "etcdserver: root user does not exist")
  static let noRootRole = CallStatus(
    .failedPrecondition, "etcdserver: root user does not have root role")
  static let userExists = CallStatus(
    .failedPrecondition, "etcdserver: user name already exists")
  static let userNotFound = CallStatus(.failedPrecondition, "etcdserver: user name not found")
  static let authenticationFailed = CallStatus(
    .invalidArgument, "etcdserver: authentication failed, invalid user ID or password")
  static let invalidAuthManagement = CallStatus(
    .invalidArgument, "etcdserver: invalid auth management")
  static let permissionNotGiven = CallStatus(
    .invalidArgument, "etcdserver: permission not given")
  static let authRevisionOld = CallStatus(
    .invalidArgument, "etcdserver: revision of auth store is old")
  static let roleEmpty = CallStatus(.invalidArgument, "etcdserver: role name is empty")
  static let userEmpty = CallStatus(.invalidArgument, "etcdserver: user name is empty")
  static let permissionDenied = CallStatus(.permissionDenied, "etcdserver: permission denied")
  static let invalidAuthToken = CallStatus(
    .unauthenticated, "etcdserver: invalid auth token")
  static let timedOut = CallStatus(.unavailable, "etcdserver: request timed out")
  static let stopped = CallStatus(.unavailable, "etcdserver: server stopped")
}

extension CallStatus {
  /// What the store's refusal is called on the wire.
  init(_ error: StoreError) {
    switch error {
    case .compacted: self = .compacted
    case .futureRevision: self = .futureRevision
    case .leaseNotFound: self = .leaseNotFound
    case .leaseExists: self = .leaseExists
    case .leaseTimeTooLong: self = .leaseTimeTooLong
    case .keyNotFound: self = .keyNotFound
    case .corrupt(let detail): self = CallStatus(.dataLoss, "etcdserver: corrupt store: \(detail)")
    case .engineFailed(let detail):
      self = CallStatus(.internalError, "etcdserver: storage failed: \(detail)")
    }
  }

  /// What a refused proposal is called on the wire.
  init(_ error: ProposalError) {
    switch error {
    case .stopped: self = .stopped
    case .noLeader: self = .noLeader
    case .tooManyRequests: self = .tooManyRequests
    case .requestTooLarge: self = .requestTooLarge
    case .noSpace: self = .noSpace
    case .corrupt: self = .corrupt
    case .timeout: self = .timedOut
    case .leaderChanged: self = CallStatus(.unavailable, "etcdserver: leader changed")
    case .connectionLost:
      self = CallStatus(
        .unavailable, "etcdserver: request timed out, possibly due to connection lost")
    case .notLeader: self = CallStatus(.failedPrecondition, "etcdserver: not leader")
    case .badTransferee: self = .badLeaderTransferee
    case .peerURLExists:
      self = CallStatus(.failedPrecondition, "etcdserver: Peer URLs already exists")
    case .notLearner: self = .notLearner
    case .learnerNotReady:
      self = CallStatus(
        .failedPrecondition,
        "etcdserver: can only promote a learner member which is in sync with leader")
    case .tooManyLearners:
      self = CallStatus(
        .failedPrecondition, "etcdserver: too many learner members in cluster")
    case .notEnoughStarted: self = .notEnoughStarted
    case .unhealthy: self = CallStatus(.unavailable, "etcdserver: unhealthy cluster")
    case .memberNotFound: self = .memberNotFound
    case .access(let error): self = CallStatus(error)
    case .memberExists:
      self = CallStatus(.failedPrecondition, "etcdserver: member ID already exist")
    case .invalidMembership:
      self = .notEnoughStarted
    case .store(let error): self = CallStatus(error)
    }
  }

  /// What a refusal for want of permission, or of a change of users and roles, is called on the wire.
  init(_ error: AccessError) {
    switch error {
    case .userEmpty: self = .userEmpty
    case .permissionDenied: self = .permissionDenied
    case .revisionOld: self = .authRevisionOld
    case .notEnabled: self = .authenticationNotEnabled
    case .authenticationFailed: self = .authenticationFailed
    case .noRootUser: self = .noRootUser
    case .noRootRole: self = .noRootRole
    case .invalidManagement: self = .invalidAuthManagement
    case .userExists: self = .userExists
    case .userNotFound: self = .userNotFound
    case .roleEmpty: self = .roleEmpty
    case .roleExists: self = .roleExists
    case .roleNotFound: self = .roleNotFound
    case .roleNotGranted: self = .roleNotGranted
    case .permissionNotGranted: self = .permissionNotGranted
    }
  }

  /// What a request that can't be read is called on the wire.
  init(_ error: RequestDecodingError) {
    switch error {
    case .malformed(.truncated):
      self = CallStatus(.internalError, "grpc: error unmarshalling request: unexpected EOF")
    case .malformed(.malformed):
      self = CallStatus(.internalError, "grpc: error unmarshalling request: malformed message")
    case .tooDeep: self = .tooManyOperations
    case .invalidSort: self = .invalidSort
    case .unknownKind: self = .keyNotFound
    }
  }
}
