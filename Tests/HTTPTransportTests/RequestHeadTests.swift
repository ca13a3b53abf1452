import NIOCore
import Primitives
import Testing

@testable import HTTPTransport

@Suite("Request heads")
struct RequestHeadTests {
  /// What one block said.
  private struct Seen: Hashable {
    var fields: [String]
    var path: String
    var timeout: TimeAmount?
    var isGRPC: Bool
  }

  private static func read(_ head: RequestHead, _ fields: [(String, String)]) -> Seen {
    head.begin(stream: 1, isRequest: true)
    for (name, value) in fields {
      Bytes(name.utf8).withUnsafeBytes { nameBytes in
        Bytes(value.utf8).withUnsafeBytes { valueBytes in
          #expect(head.add(name: nameBytes, value: valueBytes))
        }
      }
    }
    head.end()
    return Seen(
      fields: head.headers.fields.map { "\($0.name)=\($0.value)" },
      path: head.route(in: ServerConfiguration()).path, timeout: head.timeout,
      isGRPC: head.isGRPC)
  }

  @Test("a block says the same whatever the block before it said")
  func independent() {
    let common = [(":method", "POST"), (":path", "/a.B/C"), (":authority", "host")]
    let grpc = [("content-type", "application/grpc")]
    let blocks: [[(String, String)]] = [
      common + grpc,
      common + grpc,
      common + grpc + [("x", "1")],
      common + grpc + [("x", "2")],
      common + grpc + [("x", "")],
      common + grpc + [("", "")],
      common + grpc + [("grpc-timeout", "5S"), ("x", "2")],
      common + [("grpc-timeout", "1S")] + grpc + [("x", "2")],
      common + [("content-type", "text/plain")],
      common + [("content-type", "application/grp")] + [("c", "")],
      [(":method", "POST"), (":authority", "host"), (":path", "/d.E/F")] + grpc,
      [(":method", "GET"), (":path", "/health")],
      [(":method", "POST"), (":path", "/a.B/C")] + grpc + [("x", "1"), ("x", "1")],
    ]
    let alone = blocks.map { Self.read(RequestHead(), $0) }
    #expect(alone[0].fields == [":authority=host", "content-type=application/grpc"])
    #expect(alone[6].timeout == .seconds(5) && alone[7].timeout == .seconds(1))
    #expect(alone.map(\.isGRPC).filter { !$0 }.count == 3)
    for first in blocks.indices {
      for second in blocks.indices {
        let head = RequestHead()
        #expect(Self.read(head, blocks[first]) == alone[first])
        #expect(Self.read(head, blocks[second]) == alone[second])
        #expect(Self.read(head, blocks[second]) == alone[second])
        #expect(Self.read(head, blocks[first]) == alone[first])
      }
    }
  }

  @Test("a list that is too long is refused, also when it repeats the one before")
  func tooLong() {
    let head = RequestHead()
    for _ in 0..<2 {
      head.begin(stream: 1, isRequest: true)
      let value = Bytes(repeating: 97, count: Limits.headerListBytes / 4)
      let taken = (0..<5).map { _ in
        Bytes("x".utf8).withUnsafeBytes { name in
          value.withUnsafeBytes { head.add(name: name, value: $0) }
        }
      }
      #expect(taken == [true, true, true, false, false])
      head.end()
    }
  }
}
