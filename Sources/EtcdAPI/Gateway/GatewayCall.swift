internal import HTTPTransport
internal import Member
internal import NIOCore
internal import Primitives

/// One request of the gateway on its way through a method and back.
///
/// Used on the request's event loop only; large answers are turned into JSON on a reader thread, one at a time, and the
/// method sends no more until they have gone.
final class GatewayCall: @unchecked Sendable {
  private let form: GatewayMethod
  private let call: LocalCall
  private let responder: HTTPResponder
  private let context: APIContext
  private var requests: JSONValues
  /// Whether every request of the body has been sent.
  private var hasSentAll = false
  private var isSending = false
  /// Answers that wait to be turned into JSON. A method that looks for room adds one at most.
  private var answers: [Bytes] = []
  private var isEncoding = false
  private var hasBegun = false
  private var end: CallStatus?

  /// Answers of so many bytes are encoded on the event loop.
  private static let shortAnswerBytes = 65_536
  /// Requests of one body that are read before the loop does something else.
  private static let requestsAtOnce = 64
  /// The wait before a reader thread is asked again, when too much waits there.
  private static let retryDelay = TimeAmount.milliseconds(50)

  init(
    _ form: GatewayMethod, _ call: LocalCall, _ body: Bytes, _ responder: HTTPResponder,
    _ context: APIContext
  ) {
    self.form = form
    self.call = call
    self.responder = responder
    self.context = context
    requests = JSONValues(body)
  }

  /// Answers a request that never becomes a call.
  static func refuse(_ status: CallStatus, _ responder: HTTPResponder) {
    responder.respond(
      status: status.httpStatus.code, headers: [("content-type", "application/json")],
      body: status.gatewayBody)
  }

  /// Reads the first request, and starts the call with it.
  func start() {
    let first: Bytes?
    do throws(CallStatus) { first = try nextRequest() } catch {
      return Self.refuse(error, responder)
    }
    responder.onCancel = { self.call.cancel() }
    responder.onWritable = { if self.hasRoom { self.call.becameWritable() } }
    call.onMessage = { self.take($0) }
    call.onEnd = { self.ended($0) }
    call.onReadable = { self.sendRequests() }
    if form.shape != .unary { call.hasRoom = { self.hasRoom } }
    call.start()
    guard let first else {
      hasSentAll = true
      return call.halfClose()
    }
    call.send(first)
    if form.shape == .bidirectional {
      sendRequests()
    } else {
      hasSentAll = true
      call.halfClose()
    }
  }

  // MARK: Requests

  /// The next request as an encoded message; a call that takes one is content with an empty body.
  private func nextRequest() throws(CallStatus) -> Bytes? {
    do {
      if let text = try requests.next() { return try form.request(text) }
      return form.shape == .bidirectional ? nil : []
    } catch {
      // The streams of the real gateway tell what they can't read with another code.
      throw form.shape == .bidirectional ? CallStatus(.unknown, error.message) : error
    }
  }

  private func sendRequests() {
    if isSending || hasSentAll || call.isFinished { return }
    isSending = true
    defer { isSending = false }
    var count = 0
    while call.wantsMessages, !hasSentAll {
      if count == Self.requestsAtOnce {
        return responder.execute { self.sendRequests() }
      }
      count += 1
      // As in the real gateway, what can't be read ends the requests and leaves what was asked before.
      guard let message = try? nextRequest() else {
        hasSentAll = true
        call.halfClose()
        return
      }
      call.send(message)
    }
  }

  // MARK: Answers

  private var hasRoom: Bool { !isEncoding && answers.isEmpty && responder.isWritable }

  private func take(_ message: Bytes) {
    answers.append(message)
    encodeAnswers()
  }

  private func ended(_ status: CallStatus) {
    end = status
    encodeAnswers()
  }

  private func encodeAnswers() {
    while !isEncoding, !answers.isEmpty {
      if form.shape == .unary, end == nil { return }
      let message = answers[0]
      if message.count > Self.shortAnswerBytes { return encodeElsewhere(message) }
      answers.removeFirst()
      let text = encoded(message)
      write(text)
    }
    if !isEncoding, answers.isEmpty, let end { finish(end) }
  }

  private func encodeElsewhere(_ message: Bytes) {
    isEncoding = true
    let isTaken = context.member.runRead {
      let text = self.encoded(message)
      self.responder.execute {
        self.isEncoding = false
        self.answers.removeFirst()
        self.write(text)
        self.encodeAnswers()
        if self.end == nil, self.hasRoom { self.call.becameWritable() }
      }
    }
    if isTaken { return }
    call.eventLoop?.scheduleTask(in: Self.retryDelay) {
      self.isEncoding = false
      self.encodeAnswers()
    }
  }

  private func encoded(_ message: Bytes) -> Result<Bytes, CallStatus> {
    do throws(CallStatus) { return .success(try form.answer(message)) } catch {
      return .failure(error)
    }
  }

  private func write(_ text: Result<Bytes, CallStatus>) {
    switch text {
    case .success(let text) where form.shape == .unary:
      answerWhole(text)
    case .success(let text):
      begin()
      responder.write(Bytes("{\"result\":".utf8) + text + Bytes("}\n".utf8))
    case .failure(let status):
      call.cancel()
      answers = []
      end = status
    }
  }

  private static let answerHeaders: Headers = [
    ("content-type", "application/json"), ("grpc-metadata-content-type", "application/grpc"),
  ]

  private func answerWhole(_ text: Bytes) {
    guard let end, end.code == .ok else { return }
    responder.respond(status: 200, headers: Self.answerHeaders, body: text)
  }

  private func begin() {
    if hasBegun { return }
    hasBegun = true
    responder.begin(status: 200, headers: Self.answerHeaders)
  }

  private func finish(_ status: CallStatus) {
    if responder.isFinished { return }
    if status.code != .ok {
      guard hasBegun else { return Self.refuse(status, responder) }
      responder.write(status.gatewayLine)
    } else if !hasBegun {
      responder.begin(status: 200, headers: [("content-type", "application/json")])
    }
    responder.end()
  }
}
