import EtcdProtocol
import Foundation
import Primitives
import SwiftProtobuf
import Testing

@testable import keelson_bench

@Suite("Requests and answers of the loads")
struct RequestTests {
  private let key = Bytes("/registry/pods/a".utf8)
  private let value = Bytes("value".utf8)

  private func compare(at revision: Int64) -> Etcdserverpb_Compare {
    .with {
      $0.result = .equal
      $0.target = .mod
      $0.key = Data(key)
      $0.modRevision = revision
    }
  }

  @Test("what is encoded by hand is what the generated messages read")
  func equalToGenerated() throws {
    let put = try Etcdserverpb_PutRequest(serializedBytes: Requests.put(key, value, lease: 7))
    #expect(put.key == Data(key) && put.value == Data(value) && put.lease == 7)
    let range = try Etcdserverpb_RangeRequest(
      serializedBytes: Requests.range(
        key, end: [1], limit: 500, revision: 9, isSerializable: true, countOnly: true))
    #expect(range.key == Data(key) && range.rangeEnd == Data([1]) && range.limit == 500)
    #expect(range.revision == 9 && range.serializable && range.countOnly)
    let update = try Etcdserverpb_TxnRequest(
      serializedBytes: Requests.update(key, value, at: 12))
    #expect(update.compare == [compare(at: 12)])
    #expect(update.success.map(\.requestPut.value) == [Data(value)])
    #expect(update.failure.map(\.requestRange.key) == [Data(key)])
    let create = try Etcdserverpb_TxnRequest(serializedBytes: Requests.create(key, value))
    #expect(create.compare == [compare(at: 0)] && create.failure.isEmpty)
    let delete = try Etcdserverpb_TxnRequest(serializedBytes: Requests.delete(key, at: 3))
    #expect(delete.compare == [compare(at: 3)])
    #expect(delete.success.map(\.requestDeleteRange.key) == [Data(key)])
    let watch = try Etcdserverpb_WatchRequest(serializedBytes: Requests.watch(key, end: [2]))
    #expect(watch.createRequest.key == Data(key) && watch.createRequest.rangeEnd == Data([2]))
    let lease = try Etcdserverpb_LeaseGrantRequest(
      serializedBytes: Requests.leaseGrant(seconds: 600))
    #expect(lease.ttl == 600 && lease.id == 0)
  }

  @Test("a key space's puts differ from each other in their keys alone")
  func keySpace() throws {
    let keys = KeySpace("x", count: 100, valueBytes: 300)
    for number in [0, 7, 99] {
      let put = try Etcdserverpb_PutRequest(
        serializedBytes: keys.put(number, template: keys.putTemplate))
      #expect(put.key == Data(keys.key(number)) && put.value == Data(keys.value))
      #expect(put.key == Data("/registry/x/000000\(number < 10 ? "0" : "")\(number)".utf8))
    }
  }

  @Test("answers are read as far as the loads look at them")
  func answers() throws {
    let answer = Etcdserverpb_RangeResponse.with {
      $0.header.clusterID = .max
      $0.header.revision = 41
      $0.count = 2
      $0.kvs = [.with { $0.key = Data(key) }, .with { $0.key = Data(value) }]
    }
    let bytes: Bytes = try answer.serializedBytes()
    #expect(Answers.revision(bytes) == 41)
    #expect(Answers.number(4, bytes) == 2)
    #expect(Answers.occurrences(of: 2, bytes) == 2)
    #expect(Answers.contains(value, bytes) && !Answers.contains(Bytes("nothing".utf8), bytes))
    #expect(Answers.revision([]) == nil && Answers.number(4, [1, 2, 3]) == nil)
    let part = Etcdserverpb_RangeStreamResponse.with { $0.rangeResponse = answer }
    #expect(Answers.streamedRecords(try part.serializedBytes()) == 2)
  }
}

@Suite("Traffic")
struct TrafficTests {
  private func answer(revision: Int64, succeeded: Bool = true) throws -> Bytes {
    try Etcdserverpb_TxnResponse.with {
      $0.header.revision = revision
      $0.succeeded = succeeded
    }.serializedBytes()
  }

  @Test("an object is created first, and guarded by the revision of its last write from then on")
  func guardedUpdates() throws {
    let traffic = ObjectTraffic("t", .update, lanes: 1, keys: 1)
    for revision: Int64 in [0, 5, 9] {
      let request = try Etcdserverpb_TxnRequest(serializedBytes: traffic.request(0).message)
      #expect(request.compare.map(\.modRevision) == [revision])
      #expect(traffic.isRight(try answer(revision: revision == 0 ? 5 : 9), 0))
    }
    #expect(traffic.writes == 3)
    _ = traffic.request(0)
    #expect(!traffic.isRight(try answer(revision: 10, succeeded: false), 0))
    #expect(traffic.writes == 3)
  }

  @Test("what was created is deleted next, at its revision")
  func creationAndDeletion() throws {
    let traffic = ObjectTraffic("t", .createAndDelete, lanes: 1, keys: 1)
    var keys: [Data] = []
    for turn in 0..<4 {
      let request = try Etcdserverpb_TxnRequest(serializedBytes: traffic.request(0).message)
      #expect(request.success.map { $0.requestDeleteRange.key.isEmpty } == [turn % 2 == 0])
      #expect(request.compare.map(\.modRevision) == [turn % 2 == 0 ? 0 : Int64(turn) + 10])
      keys += request.compare.map(\.key)
      #expect(traffic.isRight(try answer(revision: Int64(turn) + 11), 0))
    }
    #expect(keys[0] == keys[1] && keys[2] == keys[3] && keys[0] != keys[2])
  }

  @Test("a read must get the bytes that it got before")
  func reads() {
    let traffic = ReadTraffic([([1], [2])], lanes: 1)
    #expect(traffic.request(0).message == [1])
    #expect(traffic.isRight([2], 0) && !traffic.isRight([3], 0))
  }
}
