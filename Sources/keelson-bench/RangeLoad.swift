internal import EtcdProtocol
internal import FoundationEssentials
internal import HTTPTransport
internal import NIOCore
internal import Primitives
internal import SwiftProtobuf

/// How a Range is read.
enum RangeKind: String, Sendable {
  /// From the member that is asked, as it stands.
  case serializable
  /// After everything that was acknowledged anywhere.
  case linearizable
}

/// Ranges of one key against one server, with the answer that each must give.
struct RangeLoad {
  private let server: MeasuredServer
  private let group: any EventLoopGroup
  private let request: Bytes
  private let expected: Bytes

  private static let key = Bytes("/keelson-bench/transport".utf8)
  private static let rangeMethod = "/etcdserverpb.KV/Range"

  /// Stores the key and reads it once. While nobody else writes, every later answer is the same bytes.
  static func prepare(
    _ server: MeasuredServer, kind: RangeKind, valueBytes: Int, group: any EventLoopGroup
  ) async throws -> RangeLoad {
    let connection = try await ClientConnection.connect(to: server.endpoint, group: group)
    let value = Bytes((0..<valueBytes).map { UInt8(ascii: "a") + UInt8($0 % 26) })
    var put = Etcdserverpb_PutRequest()
    put.key = Data(key)
    put.value = Data(value)
    _ = try await connection.unary("/etcdserverpb.KV/Put", message: put.serializedBytes())
    var range = Etcdserverpb_RangeRequest()
    range.key = Data(key)
    range.serializable = kind == .serializable
    let request: Bytes = try range.serializedBytes()
    let expected = try await connection.unary(rangeMethod, message: request)
    let answer = try Etcdserverpb_RangeResponse(serializedBytes: expected)
    guard answer.kvs.count == 1, answer.count == 1, Bytes(answer.kvs[0].key) == key,
      Bytes(answer.kvs[0].value) == value
    else { throw BenchError("\(server.name) does not give back what was put") }
    await connection.close()
    return RangeLoad(server: server, group: group, request: request, expected: expected)
  }

  /// One window: connects, loads for `warmup` seconds, measures for `seconds`, and lets the load run out.
  /// - Throws: `BenchError` if one call failed or one answer was not the expected one.
  func measure(_ shape: LoadShape, warmup: Double, seconds: Double) async throws -> Window {
    var connections: [ClientConnection] = []
    for _ in 0..<shape.connections {
      connections.append(try await ClientConnection.connect(to: server.endpoint, group: group))
    }
    let loops = connections.map {
      ClosedLoop(
        connection: $0, method: Self.rangeMethod, request: request, expected: expected)
    }
    for loop in loops { loop.start(depth: shape.depth) }
    try await Task.sleep(for: .seconds(warmup))
    let before = try sample(loops)
    try await Task.sleep(for: .seconds(seconds))
    let after = try sample(loops)
    for loop in loops { loop.stop() }
    for _ in 0..<1000 where loops.contains(where: { $0.pending > 0 }) {
      try await Task.sleep(for: .milliseconds(10))
    }
    for connection in connections { await connection.close() }
    let seen = after.counts - before.counts
    guard after.counts.errors == 0, after.counts.wrong == 0, seen.answers > 0 else {
      throw BenchError(
        "\(server.name), \(shape): \(seen.answers) answers, \(after.counts.errors) errors, "
          + "\(after.counts.wrong) wrong answers. \(after.counts.firstError?.description ?? "")")
    }
    return Window(
      seconds: after.time - before.time, answers: seen.answers,
      serverSeconds: after.server - before.server, ownSeconds: after.own - before.own)
  }

  private struct Sample {
    var time: Double
    var server: Double
    var own: Double
    var counts: LoadCounts
  }

  private func sample(_ loops: [ClosedLoop]) throws -> Sample {
    guard let server = server.process.seconds, let own = ProcessClock.own.seconds else {
      throw BenchError("\(server.name) has ended")
    }
    var total = LoadCounts()
    for counts in loops.map(\.counts) {
      total.answers += counts.answers
      total.errors += counts.errors
      total.wrong += counts.wrong
      total.firstError = total.firstError ?? counts.firstError
    }
    return Sample(time: ProcessClock.now, server: server, own: own, counts: total)
  }
}
