import EtcdProtocol
import Foundation
import ProcessHarness
import SwiftProtobuf
import Synchronization
import Testing

@Suite(
  "a live etcd moves to Keelson",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)),
  .serialized)
struct MigrationTests {
  /// Keys, values and leases without what is a server's own: revisions.
  private static func content(_ server: ServerProcess) async throws -> [Data: [Data]] {
    let store = try await WireClient(port: server.clientPort)
    let all = try await store.range(
      .with {
        $0.key = Data([0])
        $0.rangeEnd = Data([0])
      })
    return Dictionary(
      uniqueKeysWithValues: all.kvs.map { ($0.key, [$0.value, Data("\($0.lease)".utf8)]) })
  }

  /// Fills a store with `count` keys, some on a lease, and users.
  private static func fill(_ store: WireClient, count: Int) async throws -> Int64 {
    let lease: Etcdserverpb_LeaseGrantResponse = try await store.call(
      "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 5_000 })
    for page in 0..<count / 100 {
      _ = try await store.commit(
        .with {
          $0.success = (0..<100).map { number in
            .with {
              $0.requestPut.key = Data("key/\(page)/\(number)".utf8)
              $0.requestPut.value = Data(String(repeating: "v\(number)", count: 200).utf8)
              $0.requestPut.lease = number == 7 ? lease.id : 0
            }
          }
        })
    }
    let _: Etcdserverpb_AuthRoleAddResponse = try await store.call(
      "Auth/RoleAdd", Etcdserverpb_AuthRoleAddRequest.with { $0.name = "reader" })
    let _: Etcdserverpb_AuthRoleGrantPermissionResponse = try await store.call(
      "Auth/RoleGrantPermission",
      Etcdserverpb_AuthRoleGrantPermissionRequest.with {
        $0.name = "reader"
        $0.perm.key = Data("key/".utf8)
        $0.perm.rangeEnd = Data("key0".utf8)
      })
    let _: Etcdserverpb_AuthUserAddResponse = try await store.call(
      "Auth/UserAdd",
      Etcdserverpb_AuthUserAddRequest.with {
        $0.name = "ann"
        $0.password = "a"
      })
    let _: Etcdserverpb_AuthUserGrantRoleResponse = try await store.call(
      "Auth/UserGrantRole",
      Etcdserverpb_AuthUserGrantRoleRequest.with {
        $0.user = "ann"
        $0.role = "reader"
      })
    return lease.id
  }

  /// Writes until it is cancelled: pairs that are always the same, deletions, and ranges of them.
  private static func write(_ store: WireClient) async throws {
    var number = 0
    while !Task.isCancelled {
      number += 1
      let text = Data("\(number)".utf8)
      _ = try await store.commit(
        .with {
          $0.success = ["left", "right", "key/1/\(number % 100)"].map { key in
            .with {
              $0.requestPut.key = Data(key.utf8)
              $0.requestPut.value = text
            }
          }
        })
      if number % 10 == 0 {
        let _: Etcdserverpb_DeleteRangeResponse = try await store.call(
          "KV/DeleteRange",
          Etcdserverpb_DeleteRangeRequest.with {
            $0.key = Data("key/\(number / 10)/".utf8)
            $0.rangeEnd = Data("key/\(number / 10)/5".utf8)
          })
      }
      try? await Task.sleep(for: .milliseconds(2))
    }
  }

  /// Watches two keys that are always written together; answers with false if they ever came apart.
  private static func pairsStayTogether(_ target: ServerProcess, until hasEnded: () -> Bool)
    async throws -> Bool
  {
    let store = try await WireClient(port: target.clientPort)
    while !hasEnded() {
      let both = try await store.range(
        .with {
          $0.key = Data("left".utf8)
          $0.rangeEnd = Data("rights".utf8)
        })
      if both.kvs.count == 2, both.kvs[0].value != both.kvs[1].value { return false }
      if both.kvs.count == 1 { return false }
      try await Task.sleep(for: .milliseconds(5))
    }
    return true
  }

  private static func migrate(
    _ source: ServerProcess, _ target: ServerProcess, _ options: [String]
  ) throws -> ChildProcess {
    // On a busy machine etcd was seen to hold up puts and reads for 3 s and more.
    try ChildProcess(
      try Programs.ours("keelsonctl"),
      ["--endpoints", target.endpoint, "--command-timeout", "20s", "migrate-from"] + options
        + [source.endpoint],
      in: target.folder.path)
  }

  @Test("interrupted and begun again under writes, it ends with both the same")
  func moves() async throws {
    let (source, target) = (try ServerProcess(.etcd), try ServerProcess(.keelson))
    defer {
      source.kill()
      target.kill()
    }
    try await source.start()
    try await target.start()
    let store = try await WireClient(port: source.clientPort)
    let lease = try await Self.fill(store, count: 2_000)
    let writer = Task { try await Self.write(store) }
    defer { writer.cancel() }

    let first = try Self.migrate(source, target, [])
    let isFollowing = try await first.wait(seconds: 30) { $0.errors.contains("copied ") }
    #expect(isFollowing, "\(first.errors)")
    first.kill()

    let refused = try Self.migrate(source, target, ["--cut-over"])
    #expect(try await refused.wait(seconds: 30) == 1)
    #expect(refused.errors.contains("--overwrite"), "\(refused.errors)")

    // What an interruption might leave behind: a key that the source does not have.
    let there = try await WireClient(port: target.clientPort)
    try await there.put("key/stray", "")
    let second = try Self.migrate(
      source, target, ["--overwrite", "--cut-over", "--quiet", "3s"])
    let isWaiting = try await second.wait(seconds: 30) { $0.errors.contains("waiting until") }
    #expect(isWaiting, "\(second.errors)")
    let together = try await {
      let end = ContinuousClock.now + .seconds(1)
      return try await Self.pairsStayTogether(target) { ContinuousClock.now >= end }
    }()
    #expect(together)
    #expect(!second.hasEnded)
    writer.cancel()
    _ = try? await writer.value
    #expect(try await second.wait(seconds: 30) == 0, "\(second.output)\(second.errors)")
    #expect(second.output.contains("equal: all keys"), "\(second.output)")

    let (expected, got) = (try await Self.content(source), try await Self.content(target))
    #expect(got == expected)
    #expect(got.count > 1_000)
    let time: Etcdserverpb_LeaseTimeToLiveResponse = try await there.call(
      "Lease/LeaseTimeToLive", Etcdserverpb_LeaseTimeToLiveRequest.with { $0.id = lease })
    #expect(time.grantedTtl > 4_000 && time.grantedTtl <= 5_000)
    let ann: Etcdserverpb_AuthUserGetResponse = try await there.call(
      "Auth/UserGet", Etcdserverpb_AuthUserGetRequest.with { $0.name = "ann" })
    #expect(ann.roles == ["reader"])
    let role: Etcdserverpb_AuthRoleGetResponse = try await there.call(
      "Auth/RoleGet", Etcdserverpb_AuthRoleGetRequest.with { $0.role = "reader" })
    #expect(role.perm.map(\.rangeEnd) == [Data("key0".utf8)])
  }

  @Test(
    "whoever goes on writing to the source is to be stopped, says the cut-over when its time is over"
  )
  func notQuiet() async throws {
    let (source, target) = (try ServerProcess(.etcd), try ServerProcess(.keelson))
    defer {
      source.kill()
      target.kill()
    }
    try await source.start()
    try await target.start()
    let store = try await WireClient(port: source.clientPort)
    let writer = Task {
      while !Task.isCancelled { try await store.put("always", "new") }
    }
    defer { writer.cancel() }
    let migration = try Self.migrate(
      source, target, ["--cut-over", "--quiet", "30s", "--cut-over-timeout", "1s"])
    #expect(try await migration.wait(seconds: 30) == 1)
    #expect(migration.errors.contains("still written to after 1s"), "\(migration.errors)")
  }
}
