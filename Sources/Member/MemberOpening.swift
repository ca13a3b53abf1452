internal import Engine
internal import Environment
internal import LinuxEnvironment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import Synchronization
internal import WriteAheadLog

/// Everything that a member is made of, opened in the order in which it must be.
struct MemberOpening {
  let clock: any Clock = LinuxClock()
  let identity: DataDirectory.Identity
  let lock: any DirectoryLock
  let replica: Replica
  let shared: MemberState
  let directory: DataDirectory
  /// Whom a member that joins can ask until it has the state.
  let contacts: [ClusterMember]
  let logSyncs = SyncDurations()

  init(_ configuration: MemberConfiguration) throws(MemberError) {
    let directory = DataDirectory(
      configuration.dataDirectory, separateLog: configuration.logDirectory,
      segmentBytes: configuration.logSegmentBytes)
    self.directory = directory
    lock = try directory.lock()
    if let identity = try directory.identity() {
      self.identity = identity
    } else if let cluster = configuration.joining {
      identity = try directory.join(cluster, configuration)
    } else if configuration.mayBootstrap {
      identity = try directory.bootstrap(configuration)
    } else {
      throw .file(
        reason: "\(configuration.dataDirectory) holds no member, and this one may not begin a "
          + "cluster of its own; check the path, or start it with --initial-cluster-state=new")
    }

    try directory.goOnBeginningAnew()
    let engines = directory.engines
    let member = identity.member
    var (store, log) = try Self.openStored(
      directory, configuration, durations: logSyncs, clock: clock, member: member)
    // The exchange of a state was cut short behind the point of no return.
    if log.firstIndex > store.appliedIndex.next, let arrived = try engines.arrivedName() {
      store.engine.close()
      try engines.makeCurrent(arrived)
      store = try Self.openStore(engines.path(arrived), configuration)
    }
    try engines.removeLeftovers()
    let engine = store.engine
    var settings = ReplicaConfiguration(
      member: identity.member, quotaBytes: configuration.quotaBytes,
      snapshotCount: configuration.snapshotCount,
      snapshotLogBytes: configuration.snapshotLogBytes,
      catchUpEntries: configuration.catchUpEntries, catchUpBytes: configuration.catchUpBytes,
      raft: configuration.raftSettings, seed: LinuxEntropy().next())
    settings.forwardTimeout = configuration.requestTimeout
    do throws(ReplicaError) {
      if configuration.forcesNewCluster {
        try Self.beginAgain(settings, log, store, now: clock.now())
      }
      replica = try Replica(configuration: settings, log: log, store: store, engine: engine)
      contacts = replica.cluster.members.isEmpty ? try ClusterTable.contacts(engine) : []
    } catch {
      throw Self.explain(error, directory)
    }
    if configuration.connect == nil, replica.hasPeers || !contacts.isEmpty {
      throw .damaged(
        reason:
          "the member in \(configuration.dataDirectory) belongs to a cluster of several, and is started "
          + "without a way to reach them")
    }
    if !replica.isForgetful { directory.removeDamaged() }
    // A disk that is full must not keep a member from starting.
    try? directory.noteCluster(replica.cluster)
    let watches = WatchHub(
      source: store, progressInterval: .seconds(configuration.watchProgressSeconds))
    shared = MemberState(
      configuration: configuration, id: identity.member, store: store, watches: watches,
      cluster: replica.cluster, access: replica.access)
  }

  /// What a person is told of what is stored, where no replica can be made of it.
  private static func explain(_ error: ReplicaError, _ directory: DataDirectory) -> MemberError {
    switch error {
    case .notAMember: .removed
    case .tooOld(let level, let cluster): .tooOld(level, cluster: cluster)
    case .missingEntries(let from, let logBegins):
      .damaged(
        reason: "the engine in \(directory.memberPath) needs the log from entry \(from) on, and "
          + "\(directory.logPath) begins at \(logBegins): one of them is an older copy; restore "
          + "this member from a snapshot")
    default:
      .damaged(
        reason: "the engine in \(directory.memberPath) does not describe this member: \(error)")
    }
  }

  /// Connects the member with the others, if it may have any.
  func connect() throws(MemberError) {
    guard let connect = shared.configuration.connect else { return }
    let desk = PeerDesk(shared: shared, directory: directory, clock: clock)
    do {
      let link = try connect(
        PeerSetup(cluster: identity.cluster, member: identity.member, inbox: desk))
      shared.link.withLock { $0 = link }
      link.update(contacts.isEmpty ? replica.cluster.members : contacts)
    } catch {
      throw .file(reason: "\(error)")
    }
  }

  /// Opens engine and log; where one of them is damaged and others hold what is lost, begins anew without.
  private static func openStored(
    _ directory: DataDirectory, _ configuration: MemberConfiguration, durations: SyncDurations,
    clock: any Clock, member: MemberID
  ) throws(MemberError) -> (Store, WriteAheadLog) {
    var hasBegunAnew = false
    while true {
      let path = directory.engines.path(try directory.engines.currentName())
      // Beside the engine: a log waits for the disk, an engine for the processors.
      let missing = missingLog(directory)
      let aside =
        missing == nil ? readLog(directory, configuration, durations: durations, clock: clock) : nil
      let store: Store
      do throws(MemberError) { store = try openStore(path, configuration) } catch {
        aside?.drop()
        guard case .damaged(let reason) = error, !hasBegunAnew else { throw error }
        let damage = Damage(file: path, offset: nil, reason: reason)
        try beginAnew(damage, error, directory.notedCluster(), member, directory, configuration)
        hasBegunAnew = true
        continue
      }
      guard let aside else { throw missing ?? .damaged(reason: "there is no log") }
      do throws(LogError) {
        let log = try openLog(aside.take(), configuration, durableMark: store.appliedIndex)
        return (store, log)
      } catch {
        let refusal = MemberError(error, directory: directory.path)
        guard case .damaged(let file, let offset, let reason) = error, !hasBegunAnew else {
          throw refusal
        }
        // One that is without the others' state knows them from the copy only.
        let loaded = try? ClusterTable.load(store.engine).state
        let cluster = loaded?.members.isEmpty == false ? loaded : directory.notedCluster()
        store.engine.close()
        let damage = Damage(file: file, offset: offset, reason: reason)
        try beginAnew(damage, refusal, cluster, member, directory, configuration)
        hasBegunAnew = true
      }
    }
  }

  /// What was found damaged.
  private struct Damage {
    var file: String
    var offset: Int64?
    var reason: String
  }

  /// Begins anew if others hold what is lost; throws what to do if not.
  private static func beginAnew(
    _ damage: Damage, _ refusal: MemberError, _ cluster: ClusterState?, _ member: MemberID,
    _ directory: DataDirectory, _ configuration: MemberConfiguration
  ) throws(MemberError) {
    // Whoever is alone, or is to be, has nobody to ask.
    let isAlone = cluster.map { $0.members.map(\.id) == [member] } ?? false
    if configuration.connect == nil || configuration.forcesNewCluster || isAlone { throw refusal }
    switch DamageRemedy.remedy(for: member, in: cluster) {
    case .refuse(let advice): throw .damaged(reason: "\(refusal); \(advice)")
    case .askOthers: break
    }
    guard let cluster else { throw refusal }
    var details: [MemberNotice.Detail] = [.init("file", damage.file)]
    if let offset = damage.offset { details.append(.init("offset", "\(offset)")) }
    details += [.init("reason", damage.reason), .init("kept", directory.damagedPath)]
    configuration.log(
      MemberNotice(
        .warning,
        "this member's data is damaged: it begins anew without a vote, and gets the state from the others",
        details))
    try directory.beginAnew(cluster)
  }

  /// Opens the engine in a directory, and the store in it.
  static func openStore(
    _ path: String, _ configuration: MemberConfiguration
  ) throws(MemberError) -> Store {
    let engine = try openEngine(path, configuration)
    do throws(StoreError) {
      var settings = StoreConfiguration()
      // A record takes a little more in memory than in a file.
      settings.onLostValue = { line in configuration.onFatal(line) }
      settings.concurrently = LoadThreads.loop(bytes: engine.sizeOnDisk * 5 / 4)
      settings.unhurriedly = LoadThreads.yieldingLoop
      return try Store(engine: engine, configuration: settings)
    } catch {
      throw MemberError(error)
    }
  }

  static func openEngine(
    _ path: String, _ configuration: MemberConfiguration
  ) throws(MemberError) -> RocksEngine {
    do throws(EngineError) {
      var options = RocksEngine.Options()
      options.blockCacheBytes = configuration.engineCacheBytes
      return try RocksEngine(directory: path, options: options)
    } catch {
      throw MemberError(error)
    }
  }

  /// Leaves the other members behind: what is in the log is taken for committed, who belonged to the cluster is
  /// forgotten, and that is made durable before anything else happens.
  private static func beginAgain(
    _ settings: ReplicaConfiguration, _ log: WriteAheadLog, _ store: Store, now: MonotonicTime
  ) throws(ReplicaError) {
    var settings = settings
    settings.ignoresMembership = true
    try ClusterTable.reduce(store.engine, to: settings.member)
    let replica = try Replica(
      configuration: settings, log: log, store: store, engine: store.engine)
    var effects: [ReplicaEffect] = []
    replica.step(.start(now), into: &effects)
    for case .fatal(let line) in effects { throw .engine(line) }
    do throws(StoreError) { _ = try store.flush() } catch { throw .engine("\(error)") }
  }

  /// Begins to read the log.
  private static func readLog(
    _ directory: DataDirectory, _ configuration: MemberConfiguration, durations: SyncDurations,
    clock: any Clock
  ) -> AsideReading {
    let files = LogFileSystem(
      directory.files, clock: clock, durations: durations, syncs: configuration.syncsLog)
    let layout = LogConfiguration(
      segmentBytes: configuration.logSegmentBytes, salt: LinuxEntropy().next())
    let path = directory.logPath
    return AsideReading { () throws(LogError) in
      try LogReading(directory: path, fileSystem: files, configuration: layout)
    }
  }

  /// What to say if there is no log at all.
  private static func missingLog(_ directory: DataDirectory) -> MemberError? {
    // An empty directory would pass for a log without entries, and acknowledged writes for never
    // made.
    let names = try? directory.files.list(directory.logPath)
    if names?.isEmpty == false { return nil }
    return .damaged(
      reason: "there is no log in \(directory.logPath); give the --wal-dir with which this member "
        + "was made, or restore it from a snapshot")
  }

  private static func openLog(
    _ reading: LogReading, _ configuration: MemberConfiguration, durableMark: LogIndex
  ) throws(LogError) -> WriteAheadLog {
    let (log, recovery) = try WriteAheadLog.open(reading, durableMark: durableMark)
    if let tail = recovery.tornTail {
      configuration.log(
        MemberNotice(
          .warning,
          "an unfinished write at the end of the log was cut off; nothing in it had "
            + "been acknowledged",
          [
            .init("file", tail.file), .init("offset", "\(tail.offset)"),
            .init("bytes", "\(tail.bytes)"),
          ]))
    }
    return log
  }
}
