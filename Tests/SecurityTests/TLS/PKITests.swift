import Foundation
import ProcessHarness
import Testing

/// `keelsonctl pki`, whose certificates a member, etcdctl and openssl use.
@Suite(
  "keelsonctl pki", .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)),
  .serialized)
struct PKITests {
  @Test("a member, its users and etcdctl meet by certificates of keelsonctl pki")
  func endToEnd() async throws {
    let folder = try TemporaryDirectory()
    let directory = folder.path + "/pki"
    func make(_ line: String) async throws -> Finished {
      try await run(
        try Programs.ours("keelsonctl"),
        ["pki"] + line.split(separator: " ").map(String.init) + ["--dir", directory])
    }
    for line in [
      "ca --days 30", "server localhost 127.0.0.1 --days 2", "client root --days 2",
      "client ann --days 2 --organization team --san ann.example", "peer m1.example --days 2",
    ] {
      let done = try await make(line)
      #expect(done.code == 0, "\(line): \(done)")
    }
    for file in ["ca.key", "server.key", "peer.key", "client-root.key", "client-ann.key"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + file)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
    }
    let before = try Data(contentsOf: URL(filePath: directory + "/ca.key"))
    for line in ["ca", "server other", "client ann", "client ann --out ca"] {
      let again = try await make(line)
      #expect(again.code == 6 && again.errors.contains("is there already"), "\(line): \(again)")
    }
    #expect(try Data(contentsOf: URL(filePath: directory + "/ca.key")) == before)
    for (line, reason) in [
      ("server", "requires a host"), ("client", "requires one user"),
      ("server a,DNS:b --out x", "neither a host's name nor an address"),
      ("client x --days 60", "make it shorter"), ("client x --days 0", "from 1 to 36500"),
      ("client x --out ../x", "is no name of a file"), ("client x --ca none", "cannot read"),
    ] {
      let refused = try await make(line)
      #expect(refused.code != 0 && refused.errors.contains(reason), "\(line): \(refused)")
    }
    try await Self.serve(directory)
  }

  private static func serve(_ directory: String) async throws {
    let verified = try await run(
      "/usr/bin/openssl",
      ["verify", "-x509_strict", "-CAfile", directory + "/ca.crt", directory + "/server.crt"])
    #expect(verified.code == 0, "\(verified)")
    let port = LoopbackPorts.next()
    let url = "https://localhost:\(port)"
    let flags = [
      "--listen-client-urls", url, "--advertise-client-urls", url, "--cert-file",
      directory + "/server.crt", "--key-file", directory + "/server.key", "--trusted-ca-file",
      directory + "/ca.crt", "--client-cert-auth",
    ]
    try await withServer(.keelson, flags: flags) { _ in
      func control(_ line: String, as user: String) async throws -> Finished {
        try await run(
          try Programs.peer("bin/etcdctl"),
          [
            "--endpoints", url, "--cacert", directory + "/ca.crt", "--cert",
            directory + "/client-\(user).crt", "--key", directory + "/client-\(user).key",
          ] + line.split(separator: " ").map(String.init), environment: ["ETCDCTL_API": "3"])
      }
      for line in [
        "user add root --no-password", "user grant-role root root", "role add root",
        "user grant-role root root", "user add ann --no-password", "role add own",
        "role grant-permission own readwrite /ann/ --prefix", "user grant-role ann own",
        "auth enable", "put z 1",
      ] {
        let done = try await control(line, as: "root")
        #expect(done.code == 0 || line == "user grant-role root root", "\(line): \(done)")
      }
      #expect(try await control("put /ann/a 1", as: "ann").output == "OK\n")
      #expect(try await control("get z", as: "ann").errors.contains("permission denied"))
      #expect(try await control("get z", as: "root").output == "z\n1\n")
      // The gateway knows no certificates' names: without a token nobody has logged in.
      let gateway = try await run(
        "/usr/bin/curl",
        [
          "-s", "--cacert", directory + "/ca.crt", "--cert", directory + "/client-root.crt",
          "--key", directory + "/client-root.key", url + "/v3/kv/range", "-d", "{\"key\":\"eg==\"}",
        ])
      #expect(gateway.output.contains("user name is empty"), "\(gateway)")
    }
  }
}
