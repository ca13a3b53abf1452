import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite(
  "random requests", .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)),
  .serialized)
struct SameAnswersTests {
  @Test("have the same answers from Keelson as from etcd", .timeLimit(.minutes(3)))
  func sameAnswers() async throws {
    let seed = SeededGenerator.fromEnvironment(else: 1)
    var requests = RandomRequests(seed: seed.seed)
    try await withServer(.etcd) { etcd in
      try await withServer(.underTest) { keelson in
        let left = try await WireClient(port: etcd.clientPort)
        let right = try await WireClient(port: keelson.clientPort)
        var differences: [String] = []
        for number in 0..<4_000 where differences.count < 10 {
          let (method, request) = requests.next()
          async let first = Self.answer(left, method, request)
          async let second = Self.answer(right, method, request)
          let (expected, got) = try await (first, second)
          if let compaction = request as? Etcdserverpb_CompactionRequest, expected.revision > 0 {
            requests.floor = compaction.revision
          }
          requests.revision = max(requests.revision, expected.revision)
          if expected != got {
            differences.append(
              "\(number): \(method)\n\(try request.jsonString())\netcd: \(expected)\nkeelson: \(got)"
            )
          }
          // From here on the histories differ.
          if expected.revision != got.revision, got.revision > 0, expected.revision > 0 { break }
        }
        if differences.isEmpty {
          let watches = (0..<60).map { _ in requests.watch() }
          async let first = Self.watch(left, watches)
          async let second = Self.watch(right, watches)
          let (expected, got) = try await (first, second)
          for (number, request) in watches.enumerated()
          where expected[Int64(number)] != got[Int64(number)] {
            differences.append(
              """
              watch \(try request.jsonString())
              etcd: \(expected[Int64(number)] ?? [])
              keelson: \(got[Int64(number)] ?? [])
              """)
          }
          #expect(expected.values.contains { $0.count > 20 }, "the watches saw too little")
        }
        #expect(
          differences.isEmpty,
          "\(seed.replay("SameAnswersTests"))\n\(differences.joined(separator: "\n\n"))")
      }
    }
  }

  /// What each of these watches, on one stream, is told of the past: events, and whether it is cancelled.
  private static func watch(
    _ client: WireClient, _ requests: [Etcdserverpb_WatchCreateRequest]
  ) async throws -> [Int64: [String]] {
    let call = try await client.watches()
    for request in requests { try await call.send(.with { $0.createRequest = request }) }
    var told: [Int64: [String]] = [:]
    // Until nothing has come for a while.
    while let response = try? await call.next(seconds: 1.5) {
      told[response.watchID, default: []] += try response.events.map { try $0.jsonString() }
      if response.canceled {
        told[response.watchID, default: []].append("cancelled, \(response.compactRevision)")
      }
    }
    return told
  }

  private struct Answer: Equatable, CustomStringConvertible, Sendable {
    /// The message without identities, or the status.
    var description: String
    var revision: Int64 = 0
  }

  private static func answer(
    _ client: WireClient, _ method: String, _ request: any Message
  ) async throws -> Answer {
    do {
      switch method {
      case "KV/Range":
        let target = (request as? Etcdserverpb_RangeRequest)?.sortTarget ?? .key
        return try await answer(client, method, request, \Etcdserverpb_RangeResponse.header) {
          if target != .key { Self.orderTies(&$0.kvs, by: target) }
        }
      case "KV/Put":
        return try await answer(client, method, request, \Etcdserverpb_PutResponse.header)
      case "KV/DeleteRange":
        return try await answer(client, method, request, \Etcdserverpb_DeleteRangeResponse.header)
      case "KV/Txn":
        return try await answer(client, method, request, \Etcdserverpb_TxnResponse.header)
      case "KV/Compact":
        return try await answer(client, method, request, \Etcdserverpb_CompactionResponse.header)
      case "Lease/LeaseGrant":
        return try await answer(client, method, request, \Etcdserverpb_LeaseGrantResponse.header)
      case "Lease/LeaseRevoke":
        return try await answer(client, method, request, \Etcdserverpb_LeaseRevokeResponse.header)
      case "Maintenance/HashKV":
        return try await answer(client, method, request, \Etcdserverpb_HashKVResponse.header) {
          // A field of later releases than the peer's.
          $0.hashRevision = 0
        }
      default:
        return try await answer(
          client, method, request, \Etcdserverpb_LeaseTimeToLiveResponse.header
        ) {
          // The remaining time; the order of the keys is not promised.
          if $0.ttl > 0 { $0.ttl = 1 }
          $0.keys.sort { $0.lexicographicallyPrecedes($1) }
        }
      }
    } catch let status as CallStatus {
      return Answer(description: status.description)
    }
  }

  /// Puts keys whose sorted field is equal in the order of the keys; the others stay where they are.
  private static func orderTies(
    _ records: inout [Mvccpb_KeyValue], by target: Etcdserverpb_RangeRequest.SortTarget
  ) {
    func field(_ record: Mvccpb_KeyValue) -> Data {
      switch target {
      case .version: Data("\(record.version)".utf8)
      case .create: Data("\(record.createRevision)".utf8)
      case .mod: Data("\(record.modRevision)".utf8)
      default: record.value
      }
    }
    var start = 0
    while start < records.count {
      let first = field(records[start])
      let end = records[start...].firstIndex { field($0) != first } ?? records.count
      records[start..<end].sort { $0.key.lexicographicallyPrecedes($1.key) }
      start = end
    }
  }

  private static func answer<Response: Message>(
    _ client: WireClient, _ method: String, _ request: any Message,
    _ header: WritableKeyPath<Response, Etcdserverpb_ResponseHeader>,
    _ mask: (inout Response) -> Void = { _ in }
  ) async throws -> Answer {
    var response: Response = try await client.call(method, request)
    let revision = response[keyPath: header].revision
    response[keyPath: header] = .with { $0.revision = revision }
    mask(&response)
    return Answer(description: try response.jsonString(), revision: revision)
  }
}
