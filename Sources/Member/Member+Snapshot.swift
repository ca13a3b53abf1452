internal import Access
internal import Engine
internal import MVCC
public import Primitives
internal import ReplicaCore
public import SnapshotFile

/// A state of the store that is held, and etcd's snapshot file of it in the making.
public struct PinnedSnapshot {
  /// Gives the file piece by piece; it holds the state.
  public let writer: SnapshotWriter
  /// The store's revision.
  public let revision: Revision
  /// The revision that was compacted last; zero if none was.
  public let compacted: Revision
}

extension Member {
  /// Pins the store's present state and prepares etcd's snapshot file of it.
  ///
  /// The writer gives the file piece by piece; making it reads every record's size once, so both
  /// belong on a thread that may block. The pin ends with the writer.
  /// - Throws: `StoreError`, `EngineError` or `SnapshotError`.
  public func makeSnapshot() throws -> SnapshotWriter { try pinSnapshot().writer }

  /// As `makeSnapshot`, and says of what state.
  public func pinSnapshot() throws -> PinnedSnapshot {
    // History below the floor would stay for ever in a directory that etcd restores from the file.
    while store.compactSlice() {}
    let view = try store.snapshotView()
    var state = SnapshotState()
    state.consistentIndex = view.appliedIndex
    state.term = term
    state.voters = members.filter { !$0.isLearner }.map(\.id)
    state.learners = members.filter(\.isLearner).map(\.id)
    state.compacted = view.compactedRevision
    state.clusterVersion = Self.snapshotClusterVersion
    state.members = members.map {
      SnapshotMember(
        id: $0.id, name: $0.name, peerURLs: $0.peerURLs, clientURLs: $0.clientURLs,
        isLearner: $0.isLearner)
    }
    state.leases = try view.leases().map {
      SnapshotLease(id: $0.id, timeToLive: $0.seconds, remaining: $0.remainingSeconds)
    }
    state.alarms = alarms.map { SnapshotAlarm(member: $0.member, type: UInt64($0.kind.rawValue)) }
    let access = try AccessTable.load(view.engine)
    // A store that never had users says nothing about them.
    state.isAuthEnabled = access.isEnabled
    state.authRevision = access.revision > .first ? access.revision.rawValue : 0
    state.users = access.userNames.compactMap(access.user).map {
      SnapshotAuthEntry(name: $0.name.bytes, encoded: AccessCodec.encode($0))
    }
    state.roles = access.roleNames.compactMap(access.role).map {
      SnapshotAuthEntry(name: $0.name.bytes, encoded: AccessCodec.encode($0))
    }
    let sizes = RecordPages(view)
    let records = RecordPages(view)
    let writer = try SnapshotWriter(
      state: state,
      nextSize: {
        try sizes.next().map {
          SnapshotRecordSize(isTombstone: $0.isTombstone, storedCount: $0.byteCount)
        }
      },
      nextRecord: {
        try records.next().map {
          SnapshotRecord(
            revision: $0.revision, isTombstone: $0.isTombstone, stored: $0.stored)
        }
      })
    return PinnedSnapshot(
      writer: writer, revision: view.revision, compacted: view.compactedRevision)
  }

  /// The oldest etcd that reads these files: a newer version here would keep older ones from
  /// starting on a restored directory.
  private static let snapshotClusterVersion = "3.5.0"
}

/// Gives a snapshot's records one at a time, from pages that are scanned in turn.
private final class RecordPages {
  private let view: StoreSnapshot
  private var page: [Record] = []
  private var place = 0
  private var from = Revision.zero
  private var isAtEnd = false
  /// Records of a page, and bytes, whichever is reached first; a page ends with a whole transaction.
  private static let pageRecords = 256
  private static let pageBytes = 1_048_576

  init(_ view: StoreSnapshot) { self.view = view }

  func next() throws -> Record? {
    if place == page.count, !isAtEnd { try readPage() }
    guard place < page.count else {
      // Whoever has counted all records lives on beside whoever sends them.
      page = []
      place = 0
      return nil
    }
    defer { place += 1 }
    return page[place]
  }

  private func readPage() throws {
    page.removeAll(keepingCapacity: true)
    place = 0
    var bytes = 0
    var last = Revision.zero
    isAtEnd = true
    try view.scanRecords(from: from) { record in
      let isFull = page.count >= Self.pageRecords || bytes >= Self.pageBytes
      if isFull, record.revision.main != last {
        isAtEnd = false
        return false
      }
      last = record.revision.main
      page.append(record)
      bytes += record.byteCount
      return true
    }
    from = last.next
  }
}
