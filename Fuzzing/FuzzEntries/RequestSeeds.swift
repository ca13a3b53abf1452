internal import EtcdProtocol
internal import FoundationEssentials
internal import Primitives
internal import SwiftProtobuf

/// Requests as clients send them.
enum RequestSeeds {
  static let all: [Bytes] = [
    range.bytes, put.bytes, deleteRange.bytes, compaction.bytes, guardedUpdate.bytes, nested.bytes,
  ]

  private static let key = Bytes("/registry/pods/default/web-0".utf8)
  private static let end = Bytes("/registry/pods/default0".utf8)

  private static var range: Etcdserverpb_RangeRequest {
    var range = Etcdserverpb_RangeRequest()
    range.key = Data(key)
    range.rangeEnd = Data(end)
    range.limit = 500
    range.revision = 1_234
    range.sortOrder = .descend
    range.sortTarget = .mod
    range.serializable = true
    range.keysOnly = true
    range.countOnly = true
    range.minModRevision = 1
    range.maxModRevision = .max
    range.minCreateRevision = -1
    range.maxCreateRevision = 300
    return range
  }

  private static var put: Etcdserverpb_PutRequest {
    var put = Etcdserverpb_PutRequest()
    put.key = Data(key)
    put.value = Data(repeating: 0x6b, count: 200)
    put.lease = 0x1234_5678_9abc
    put.prevKv = true
    put.ignoreValue = true
    put.ignoreLease = true
    return put
  }

  private static var deleteRange: Etcdserverpb_DeleteRangeRequest {
    var deletion = Etcdserverpb_DeleteRangeRequest()
    deletion.key = Data(key)
    deletion.rangeEnd = Data([0])
    deletion.prevKv = true
    return deletion
  }

  private static var compaction: Etcdserverpb_CompactionRequest {
    var compaction = Etcdserverpb_CompactionRequest()
    compaction.revision = 99
    compaction.physical = true
    return compaction
  }

  /// What a kube-apiserver sends to change an object that it has read.
  private static var guardedUpdate: Etcdserverpb_TxnRequest {
    var comparison = Etcdserverpb_Compare()
    comparison.target = .mod
    comparison.key = Data(key)
    comparison.modRevision = 77
    var byValue = Etcdserverpb_Compare()
    byValue.target = .value
    byValue.result = .notEqual
    byValue.key = Data(key)
    byValue.rangeEnd = Data(end)
    byValue.value = Data([1, 2, 3])
    var transaction = Etcdserverpb_TxnRequest()
    transaction.compare = [comparison, byValue]
    transaction.success = [.with { $0.requestPut = put }]
    transaction.failure = [.with { $0.requestRange = range }]
    return transaction
  }

  private static var nested: Etcdserverpb_TxnRequest {
    var outer = guardedUpdate
    for _ in 0..<4 {
      let inner = outer
      outer = .with {
        $0.success = [
          .with { $0.requestTxn = inner }, .with { $0.requestDeleteRange = deleteRange },
        ]
      }
    }
    return outer
  }
}

extension Message {
  /// The message's encoding; it has no required fields that could be missing.
  fileprivate var bytes: Bytes {
    do { return try serializedBytes() } catch { fatalError("a seed cannot be encoded: \(error)") }
  }
}
