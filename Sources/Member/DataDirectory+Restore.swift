public import Access
internal import Engine
internal import Environment
internal import MVCC
public import Primitives
public import ReplicaCore
public import SnapshotFile

/// What a restored member is told apart by, and what it does with the revisions that clients may
/// remember.
public struct RestoreOptions: Sendable {
  /// What the member is called (`--name`).
  public var name = "default"
  /// Where other members will reach it (`--initial-advertise-peer-urls`).
  public var peerURLs: [String] = ["http://localhost:2380"]
  /// What tells clusters of equal URLs apart (`--initial-cluster-token`).
  public var clusterToken = "etcd-cluster"
  /// Where the log shall lie, if not below the data directory (`--wal-dir`).
  public var logDirectory: String?
  /// How far the revision jumps ahead, so that caches filled from a later state than the snapshot's
  /// do not take new writes for old ones (`--bump-revision`).
  public var bumpRevision: Int64 = 1_000_000_000
  /// Marks everything up to the new revision as compacted, so that watches from before begin anew
  /// (`--mark-compacted`).
  public var marksCompacted = true

  /// etcdutl's names and Keelson's care for caches.
  public init() {}
}

/// What a member's directory can be made from: records in the order of their revisions, leases, users and roles.
public struct RestoreSource {
  /// Passes every record, in ascending order of revisions, until its argument answers false.
  public var forEachRecord: (_ body: (SnapshotRecord) throws -> Bool) throws -> Void
  /// The leases.
  public var leases: [SnapshotLease]
  /// The compaction floor; 0 if there is none.
  public var compactedRevision: Revision
  /// Users, roles, and whether they count.
  public var access: AccessState
  /// The alarms that stand. They are not taken over, but decide which of the commands in `replay` count.
  public var alarms: [SnapshotAlarm] = []
  /// Passes what was acknowledged after the records, in order, with who wanted it; nil if there is nothing.
  public var replay: ((_ body: (Command, Author) throws -> Void) throws -> Void)?

  /// Describes a source.
  public init(
    leases: [SnapshotLease], compactedRevision: Revision, access: AccessState = AccessState(),
    forEachRecord: @escaping (_ body: (SnapshotRecord) throws -> Bool) throws -> Void
  ) {
    self.leases = leases
    self.compactedRevision = compactedRevision
    self.access = access
    self.forEachRecord = forEachRecord
  }

  /// Reads a snapshot file's state; its records are read when they are needed.
  public init(_ reader: SnapshotReader) throws {
    let state = try reader.state()
    self.init(
      leases: state.leases, compactedRevision: state.compacted,
      access: try AccessState(state),
      forEachRecord: { body in try reader.forEachRecord(body) })
    alarms = state.alarms
  }
}

/// What a restore made.
public struct RestoreResult: Hashable, Sendable {
  /// The new cluster.
  public var cluster: ClusterID
  /// Its one member.
  public var member: MemberID
  /// The revision that the store begins with.
  public var revision: Revision
  /// The number of records, without those of replayed commands.
  public var records = 0
  /// The number of commands that were replayed behind the records.
  public var replayed = 0
}

extension DataDirectory {
  /// Makes the directory of a new cluster's only member from a snapshot's content. It must hold no
  /// member yet.
  ///
  /// Alarms are not taken over: they were about members that the new cluster has not. Memory: a few
  /// megabytes, and the leases.
  /// - Throws: `MemberError.notEmpty`, `.locked`, `.damaged` for records that cannot be read or are
  ///   out of
  ///   order, `.file`.
  public static func create(
    at path: String, from source: RestoreSource, options: RestoreOptions = RestoreOptions()
  ) throws(MemberError) -> RestoreResult {
    let directory = DataDirectory(path, separateLog: options.logDirectory)
    let lock = try directory.lock()
    defer { lock.release() }
    if try directory.identity() != nil { throw .notEmpty(directory: directory.memberPath) }
    let member = Identities.member(peerURLs: options.peerURLs, token: options.clusterToken)
    let identity = Identity(cluster: Identities.cluster(members: [member]), member: member)
    var result = RestoreResult(
      cluster: identity.cluster, member: member, revision: Revision(1))
    try directory.create(identity) { (engine) throws(MemberError) in
      try restore(source, options, identity, into: engine, &result)
      return (.zero, .zero)
    }
    return result
  }

  private static func restore(
    _ source: RestoreSource, _ options: RestoreOptions, _ identity: Identity,
    into engine: any Engine, _ result: inout RestoreResult
  ) throws(MemberError) {
    do {
      var copy = RecordCopy(engine: engine)
      try source.forEachRecord { record in
        try copy.add(record)
        return true
      }
      for lease in source.leases {
        copy.batch.put(
          .leases, key: StoreLayout.leaseKey(lease.id),
          value: StoreLayout.encodeLease(
            lease.id, seconds: lease.timeToLive, remainingSeconds: lease.remaining))
      }
      var newest = max(copy.last.main, source.compactedRevision, Revision(1))
      var floor = source.compactedRevision
      var access = source.access
      if source.replay != nil {
        putMeta(of: newest, floor: floor, into: &copy.batch)
        try copy.write()
        let replay = try RestoreReplay(source, into: engine)
        (newest, floor, access) = (replay.revision, replay.floor, replay.access)
        result.replayed = replay.count
      }
      let (bumped, overflow) = newest.rawValue.addingReportingOverflow(
        max(0, options.bumpRevision))
      if overflow { throw MemberError.damaged(reason: "the revision cannot be raised that far") }
      result.revision = Revision(bumped)
      result.records = copy.count

      AccessTable.bootstrap(access, into: &copy.batch)
      if options.marksCompacted { floor = result.revision }
      putMeta(of: result.revision, floor: floor, into: &copy.batch)
      let only = ClusterMember(
        id: identity.member, name: options.name, peerURLs: options.peerURLs, clientURLs: [],
        isLearner: false)
      ClusterTable.bootstrap(
        ClusterState(cluster: identity.cluster, members: [only]), term: .zero, into: &copy.batch)
      try copy.write()
    } catch let error as MemberError {
      throw error
    } catch let error as EngineError {
      throw MemberError(error)
    } catch let error as FileError {
      throw .file(reason: "\(error)")
    } catch {
      throw .damaged(reason: "the snapshot cannot be read: \(error)")
    }
  }

  private static func putMeta(
    of revision: Revision, floor: Revision, into batch: inout EngineBatch
  ) {
    batch.put(
      .meta, key: StoreLayout.formatKey,
      value: StoreLayout.bigEndian(Int64(StoreLayout.formatVersion)))
    batch.put(
      .meta, key: StoreLayout.appliedKey, value: StoreLayout.encodeApplied(.zero, revision))
    // What lies below the floor is dropped after the first start, as after any compaction.
    if floor > .zero {
      batch.put(
        .meta, key: StoreLayout.scheduledCompactionKey, value: StoreLayout.bigEndian(floor.rawValue)
      )
    }
  }
}

extension AccessState {
  /// The users and roles of a snapshot file. Those of an etcd that never had any begin as new ones do.
  fileprivate init(_ state: SnapshotState) throws(MemberError) {
    do throws(DecodingError) {
      var (users, roles): ([User], [Role]) = ([], [])
      for entry in state.users { users.append(try AccessCodec.user(entry.encoded)) }
      for entry in state.roles { roles.append(try AccessCodec.role(entry.encoded)) }
      self.init(
        isEnabled: state.isAuthEnabled, revision: AuthRevision(max(1, state.authRevision)),
        users: users, roles: roles)
    } catch {
      throw .damaged(reason: "the snapshot's users and roles cannot be read")
    }
  }
}

/// Puts records into an engine, in batches, and checks each on its way.
private struct RecordCopy {
  private static let batchBytes = 4 * 1024 * 1024

  let engine: any Engine
  var batch = EngineBatch()
  private(set) var last = SubRevision(main: .zero, sub: 0)
  private(set) var count = 0

  init(engine: any Engine) { self.engine = engine }

  mutating func add(_ record: SnapshotRecord) throws {
    let revision = record.revision
    guard count == 0 || last < revision, revision.main.rawValue > 0, revision.sub >= 0,
      revision.sub < 1 << 31
    else {
      throw MemberError.damaged(
        reason: "the snapshot has revision \(revision) after \(last), which cannot be")
    }
    guard let decoded = try? Record.decode(revision: revision, stored: record.stored),
      decoded.isTombstone == record.isTombstone, !decoded.key.isEmpty
    else {
      throw MemberError.damaged(reason: "the snapshot's record at revision \(revision) is damaged")
    }
    batch.put(.records, key: StoreLayout.recordKey(revision), value: record.stored)
    last = revision
    count += 1
    if batch.byteCount >= Self.batchBytes { try write() }
  }

  mutating func write() throws(EngineError) {
    try engine.apply(batch)
    batch.removeAll()
  }
}
