internal import Primitives

/// Connections as bytes: whole exchanges of frames, made by hand from RFC 9113 and RFC 7541.
enum FrameSeeds {
  /// The first byte tells `fuzzHTTP2Server` to put the preface first and to cut reads in one of four ways.
  static let server: [Bytes] = [
    join([6], settings, request(1, "/f.F/Unary"), data(1, message([1, 2, 3]), ends: true)),
    join(
      [4], settings, request(1, "/f.F/Stream"), data(1, message(Bytes(repeating: 7, count: 90))),
      windowUpdate(1, 65_535), data(1, message([]), ends: true)),
    join(
      [2], settings, settingsAnswer, request(1, "/f.F/Stream"), request(3, "/f.F/Unary"),
      data(3, message([9]), ends: true), reset(1, 8), ping, goAway),
    join(
      [6], settings, request(1, "/f.F/Unary", [("grpc-timeout", "5m"), ("te", "trailers")]),
      data(1, Bytes(message([4, 5]).prefix(3))),
      data(1, Bytes(message([4, 5]).dropFirst(3)), ends: true)),
    join(
      [6], settings, request(1, "/f.F/Unary", [("grpc-encoding", "gzip")]),
      data(1, message(GzipSeeds.hello, compressed: true), ends: true)),
    join([6], settings, get(1, "/stuff"), get(3, "/health"), ping),
    join(
      [14], settings, windowUpdate(0, 1_000_000), request(1, "/no.Such/Method"), priority(1),
      continuation(3, "/f.F/Unary"), data(3, message([1]), ends: true)),
    join([7], Bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)),
  ]

  /// What a server sends on the two calls that `fuzzHTTP2Client` has open.
  static let client: [Bytes] = [
    join(
      [6], settings, settingsAnswer, headers(1, responseFields), data(1, message([1, 2, 3])),
      trailers(1, status: "0")),
    join(
      [4], settings, windowUpdate(0, 100), headers(3, responseFields), data(3, message([])),
      data(3, message(Bytes(repeating: 1, count: 200))), trailers(3, status: "5"), reset(1, 7)),
    join(
      [2], settings, headers(1, [(":status", "503"), ("content-type", "text/html")], ends: true),
      goAway),
    join(
      [6], settings, headers(1, responseFields + [("grpc-encoding", "gzip")]),
      data(1, message(GzipSeeds.hello, compressed: true)), trailers(1, status: "0")),
    join(
      [14], settings, ping, trailers(1, status: "14", "the%20server%20is%20%F0%9F%98%80"),
      trailers(3, status: "-1")),
  ]

  private static let settings = frame(4, 0, 0, [0, 3, 0, 0, 0, 100, 0, 4, 0, 0, 0xff, 0xff])
  private static let settingsAnswer = frame(4, 1, 0, [])
  private static let ping = frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])
  private static let goAway = frame(7, 0, 0, [0, 0, 0, 3, 0, 0, 0, 0])
  private static let responseFields = [(":status", "200"), ("content-type", "application/grpc")]

  private static func request(
    _ stream: UInt32, _ path: String, _ more: [(String, String)] = []
  ) -> Bytes {
    headers(stream, requestFields(path) + more)
  }

  private static func requestFields(_ path: String) -> [(String, String)] {
    [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "a"),
      ("content-type", "application/grpc"),
    ]
  }

  private static func get(_ stream: UInt32, _ path: String) -> Bytes {
    headers(
      stream, [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "a")],
      ends: true)
  }

  private static func continuation(_ stream: UInt32, _ path: String) -> Bytes {
    let block = block(requestFields(path))
    return frame(1, 0, stream, Bytes(block.prefix(20)))
      + frame(9, 4, stream, Bytes(block.dropFirst(20)))
  }

  private static func trailers(_ stream: UInt32, status: String, _ message: String = "") -> Bytes {
    headers(stream, [("grpc-status", status), ("grpc-message", message)], ends: true)
  }

  private static func headers(
    _ stream: UInt32, _ fields: [(String, String)], ends: Bool = false
  ) -> Bytes {
    frame(1, ends ? 5 : 4, stream, block(fields))
  }

  private static func data(_ stream: UInt32, _ bytes: Bytes, ends: Bool = false) -> Bytes {
    frame(0, ends ? 1 : 0, stream, bytes)
  }

  private static func windowUpdate(_ stream: UInt32, _ size: UInt32) -> Bytes {
    frame(8, 0, stream, number(size))
  }

  private static func reset(_ stream: UInt32, _ code: UInt32) -> Bytes {
    frame(3, 0, stream, number(code))
  }

  private static func priority(_ stream: UInt32) -> Bytes { frame(2, 0, stream, [0, 0, 0, 0, 15]) }

  /// Fields that are literal, without indexing.
  private static func block(_ fields: [(String, String)]) -> Bytes {
    fields.flatMap { name, value in
      join(
        [0, UInt8(name.utf8.count)], Bytes(name.utf8), [UInt8(value.utf8.count)], Bytes(value.utf8))
    }
  }

  private static func message(_ content: Bytes, compressed: Bool = false) -> Bytes {
    join([compressed ? 1 : 0], number(UInt32(content.count)), content)
  }

  private static func frame(
    _ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: Bytes
  ) -> Bytes {
    join(
      Bytes(number(UInt32(payload.count)).dropFirst()), [type, flags], number(stream), payload)
  }

  private static func join(_ parts: Bytes...) -> Bytes { Bytes(parts.joined()) }

  private static func number(_ value: UInt32) -> Bytes {
    var writer = ByteWriter(capacity: 4)
    writer.appendBigEndian(value)
    return writer.bytes
  }
}
