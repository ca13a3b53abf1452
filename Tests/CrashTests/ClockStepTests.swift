import EtcdProtocol
import Foundation
import ProcessHarness
import SwiftProtobuf
import Testing

/// The wall clock of a machine is set while a member runs, forwards by a day and back by three. `faketime` does it
/// to one process: its wall clock follows a file, the clock that only counts goes on as it was.
@Suite(
  "a wall clock that is set",
  .enabled(if: SteppedClock.library != nil, "faketime is not installed"),
  .serialized)
struct ClockStepTests {
  @Test(
    "ends no lease early or late, loses nothing, and does not stop a restart",
    .timeLimit(.minutes(3)))
  func steps() async throws {
    let server = try ServerProcess(.keelson)
    let clock = try SteppedClock(in: server.folder.path)
    try await server.start(wrapper: clock.wrapper)
    defer { server.kill() }
    var client = try await WireClient(port: server.clientPort)
    let long = try await grant(client, seconds: 600)
    try await client.put("long", "1", lease: long)

    for seconds in [86_400, -2 * 86_400] {
      let short = try await grant(client, seconds: 4)
      try await client.put("short", "1", lease: short)
      let granted = ContinuousClock.now
      try clock.set(secondsAhead: seconds)
      // Well within its time it is there, however the wall clock reads.
      try await Task.sleep(for: .milliseconds(1_500))
      if ContinuousClock.now - granted < .seconds(3) { #expect(try await exists(client, "short")) }
      while try await exists(client, "short"), ContinuousClock.now - granted < .seconds(60) {
        try await Task.sleep(for: .milliseconds(50))
      }
      let lasted = ContinuousClock.now - granted
      #expect(
        try await !exists(client, "short"), "stepped by \(seconds) s: still there after \(lasted)")
      #expect(lasted > .seconds(3.5), "stepped by \(seconds) s: gone after \(lasted)")
      #expect(try await remaining(client, long) > 500)
    }

    // The library moves timers of the counting clock as well, which a stop would wait for.
    try clock.set(secondsAhead: 0)
    #expect(try await server.stop() == 0)
    try clock.set(secondsAhead: -30 * 86_400)
    try await server.start(wrapper: clock.wrapper)
    // That the clock is set at all, the log shows.
    let date = try #require(server.log.firstMatch(of: /"ts":"(\d{4}-\d\d-\d\d)/)).1
    #expect(String(date) < clock.today, "\(server.log.suffix(400))")
    client = try await WireClient(port: server.clientPort)
    #expect(try await exists(client, "long"))
    #expect(try await remaining(client, long) > 500)
  }

  private func grant(_ client: WireClient, seconds: Int64) async throws -> Int64 {
    let answer: Etcdserverpb_LeaseGrantResponse = try await client.call(
      "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = seconds })
    return answer.id
  }

  private func exists(_ client: WireClient, _ key: String) async throws -> Bool {
    try await client.range(.with { $0.key = Data(key.utf8) }).count == 1
  }

  private func remaining(_ client: WireClient, _ lease: Int64) async throws -> Int64 {
    let answer: Etcdserverpb_LeaseTimeToLiveResponse = try await client.call(
      "Lease/LeaseTimeToLive", Etcdserverpb_LeaseTimeToLiveRequest.with { $0.id = lease })
    return answer.ttl
  }
}

/// A wall clock of its own for one process.
private struct SteppedClock {
  /// Where the Debian package puts the library; nil if it is not installed.
  static let library = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib"))?
    .map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
    .first { FileManager.default.fileExists(atPath: $0) }

  private let file: String

  init(in folder: String) throws {
    file = folder + "/wall-clock"
    try set(secondsAhead: 0)
  }

  /// Sets the clock; the process sees it at its next look.
  func set(secondsAhead seconds: Int) throws {
    try Data((seconds < 0 ? "\(seconds)" : "+\(seconds)").utf8)
      .write(to: URL(filePath: file), options: .atomic)
  }

  /// Starts a program under this clock. `env` comes in twice: in the first program that it is loaded into the library
  /// moves the environment, and Swift finds a program's arguments beside its environment.
  var wrapper: [String] {
    [
      "/usr/bin/env", "LD_PRELOAD=\(Self.library ?? "")", "FAKETIME_TIMESTAMP_FILE=\(file)",
      "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1",
      "/usr/bin/env",
    ]
  }

  /// The date by the machine's own clock, in UTC.
  var today: String { String(Date().ISO8601Format().prefix(10)) }
}
