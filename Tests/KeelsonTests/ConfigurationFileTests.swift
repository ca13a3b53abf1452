import Foundation
import Jobs
import Testing

@testable import keelson

@Suite("The configuration file")
struct ConfigurationFileTests {
  private func values(_ text: String) throws -> [String: String] {
    let file = try ConfigurationFile(Array(text.utf8), path: "etcd.yaml")
    return Dictionary(uniqueKeysWithValues: file.values.map { ($0.flag, $0.value) })
  }

  @Test("has the flags' names as keys, and sections for TLS")
  func keys() throws {
    let read = try values(
      """
      # A member of two.
      name: m1
      data-dir: /var/lib/store
      snapshot-count: 5000
      initial-cluster: m1=http://h:1,m2=http://i:1
      log-outputs: [stderr, /var/log/store.log]
      cipher-suites: [
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
      ]
      wal-dir:
      strict-reconfig-check: false
      auto-compaction-retention: "1"
      grpc-keepalive-min-time: 5000000000
      watch-progress-notify-interval: 5s
      experimental-max-learners: 2
      client-transport-security:
        cert-file: server.crt
        key-file: server.key
        client-cert-auth: true
        trusted-ca-file: ca.crt
        allowed-hostname: h
      peer-transport-security:
        cert-file: peer.crt
        allowed-cn: m1
        skip-client-san-verification: true
      """)
    #expect(
      read == [
        "name": "m1", "data-dir": "/var/lib/store", "snapshot-count": "5000",
        "initial-cluster": "m1=http://h:1,m2=http://i:1",
        "log-outputs": "stderr,/var/log/store.log",
        "cipher-suites": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "strict-reconfig-check": "false", "auto-compaction-retention": "1",
        "grpc-keepalive-min-time": "5000000000ns", "watch-progress-notify-interval": "5s",
        "max-learners": "2", "cert-file": "server.crt", "key-file": "server.key",
        "client-cert-auth": "true", "trusted-ca-file": "ca.crt",
        "client-cert-allowed-hostname": "h", "peer-cert-file": "peer.crt",
        "peer-cert-allowed-cn": "m1", "peer-skip-client-san-verification": "true",
      ])
    #expect(try values("{\"name\": \"m1\"}") == ["name": "m1"])
    #expect(try values("# nothing\n") == [:])
  }

  @Test(
    "what can't be is refused with its place",
    arguments: [
      ("name: m1\ndata-dri: x", "etcd.yaml:2:1: unknown key data-dri; did you mean data-dir?"),
      ("client-transport-securty: {}", "did you mean client-transport-security?"),
      (
        "client-transport-security:\n  certfile: x",
        "etcd.yaml:2:3: unknown key certfile; did you mean cert-file?"
      ),
      ("client-transport-security:\n  allowed-cn: x", "has no effect in client-transport-security"),
      ("client-transport-security: x", "client-transport-security is a map"),
      ("max-txn-ops: many", "etcd.yaml:1:14: invalid value \"many\" for --max-txn-ops"),
      ("name: [a, b]", "name takes one value, not a list"),
      ("name: {a: b}", "name takes a value, not a map"),
      ("- name", "a map of flags is expected"),
      ("name: a\nname: b", "name"),
      ("name: a\n---\nname: b", "one document is expected"),
      ("name: [a", "etcd.yaml:"),
      ("config-file: other.yaml", "names no other one"),
      ("discovery: https://example.org", "is not supported"),
    ])
  func refusals(text: String, expected: String) {
    #expect { try values(text) } throws: { "\($0)".contains(expected) }
  }

  @Test("alone counts where there is one: what else was given is told")
  func precedence() throws {
    let path = NSTemporaryDirectory() + "keelson-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "name: file\nproxy: 'off'\n".write(toFile: path, atomically: true, encoding: .utf8)
    let environment = ["ETCD_CORS": "none", "KEELSON_CONFIG_FILE": path]
    let read = try FlagValues(
      ["--name", "flag", "--max-txn-ops=7"], environment: environment)
    #expect(read.text("name") == "file")
    #expect(read.number("max-txn-ops") == 128)
    #expect(read.list("cors") == ["*"])
    #expect(read.overruledFlags == ["cors", "max-txn-ops", "name"])
    #expect(read.notices.map(\.flag) == ["proxy"])
    #expect { try FlagValues(["--config-file", "/nowhere.yaml"], environment: [:]) } throws: {
      "\($0)" == "--config-file /nowhere.yaml: No such file or directory"
    }
    #expect(try FlagValues(["--config-file", "/nowhere", "--help"], environment: [:]).wantsHelp)
  }

  @Test("older names of flags are known")
  func experimental() throws {
    let read = try FlagValues(
      [
        "--experimental-initial-corrupt-check=true",
        "--experimental-watch-progress-notify-interval=5s",
      ], environment: ["ETCD_EXPERIMENTAL_MAX_LEARNERS": "3"])
    #expect(read.text("watch-progress-notify-interval") == "5s")
    #expect(read.number("max-learners") == 3)
    #expect(read.unknownVariables == [])
    #expect(read.notices.map(\.flag) == ["--experimental-initial-corrupt-check"])
    #expect(throws: FlagError.self) {
      try FlagValues(["--experimental-name", "x"], environment: [:])
    }
  }

  @Test("backups need a folder, and times that can be")
  func backups() throws {
    func settings(_ arguments: [String]) throws -> ServerSettings {
      try ServerSettings(FlagValues(arguments, environment: [:]))
    }
    #expect(try settings([]).backups == nil)
    let given = try settings(["--backup-dir", "b", "--name", "m1", "--backup-retention=336h"])
    #expect(given.backups?.folder == "b" && given.backups?.memberName == "m1")
    #expect(given.backups?.intervalSeconds == 21_600)
    #expect(given.backups?.retention == .seconds(1_209_600))
    #expect(try settings(["--backup-dir", "b"]).backups?.retention == .files(28))
    #expect(
      try settings(["--backup-dir", "b", "--backup-retention", "0"]).backups?.retention == .all)
    for (arguments, reason) in [
      (["--backup-interval", "1h"], "needs --backup-dir"),
      (["--backup-dir", "b", "--backup-interval", "10ms"], "at least 1s"),
      (["--backup-dir", "b", "--backup-retention", "-3"], "a number of files such as 28"),
    ] {
      #expect { try settings(arguments) } throws: { "\($0)".contains(reason) }
    }
  }
}
