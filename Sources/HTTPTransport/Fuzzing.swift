internal import NIOCore
internal import Primitives

/// Feeds arbitrary bytes to the server's end of an HTTP/2 connection that serves an echo method.
///
/// The first byte chooses how the rest is cut into reads, and whether the connection preface comes first.
/// It must never crash, and what it buffers must stay within the bounds: both end the process if violated.
public func fuzzHTTP2Server(_ bytes: [UInt8]) {
  var configuration = ServerConfiguration()
  configuration.calls.register("/f.F/Unary") { call in call.onRequest { call.finish($0) } }
  configuration.calls.register("/f.F/Stream") { call in
    call.onMessage = { message in
      call.send(message)
      if message.count > 8 { call.pauseReading() }
    }
    call.onWritable = { call.resumeReading() }
    call.onHalfClose = { call.finish() }
  }
  configuration.http = FuzzedHandler()
  configuration.maxConcurrentStreams = 128
  let outbox = LoopOutbox(eventLoop: nil)
  let session = HTTP2ServerSession(
    configuration: configuration, peer: PeerIdentity(remoteAddress: ""), outbox: outbox)
  feed(bytes, to: session, outbox, preface: Bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)) {
    for call in session.openCalls where call.input.isHolding { call.resumeReading() }
    session.tick()
    let bound = Limits.connectionAnswerBytes + 128 * (configuration.maxMessageBytes + 5)
    invariant(session.bufferedBytes >= 0, "\(session.bufferedBytes) bytes are buffered")
    invariant(session.bufferedBytes <= bound, "\(session.bufferedBytes) bytes are buffered")
    invariant(session.assembledBytes >= 0, "\(session.assembledBytes) bytes are assembled")
  }
  session.connectionLost()
  invariant(session.bufferedBytes == 0, "\(session.bufferedBytes) bytes outlive their streams")
  invariant(session.assembledBytes == 0, "\(session.assembledBytes) bytes outlive their streams")
}

/// Feeds arbitrary bytes to the client's end of an HTTP/2 connection with two open calls.
public func fuzzHTTP2Client(_ bytes: [UInt8]) {
  let outbox = LoopOutbox(eventLoop: nil)
  var configuration = ClientConfiguration()
  configuration.maxMessageBytes = 1_048_576
  let session = HTTP2ClientSession(
    configuration: configuration, authority: "localhost", outbox: outbox)
  var ends = 0
  for _ in 0..<2 {
    let call = ClientCall(
      path: "/f.F/Stream", headers: [], deadline: nil, maxMessageBytes: 1_048_576,
      onMessage: { _ in }, onEnd: { _ in ends += 1 })
    session.start(call)
    session.send([1, 2, 3], on: call)
  }
  _ = session.produce(limit: 65_536)
  feed(bytes, to: session, outbox, preface: []) { session.tick() }
  session.connectionLost(CallStatus(.cancelled))
  invariant(ends == 2, "\(ends) of 2 calls have ended")
}

/// Decompresses arbitrary bytes as a gzip message of at most 64 KiB.
public func fuzzGzip(_ bytes: [UInt8]) {
  guard let restored = try? Gzip.decompress(bytes, limit: 65_536) else { return }
  invariant(restored.count <= 65_536, "\(restored.count) bytes were restored")
}

private func feed(
  _ bytes: [UInt8], to session: HTTP2Session, _ outbox: LoopOutbox, preface: Bytes,
  afterEach check: () -> Void
) {
  guard let choice = bytes.first else { return }
  let input = (choice & 1 == 0 ? preface : []) + bytes.dropFirst()
  let step = [1, 7, 100, 16_384][Int(choice >> 1 & 3)]
  var position = 0
  while position < input.count, !session.isOver {
    let end = min(position + step, input.count)
    unsafe input.withUnsafeBytes {
      unsafe session.receive(UnsafeRawBufferPointer(rebasing: $0[position..<end]))
    }
    position = end
    outbox.drain()
    // Sometimes nothing is written, as with a peer that does not read.
    if choice & 8 == 0 { _ = session.produce(limit: 65_536) }
    check()
  }
}

private struct FuzzedHandler: HTTPHandler {
  func handle(_ request: HTTPRequest, responder: HTTPResponder) {
    if request.path.hasPrefix("/s") {
      responder.begin(status: 200)
      responder.write(request.body)
      responder.end()
    } else {
      responder.respond(status: 200, body: request.body)
    }
  }
}
