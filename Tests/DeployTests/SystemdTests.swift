import Foundation
import ProcessHarness
import Testing

@Suite("the systemd units")
struct SystemdTests {
  private static let folder = Programs.packageRoot + "/deploy/systemd/"
  private static let analyzer = "/usr/bin/systemd-analyze"
  private static let isInstalled = FileManager.default.isExecutableFile(atPath: analyzer)

  private static func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder + name, encoding: .utf8)
  }

  @Test(
    "systemd understands every line, and rates their exposure below 1.4",
    .enabled(if: isInstalled, "systemd is not installed"))
  func analyze() async throws {
    let folder = try TemporaryDirectory()
    var paths: [String] = []
    for name in ["keelson.service", "keelson-backup.service", "keelson-backup.timer"] {
      // The programs are not installed where tests run.
      let unit = try Self.text(name)
        .replacing(/\/usr\/local\/bin\/keelson-backup/) { _ in Self.folder + "keelson-backup" }
        .replacingOccurrences(
          of: "/usr/local/bin/keelson\n", with: try Programs.ours("keelson") + "\n")
      paths.append(folder.path + "/" + name)
      try unit.write(toFile: paths.last!, atomically: true, encoding: .utf8)
    }
    let verified = try await run(Self.analyzer, ["verify", "--man=no"] + paths)
    #expect(verified.code == 0, "\(verified.errors)")
    #expect(verified.errors == "")
    for path in paths where path.hasSuffix(".service") {
      let rated = try await run(
        Self.analyzer, ["security", "--offline=yes", "--threshold=13", "--no-pager", path])
      #expect(rated.code == 0, "\(path): \(rated.output.suffix(200))")
    }
  }

  @Test("a backup is a snapshot that was read back; old ones go, and a failed one leaves nothing")
  func backup() async throws {
    let folder = try TemporaryDirectory()
    let control = try Programs.ours("keelsonctl")
    let old = folder.path + "/keelson-20200101T000000Z.db"
    try Data().write(to: URL(filePath: old))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_577_836_800)], ofItemAtPath: old)
    let programs = URL(filePath: control).deletingLastPathComponent().path
    func backup(_ endpoint: String) async throws -> Finished {
      try await run(
        Self.folder + "keelson-backup", [folder.path, "7"],
        environment: ["PATH": "\(programs):/usr/bin:/bin", "KEELSONCTL_ENDPOINTS": endpoint])
    }
    let failed = try await backup("127.0.0.1:\(LoopbackPorts.next())")
    #expect(failed.code != 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    try await withServer(.keelson) { server in
      #expect(try await server.control(["put", "a", "b"], program: control).code == 0)
      let answer = try await backup(server.endpoint)
      #expect(answer.code == 0, "\(answer.errors)")
      let file = answer.output.trimmingCharacters(in: .newlines)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
          == [URL(filePath: file).lastPathComponent])
      let status = try await run(control, ["snapshot", "status", file])
      #expect(status.code == 0, "\(status.errors)")
    }
  }

  @Test(
    "the settings of the unit and of its example file are the server's, and it starts with them")
  func settings() async throws {
    let unit = try Self.text("keelson.service")
    let line = try #require(unit.firstMatch(of: /\nEnvironment=(.+)\n/)).1
    var environment: [String: String] = [:]
    let commented = try Self.text("keelson.default").split(separator: "\n")
      .map { $0.hasPrefix("#KEELSON") ? $0.dropFirst() : $0 }.filter { $0.hasPrefix("KEELSON") }
    #expect(commented.count > 5)
    for pair in line.split(separator: " ") + commented {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      environment[sides[0]] = sides[1]
    }
    let help = try await run(try Programs.ours("keelson"), ["--help"]).output
    for name in environment.keys {
      let flag = "--" + name.dropFirst(8).lowercased().replacingOccurrences(of: "_", with: "-")
      #expect(help.contains("\n  \(flag) "), "\(name)")
    }
    let folder = try TemporaryDirectory()
    let ports = [LoopbackPorts.next(), LoopbackPorts.next()]
    for name in environment.keys {
      environment[name] = environment[name]?
        .replacingOccurrences(of: "%S", with: folder.path)
        .replacingOccurrences(of: "%l", with: "host")
        .replacingOccurrences(of: ":2379", with: ":\(ports[0])")
        .replacingOccurrences(of: ":2381", with: ":\(ports[1])")
    }
    for name in ["CERT_FILE", "KEY_FILE", "TRUSTED_CA_FILE", "CLIENT_CERT_AUTH"] {
      environment["KEELSON_" + name] = nil
    }
    let child = try ChildProcess(
      try Programs.ours("keelson"), [], environment: environment, in: folder.path)
    defer { child.kill() }
    let isReady = try await child.wait(seconds: 30) {
      $0.errors.contains("ready to serve client requests")
    }
    #expect(isReady, "\(child.errors)")
    #expect(FileManager.default.fileExists(atPath: folder.path + "/keelson/member"))
  }

  @Test("the account of the unit is the one that the sysusers file makes")
  func account() throws {
    let account = try Self.text("keelson.sysusers")
    let unit = try Self.text("keelson.service")
    let user = try #require(unit.firstMatch(of: /\nUser=(\S+)\n/)).1
    #expect(account.contains("\nu \(user) - "))
    #expect(account.contains(" /var/lib/\(user)\n"))
  }
}
