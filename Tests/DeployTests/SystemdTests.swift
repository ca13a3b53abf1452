import Foundation
import ProcessHarness
import Testing

@Suite("the systemd unit")
struct SystemdTests {
  private static let folder = Programs.packageRoot + "/deploy/systemd/"
  private static let analyzer = "/usr/bin/systemd-analyze"
  private static let isInstalled = FileManager.default.isExecutableFile(atPath: analyzer)

  private static func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder + name, encoding: .utf8)
  }

  @Test(
    "systemd understands every line, and rates the exposure below 1.4",
    .enabled(if: isInstalled, "systemd is not installed"))
  func analyze() async throws {
    let folder = try TemporaryDirectory()
    // The programs are not installed where tests run.
    let unit = try Self.text("keelson.service")
      .replacingOccurrences(of: "/usr/local/bin/keelson", with: try Programs.ours("keelson"))
    let path = folder.path + "/keelson.service"
    try unit.write(toFile: path, atomically: true, encoding: .utf8)
    let verified = try await run(Self.analyzer, ["verify", "--man=no", path])
    #expect(verified.code == 0, "\(verified.errors)")
    #expect(verified.errors == "")
    let rated = try await run(
      Self.analyzer, ["security", "--offline=yes", "--threshold=13", "--no-pager", path])
    #expect(rated.code == 0, "\(rated.output.suffix(200))")
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
