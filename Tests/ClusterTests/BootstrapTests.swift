import Foundation
import ProcessHarness
import Testing

@Suite("keelsonctl cluster bootstrap")
struct BootstrapTests {
  @Test(
    "what it writes starts three members that agree, and lets nobody in without a certificate",
    .timeLimit(.minutes(2)))
  func starts() async throws {
    let folder = try TemporaryDirectory()
    let control = try Programs.ours("keelsonctl")
    let programs = URL(filePath: control).deletingLastPathComponent().path
    let members = (1...3).map {
      "m\($0)=127.0.0.1,\(LoopbackPorts.next()),\(LoopbackPorts.next())"
    }
    let words = ["cluster", "bootstrap"] + members + ["--dir", folder.path + "/new"]
    let written = try await run(control, words)
    #expect(written.code == 0, "\(written.errors)")
    let again = try await run(control, words)
    #expect(again.code != 0 && again.errors.contains("File exists"), "\(again.errors)")

    let starts = written.output.split(separator: "\n").filter { $0.hasSuffix("/start") }
      .compactMap { $0.split(separator: " ").last.map(String.init) }
    #expect(starts.count == 3, "\(written.output)")
    let children = try starts.map {
      try ChildProcess(
        $0, [], environment: ["PATH": "\(programs):/usr/bin:/bin"], in: folder.path)
    }
    defer { for child in children { child.kill() } }
    for child in children {
      let serves = try await child.wait(seconds: 60) {
        ($0.output + $0.errors).contains("ready to serve client requests")
      }
      #expect(serves, "\(child.output)\(child.errors)")
    }
    // The line that it prints is the one that works.
    let line = try #require(
      written.output.split(separator: "\n").first { $0.hasPrefix("  keelsonctl ") })
    let flags = line.split(separator: " ").dropFirst().map(String.init).prefix { $0 != "endpoint" }
    let put = try await run(control, flags + ["put", "greeting", "hello"])
    #expect(put.code == 0, "\(put.errors)")
    let hashes = try await run(control, flags + ["endpoint", "hashkv", "--rev", "2", "-w", "json"])
    #expect(hashes.code == 0, "\(hashes.errors)")
    let values = hashes.output.matches(of: /"hash":(\d+)/).map { String($0.1) }
    #expect(values.count == 3 && Set(values).count == 1, "\(hashes.output)")

    let stranger = try await run(
      control, Array(flags.prefix(4)) + ["--command-timeout", "3s", "get", "greeting"])
    #expect(stranger.code != 0)
  }

  @Test(
    "members that make no cluster are refused with the reason",
    arguments: [
      ([], "requires 1 to 9 members"), (["m1"], "does not describe a member"),
      (["m1=h", "m1=i"], "two members are called m1"), (["m1=h", "m2=h"], "share a port of h"),
      (["m1=h,1"], "does not describe a member"), (["a/b=h"], "does not describe a member"),
      (["m1=h", "--days", "0"], "--days is 0"), (["m1=h;reboot"], "does not describe a member"),
    ])
  func refused(_ words: [String], _ reason: String) async throws {
    let folder = try TemporaryDirectory()
    let answer = try await run(
      try Programs.ours("keelsonctl"),
      ["cluster", "bootstrap"] + words + ["--dir", folder.path + "/new"])
    #expect(answer.code != 0 && answer.errors.contains(reason), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/new"))
  }
}
