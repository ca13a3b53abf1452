import Glibc
import Primitives
import SnapshotFile
import Testing

/// Exchanges files with the real etcd. The tests need `KEELSON_PEERS`, a folder whose `bin` has etcd, etcdctl and
/// etcdutl.
@Suite(.serialized)
struct PeerTests {
  @Test("etcdutl checks, restores and etcd serves a snapshot of ours, to the last revision")
  func ours() throws {
    guard let peer = Peer() else { return }
    var records = sampleRecords(3_000)
    records.append(
      SnapshotRecord(
        revision: SubRevision(main: Revision(3_002), sub: 0), isTombstone: false,
        stored: keyValue("last", create: 3_002, modified: 3_002, version: 1, Bytes("word".utf8))))
    let path = peer.directory + "/ours.snapshot"
    writeFile(path, try file(makeWriter(sampleState(), records)))
    let reader = try SnapshotReader(FileAccess(path: path))
    try peer.expectStatus(path, SnapshotStatus(of: reader.database))

    peer.run("etcdutl", "snapshot restore \(path) --data-dir \(peer.directory)/restored")
    let server = try #require(peer.startServer(0, dataDirectory: "restored"))
    defer { server.stop() }
    #expect(peer.run("etcdctl", "\(server.endpoint) get last --print-value-only") == "word\n")
    // Every version is there: at each revision etcd answers what the record says.
    for record in records[1_500..<1_530] where !record.isTombstone {
      let fields = try fields(of: record.stored)
      let answer = peer.run(
        "etcdctl",
        "\(server.endpoint) get \(fields.key) --rev \(record.revision.main) -w fields")
      #expect(answer.contains("\"ModRevision\" : \(record.revision.main)\n"))
      #expect(answer.contains("\"Version\" : \(fields.version)\n"))
    }
    let leases = peer.run("etcdctl", "\(server.endpoint) lease timetolive 1234")
    #expect(leases.contains("granted with TTL(4000s)"), "\(leases)")
    peer.run("etcdctl", "\(server.endpoint) put more things")
    #expect(peer.run("etcdctl", "\(server.endpoint) get more --print-value-only") == "things\n")
  }

  @Test("a snapshot and a database file of etcd's are read as etcd has them")
  func theirs() throws {
    guard let peer = Peer() else { return }
    let server = try #require(peer.startServer(1, dataDirectory: "data"))
    for number in 0..<40 {
      peer.run("etcdctl", "\(server.endpoint) put key\(number % 10) \(number)")
    }
    peer.run("etcdctl", "\(server.endpoint) del key3")
    peer.run("etcdctl", "\(server.endpoint) compact 12")
    peer.run("etcdctl", "\(server.endpoint) lease grant 4000")
    peer.run("etcdctl", "\(server.endpoint) role add reader")
    peer.run("etcdctl", "\(server.endpoint) user add somebody:secret")
    let path = peer.directory + "/theirs.snapshot"
    peer.run("etcdctl", "\(server.endpoint) snapshot save \(path)")
    try #require(access(path, F_OK) == 0, "no snapshot: \(peer.errors)")
    let reader = try SnapshotReader(FileAccess(path: path))
    try peer.expectStatus(path, SnapshotStatus(of: reader.database))
    let state = try reader.state()
    #expect(state.compacted == Revision(12))
    #expect(state.clusterVersion == "3.5.0")
    #expect(state.leases.map(\.timeToLive) == [4_000])
    #expect(state.members.map(\.name) == ["default"])
    #expect(state.voters == state.members.map(\.id))
    #expect(state.users.map(\.name) == [Bytes("somebody".utf8)])
    #expect(state.roles.map(\.name) == [Bytes("reader".utf8)])
    #expect(state.authRevision > 1 && !state.isAuthEnabled)
    var last: SnapshotRecord?
    try reader.forEachRecord {
      last = $0
      return true
    }
    #expect(last?.revision == SubRevision(main: Revision(42), sub: 0))
    #expect(last?.isTombstone == true)

    server.stop()
    let database = peer.directory + "/data/member/snap/db"
    let live = try SnapshotReader(FileAccess(path: database), integrity: .skipped)
    #expect(try live.state().leases == state.leases)
    try peer.expectStatus(database, SnapshotStatus(of: live.database))
  }

  private func fields(of stored: Bytes) throws -> (key: String, version: UInt64) {
    var reader = ByteReader(stored)
    var found = (key: "", version: UInt64(0))
    while !reader.isAtEnd {
      let tag = try reader.readTag()
      switch tag.field {
      case 1:
        found.key = String(decoding: stored[try reader.readLengthDelimited()], as: UTF8.self)
      case 4: found.version = try reader.readVarint()
      default: try reader.skipField(wireType: tag.wireType)
      }
    }
    return found
  }
}
