internal import CNGHTTP2
internal import Primitives
internal import Synchronization

extension HTTP2ServerSession {
  func submitHeaders(_ call: ServerCall, _ extra: Headers) {
    call.state.hasSentHeaders = true
    let constant =
      call.state.compressesAnswers
      ? ConstantHeaders.compressedResponse : ConstantHeaders.grpcResponse
    var block = HeaderBlock.constant(constant)
    if !extra.isEmpty {
      var fields: Headers = [(":status", "200"), ("content-type", "application/grpc")]
      if call.state.compressesAnswers { fields.append("grpc-encoding", "gzip") }
      fields.append(extra)
      block = .fields(fields)
    }
    _ = submitHeaders(stream: call.streamID, block, hasBody: true)
  }

  /// Sends a message; the last one ends the call with OK.
  func send(_ message: Bytes, on call: ServerCall, isLast: Bool = false) {
    if !call.state.hasSentHeaders { submitHeaders(call, []) }
    let isCompressed = call.state.compressesAnswers
    let body = isCompressed ? Gzip.compress(message) : message
    bufferedBytes += body.count + SendQueue.prefixBytes
    call.state.unsentBytes += body.count + SendQueue.prefixBytes
    call.output.append(body, isCompressed ? .gzip : .identity)
    call.route.metrics?.sentMessages.add(1, ordering: .relaxed)
    if isLast { noteSuccess(of: call) }
    goOn(call)
  }

  /// Sends the only message of a call, as it is made, and ends the call with OK.
  ///
  /// It counts as if it were buffered: a client that does not read cannot have many of them made.
  func send(_ source: any MessageSource, on call: ServerCall) {
    if !call.state.hasSentHeaders { submitHeaders(call, []) }
    bufferedBytes += source.count + SendQueue.prefixBytes
    call.state.unsentBytes += source.count + SendQueue.prefixBytes
    call.output.append(source)
    call.route.metrics?.sentMessages.add(1, ordering: .relaxed)
    noteSuccess(of: call)
    goOn(call)
  }

  private func noteSuccess(of call: ServerCall) {
    count(call, endedWith: .ok)
    call.state.isFinished = true
    call.state.endsWithTrailers = true
    call.releaseHandlers()
  }

  func finish(_ call: ServerCall, _ status: CallStatus, _ trailers: Headers) {
    count(call, endedWith: status.code)
    let isPlain = status.code == .ok && status.message.isEmpty && trailers.isEmpty
    if call.state.hasSentHeaders {
      if !isPlain { call.trailers = .grpcTrailers(status, trailers) }
      call.state.endsWithTrailers = true
      goOn(call)
    } else {
      var fields: Headers = [(":status", "200"), ("content-type", "application/grpc")]
      fields.append(.grpcTrailers(status, trailers))
      call.state.hasSentHeaders = true
      _ = submitHeaders(stream: call.streamID, .fields(fields), hasBody: false)
    }
  }

  private func goOn(_ call: ServerCall) {
    if call.state.isDeferred {
      call.state.isDeferred = false
      resume(stream: call.streamID)
    } else {
      needsFlush()
    }
  }
}
