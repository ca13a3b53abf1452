internal import CNGHTTP2
internal import Primitives
internal import Synchronization

extension HTTP2ServerSession {
  func take(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, on call: ServerCall) {
    let before = call.input.assembler.heldBytes
    call.state.isDelivering = true
    defer { call.state.isDelivering = false }
    do throws(CallStatus) {
      while !call.isFinished, !call.state.isPaused,
        let (body, isCompressed) = try unsafe call.input.assembler.next(bytes, &position)
      {
        let message = isCompressed ? try decompress(body, call) : body
        call.route.metrics?.receivedMessages.add(1, ordering: .relaxed)
        call.receive(message)
      }
    } catch {
      refuse(call, error)
    }
    assembledBytes += call.input.assembler.heldBytes - before
    if assembledBytes > Limits.assembledRequestBytes, call.input.assembler.heldBytes > 0 {
      refuse(
        call,
        CallStatus(.resourceExhausted, "too many incomplete requests on one connection"))
    }
  }

  /// Ends a call for a reason that its handler did not give.
  func refuse(_ call: ServerCall, _ status: CallStatus) {
    guard !call.isFinished else { return }
    call.cancel(status)
    let isBetweenMessages = call.output.isBetweenMessages
    dropOutput(of: call)
    if isBetweenMessages {
      finish(call, status, [])
    } else {
      count(call, endedWith: status.code)
      reset(stream: call.streamID, NGHTTP2_CANCEL)
    }
  }

  /// Forgets what a call has yet to send.
  func dropOutput(of call: ServerCall) {
    if call.state.unsentBytes == 0 { return }
    bufferedBytes -= call.state.unsentBytes
    call.state.unsentBytes = 0
    call.output.removeAll()
  }

  private func decompress(_ body: Bytes, _ call: ServerCall) throws(CallStatus) -> Bytes {
    guard call.state.readsGzip else {
      throw CallStatus(
        .internalError, "grpc: compressed flag set with identity or empty encoding")
    }
    return try Gzip.decompress(body, limit: maxMessageBytes)
  }

  /// Hands on what was held back while the call did not read.
  func deliver(_ call: ServerCall) {
    // A handler that pauses and resumes while it is being given a message is in the midst of this
    // already.
    guard call.session === self, !call.mustHoldBack, !call.state.isDelivering else { return }
    let held = call.input.takeHeld()
    if !held.isEmpty {
      var position = 0
      unsafe held.withUnsafeBytes { unsafe take($0, &position, on: call) }
      if call.isFinished { position = held.count }
      consume(stream: call.streamID, position)
      if position < held.count { call.input.putBack(held, from: position) }
      call.state.hasInput = !call.input.isEmpty
      needsFlush()
    }
    if call.state.hasReceivedEnd, !call.input.isHolding, !call.state.isPaused { halfClose(call) }
  }

  func halfClose(_ call: ServerCall) {
    if call.isHalfClosed { return }
    call.state.isHalfClosed = true
    if call.isFinished { return }
    if !call.state.hasInput || call.input.assembler.isBetweenMessages {
      call.halfClose()
    } else {
      refuse(call, CallStatus(.internalError, "unexpected EOF: the last message is cut short"))
    }
  }
}
