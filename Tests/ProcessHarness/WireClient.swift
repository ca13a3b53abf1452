public import EtcdProtocol
import Foundation
public import HTTPTransport
internal import NIOCore
public import SwiftProtobuf

/// One HTTP/2 connection that speaks the API's messages as they are on the wire.
public struct WireClient: Sendable {
  /// The connection.
  public let connection: ClientConnection

  /// Connects to a server's client port.
  public init(
    host: String = "127.0.0.1", port: Int, tls: HTTPTransport.TLSConfiguration? = nil,
    connectSeconds: Double = 5
  ) async throws {
    var configuration = ClientConfiguration()
    configuration.tls = tls
    configuration.connectSeconds = connectSeconds
    connection = try await ClientConnection.connect(
      to: .tcp(host: host, port: port), configuration: configuration)
  }

  /// Calls a method of the package `etcdserverpb`, or one that begins with a slash.
  /// - Parameter seconds: after which it fails; nil waits for as long as it takes.
  public func call<Answer: Message>(
    _ method: String, _ request: any Message, headers: Headers = [], seconds: Int64? = nil,
    as: Answer.Type = Answer.self
  ) async throws -> Answer {
    let answer = try await connection.unary(
      Self.path(method), headers: headers, message: try request.serializedBytes(),
      deadline: seconds.map { .now() + .seconds($0) })
    return try Answer(serializedBytes: answer)
  }

  /// Opens a stream of a method.
  public func stream(_ method: String, headers: Headers = []) async throws -> ClientStream {
    try await connection.openStream(Self.path(method), headers: headers)
  }

  /// Opens a stream for watches, with the metadata that Kubernetes' client sends.
  public func watches() async throws -> WatchCall {
    WatchCall(stream: try await stream("Watch/Watch", headers: [("hasleader", "true")]))
  }

  private static func path(_ method: String) -> String {
    method.hasPrefix("/") ? method : "/etcdserverpb." + method
  }

  /// `KV.Range`.
  public func range(_ request: Etcdserverpb_RangeRequest) async throws
    -> Etcdserverpb_RangeResponse
  { try await call("KV/Range", request) }

  /// `KV.Put`.
  @discardableResult
  public func put(_ key: String, _ value: String, lease: Int64 = 0) async throws
    -> Etcdserverpb_PutResponse
  {
    try await call(
      "KV/Put",
      Etcdserverpb_PutRequest.with {
        $0.key = Data(key.utf8)
        $0.value = Data(value.utf8)
        $0.lease = lease
      })
  }

  /// `KV.Txn`.
  public func commit(_ request: Etcdserverpb_TxnRequest) async throws -> Etcdserverpb_TxnResponse {
    try await call("KV/Txn", request)
  }
}

/// A stream of watches.
public struct WatchCall: Sendable {
  /// The call below it.
  public let stream: ClientStream

  /// Takes a stream of `Watch/Watch`.
  public init(stream: ClientStream) { self.stream = stream }

  /// Asks for a watch.
  public func create(_ fill: (inout Etcdserverpb_WatchCreateRequest) -> Void) async throws {
    var request = Etcdserverpb_WatchCreateRequest()
    fill(&request)
    try await send(.with { $0.createRequest = request })
  }

  /// Asks how far the stream is.
  public func requestProgress() async throws {
    try await send(.with { $0.progressRequest = Etcdserverpb_WatchProgressRequest() })
  }

  /// Sends a request.
  public func send(_ request: Etcdserverpb_WatchRequest) async throws {
    try await stream.send(try request.serializedBytes())
  }

  /// The next response.
  /// - Throws: if none came within `seconds`, or the stream ended.
  public func next(seconds: Double = 20) async throws -> Etcdserverpb_WatchResponse {
    let stream = stream
    let timer = Task {
      try await Task.sleep(for: .seconds(seconds))
      stream.cancel()
    }
    defer { timer.cancel() }
    guard let message = try await stream.receive() else {
      throw HarnessError("the server ended the watch stream")
    }
    return try Etcdserverpb_WatchResponse(serializedBytes: message)
  }

  /// The next responses that carry events, until `count` events came.
  public func events(_ count: Int, seconds: Double = 20) async throws -> [Mvccpb_Event] {
    var events: [Mvccpb_Event] = []
    while events.count < count { events += try await next(seconds: seconds).events }
    return events
  }
}
