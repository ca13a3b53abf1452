internal import Access
internal import Engine
internal import MVCC
internal import Primitives
internal import ReplicaCore
internal import SnapshotFile

/// Carries out, behind a restored snapshot, what had been acknowledged after it: in the engine itself, by the rules
/// that a member of etcd goes by when it applies an entry.
///
/// What was refused then is refused again: it is in the log all the same.
struct RestoreReplay {
  /// Commands that make up one batch of the engine.
  private static let batchCommands = 256
  /// Bytes that the engine may lack before it is fed.
  private static let unfedBytesMax = 64 * 1024 * 1024

  /// The store's revision in the end.
  private(set) var revision: Revision
  /// The compaction floor in the end.
  private(set) var floor: Revision
  /// Users and roles in the end.
  private(set) var access: AccessState
  /// The number of commands, refused ones included.
  private(set) var count = 0
  private var alarms: Set<Alarm>
  private let store: Store

  /// Replays all of a source's commands. Memory: the index of all keys, as in a member that runs.
  init(_ source: RestoreSource, into engine: any Engine) throws {
    var configuration = StoreConfiguration()
    configuration.concurrently = LoadThreads.loop(bytes: engine.sizeOnDisk * 5 / 4)
    store = try Store(engine: engine, configuration: configuration)
    access = source.access
    alarms = Set(
      source.alarms.compactMap { alarm in
        AlarmKind(rawValue: UInt8(clamping: alarm.type)).map {
          Alarm(member: alarm.member, kind: $0)
        }
      })
    (revision, floor) = (store.currentRevision, store.compactedRevision)
    try source.replay? { command, author in try apply(command, by: author) }
    store.finishBatch(appliedIndex: LogIndex(UInt64(count)))
    _ = try store.flush()
    (revision, floor) = (store.currentRevision, store.compactedRevision)
  }

  private mutating func apply(_ command: Command, by author: Author) throws {
    count += 1
    let index = LogIndex(UInt64(count))
    if isAllowed(command, by: author) {
      switch command {
      case .store(let change):
        switch store.apply(change, at: index) {
        case .failure(.corrupt(let detail)), .failure(.engineFailed(let detail)):
          throw MemberError.damaged(reason: "an entry of the log cannot be applied: \(detail)")
        case .success, .failure: break
        }
      case .access(let change): _ = try? access.apply(change)
      case .alarm(.activate, let member, let kind):
        alarms.insert(Alarm(member: member, kind: kind))
      case .alarm(.deactivate, let member, let kind):
        alarms.remove(Alarm(member: member, kind: kind))
      // The restored member is the only one of a new cluster.
      case .memberAttributes, .memberPeerURLs, .membership, .issueToken, .leaseExpire: break
      }
    }
    if count % Self.batchCommands == 0 {
      store.finishBatch(appliedIndex: index)
      if store.unfedBytes > Self.unfedBytesMax { try store.feedEngine() }
    }
  }

  /// Whether etcd carries a command out. Alarms, compactions, grants of leases and checkpoints it checks, if at
  /// all, before they enter the log.
  private func isAllowed(_ command: Command, by author: Author) -> Bool {
    if alarms.contains(where: { $0.kind == .corrupt }), command.isClientWrite { return false }
    if alarms.contains(where: { $0.kind == .noSpace }), command.mayGrow { return false }
    switch command {
    case .alarm, .store(.compact), .store(.grantLease), .store(.checkpointLeases): return true
    default:
      do throws(AccessError) {
        try access.subject(author.caller).check(command, in: store)
        return true
      } catch {
        return false
      }
    }
  }
}
