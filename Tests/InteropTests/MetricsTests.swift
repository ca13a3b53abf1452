import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Testing

@Suite("metrics", .serialized)
struct MetricsTests {
  @Test("/metrics is well formed, and holds exactly the families that docs/metrics.md lists")
  func table() async throws {
    let documented = try MetricTable()
    try await withServer(.keelson) { server in
      try await exercise(server)
      let families = try Exposition.parse(try await page(server)).families
      for (name, family) in families {
        guard let row = documented.served[name] else {
          Issue.record("\(name) is not in docs/metrics.md")
          continue
        }
        #expect(family.type == row.type, "\(name)")
        #expect(!family.help.isEmpty, "\(name)")
        for sample in family.samples {
          #expect(sample.labels.keys.sorted() == row.labels, "\(name)")
        }
        if family.type == "counter" { #expect(family.samples.allSatisfy { $0.value >= 0 }) }
      }
      #expect(
        Set(documented.served.keys).subtracting(families.keys) == [],
        "listed in docs/metrics.md and not served")
    }
  }

  @Test("counters of calls count them, under their status, and histograms hold as many")
  func calls() async throws {
    try await withServer(.keelson) { server in
      let before = try Exposition.parse(try await page(server))
      try await exercise(server)
      let after = try Exposition.parse(try await page(server))
      let put = ["grpc_service": "etcdserverpb.KV", "grpc_method": "Put", "grpc_type": "unary"]
      func rise(_ name: String, _ labels: [String: String]) -> Double {
        (after.value(name, labels) ?? -1) - (before.value(name, labels) ?? 0)
      }
      #expect(rise("grpc_server_started_total", put) == 11)
      #expect(rise("grpc_server_msg_received_total", put) == 11)
      #expect(rise("grpc_server_msg_sent_total", put) == 10)
      #expect(rise("grpc_server_handled_total", put.merging(["grpc_code": "OK"]) { $1 }) == 10)
      #expect(
        rise("grpc_server_handled_total", put.merging(["grpc_code": "InvalidArgument"]) { $1 })
          == 1)
      #expect(rise("grpc_server_handling_seconds_count", put) == 11)
      #expect(
        rise("grpc_server_handling_seconds_bucket", put.merging(["le": "+Inf"]) { $1 }) == 11)
      #expect(rise("etcd_mvcc_put_total", [:]) == 10)
      #expect(rise("etcd_debugging_lease_granted_total", [:]) == 1)
      #expect(rise("etcd_disk_wal_fsync_duration_seconds_count", [:]) > 0)
      #expect((after.value("etcd_network_client_grpc_received_bytes_total", [:]) ?? 0) > 0)
    }
  }

  @Test(
    "what etcd serves is served as well, with the same type, or docs/metrics.md says why not",
    .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
  func besideEtcd() async throws {
    let documented = try MetricTable()
    try await withServer(.etcd, flags: ["--metrics", "extensive"]) { server in
      let theirs = try Exposition.parse(try await page(server)).families
      for (name, family) in theirs where !name.hasPrefix("go_") && !name.hasPrefix("promhttp_") {
        if let row = documented.served[name] {
          #expect(row.type == family.type, "\(name)")
          if let sample = family.samples.first {
            #expect(row.labels == sample.labels.keys.sorted(), "\(name)")
          }
        } else {
          #expect(documented.omitted.contains(name), "docs/metrics.md does not speak of \(name)")
        }
      }
    }
  }

  /// What the alerts and dashboards of etcd's community ask for, with the labels that they select or group by; those of
  /// traffic between members have samples where there are others.
  private static let mixin: [(name: String, labels: [String])] = [
    ("etcd_disk_backend_commit_duration_seconds_bucket", ["le"]),
    ("etcd_disk_wal_fsync_duration_seconds_bucket", ["le"]),
    ("etcd_mvcc_db_total_size_in_bytes", []), ("etcd_mvcc_db_total_size_in_use_in_bytes", []),
    ("etcd_network_client_grpc_received_bytes_total", []),
    ("etcd_network_client_grpc_sent_bytes_total", []),
    ("etcd_network_peer_received_bytes_total", ["From"]),
    ("etcd_network_peer_round_trip_time_seconds_bucket", ["To", "le"]),
    ("etcd_network_peer_sent_bytes_total", ["To"]),
    ("etcd_network_peer_sent_failures_total", ["To"]), ("etcd_server_has_leader", []),
    ("etcd_server_leader_changes_seen_total", []), ("etcd_server_proposals_applied_total", []),
    ("etcd_server_proposals_committed_total", []), ("etcd_server_proposals_failed_total", []),
    ("etcd_server_proposals_pending", []), ("etcd_server_quota_backend_bytes", []),
    ("grpc_server_handled_total", ["grpc_code", "grpc_method", "grpc_service", "grpc_type"]),
    ("grpc_server_handling_seconds_bucket", ["grpc_method", "grpc_service", "grpc_type", "le"]),
    ("grpc_server_started_total", ["grpc_method", "grpc_service", "grpc_type"]),
    ("process_resident_memory_bytes", []),
  ]

  @Test("what the community's alerts and dashboards ask for is served, with its labels")
  func mixin() async throws {
    let documented = try MetricTable()
    try await withServer(.keelson) { server in
      try await exercise(server)
      let exposition = try Exposition.parse(try await page(server))
      for (name, labels) in Self.mixin {
        let samples = exposition.samples.filter { $0.name == name }
        for sample in samples { #expect(sample.labels.keys.sorted() == labels.sorted(), "\(name)") }
        if samples.isEmpty {
          let family = name.replacing(/_bucket$/, with: "")
          #expect(exposition.families[family] != nil, "\(name)")
          #expect(
            documented.served[family]?.labels == labels.filter { $0 != "le" }.sorted(), "\(name)")
          #expect(labels.contains("To") || labels.contains("From"), "\(name) has no samples")
        }
      }
    }
  }

  private func page(_ server: ServerProcess) async throws -> String {
    let answer = try await HTTPAnswer.fetch(
      "/metrics", from: .tcp(host: "127.0.0.1", port: server.clientPort))
    return String(decoding: answer.body, as: UTF8.self)
  }

  /// Ten puts, one that is refused, a lease, and a range.
  private func exercise(_ server: ServerProcess) async throws {
    let client = try await WireClient(port: server.clientPort)
    for number in 0..<10 { try await client.put("key \(number)", "value") }
    await #expect(throws: CallStatus.self) { try await client.put("", "value") }
    let _: Etcdserverpb_LeaseGrantResponse = try await client.call(
      "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 100 })
    let _: Etcdserverpb_HashKVResponse = try await client.call(
      "Maintenance/HashKV", Etcdserverpb_HashKVRequest())
  }
}

/// The tables of docs/metrics.md: `| name | type | labels | meaning |`, and `| name | reason |`.
private struct MetricTable {
  var served: [String: (type: String, labels: [String])] = [:]
  var omitted: Set<String> = []

  init() throws {
    let text = try String(
      contentsOfFile: Programs.packageRoot + "/docs/metrics.md", encoding: .utf8)
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map {
        $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "`", with: "")
      }
      if cells.count == 4 {
        let labels = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        served[cells[0]] = (cells[1], labels.sorted())
      } else {
        for name in cells[0].split(separator: " ") { omitted.insert(String(name)) }
      }
    }
  }
}
