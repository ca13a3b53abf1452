import Access
import EtcdProtocol
import EtcdReplay
import Foundation
import MVCC
import Primitives
import ReplicaCore
import SwiftProtobuf
import Testing

@Suite("An entry of etcd's log says what it does")
struct InternalRequestTests {
  /// An `InternalRaftRequest` with a number, one field, and a header.
  static func encode(_ field: UInt64, _ body: Bytes, user: String = "", revision: UInt64 = 0)
    -> Bytes
  {
    var writer = ByteWriter()
    writer.appendVarintField(1, UInt64(77))
    writer.appendLengthDelimited(field, length: body.count)
    writer.append(body)
    var header = ByteWriter()
    header.appendVarintField(1, UInt64(77))
    header.appendBytesField(2, Bytes(user.utf8))
    header.appendVarintField(3, revision)
    writer.appendLengthDelimited(100, length: header.count)
    writer.append(header.bytes)
    return writer.bytes
  }

  static func decode(_ field: UInt64, _ message: any Message, user: String = "") throws
    -> InternalRequest
  {
    try InternalRequest(
      decoding: encode(field, try message.serializedBytes(), user: user, revision: 9)
    ) { (password) throws(DecodingError) in Bytes("hash of ".utf8) + password }
  }

  @Test("a put, with its author")
  func put() throws {
    let request = try Self.decode(
      4,
      Etcdserverpb_PutRequest.with {
        $0.key = Data("k".utf8)
        $0.value = Data("v".utf8)
        $0.lease = 5
        $0.ignoreLease = true
      }, user: "ann")
    var put = PutOperation(key: Bytes("k".utf8), value: Bytes("v".utf8))
    put.lease = LeaseID(5)
    put.ignoresLease = true
    #expect(request.command == .store(.put(put)))
    #expect(request.author == .user(Caller(user: "ann", revision: AuthRevision(9))))
  }

  @Test("a transaction, with what is nested")
  func transaction() throws {
    let request = try Self.decode(
      6,
      Etcdserverpb_TxnRequest.with {
        $0.compare = [
          .with {
            $0.key = Data("a".utf8)
            $0.rangeEnd = Data("b".utf8)
            $0.target = .mod
            $0.result = .less
            $0.modRevision = 4
          }
        ]
        $0.success = [
          .with {
            $0.requestTxn = .with {
              $0.failure = [.with { $0.requestDeleteRange = .with { $0.key = Data("x".utf8) } }]
            }
          }
        ]
      })
    var nested = TransactionOperation()
    nested.failure = [.deleteRange(DeleteRangeOperation(KeyRange(Bytes("x".utf8))))]
    var expected = TransactionOperation()
    expected.comparisons = [
      Comparison(
        KeyRange(Bytes("a".utf8), end: Bytes("b".utf8)), .less, .modRevision(Revision(4).rawValue))
    ]
    expected.success = [.transaction(nested)]
    #expect(request.command == .store(.transaction(expected)))
    #expect(request.author == .unknown)
  }

  @Test("users' passwords come hashed, and are hashed where an old etcd left them in clear")
  func passwords() throws {
    let hashed = try Self.decode(
      1100,
      Etcdserverpb_AuthUserAddRequest.with {
        $0.name = "ann"
        $0.hashedPassword = Data("$2a$".utf8).base64EncodedString()
      })
    #expect(hashed.command == .access(.addUser("ann", passwordHash: Bytes("$2a$".utf8))))
    let clear = try Self.decode(
      1103,
      Etcdserverpb_AuthUserChangePasswordRequest.with {
        $0.name = "ann"
        $0.password = "secret"
      })
    #expect(
      clear.command
        == .access(.changePassword("ann", passwordHash: Bytes("hash of secret".utf8))))
    let none = try Self.decode(
      1100,
      Etcdserverpb_AuthUserAddRequest.with {
        $0.name = "cert"
        $0.options.noPassword = true
      })
    #expect(none.command == .access(.addUser("cert", passwordHash: nil)))
  }

  @Test(
    "logins, versions and requests of the v2 API change nothing", arguments: [2, 3, 1012, 1300])
  func withoutEffect(_ field: UInt64) throws {
    let request = try InternalRequest(decoding: Self.encode(field, [])) {
      (password) throws(DecodingError) in password
    }
    #expect(request.command == nil)
  }

  @Test("a request of an unknown kind, and bytes that are none, are told")
  func malformed() {
    for bytes in [Self.encode(4_000, []), [0xFF], Self.encode(4, [0x0A, 0x05, 0x01])] {
      #expect(throws: DecodingError.self) {
        try InternalRequest(decoding: bytes) { (password) throws(DecodingError) in password }
      }
    }
  }
}
