internal import Engine
internal import Environment
internal import LinuxEnvironment
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import WriteAheadLog

/// Everything that a member is made of, opened in the order in which it must be.
struct MemberOpening {
  let clock: any Clock = LinuxClock()
  let identity: DataDirectory.Identity
  let lock: any DirectoryLock
  let replica: Replica
  let shared: MemberState
  let logSyncs = SyncDurations()

  init(_ configuration: MemberConfiguration) throws(MemberError) {
    let directory = DataDirectory(
      configuration.dataDirectory, separateLog: configuration.logDirectory)
    lock = try directory.lock()
    if let identity = try directory.identity() {
      self.identity = identity
    } else if configuration.mayBootstrap {
      identity = try Self.bootstrap(directory, configuration)
    } else {
      throw .file(
        reason: "\(configuration.dataDirectory) holds no member, and this one may not begin a "
          + "cluster of its own; check the path, or start it with --initial-cluster-state=new")
    }

    let engine: RocksEngine
    do throws(EngineError) {
      var options = RocksEngine.Options()
      options.blockCacheBytes = configuration.engineCacheBytes
      engine = try RocksEngine(directory: directory.enginePath, options: options)
    } catch {
      throw MemberError(error)
    }
    let store: Store
    do throws(StoreError) {
      var settings = StoreConfiguration()
      settings.concurrently = LoadThreads.loop
      store = try Store(engine: engine, configuration: settings)
    } catch {
      switch error {
      case .corrupt(let detail): throw MemberError(EngineError.corrupt(detail: detail))
      case .engineFailed(let detail): throw MemberError(EngineError.failed(detail: detail))
      default: throw .damaged(reason: "the store cannot be opened: \(error)")
      }
    }
    let log = try Self.openLog(
      directory, configuration, durations: logSyncs, clock: clock,
      durableMark: store.appliedIndex)
    do throws(ReplicaError) {
      replica = try Replica(
        configuration: ReplicaConfiguration(
          member: identity.member, quotaBytes: configuration.quotaBytes,
          snapshotCount: configuration.snapshotCount,
          snapshotLogBytes: configuration.snapshotLogBytes),
        log: log, store: store, engine: engine)
    } catch {
      if case .missingEntries(let from, let logBegins) = error {
        throw .damaged(
          reason: "the engine in \(directory.enginePath) needs the log from entry \(from) on, and "
            + "\(directory.logPath) begins at \(logBegins): one of them is an older copy; restore "
            + "this member from a snapshot")
      }
      throw .damaged(
        reason: "the engine in \(directory.enginePath) does not describe this member: \(error)")
    }
    let watches = WatchHub(
      source: store, progressInterval: .seconds(configuration.watchProgressSeconds))
    shared = MemberState(
      configuration: configuration, store: store, watches: watches, cluster: replica.cluster,
      access: replica.access)
  }

  private static func openLog(
    _ directory: DataDirectory, _ configuration: MemberConfiguration, durations: SyncDurations,
    clock: any Clock, durableMark: LogIndex
  ) throws(MemberError) -> WriteAheadLog {
    let files = LogFileSystem(
      directory.files, clock: clock, durations: durations, syncs: configuration.syncsLog)
    // An empty directory would pass for a log without entries, and acknowledged writes for never
    // made.
    let names = try? directory.files.list(directory.logPath)
    guard names?.isEmpty == false else {
      throw .damaged(
        reason:
          "there is no log in \(directory.logPath); give the --wal-dir with which this member "
          + "was made, or restore it from a snapshot")
    }
    let layout = LogConfiguration(salt: LinuxEntropy().next())
    do throws(LogError) {
      let (log, recovery) = try WriteAheadLog.open(
        directory: directory.logPath, fileSystem: files, configuration: layout,
        durableMark: durableMark)
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
    } catch {
      throw MemberError(error, directory: directory.path)
    }
  }

  private static func bootstrap(
    _ directory: DataDirectory, _ configuration: MemberConfiguration
  ) throws(MemberError) -> DataDirectory.Identity {
    let member = Identities.member(
      peerURLs: configuration.peerURLs, token: configuration.clusterToken)
    let cluster = Identities.cluster(members: [member])
    let state = ClusterState(
      cluster: cluster,
      members: [
        ClusterMember(
          id: member, name: configuration.name, peerURLs: configuration.peerURLs,
          clientURLs: configuration.clientURLs, isLearner: false)
      ])
    let identity = DataDirectory.Identity(cluster: cluster, member: member)
    try directory.create(identity) { (engine) throws(MemberError) in
      var batch = EngineBatch()
      ClusterTable.bootstrap(state, term: .zero, into: &batch)
      do throws(EngineError) { try engine.apply(batch) } catch { throw MemberError(error) }
      return (.zero, .zero)
    }
    return identity
  }
}
