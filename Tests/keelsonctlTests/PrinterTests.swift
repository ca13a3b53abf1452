import EtcdProtocol
import Foundation
import SwiftProtobuf
import Testing

@testable import keelsonctl

/// The shapes of etcdctl 3.7.1.
@Suite("printers")
struct PrinterTests {
  private static let header = Etcdserverpb_ResponseHeader.with {
    $0.clusterID = 13_806_193_657_863_526_335
    $0.memberID = 8_061_793_902_802_952_623
    $0.revision = 8
    $0.raftTerm = 2
  }
  private static let inlineHeader =
    "\"cluster_id\":13806193657863526335,\"member_id\":8061793902802952623,\"revision\":8,"
    + "\"raft_term\":2"
  private static let headerFields = """
    "ClusterID" : 13806193657863526335
    "MemberID" : 8061793902802952623
    "Revision" : 8
    "RaftTerm" : 2

    """

  private static func record(
    _ key: String, _ value: String, _ create: Int64, _ mod: Int64, _ version: Int64
  ) -> Mvccpb_KeyValue {
    .with {
      $0.key = Data(key.utf8)
      $0.value = Data(value.utf8)
      $0.createRevision = create
      $0.modRevision = mod
      $0.version = version
    }
  }

  private func text(
    _ answer: Answer, _ format: OutputFormat, hex: Bool = false
  ) throws -> String {
    String(decoding: try format.render(answer, isHexadecimal: hex), as: UTF8.self)
  }

  private var put: Answer {
    .put(
      .with {
        $0.header = Self.header
        $0.prevKv = Self.record("foo", "bar3", 2, 5, 4)
      })
  }

  @Test("a put")
  func putAnswer() throws {
    #expect(try text(put, .simple) == "OK\nfoo\nbar3\n")
    #expect(
      try text(put, .json)
        == "{\"header\":{\(Self.inlineHeader)},\"prev_kv\":{\"key\":\"Zm9v\",\"create_revision\":2,"
        + "\"mod_revision\":5,\"version\":4,\"value\":\"YmFyMw==\"}}\n")
    #expect(
      try text(put, .fields) == Self.headerFields + """
        "PrevKey" : "foo"
        "PrevCreateRevision" : 2
        "PrevModRevision" : 5
        "PrevVersion" : 4
        "PrevValue" : "bar3"
        "PrevLease" : 0

        """)
    #expect(throws: Failure(.badFeature, "table not supported as output format")) {
      try text(put, .table)
    }
  }

  @Test("a range, in hexadecimal and values alone too")
  func range() throws {
    let message = Etcdserverpb_RangeResponse.with {
      $0.header = Self.header
      $0.kvs = [Self.record("foo", "bar3", 2, 7, 6), Self.record("foo1", "x", 8, 8, 1)]
      $0.count = 2
    }
    let range = Answer.range(message, .keysAndValues)
    #expect(try text(range, .simple) == "foo\nbar3\nfoo1\nx\n")
    #expect(try text(.range(message, .valuesOnly), .simple) == "bar3\nx\n")
    #expect(
      try text(range, .simple, hex: true)
        == "\\x66\\x6f\\x6f\n\\x62\\x61\\x72\\x33\n\\x66\\x6f\\x6f\\x31\n\\x78\n")
    #expect(
      try text(range, .json)
        == "{\"header\":{\(Self.inlineHeader)},\"kvs\":[{\"key\":\"Zm9v\",\"create_revision\":2,"
        + "\"mod_revision\":7,\"version\":6,\"value\":\"YmFyMw==\"},{\"key\":\"Zm9vMQ==\","
        + "\"create_revision\":8,\"mod_revision\":8,\"version\":1,\"value\":\"eA==\"}],\"count\":2}\n"
    )
    #expect(try text(range, .fields).hasSuffix("\"Lease\" : 0\n\"More\" : false\n\"Count\" : 2\n"))
    #expect(
      try OutputFormat.protobuf.render(range, isHexadecimal: false)
        == Array(try message.serializedData()))
  }

  @Test("a transaction with every kind of answer")
  func transaction() throws {
    let inner = Etcdserverpb_ResponseHeader.with { $0.revision = 9 }
    let answer = Answer.transaction(
      .with {
        $0.header = Self.header
        $0.succeeded = true
        $0.responses = [
          .with { $0.responsePut = .with { $0.header = inner } },
          .with {
            $0.responseRange = .with {
              $0.header = inner
              $0.kvs = [Self.record("foo", "1", 2, 9, 7)]
              $0.count = 1
            }
          },
          .with { $0.responseDeleteRange = .with { $0.header = inner } },
        ]
      })
    #expect(try text(answer, .simple) == "SUCCESS\n\nOK\n\nfoo\n1\n\n0\n")
    #expect(
      try text(answer, .json)
        == "{\"header\":{\(Self.inlineHeader)},\"succeeded\":true,\"responses\":[{\"Response\":"
        + "{\"response_put\":{\"header\":{\"revision\":9}}}},{\"Response\":{\"response_range\":"
        + "{\"header\":{\"revision\":9},\"kvs\":[{\"key\":\"Zm9v\",\"create_revision\":2,"
        + "\"mod_revision\":9,\"version\":7,\"value\":\"MQ==\"}],\"count\":1}}},{\"Response\":"
        + "{\"response_delete_range\":{\"header\":{\"revision\":9}}}}]}\n")
  }

  @Test("events of a watch")
  func watch() throws {
    let answer = Answer.watch(
      .with {
        $0.header = Self.header
        $0.events = [
          .with {
            $0.type = .delete
            $0.kv = .with {
              $0.key = Data("a".utf8)
              $0.modRevision = 8
            }
            $0.prevKv = Self.record("a", "c", 2, 4, 3)
          }
        ]
      })
    #expect(try text(answer, .simple) == "DELETE\na\nc\na\n\n")
    #expect(
      try text(answer, .json)
        == "{\"Header\":{\(Self.inlineHeader)},\"Events\":[{\"type\":1,\"kv\":{\"key\":\"YQ==\","
        + "\"mod_revision\":8},\"prev_kv\":{\"key\":\"YQ==\",\"create_revision\":2,"
        + "\"mod_revision\":4,\"version\":3,\"value\":\"Yw==\"}}],\"CompactRevision\":0,"
        + "\"Canceled\":false,\"Created\":false}\n")
    #expect(try text(answer, .fields).contains("\"Type\" : DELETE\n\"PrevKey\" : \"a\"\n"))
  }

  @Test("leases")
  func leases() throws {
    let lease: Int64 = 0x61af_a203_4393_5720
    let grant = Answer.leaseGrant(
      .with {
        $0.header = Self.header
        $0.id = lease
        $0.ttl = 100
      })
    #expect(try text(grant, .simple) == "lease 61afa20343935720 granted with TTL(100s)\n")
    #expect(
      try text(grant, .json)
        == "{\(Self.inlineHeader),\"ID\":7039022877505705760,\"TTL\":100,\"Error\":\"\"}\n")
    let time = Answer.leaseTimeToLive(
      .with {
        $0.header = Self.header
        $0.id = lease
        $0.ttl = 99
        $0.grantedTtl = 100
        $0.keys = [Data("lk".utf8)]
      }, withKeys: true)
    #expect(
      try text(time, .simple)
        == "lease 61afa20343935720 granted with TTL(100s), remaining(99s), attached keys([lk])\n")
    #expect(
      try text(time, .json)
        == "{\(Self.inlineHeader),\"id\":7039022877505705760,\"ttl\":99,\"granted-ttl\":100,"
        + "\"keys\":[\"bGs=\"]}\n")
    let gone = Answer.leaseTimeToLive(
      .with {
        $0.id = lease
        $0.ttl = -1
      }, withKeys: false)
    #expect(try text(gone, .simple) == "lease 61afa20343935720 already expired\n")
    let list = Answer.leases(
      .with {
        $0.header = Self.header
        $0.leases = [.with { $0.id = lease }]
      })
    #expect(try text(list, .simple) == "found 1 leases\n61afa20343935720\n")
    #expect(
      try text(list, .json)
        == "{\(Self.inlineHeader),\"leases\":[{\"id\":7039022877505705760}]}\n")
    #expect(
      try text(.leases(.init()), .json) == "{\"leases\":[]}\n")
  }

  private var status: Answer {
    .statuses([
      Answer.Of(
        endpoint: "127.0.0.1:26500",
        content: .with {
          $0.header = Self.header
          $0.version = "3.7.1"
          $0.storageVersion = "3.7.0"
          $0.dbSize = 20480
          $0.dbSizeInUse = 16384
          $0.dbSizeQuota = 2_147_483_648
          $0.leader = Self.header.memberID
          $0.raftIndex = 28
          $0.raftAppliedIndex = 28
          $0.raftTerm = 2
          $0.downgradeInfo = .init()
        })
    ])
  }

  @Test("the status of an endpoint")
  func statuses() throws {
    #expect(
      try text(status, .simple)
        == "127.0.0.1:26500, 6fe13ed764fae1af, 3.7.1, 3.7.0, 20 kB, 16 kB, 20%, 2.1 GB, true, "
        + "false, 2, 28, 28, , , false\n")
    #expect(
      try text(status, .json)
        == "[{\"Endpoint\":\"127.0.0.1:26500\",\"Status\":{\"header\":{\(Self.inlineHeader)},"
        + "\"version\":\"3.7.1\",\"dbSize\":20480,\"leader\":8061793902802952623,\"raftIndex\":28,"
        + "\"raftTerm\":2,\"raftAppliedIndex\":28,\"dbSizeInUse\":16384,"
        + "\"storageVersion\":\"3.7.0\",\"dbSizeQuota\":2147483648,\"downgradeInfo\":{}}}]\n")
    #expect(
      try text(status, .fields) == Self.headerFields + """
        "Version" : "3.7.1"
        "StorageVersion" : "3.7.0"
        "DBSize" : 20480
        "DBSizeInUse" : 16384
        "DBSizeQuota" : 2147483648
        "Leader" : 8061793902802952623
        "IsLearner" : false
        "RaftIndex" : 28
        "RaftTerm" : 2
        "RaftAppliedIndex" : 28
        "Errors" : []
        "Endpoint" : "127.0.0.1:26500"
        "DowngradeTargetVersion" : ""
        "DowngradeEnabled" : false


        """)
  }

  @Test("tables have heads in the middle and cells at the right")
  func tables() throws {
    let hashes = Answer.hashes([
      Answer.Of(
        endpoint: "127.0.0.1:26500",
        content: .with {
          $0.hash = 3_157_448_614
          $0.hashRevision = 12
        })
    ])
    #expect(
      try text(hashes, .table) == """
        ┌─────────────────┬────────────┬───────────────┐
        │    ENDPOINT     │    HASH    │ HASH REVISION │
        ├─────────────────┼────────────┼───────────────┤
        │ 127.0.0.1:26500 │ 3157448614 │            12 │
        └─────────────────┴────────────┴───────────────┘

        """)
    let members = Answer.members(
      .with {
        $0.members = [
          .with {
            $0.id = 0x6fe1_3ed7_64fa_e1af
            $0.name = "m1"
            $0.peerUrls = ["http://127.0.0.1:26501"]
            $0.clientUrls = ["http://127.0.0.1:26500"]
          }
        ]
      })
    #expect(
      try text(members, .table) == """
        ┌──────────────────┬─────────┬──────┬────────────────────────┬────────────────────────┬────────────┐
        │        ID        │ STATUS  │ NAME │       PEER ADDRS       │      CLIENT ADDRS      │ IS LEARNER │
        ├──────────────────┼─────────┼──────┼────────────────────────┼────────────────────────┼────────────┤
        │ 6fe13ed764fae1af │ started │   m1 │ http://127.0.0.1:26501 │ http://127.0.0.1:26500 │      false │
        └──────────────────┴─────────┴──────┴────────────────────────┴────────────────────────┴────────────┘

        """)
    #expect(
      try text(members, .json, hex: true) == """
        {"header":{"cluster_id":"0","member_id":"0","raft_term":0},"members":[{"ID":"6fe13ed764fae1af",\
        "name":"m1","peerURLs":["http://127.0.0.1:26501"],"clientURLS":["http://127.0.0.1:26500"]}]}

        """)
    #expect(
      try text(members, .simple)
        == "6fe13ed764fae1af, started, m1, http://127.0.0.1:26501, http://127.0.0.1:26500, false\n")
  }

  @Test("health, and what is wrong")
  func health() throws {
    let healthy = Answer.healths([
      Answer.Of(
        endpoint: "127.0.0.1:26500",
        content: Answer.Health(took: .nanoseconds(4_356_722), error: nil))
    ])
    #expect(
      try text(healthy, .simple)
        == "127.0.0.1:26500 is healthy: successfully committed proposal: took = 4.356722ms\n")
    #expect(
      try text(healthy, .json)
        == "[{\"endpoint\":\"127.0.0.1:26500\",\"health\":true,\"took\":\"4.356722ms\"}]\n")
    #expect(
      try text(healthy, .fields)
        == "\"Endpoint\" : \"127.0.0.1:26500\"\n\"Health\" : true\n\"Took\" : 4.356722ms\n"
        + "\"Error\" : \n\n")
    let ill = Answer.healths([
      Answer.Of(endpoint: "h:1", content: Answer.Health(took: .seconds(2), error: "a <b>"))
    ])
    #expect(
      try text(ill, .json)
        == "[{\"endpoint\":\"h:1\",\"health\":false,\"took\":\"2s\",\"error\":\"a \\u003cb\\u003e\"}]\n"
    )
    #expect(throws: Failure.self) { try text(ill, .protobuf) }
  }

  @Test("the hash of a snapshot file")
  func fileHash() throws {
    let answer = Answer.fileHash(
      Answer.FileHash(hash: 978_707_889, revision: 12, compactRevision: 5))
    #expect(try text(answer, .simple) == "978707889, 12, 5\n")
    #expect(
      try text(answer, .json)
        == "{\"hash\":978707889,\"hashRevision\":12,\"compactRevision\":5}\n")
    #expect(
      try text(answer, .fields) == """
        "Hash" : 978707889
        "Hash revision" : 12
        "Compact revision" : 5

        """)
    #expect(
      try text(answer, .table).contains("│ 978707889 │            12 │                5 │"))
    #expect(throws: Failure.self) { try text(answer, .protobuf) }
  }

  @Test("a snapshot's status")
  func snapshot() throws {
    let answer = Answer.snapshot(
      Answer.Snapshot(
        hash: 3_814_615_670, revision: 12, totalKeys: 1, totalBytes: 20480, version: "3.7.0"))
    #expect(try text(answer, .simple) == "e35e6a76, 12, 1, 20 kB, 3.7.0\n")
    #expect(
      try text(answer, .json)
        == "{\"hash\":3814615670,\"revision\":12,\"totalKey\":1,\"totalSize\":20480,"
        + "\"version\":\"3.7.0\"}\n")
    #expect(
      try text(answer, .fields)
        == "\"Hash\" : 3814615670\n\"Revision\" : 12\n\"Keys\" : 1\n\"Size\" : 20480\n"
        + "\"Version\" : 3.7.0\n")
  }
}
