import Foundation
import ProcessHarness
import Testing

/// Users and roles through the peers' own programs.
@Suite(
  "users and roles, as etcd's programs see them",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)), .serialized)
struct AuthTests {
  @Test(
    "etcdctl prints against Keelson what it prints against etcd, with users, and after a restart")
  func commands() async throws {
    try await Pair.reportWhatDiffersAgain {
      let pair = try await Pair(flags: ["--bcrypt-cost", "4"])
      let before = try await pair.compare(
        AuthCommandTable.preparation + AuthCommandTable.permissions)
      pair.kill()
      try await pair.start()
      return before + (try await pair.compare(AuthCommandTable.afterRestart))
    }
  }

  @Test("the Python client etcd3 logs in, and prints the same")
  func python() async throws {
    let script = Programs.packageRoot + "/Tests/Scripts/etcd3_auth.py"
    let python = try Programs.peer("python/bin/python3")
    var outputs: [[Substring]] = []
    for kind in [ServerProcess.Kind.etcd, .underTest] {
      try await withServer(kind, flags: ["--bcrypt-cost", "4"]) { server in
        try await Self.addUsers(server)
        let answer = try await run(
          python, [script, String(server.clientPort)],
          environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 60)
        #expect(answer.code == 0, "\(kind): \(answer.output)\(answer.errors)")
        outputs.append(answer.output.split(separator: "\n"))
      }
    }
    #expect(outputs[0].count > 8)
    #expect(outputs[0] == outputs[1])
  }

  /// Root, and a user who may read and write below `/a/`; permissions count.
  private static func addUsers(_ server: ServerProcess) async throws {
    for words in [
      "user add root:r", "user grant-role root root", "user add u:p", "role add rw",
      "role grant-permission rw readwrite /a/ --prefix", "user grant-role u rw",
      "put z/secret 1", "put /a/key 1", "auth enable",
    ] {
      let done = try await server.control(words.split(separator: " ").map(String.init))
      #expect(done.code == 0, "\(words): \(done.output)\(done.errors)")
    }
  }

  @Test(
    "users, roles and the switch move with a snapshot, both ways",
    arguments: [(ServerProcess.Kind.etcd, ServerProcess.Kind.keelson), (.keelson, .etcd)])
  func snapshot(from: ServerProcess.Kind, to: ServerProcess.Kind) async throws {
    let target = try ServerProcess(to)
    defer { target.kill() }
    let file = target.folder.path + "/saved.db"
    try await withServer(from, flags: ["--bcrypt-cost", "4"]) { server in
      try await Self.addUsers(server)
      let saved = try await server.control(["--user", "root:r", "snapshot", "save", file])
      #expect(saved.code == 0, "\(saved.output)\(saved.errors)")
    }
    let peer = "http://127.0.0.1:\(target.peerPort)"
    let restored = try await run(
      to == .etcd ? try Programs.peer("bin/etcdutl") : try Programs.ours("keelsonctl"),
      [
        "snapshot", "restore", file, "--data-dir", target.dataDirectory, "--name", "m1",
        "--initial-cluster", "m1=\(peer)", "--initial-advertise-peer-urls", peer,
        "--initial-cluster-token", "interop",
      ])
    #expect(restored.code == 0, "\(restored.output)\(restored.errors)")
    try await target.start()
    let expected: [(String, Int32, String)] = [
      ("--user root:r auth status", 0, "Authentication Status: true\nAuthRevision: 7\n"),
      ("--user root:r user list", 0, "root\nu\n"),
      ("--user u:p get /a/key", 0, "/a/key\n1\n"), ("--user u:p put /a/other 2", 0, "OK\n"),
      ("--user u:p get z/secret", 1, ""), ("get /a/key", 1, ""), ("--user u:bad get /a/key", 2, ""),
    ]
    for (words, code, output) in expected {
      let done = try await target.control(words.split(separator: " ").map(String.init))
      #expect(done.code == code && done.output == output, "\(words): \(done)")
    }
  }
}
