import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("a data directory that cannot be used", .serialized)
struct DirectoryFaultTests {
  @Test("because another process has it: one clear line, and the other goes on")
  func twoProcesses() async throws {
    try await withServer(.keelson) { first in
      let client = try await WireClient(port: first.clientPort)
      try await client.put("a", "1")
      let second = try ServerProcess(.keelson, dataDirectory: first.dataDirectory)
      let child = try second.launch()
      #expect(try await child.wait(seconds: 30) != 0)
      let line = try Refusal.line(of: second)
      #expect(line.contains("in use by another process"), "\(line)")
      #expect(line.contains(first.dataDirectory), "\(line)")
      #expect(try await client.put("a", "2").header.revision == 3)
    }
  }

  @Test("because a later release wrote it: refused, and nothing is changed")
  func newerFormat() async throws {
    let server = try ServerProcess(.keelson)
    defer { server.kill() }
    try await server.start()
    try await WireClient(port: server.clientPort).put("a", "1")
    try await server.stop()
    let path = server.dataDirectory + "/member/version"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let newer = text.replacing(/keelson-member [0-9]+/, with: "keelson-member 999")
    #expect(newer != text)
    try newer.write(toFile: path, atomically: true, encoding: .utf8)
    let child = try server.launch()
    #expect(try await child.wait(seconds: 30) != 0)
    let line = try Refusal.line(of: server)
    #expect(line.contains("format 999"), "\(line)")
    #expect(line.contains("later release"), "\(line)")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try await server.start()
    let client = try await WireClient(port: server.clientPort)
    #expect(try await client.range(.with { $0.key = Data("a".utf8) }).count == 1)
  }

  @Test(
    "because it is mounted read-only: one clear line",
    .enabled(if: MountNamespace.isAllowed, "mounting needs root"))
  func readOnly() async throws {
    let server = try ServerProcess(.keelson)
    defer { server.kill() }
    try await server.start()
    try await WireClient(port: server.clientPort).put("a", "1")
    try await server.stop()
    let space = try await MountNamespace(
      "mount --bind \(server.dataDirectory) \(server.dataDirectory) && "
        + "mount -o remount,bind,ro \(server.dataDirectory)", in: server.folder.path)
    defer { space.end() }
    let child = try server.launch(wrapper: space.entering)
    #expect(try await child.wait(seconds: 30) != 0)
    let line = try Refusal.line(of: server)
    #expect(line.contains(server.dataDirectory), "\(line)")
    #expect(line.lowercased().contains("read-only"), "\(line)")
    try await server.start()
    let client = try await WireClient(port: server.clientPort)
    #expect(try await client.range(.with { $0.key = Data("a".utf8) }).count == 1)
  }

  @Test(
    "because the disk is full: an error that clients know or one clear line, and nothing is lost",
    .enabled(if: MountNamespace.isAllowed, "mounting needs root"), arguments: [false, true])
  func fullDisk(atOnce: Bool) async throws {
    let mount = try TemporaryDirectory()
    let space = try await MountNamespace(
      "mount -t tmpfs -o size=48m keelson-test \(mount.path)", in: mount.path)
    defer { space.end() }
    let server = try ServerProcess(.keelson, dataDirectory: mount.path + "/data")
    defer { server.kill() }
    try await server.start(wrapper: space.entering)
    var client = try await WireClient(port: server.clientPort)
    var acknowledged: [String] = []
    if atOnce {
      // Something else takes the room: first a few writes, then none is left.
      for number in 0..<20 {
        try await client.put("early\(number)", "v")
        acknowledged.append("early\(number)")
      }
      _ = try await space.run("dd if=/dev/zero of=\(mount.path)/ballast bs=4096 2>/dev/null; true")
    }
    var generator = SeededGenerator(seed: 7)
    var refusal: CallStatus?
    for number in 0..<4_000 where refusal == nil {
      do {
        let value = (0..<5_000).map { _ in String(generator.next(), radix: 36) }.joined()
        try await client.put("k\(number)", value)
        acknowledged.append("k\(number)")
      } catch let status as CallStatus {
        refusal = status
      }
    }
    let status = try #require(refusal, "\(acknowledged.count) large writes went into 48 MB")
    #expect(
      [.resourceExhausted, .unavailable, .cancelled].contains(status.code), "\(status)")
    // Either it serves reads and says why it takes no writes, or it ended with one line that says so.
    try await Task.sleep(for: .milliseconds(500))
    if let process = server.process, process.hasEnded {
      #expect(process.exitCode == 1, "\(server.log)")
      let line = try Refusal.line(of: server)
      #expect(line.lowercased().contains("space"), "\(line)")
    } else {
      #expect(status.code == .resourceExhausted, "\(status)")
      #expect(try await client.range(.with { $0.key = Data(acknowledged[0].utf8) }).count == 1)
      server.kill()
    }
    _ = try await space.run(
      "rm -f \(mount.path)/ballast; mount -o remount,size=512m \(mount.path)")
    try await server.start(wrapper: space.entering)
    client = try await WireClient(port: server.clientPort)
    let all = try await client.range(
      .with {
        $0.key = Data([0])
        $0.rangeEnd = Data([0])
        $0.keysOnly = true
      })
    let keys = Set(all.kvs.map { String(decoding: $0.key, as: UTF8.self) })
    let lost = acknowledged.filter { !keys.contains($0) }
    #expect(lost.isEmpty, "\(lost)")
    try await client.put("room", "again")
  }
}
