internal import Primitives
internal import SnapshotFile

/// Snapshot files: empty, small, and with a tree of two levels.
enum SnapshotSeeds {
  static let all: [Bytes] = [0, 3, 200].map { count in
    do { return try file(records: count) } catch { fatalError("a seed failed: \(error)") }
  }

  private static func file(records count: Int) throws -> Bytes {
    var state = SnapshotState()
    state.consistentIndex = LogIndex(1_000)
    state.term = Term(3)
    state.voters = [MemberID(1)]
    state.clusterVersion = "3.5.0"
    state.members = [
      SnapshotMember(
        id: MemberID(1), name: "a", peerURLs: ["http://127.0.0.1:1"],
        clientURLs: ["http://127.0.0.1:2"])
    ]
    state.leases = [SnapshotLease(id: LeaseID(0x1234), timeToLive: 4_000, remaining: 3_000)]
    state.alarms = [SnapshotAlarm(member: MemberID(1), type: 1)]
    let records = (0..<count).map(record)
    var sizes = records.makeIterator()
    var contents = records.makeIterator()
    let writer = try SnapshotWriter(
      state: state,
      nextSize: {
        sizes.next().map {
          SnapshotRecordSize(isTombstone: $0.isTombstone, storedCount: $0.stored.count)
        }
      },
      nextRecord: { contents.next() })
    var bytes: Bytes = []
    try writer.write { bytes += $0 }
    return bytes
  }

  private static func record(_ place: Int) -> SnapshotRecord {
    var pair = ByteWriter()
    pair.appendBytesField(1, Bytes("/registry/pods/\(place % 50)".utf8))
    let isTombstone = place % 10 == 9
    if !isTombstone {
      pair.appendVarintField(2, Int64(place + 2))
      pair.appendVarintField(3, Int64(place + 2))
      pair.appendVarintField(4, 1 as Int64)
      pair.appendBytesField(5, Bytes(repeating: UInt8(place % 128), count: 20))
    }
    return SnapshotRecord(
      revision: SubRevision(main: Revision(Int64(place + 2)), sub: 0), isTombstone: isTombstone,
      stored: pair.bytes)
  }
}
