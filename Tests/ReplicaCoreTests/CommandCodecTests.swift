import Access
import Environment
import MVCC
import Primitives
import Raft
import Simulation
import Testing

@testable import ReplicaCore

/// Random commands of every kind.
struct CommandGenerator {
  let entropy: SeededEntropy

  func below(_ bound: Int) -> Int { Int(entropy.next(below: UInt64(bound))) }
  func flag() -> Bool { below(2) == 0 }
  func number() -> Int64 {
    switch below(3) {
    case 0: Int64(below(300))
    case 1: -Int64(below(300))
    default: Int64(bitPattern: entropy.next())
    }
  }
  func bytes(_ longest: Int = 40) -> Bytes {
    (0..<below(longest + 1)).map { _ in UInt8(below(256)) }
  }
  func keys() -> KeyRange { KeyRange(bytes(), end: flag() ? [] : bytes()) }

  func put() -> PutOperation {
    var put = PutOperation(key: bytes(), value: bytes(300))
    put.lease = LeaseID(number())
    put.returnsPrevious = flag()
    put.ignoresValue = flag()
    put.ignoresLease = flag()
    return put
  }

  func deletion() -> DeleteRangeOperation {
    var deletion = DeleteRangeOperation(keys())
    deletion.returnsPrevious = flag()
    return deletion
  }

  func range() -> RangeOperation {
    var range = RangeOperation(keys())
    range.limit = number()
    range.revision = Revision(number())
    range.sortOrder = [.none, .ascending, .descending][below(3)]
    range.sortTarget = [.key, .version, .create, .mod, .value][below(5)]
    range.keysOnly = flag()
    range.countOnly = flag()
    range.minModRevision = Revision(number())
    range.maxModRevision = Revision(number())
    range.minCreateRevision = Revision(number())
    range.maxCreateRevision = Revision(number())
    return range
  }

  func comparison() -> Comparison {
    let targets: [Comparison.Target] = [
      .version(number()), .createRevision(number()), .modRevision(number()), .value(bytes()),
      .lease(number()),
    ]
    return Comparison(
      keys(), [.equal, .greater, .less, .notEqual][below(4)], targets[below(targets.count)])
  }

  func transaction(depth: Int = 0) -> TransactionOperation {
    var transaction = TransactionOperation()
    transaction.comparisons = (0..<below(4)).map { _ in comparison() }
    transaction.success = (0..<below(4)).map { _ in step(depth) }
    transaction.failure = (0..<below(4)).map { _ in step(depth) }
    return transaction
  }

  func step(_ depth: Int) -> TransactionOperation.Step {
    switch below(depth < 4 ? 4 : 3) {
    case 0: .put(put())
    case 1: .range(range())
    case 2: .deleteRange(deletion())
    default: .transaction(transaction(depth: depth + 1))
    }
  }

  func name() -> AccessName { AccessName(bytes(8)) }

  func accessChange() -> AccessChange {
    switch below(11) {
    case 0: .enable
    case 1: .disable
    case 2: .addUser(name(), passwordHash: flag() ? nil : bytes())
    case 3: .deleteUser(name())
    case 4: .changePassword(name(), passwordHash: bytes())
    case 5: .grantRole(name(), to: name())
    case 6: .revokeRole(name(), from: name())
    case 7: .addRole(name())
    case 8: .deleteRole(name())
    case 9:
      .grantPermission(
        KeyPermission([.read, .write, .readWrite][below(3)], keys()), to: name())
    default: .revokePermission(keys(), from: name())
    }
  }

  func author() -> Author {
    switch below(3) {
    case 0: .unknown
    case 1: .member
    default: .user(Caller(user: name(), revision: AuthRevision(entropy.next())))
    }
  }

  func command() -> Command {
    switch below(15) {
    case 0: .store(.put(put()))
    case 1: .store(.deleteRange(deletion()))
    case 2: .store(.transaction(transaction()))
    case 3: .store(.compact(Revision(number())))
    case 4: .store(.grantLease(LeaseID(number()), seconds: number()))
    case 5: .store(.revokeLease(LeaseID(number())))
    case 6:
      .store(
        .checkpointLeases(
          (0..<below(20)).map { _ in
            LeaseCheckpoint(lease: LeaseID(number()), remainingSeconds: number())
          }))
    case 7:
      .alarm(
        flag() ? .activate : .deactivate, MemberID(entropy.next()), flag() ? .noSpace : .corrupt)
    case 8:
      .memberAttributes(
        MemberID(entropy.next()), name: "naïve-\(below(9))",
        clientURLs: (0..<below(4)).map { "http://host-\($0):2379" },
        level: FeatureLevel(rawValue: entropy.next()))
    case 9:
      .memberPeerURLs(
        MemberID(entropy.next()), (0..<below(4)).map { "http://host-\($0):2380" })
    case 10: .access(accessChange())
    case 11:
      .issueToken(bytes(), user: name(), checkedAt: AuthRevision(entropy.next()))
    case 12:
      .membership(
        .add(
          ClusterMember(
            id: MemberID(entropy.next()), name: "n\(below(9))", peerURLs: ["http://host:2380"],
            clientURLs: [], isLearner: flag())))
    case 13:
      .membership(
        [
          .remove(MemberID(entropy.next())), .promote(MemberID(entropy.next())),
          .demote(MemberID(entropy.next()), MemberLife(rawValue: entropy.next())),
        ][below(3)])
    default: .leaseExpire(LeaseID(number()), term: Term(entropy.next()))
    }
  }
}

@Suite("A command's encoding")
struct CommandCodecTests {
  @Test("gives every command back")
  func roundTrip() throws {
    let generator = CommandGenerator(entropy: SeededEntropy(seed: 1))
    for _ in 0..<3_000 {
      let (command, author) = (generator.command(), generator.author())
      let decoded = try Command.decodeAuthored(command.encoded(by: author))
      #expect(decoded.command == command && decoded.author == author)
    }
  }

  @Test("refuses every prefix, and extra bytes")
  func truncation() {
    let generator = CommandGenerator(entropy: SeededEntropy(seed: 2))
    for _ in 0..<100 {
      let encoded = generator.command().encoded(by: generator.author())
      for length in 0..<encoded.count {
        #expect(throws: DecodingError.self) { try Command.decode(Bytes(encoded.prefix(length))) }
      }
      #expect(throws: DecodingError.self) { try Command.decode(encoded + [0]) }
    }
  }

  @Test("survives any bytes: what it reads, it writes the same meaning of")
  func mutation() {
    let generator = CommandGenerator(entropy: SeededEntropy(seed: 3))
    for _ in 0..<20_000 {
      var encoded = generator.command().encoded(by: generator.author())
      for _ in 0...generator.below(4) where !encoded.isEmpty {
        switch generator.below(4) {
        case 0: encoded[generator.below(encoded.count)] = UInt8(generator.below(256))
        case 1: encoded.remove(at: generator.below(encoded.count))
        case 2: encoded.insert(UInt8(generator.below(256)), at: generator.below(encoded.count))
        default: encoded[generator.below(encoded.count)] ^= 1 << UInt8(generator.below(8))
        }
      }
      guard let command = try? Command.decode(encoded) else { continue }
      #expect((try? Command.decode(command.encoded())) == command)
    }
  }

  @Test("an entry that names nobody is written as before there were users")
  func formatOfOldLogs() throws {
    var put = PutOperation(key: [1], value: [2])
    put.lease = LeaseID(3)
    let old: Bytes = [1, 1, 1, 1, 1, 2, 3, 0]
    #expect(Command.store(.put(put)).encoded() == old)
    let decoded = try Command.decodeAuthored(old)
    #expect(decoded.command == .store(.put(put)) && decoded.author == .unknown)
  }

  @Test("refuses transactions that are nested deeper than requests may be")
  func depth() {
    var transaction = TransactionOperation()
    for _ in 0...Limits.transactionDepth {
      var outer = TransactionOperation()
      outer.success = [.transaction(transaction)]
      transaction = outer
    }
    let encoded = Command.store(.transaction(transaction)).encoded()
    #expect(throws: DecodingError.malformed) { try Command.decode(encoded) }
    // Bytes that say "a transaction in a transaction in …" must not use up the stack.
    let endless = [1, 3] + Bytes((0..<100_000).flatMap { _ in [0, 1, 4] as Bytes })
    #expect(throws: DecodingError.self) { try Command.decode(endless) }
  }

  @Test("of the cluster's state gives it back, and survives any bytes")
  func clusterState() throws {
    let state = ClusterState(
      cluster: ClusterID(rawValue: 77),
      members: [
        ClusterMember(
          id: MemberID(9), name: "nine", peerURLs: ["http://a:1", "http://b:2"], clientURLs: [],
          isLearner: false),
        ClusterMember(
          id: MemberID(3), name: "", peerURLs: ["http://c:1"], clientURLs: ["http://c:2"],
          isLearner: true),
      ],
      alarms: [
        Alarm(member: MemberID(9), kind: .corrupt), Alarm(member: MemberID(3), kind: .noSpace),
      ], level: FeatureLevel(rawValue: 7), removed: [MemberID(5), MemberID(2)])
    let encoded = state.encoded()
    #expect(try ClusterState.decode(encoded) == state)
    let entropy = SeededEntropy(seed: 4)
    for _ in 0..<5_000 {
      var damaged = encoded
      damaged[Int(entropy.next(below: UInt64(encoded.count)))] = UInt8(entropy.next(below: 256))
      _ = try? ClusterState.decode(damaged)
    }
  }
}
