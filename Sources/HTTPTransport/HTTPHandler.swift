public import Primitives

/// A request that is not gRPC: HTTP/1.1, or HTTP/2 with another content type.
public struct HTTPRequest: Sendable {
  /// `GET`, `POST`, ….
  public var method: String
  /// The path as it was sent (percent-encoded), without the query.
  public var path: String
  /// What stands behind the `?`, as it was sent; nil without one.
  public var query: String?
  /// The header fields.
  public var headers: Headers
  /// The whole body; at most the server's request limit.
  public var body: Bytes
  /// Who asks.
  public var peer: PeerIdentity

  /// Describes a request.
  public init(
    method: String, path: String, query: String? = nil, headers: Headers = [], body: Bytes = [],
    peer: PeerIdentity = PeerIdentity(remoteAddress: "")
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }
}

/// What answers requests that are not gRPC.
public protocol HTTPHandler: Sendable {
  /// Takes over a request that has arrived whole; runs on the connection's event loop and must not block.
  ///
  /// It answers through `responder`, at once or later.
  func handle(_ request: HTTPRequest, responder: HTTPResponder)
}

/// The way back for one HTTP request. Used on the connection's event loop, except for `execute`.
///
/// Either one `respond`, or `begin`, any number of `write` and `end`. After the peer has gone, all of them do nothing.
public final class HTTPResponder: @unchecked Sendable {
  /// Where the bytes go: an HTTP/1.1 connection or an HTTP/2 stream.
  private var sink: (any HTTPResponseSink)?
  let outbox: LoopOutbox
  private var hasBegun = false

  /// Called at most once if the peer goes away before `respond` or `end`.
  public var onCancel: (() -> Void)?
  /// Called when `isWritable` has become true again.
  public var onWritable: (() -> Void)?
  /// Fields that the answer has besides those that it is given, whoever gives it.
  public var commonHeaders: Headers = []

  init(sink: any HTTPResponseSink, outbox: LoopOutbox) {
    self.sink = sink
    self.outbox = outbox
  }

  /// Whether the answer is complete, or the peer gone.
  public var isFinished: Bool { sink == nil }

  /// Whether more may be written; bytes that are written regardless are buffered.
  public var isWritable: Bool { sink?.isWritable ?? true }

  /// Answers with a whole body.
  public func respond(status: Int, headers: Headers = [], body: Bytes = []) {
    guard let sink, !hasBegun else { return }
    self.sink = nil
    sink.begin(status: status, headers: joined(headers), bodyLength: body.count)
    if !body.isEmpty { sink.write(body) }
    sink.end()
  }

  /// Starts an answer whose body comes in pieces.
  public func begin(status: Int, headers: Headers = []) {
    guard let sink, !hasBegun else { return }
    hasBegun = true
    sink.begin(status: status, headers: joined(headers), bodyLength: nil)
  }

  private func joined(_ headers: Headers) -> Headers {
    if commonHeaders.isEmpty { return headers }
    var all = commonHeaders
    all.append(headers)
    return all
  }

  /// Sends a piece of the body at once.
  public func write(_ bytes: Bytes) {
    guard let sink, hasBegun, !bytes.isEmpty else { return }
    sink.write(bytes)
  }

  /// Ends the body.
  public func end() {
    guard let sink, hasBegun else { return }
    self.sink = nil
    sink.end()
  }

  /// Runs `body` on the connection's event loop; may be called from any thread.
  public func execute(_ body: @escaping @Sendable () -> Void) { outbox.execute(body) }

  func peerLost() {
    guard sink != nil else { return }
    sink = nil
    let action = onCancel
    onCancel = nil
    onWritable = nil
    action?()
  }
}

/// Carries the answer to one HTTP request.
protocol HTTPResponseSink: AnyObject {
  var isWritable: Bool { get }
  func begin(status: Int, headers: Headers, bodyLength: Int?)
  func write(_ bytes: Bytes)
  func end()
}
