internal import CNGHTTP2
internal import NIOCore
internal import Primitives

/// A request over HTTP/2 that is not gRPC, and its answer.
final class HTTPExchange: HTTPResponseSink {
  let stream: Int32
  var output = SendQueue()
  private(set) var awaitsWritable = false
  private(set) var isAnswered = false
  private var request: HTTPRequest
  private weak var session: HTTP2ServerSession?
  private var responder: HTTPResponder?
  private var hasBegun = false
  private var hasBody = false
  private var hasEnded = false
  private var isDeferred = false
  private var isRefused = false
  /// Whether the whole request has arrived.
  private(set) var hasRequest = false
  private let isHead: Bool

  init(stream: Int32, request: HTTPRequest, session: HTTP2ServerSession) {
    self.stream = stream
    self.request = request
    self.session = session
    isHead = request.method == "HEAD"
  }

  // MARK: The request

  func receive(_ bytes: UnsafeRawBufferPointer) {
    guard let session, !isRefused else { return }
    guard request.body.count + bytes.count <= session.configuration.bodyLimit,
      session.assembledBytes + bytes.count <= Limits.assembledRequestBytes
    else {
      isRefused = true
      session.assembledBytes -= request.body.count
      request.body = []
      answer(413, "the request body is too large\n")
      return
    }
    session.assembledBytes += bytes.count
    unsafe request.body.append(contentsOf: bytes)
  }

  func receiveEnd() {
    hasRequest = true
    guard let session, !isRefused, responder == nil else { return }
    session.assembledBytes -= request.body.count
    let responder = HTTPResponder(sink: self, outbox: session.outbox)
    self.responder = responder
    let whole = request
    request.body = []
    if let handler = session.configuration.http {
      handler.handle(whole, responder: responder)
    } else {
      responder.respond(status: 404, headers: [("content-type", "text/plain")], body: [])
    }
  }

  private func answer(_ status: Int, _ text: String) {
    let body = Bytes(text.utf8)
    begin(status: status, headers: [("content-type", "text/plain")], bodyLength: body.count)
    write(body)
    end()
  }

  // MARK: The answer

  var isWritable: Bool {
    guard let session, output.byteCount > 0, !session.mayBuffer(output.byteCount) else {
      return true
    }
    awaitsWritable = true
    return false
  }

  func becameWritable() {
    guard awaitsWritable else { return }
    awaitsWritable = false
    if isWritable { responder?.onWritable?() }
  }

  func begin(status: Int, headers: Headers, bodyLength: Int?) {
    guard let session, !hasBegun else { return }
    hasBegun = true
    var fields: Headers = [(":status", String(status))]
    fields.append(headers)
    if let bodyLength { fields.append("content-length", String(bodyLength)) }
    hasBody = bodyLength != 0 && !isHead && status != 204 && status != 304
    _ = session.submitHeaders(stream: stream, .fields(fields), hasBody: hasBody)
  }

  func write(_ bytes: Bytes) {
    guard let session, hasBody, !hasEnded else { return }
    output.append(bytes, .none)
    session.bufferedBytes += bytes.count
    goOn()
  }

  func end() {
    hasEnded = true
    isAnswered = true
    goOn()
  }

  private func goOn() {
    if isDeferred {
      isDeferred = false
      session?.resume(stream: stream)
    } else {
      session?.needsFlush()
    }
  }

  func read(upTo limit: Int) -> HTTP2Session.ReadResult {
    let count = output.byteCount
    if count > limit { return .bytes(limit) }
    if hasEnded { return .lastBytes(count) }
    if count > 0 { return .bytes(count) }
    isDeferred = true
    return .later
  }

  /// The stream is gone.
  func close() {
    if let session, responder == nil { session.assembledBytes -= request.body.count }
    output.removeAll()
    session = nil
    let lost = responder
    responder = nil
    lost?.peerLost()
  }
}
