import EtcdProtocol
import Foundation
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("a log that was hurt", .serialized)
struct LogDamageTests {
  /// Writes `count` values one after the other, and kills the server.
  private static func fill(_ server: ServerProcess, count: Int) async throws {
    try await server.start()
    let client = try await WireClient(port: server.clientPort)
    for number in 0..<count {
      let answer = try await client.put(
        "k\(number)", String(repeating: "\(number % 10)", count: 300))
      #expect(answer.header.revision == Int64(number) + 2)
    }
    server.kill()
  }

  /// The newest segment of the log, and where its last byte is that is not zero.
  private static func newestSegment(_ server: ServerProcess) throws -> (path: String, end: Int) {
    let folder = server.dataDirectory + "/member/log"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".wal") }.sorted()
    let path = folder + "/" + (try #require(names.last))
    let bytes = try Data(contentsOf: URL(filePath: path))
    return (path, (try #require(bytes.lastIndex { $0 != 0 })) + 1)
  }

  private enum Tear: CaseIterable {
    case truncated, zeroed, overwritten
  }

  @Test(
    "at its end, as by a crash in the middle of a write: cut, reported, and nothing else is lost")
  func torn() async throws {
    for (number, tear) in Tear.allCases.enumerated() {
      let server = try ServerProcess(.keelson)
      defer { server.kill() }
      let count = 50
      try await Self.fill(server, count: count)
      let segment = try Self.newestSegment(server)
      let file = try #require(FileHandle(forUpdatingAtPath: segment.path))
      // Within the last write: its value alone has 300 bytes.
      let cut = segment.end - 40 - 90 * number
      switch tear {
      case .truncated: try file.truncate(atOffset: UInt64(cut))
      case .zeroed:
        try file.seek(toOffset: UInt64(cut))
        try file.write(contentsOf: Data(count: segment.end - cut))
      case .overwritten:
        try file.seek(toOffset: UInt64(cut))
        try file.write(contentsOf: Data((0..<64).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 5) }))
      }
      try file.close()
      try await server.start()
      #expect(server.log.contains("torn") || server.log.contains("cut"), "\(tear): \(server.log)")
      #expect(server.log.contains((segment.path as NSString).lastPathComponent), "\(tear)")
      let client = try await WireClient(port: server.clientPort)
      let all = try await client.range(
        .with {
          $0.key = Data("k".utf8)
          $0.rangeEnd = Data("l".utf8)
        })
      #expect(all.count == Int64(count - 1), "\(tear)")
      #expect(all.header.revision == Int64(count), "\(tear)")
      // The log goes on, and holds after one more kill.
      #expect(try await client.put("next", "1").header.revision == Int64(count) + 1)
      server.kill()
      try await server.start()
      let again = try await WireClient(port: server.clientPort)
      #expect(try await again.range(.with { $0.key = Data("next".utf8) }).count == 1)
    }
  }

  @Test("in its middle by one bit: refused, with the file and the offset")
  func flipped() async throws {
    let server = try ServerProcess(.keelson)
    defer { server.kill() }
    try await Self.fill(server, count: 50)
    let segment = try Self.newestSegment(server)
    let file = try #require(FileHandle(forUpdatingAtPath: segment.path))
    let offset = UInt64(segment.end / 2)
    try file.seek(toOffset: offset)
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data([byte ^ 0x10]))
    try file.close()
    let bytes = try Data(contentsOf: URL(filePath: segment.path))
    let child = try server.launch()
    #expect(try await child.wait(seconds: 30) != 0)
    let line = try Refusal.line(of: server)
    #expect(line.contains(segment.path), "\(line)")
    let named = try #require(line.firstMatch(of: /offset ([0-9]+)/)?.1, "\(line)")
    let distance = Int64(offset) - (try #require(Int64(named)))
    #expect((0...600).contains(distance), "the damage is at \(offset), the message says \(named)")
    #expect(try Data(contentsOf: URL(filePath: segment.path)) == bytes, "the file was changed")
  }
}

/// What a server says that ends instead of serving.
enum Refusal {
  /// The one line of its log that is an error.
  static func line(of server: ServerProcess) throws -> String {
    let lines = server.log.split(separator: "\n").filter { line in
      [
        "\"level\":\"fatal\"", "\"level\":\"critical\"", "\"level\":\"error\"",
        "\"level\":\"panic\"",
      ]
      .contains { line.contains($0) } || !line.hasPrefix("{")
    }
    #expect(lines.count == 1, "not one line: \(server.log)")
    return lines.first.map(String.init) ?? ""
  }
}
