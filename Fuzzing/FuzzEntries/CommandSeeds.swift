internal import MVCC
internal import Primitives
internal import ReplicaCore

/// One command of every kind.
enum CommandSeeds {
  static let all: [Bytes] = commands.map { $0.encoded() }

  private static let key = Bytes("/registry/leases/kube-system/a".utf8)

  private static var commands: [Command] {
    [
      .store(.put(put)), .store(.deleteRange(DeleteRangeOperation(KeyRange(key, end: [0])))),
      .store(.transaction(transaction)), .store(.compact(Revision(300))),
      .store(.grantLease(LeaseID(-7), seconds: 60)), .store(.revokeLease(LeaseID(1 << 40))),
      .store(
        .checkpointLeases((1...9).map { LeaseCheckpoint(lease: LeaseID($0), remainingSeconds: 5) })),
      .alarm(.activate, MemberID(.max), .noSpace),
      .memberAttributes(
        MemberID(3), name: "naïve", clientURLs: ["http://a:2379", ""], level: .newest),
      .membership(
        .add(
          ClusterMember(
            id: MemberID(9), name: "m", peerURLs: ["http://b:2380"], clientURLs: [],
            isLearner: true))),
      .membership(.remove(MemberID(9))),
      .membership(.promote(MemberID(9))),
      .memberPeerURLs(MemberID(3), ["http://a:2380", ""]),
      .leaseExpire(LeaseID(4), term: Term(9)),
    ]
  }

  private static var put: PutOperation {
    var put = PutOperation(key: key, value: Bytes(repeating: 9, count: 100))
    put.lease = LeaseID(5)
    put.returnsPrevious = true
    return put
  }

  private static var transaction: TransactionOperation {
    var range = RangeOperation(KeyRange(key, end: [0]))
    range.limit = 500
    range.sortOrder = .descending
    range.sortTarget = .mod
    var transaction = TransactionOperation()
    transaction.comparisons = [
      Comparison(KeyRange(key), .equal, .modRevision(9)),
      Comparison(KeyRange(key), .less, .value([1, 2])),
      Comparison(KeyRange(key, end: [0]), .notEqual, .lease(1)),
    ]
    transaction.success = [.put(put), .range(range)]
    for _ in 0..<5 {
      var outer = transaction
      outer.failure = [
        .transaction(transaction), .deleteRange(DeleteRangeOperation(KeyRange(key))),
      ]
      transaction = outer
      transaction.success = []
    }
    return transaction
  }
}
