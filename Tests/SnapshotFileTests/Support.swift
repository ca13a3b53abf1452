import Glibc
import Primitives
import SnapshotFile

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

func writeFile(_ path: String, _ bytes: Bytes) {
  guard let file = fopen(path, "w") else { fatalError("\(path): error \(errno)") }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

/// A writer's whole file.
func file(_ writer: SnapshotWriter) throws -> Bytes {
  var bytes: Bytes = []
  try writer.write { bytes += $0 }
  return bytes
}

/// An encoded `mvccpb.KeyValue`.
func keyValue(
  _ key: String, create: Int64, modified: Int64, version: Int64, _ value: Bytes, lease: Int64 = 0
) -> Bytes {
  var writer = ByteWriter()
  writer.appendBytesField(1, Bytes(key.utf8))
  writer.appendVarintField(2, create)
  writer.appendVarintField(3, modified)
  writer.appendVarintField(4, version)
  writer.appendBytesField(5, value)
  writer.appendVarintField(6, lease)
  return writer.bytes
}

func makeWriter(_ state: SnapshotState, _ records: [SnapshotRecord]) throws -> SnapshotWriter {
  var sizes = records.makeIterator()
  var contents = records.makeIterator()
  return try SnapshotWriter(
    state: state,
    nextSize: {
      sizes.next().map {
        SnapshotRecordSize(isTombstone: $0.isTombstone, storedCount: $0.stored.count)
      }
    },
    nextRecord: { contents.next() })
}

/// A store of `count` writes over a few keys, some of them deletions, some long.
func sampleRecords(_ count: Int, seed: UInt64 = 1) -> [SnapshotRecord] {
  var generator = SeededGenerator(seed)
  var live: [String: (create: Int64, version: Int64)] = [:]
  return (0..<count).map { place in
    let revision = Int64(place + 2)
    let key = "/registry/pods/\(UInt8.random(in: 0..<200, using: &generator))"
    let sub = SubRevision(main: Revision(revision), sub: 0)
    if let old = live[key], Int.random(in: 0..<10, using: &generator) == 0 {
      _ = old
      live[key] = nil
      return SnapshotRecord(
        revision: sub, isTombstone: true,
        stored: keyValue(key, create: 0, modified: 0, version: 0, []))
    }
    let old = live[key] ?? (revision, 0)
    live[key] = (old.create, old.version + 1)
    let length = Int.random(in: 0..<50, using: &generator) == 0 ? 20_000 : 200
    return SnapshotRecord(
      revision: sub, isTombstone: false,
      stored: keyValue(
        key, create: old.create, modified: revision, version: old.version + 1,
        Bytes(repeating: UInt8(place & 127), count: Int.random(in: 0..<length, using: &generator)),
        lease: place % 20 == 0 ? 0x1234 : 0))
  }
}

func sampleState() -> SnapshotState {
  var state = SnapshotState()
  state.consistentIndex = LogIndex(1_000)
  state.term = Term(3)
  state.voters = [MemberID(0x69b3_8ac7_138d_e88d)]
  state.clusterVersion = "3.5.0"
  state.members = [
    SnapshotMember(
      id: MemberID(0x69b3_8ac7_138d_e88d), name: "\"odd\\\n name", peerURLs: ["http://127.0.0.1:1"],
      clientURLs: ["http://127.0.0.1:2", "http://127.0.0.1:3"])
  ]
  state.removedMembers = [MemberID(0xABC)]
  state.leases = [SnapshotLease(id: LeaseID(0x1234), timeToLive: 4_000, remaining: 3_000)]
  return state
}
