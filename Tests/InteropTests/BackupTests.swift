import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("full snapshots on a schedule", .serialized)
struct BackupTests {
  /// The newest backup in a folder, once there are so many.
  private static func newest(in folder: String, after count: Int = 0) async throws -> String {
    for _ in 0..<600 {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let whole = names.filter { $0.hasSuffix(".db") }.sorted()
      if whole.count > count, let last = whole.last { return folder + "/" + last }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw HarnessError("no backup appeared in \(folder)")
  }

  /// The value of a metric without labels.
  private static func metric(_ name: String, of server: ServerProcess) async throws -> Double? {
    let page = try await HTTPAnswer.fetch(
      "/metrics", from: .tcp(host: "127.0.0.1", port: server.metricsPort))
    let lines = String(decoding: page.body, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
  }

  @Test(
    "are written while the member serves, and restored by keelsonctl and by etcdutl",
    .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
  func restored() async throws {
    let folder = try TemporaryDirectory()
    let backups = folder.path + "/backups"
    let flags = ["--backup-dir", backups, "--backup-interval", "1s", "--backup-retention", "3"]
    try await withServer(.keelson, flags: flags) { server in
      let client = try await WireClient(port: server.clientPort)
      for number in 0..<200 { try await client.put("k\(number % 60)", "value \(number)") }
      let revision = try await client.put("last", "one").header.revision
      var file = ""
      // One that was begun after the last write.
      for count in 0..<3 where !file.hasSuffix("-r\(revision).db") {
        file = try await Self.newest(in: backups, after: min(count, 2))
        if !file.hasSuffix("-r\(revision).db") { try await Task.sleep(for: .seconds(1)) }
      }
      #expect(file.hasSuffix("-r\(revision).db"), "\(file)")
      #expect(try await Self.metric("keelson_backup_failures_total", of: server) == 0)
      #expect((try await Self.metric("keelson_backup_successes_total", of: server) ?? 0) >= 1)
      let time = try await Self.metric("keelson_backup_last_success_timestamp_seconds", of: server)
      #expect(abs((time ?? 0) - Date().timeIntervalSince1970) < 600)
      let saved = folder.path + "/saved.db"
      try FileManager.default.copyItem(atPath: file, toPath: saved)
      for (kind, program) in [
        (ServerProcess.Kind.keelson, try Programs.ours("keelsonctl")),
        (.etcd, try Programs.peer("bin/etcdutl")),
      ] {
        let target = try ServerProcess(kind)
        defer { target.kill() }
        let peer = "http://127.0.0.1:\(target.peerPort)"
        let answer = try await run(
          program,
          [
            "snapshot", "restore", saved, "--data-dir", target.dataDirectory, "--name", "m1",
            "--initial-cluster", "m1=\(peer)", "--initial-advertise-peer-urls", peer,
            "--initial-cluster-token", "interop",
          ])
        #expect(answer.code == 0, "\(answer.output)\(answer.errors)")
        try await target.start()
        let restored = try await WireClient(port: target.clientPort)
        let range = try await restored.range(
          .with {
            $0.key = Data([0])
            $0.rangeEnd = Data([0])
          })
        #expect(range.kvs.count == 61, "\(kind)")
        #expect(range.kvs.last?.value == Data("one".utf8), "\(kind)")
      }
    }
  }

  @Test(
    "do not take the room that the store needs: the failure is told, and writes go on",
    .enabled(if: getuid() == 0 && access("/usr/bin/nsenter", X_OK) == 0, "mounting needs root"))
  func fullDisk() async throws {
    let mount = try TemporaryDirectory()
    let holder = try ChildProcess(
      "/usr/bin/unshare",
      [
        "--mount", "--propagation", "private", "/bin/sh", "-c",
        "mount -t tmpfs -o size=100k keelson-test \(mount.path) && echo mounted && exec sleep 600",
      ], in: "/")
    defer { holder.kill() }
    #expect(try await holder.wait(seconds: 30) { $0.output.contains("mounted") })
    let server = try ServerProcess(
      .keelson, flags: ["--backup-dir", mount.path + "/backups", "--backup-interval", "1s"])
    defer { server.kill() }
    try await server.start(
      wrapper: ["/usr/bin/nsenter", "--target", String(holder.pid), "--mount"])
    let client = try await WireClient(port: server.clientPort)
    func failures() async throws -> Double {
      try await Self.metric("keelson_backup_failures_total", of: server) ?? 0
    }
    try await client.put("a", String(repeating: "x", count: 200_000))
    for _ in 0..<600 where try await failures() < 2 {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(try await failures() >= 2)
    #expect(server.log.contains("a backup failed"), "\(server.log)")
    #expect(server.log.contains("no room in"), "\(server.log)")
    let listing = try await run(
      "/usr/bin/nsenter",
      ["--target", String(holder.pid), "--mount", "/bin/ls", "-A", mount.path + "/backups"])
    // One of the empty store may be there; nothing half-written is.
    #expect(!listing.output.contains(".part"), "\(listing.output)")
    try await client.put("b", "1")
  }
}
