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

  func send(_ message: Bytes, on call: ServerCall) {
    if !call.state.hasSentHeaders { submitHeaders(call, []) }
    let before = call.output.byteCount
    if call.state.compressesAnswers {
      call.output.append(Gzip.compress(message), .gzip)
    } else {
      call.output.append(message, .identity)
    }
    bufferedBytes += call.output.byteCount - before
    call.route.metrics?.sentMessages.add(1, ordering: .relaxed)
    goOn(call)
  }

  func finish(_ call: ServerCall, _ status: CallStatus, _ trailers: Headers) {
    call.route.metrics?.ended(status.code)
    let isPlain = status.code == .ok && status.message.isEmpty && trailers.isEmpty
    if call.state.hasSentHeaders {
      call.trailers = isPlain ? Headers() : .grpcTrailers(status, trailers)
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
