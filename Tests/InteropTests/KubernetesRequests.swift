import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf

typealias RangeRequest = Etcdserverpb_RangeRequest
typealias TxnRequest = Etcdserverpb_TxnRequest
typealias TxnResponse = Etcdserverpb_TxnResponse

/// The requests that kube-apiserver sends, with nothing added and nothing left out.
enum Kubernetes {
  /// The end of the range of all keys that begin with `prefix`.
  static func end(of prefix: String) -> Data {
    var bytes = Array(prefix.utf8)
    bytes[bytes.count - 1] += 1
    return Data(bytes)
  }

  static func get(_ key: String, revision: Int64 = 0) -> RangeRequest {
    .with {
      $0.key = Data(key.utf8)
      $0.limit = 1
      $0.revision = revision
    }
  }

  /// A page of a list.
  /// - Parameter start: where it begins; the prefix itself for the first page.
  static func list(
    _ prefix: String, from start: Data? = nil, limit: Int64, revision: Int64 = 0
  ) -> RangeRequest {
    .with {
      $0.key = start ?? Data(prefix.utf8)
      $0.rangeEnd = end(of: prefix)
      $0.limit = limit
      $0.revision = revision
    }
  }

  static func count(_ prefix: String) -> RangeRequest {
    .with {
      $0.key = Data(prefix.utf8)
      $0.rangeEnd = end(of: prefix)
      $0.countOnly = true
    }
  }

  static func create(_ key: String, _ value: String, lease: Int64 = 0) -> TxnRequest {
    .with {
      $0.compare = [modified(key, at: 0)]
      $0.success = [put(key, value, lease: lease)]
    }
  }

  static func update(_ key: String, _ value: String, at revision: Int64, lease: Int64 = 0)
    -> TxnRequest
  {
    .with {
      $0.compare = [modified(key, at: revision)]
      $0.success = [put(key, value, lease: lease)]
      $0.failure = [.with { $0.requestRange = .with { $0.key = Data(key.utf8) } }]
    }
  }

  static func delete(_ key: String, at revision: Int64) -> TxnRequest {
    .with {
      $0.compare = [modified(key, at: revision)]
      $0.success = [.with { $0.requestDeleteRange = .with { $0.key = Data(key.utf8) } }]
      $0.failure = [.with { $0.requestRange = .with { $0.key = Data(key.utf8) } }]
    }
  }

  /// What the compactor of each API server sends; one of them wins.
  static func compactor(round: Int64, revision: Int64) -> TxnRequest {
    .with {
      $0.compare = [
        .with {
          $0.result = .equal
          $0.target = .version
          $0.key = Data("compact_rev_key".utf8)
          $0.version = round
        }
      ]
      $0.success = [put("compact_rev_key", String(revision))]
      $0.failure = [.with { $0.requestRange = .with { $0.key = Data("compact_rev_key".utf8) } }]
    }
  }

  private static func modified(_ key: String, at revision: Int64) -> Etcdserverpb_Compare {
    .with {
      $0.result = .equal
      $0.target = .mod
      $0.key = Data(key.utf8)
      $0.modRevision = revision
    }
  }

  private static func put(_ key: String, _ value: String, lease: Int64 = 0)
    -> Etcdserverpb_RequestOp
  {
    .with {
      $0.requestPut = .with {
        $0.key = Data(key.utf8)
        $0.value = Data(value.utf8)
        $0.lease = lease
      }
    }
  }
}

extension Mvccpb_KeyValue {
  var keyText: String { String(decoding: key, as: UTF8.self) }
  var valueText: String { String(decoding: value, as: UTF8.self) }
}

/// Starts a server and connects to it.
func withStore<Result>(
  flags: [String] = [], _ body: (WireClient, ServerProcess) async throws -> Result
) async throws -> Result {
  try await withServer(.underTest, flags: flags) { server in
    let client = try await WireClient(port: server.clientPort)
    let result = try await body(client, server)
    await client.connection.close()
    return result
  }
}
