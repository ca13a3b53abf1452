import Foundation
import ProcessHarness
import Testing

/// The API server itself is not to be had where these tests run: a stand-in takes its place and says
/// how it was started. What an API server asks of its store is tested with the interoperability
/// tests.
@Suite(
  "the kube-apiserver example", .serialized,
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ControlPlaneTests {
  private static let script = Documents.root + "/examples/kube-apiserver/control-plane"

  private static func made() async throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    let answer = try await run(script, ["certificates", folder.path], seconds: 60)
    #expect(answer.code == 0, "\(answer.errors)")
    return folder
  }

  @Test("shellcheck finds nothing in the scripts that are shown or shipped")
  func shellcheck() async throws {
    let scripts = [
      "examples/kube-apiserver/control-plane", "examples/clients/shell/settings.sh",
      "scripts/run-with-samples", "scripts/install-host-packages", "deploy/systemd/keelson-backup",
      "charts/keelson/files/start",
    ]
    let answer = try await run(
      try Programs.peer("bin/shellcheck"),
      ["--severity=style", "--exclude=SC1091"] + scripts.map { Documents.root + "/" + $0 })
    #expect(answer.code == 0, "\(answer.output)")
  }

  @Test("wrong calls are told how to call it")
  func usage() async throws {
    for words in [[], ["certificates"], ["start", "/tmp"]] {
      let answer = try await run(Self.script, words)
      #expect(answer.code == 2)
      #expect(answer.errors.contains("control-plane kube-apiserver FOLDER"), "\(answer.errors)")
    }
  }

  @Test("certificates verify for their use, by their own authority alone")
  func certificates() async throws {
    let folder = try await Self.made()
    let cases = [
      ("store", "store-ca", "sslserver", true), ("store-client", "store-ca", "sslclient", true),
      ("apiserver", "ca", "sslserver", true), ("admin", "ca", "sslclient", true),
      ("store-client", "store-ca", "sslserver", false), ("admin", "store-ca", "sslclient", false),
      ("store-client", "ca", "sslclient", false),
    ]
    for (name, authority, purpose, isValid) in cases {
      let answer = try await run(
        "/usr/bin/openssl",
        [
          "verify", "-CAfile", "\(folder.path)/\(authority).crt", "-purpose", purpose,
          "\(folder.path)/\(name).crt",
        ])
      #expect((answer.code == 0) == isValid, "\(name): \(answer.errors)")
    }
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where file.hasSuffix(".key") {
      let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + file)
      #expect(mode[.posixPermissions] as? Int == 0o600, "\(file)")
    }
    let config = try await run(
      try Programs.peer("bin/kubectl"),
      ["--kubeconfig", folder.path + "/kubeconfig", "config", "view", "-o", "jsonpath={..server}"])
    #expect(config.output == "https://127.0.0.1:6443", "\(config.errors)")
  }

  @Test("the store starts, lets the API server's certificate in, and nobody else")
  func store() async throws {
    let folder = try await Self.made()
    let ports = [LoopbackPorts.next(), LoopbackPorts.next()]
    let child = try ChildProcess(
      Self.script, ["keelson", folder.path],
      environment: [
        "KEELSON": try Programs.ours("keelson"), "STORE_PORT": "\(ports[0])",
        "PROBE_PORT": "\(ports[1])",
      ], in: folder.path)
    defer { child.kill() }
    let isReady = try await child.wait(seconds: 30) {
      $0.errors.contains("ready to serve client requests")
    }
    #expect(isReady, "\(child.errors)")
    let flags = try await apiServerFlags(folder, storePort: ports[0])
    func flag(_ name: String) -> String {
      flags.first { $0.hasPrefix("--\(name)=") }?.drop { $0 != "=" }.dropFirst().description ?? ""
    }
    let words = ["--endpoints", flag("etcd-servers"), "--cacert", flag("etcd-cafile")]
    let key = "/registry/namespaces/default"
    let known = words + ["--cert", flag("etcd-certfile"), "--key", flag("etcd-keyfile")]
    let stranger =
      words + ["--cert", folder.path + "/admin.crt", "--key", folder.path + "/admin.key"]
    for (credentials, isIn) in [(known, true), (words, false), (stranger, false)] {
      let answer = try await run(
        try Programs.peer("bin/etcdctl"),
        credentials + ["--dial-timeout=1s", "--command-timeout=2s", "put", key, "x"],
        environment: ["ETCDCTL_API": "3"])
      #expect((answer.code == 0) == isIn, "\(answer.output)\(answer.errors)")
    }
    let probe = try await run(
      "/usr/bin/curl", ["-sS", "--max-time", "10", "http://127.0.0.1:\(ports[1])/readyz"])
    #expect(probe.output == "ok\n")
    child.signal(SIGTERM)
    #expect(try await child.wait(seconds: 30) == 0)
  }

  /// How the script starts the API server, told by a stand-in.
  private func apiServerFlags(
    _ folder: TemporaryDirectory, storePort: Int
  ) async throws -> [String] {
    let standIn = folder.path + "/kube-apiserver"
    try "#!/bin/sh\nprintf '%s\\n' \"$@\"\n".write(
      toFile: standIn, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: standIn)
    let answer = try await run(
      Self.script, ["kube-apiserver", folder.path],
      environment: ["KUBE_APISERVER": standIn, "STORE_PORT": "\(storePort)"])
    #expect(answer.code == 0, "\(answer.errors)")
    return answer.output.split(separator: "\n").map(String.init)
  }

  @Test("the API server gets files that exist, and every flag that its document explains")
  func flags() async throws {
    let folder = try await Self.made()
    let flags = try await apiServerFlags(folder, storePort: 2379)
    #expect(flags.contains("--etcd-servers=https://127.0.0.1:2379"))
    for flag in flags {
      let value = flag.drop { $0 != "=" }.dropFirst()
      if value.hasPrefix("/") {
        #expect(FileManager.default.fileExists(atPath: String(value)), "\(flag)")
      }
    }
    let document = try Documents.text("examples/kube-apiserver/README.md")
    let explained = document.matches(of: /(?m)^\| `(--[a-z-]+)`/).map { String($0.1) }
    #expect(Set(explained) == Set(flags.map { String($0.prefix { $0 != "=" }) }))
  }
}
