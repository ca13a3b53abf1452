import EtcdProtocol
import Foundation
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("the log's lines about slow requests", .serialized)
struct SlowRequestLogTests {
  /// The fields of such lines of one method, once there are `count`.
  private func lines(
    of method: String, _ count: Int, in server: ServerProcess
  ) async throws -> [[String: Any]] {
    for _ in 0..<600 {
      let found = server.log.split(separator: "\n").compactMap { line in
        try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      }.filter {
        $0["msg"] as? String == "a request took long"
          && $0["method"] as? String == "/etcdserverpb.KV/\(method)"
      }
      if found.count >= count { return found }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("the log never had \(count) lines about \(method):\n\(server.log)")
    return []
  }

  private func milliseconds(_ line: [String: Any], _ steps: [String]) -> [Int] {
    steps.map { (line["\($0)-ms"] as? NSNumber)?.intValue ?? -1_000 }
  }

  @Test("say where the time went, and what was asked for but no value")
  func steps() async throws {
    try await withStore(flags: ["--warning-unary-request-duration=1ns"]) { store, server in
      for number in 0..<1_100 { try await store.put("pods/\(number)", "secret") }
      let range = Etcdserverpb_RangeRequest.with {
        $0.key = Data("pods/".utf8)
        $0.rangeEnd = Data("pods0".utf8)
      }
      let all: Etcdserverpb_RangeResponse = try await store.call("KV/Range", range)
      #expect(all.kvs.count == 1_100)

      let put = try #require(try await lines(of: "Put", 1_100, in: server).first)
      #expect(put["level"] as? String == "warn")
      #expect(put["request"] as? String == #"key:"pods/0" value_size:6"#)
      #expect((put["remote"] as? String)?.hasPrefix("127.0.0.1:") == true)
      let read = try #require(try await lines(of: "Range", 1, in: server).first)
      #expect(read["request"] as? String == #"key:"pods/" range_end:"pods0""#)
      for (line, steps) in [
        (put, ["receive", "queue", "log", "majority", "apply", "answer"]),
        (read, ["queue", "read", "answer"]),
      ] {
        let parts = milliseconds(line, steps)
        let whole = try #require(line["took-ms"] as? NSNumber).intValue
        #expect(parts.allSatisfy { $0 >= 0 }, "\(line)")
        // Each part is rounded down.
        #expect((parts.reduce(0, +)...parts.reduce(steps.count, +)).contains(whole), "\(line)")
        #expect(steps.contains(line["longest"] as? String ?? ""), "\(line)")
      }
      #expect(!server.log.contains("secret"))
    }
  }
}
