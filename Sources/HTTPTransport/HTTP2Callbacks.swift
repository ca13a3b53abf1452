internal import CNGHTTP2
internal import Primitives

/// The C functions through which nghttp2 talks to a session, and its options; the same for all
/// sessions.
@safe
struct HTTP2Callbacks: @unchecked Sendable {
  static let shared = HTTP2Callbacks()

  let table: OpaquePointer?
  let options: OpaquePointer?

  /// Answers to SETTINGS and PING that may wait; beyond, nghttp2 reports a flood.
  private static let queuedAcknowledgements = 1_000
  /// Entries in a SETTINGS frame.
  private static let settingsEntries = 32
  /// nghttp2's own bound on resets, a backstop behind the server session's.
  private static let resetBurst: UInt64 = 10 * UInt64(Limits.resetsPerSecond)

  private init() {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    let result = unsafe nghttp2_session_callbacks_new(&callbacks)
    invariant(result == 0, "no memory for HTTP/2 callbacks")
    let optionResult = unsafe nghttp2_option_new(&option)
    invariant(optionResult == 0, "no memory for HTTP/2 options")
    unsafe Self.setReceiving(callbacks)
    unsafe Self.setSending(callbacks)
    unsafe nghttp2_option_set_no_auto_window_update(option, 1)
    unsafe nghttp2_option_set_max_outbound_ack(option, Self.queuedAcknowledgements)
    unsafe nghttp2_option_set_max_settings(option, Self.settingsEntries)
    unsafe nghttp2_option_set_no_closed_streams(option, 1)
    unsafe nghttp2_option_set_stream_reset_rate_limit(option, Self.resetBurst, Self.resetBurst)
    unsafe table = callbacks
    unsafe options = option
  }

  /// Where a stream's DATA comes from.
  static let read:
    @convention(c) (
      OpaquePointer?, Int32, UnsafeMutablePointer<UInt8>?, Int, UnsafeMutablePointer<UInt32>?,
      UnsafeMutablePointer<nghttp2_data_source>?, UnsafeMutableRawPointer?
    ) -> Int = { _, stream, _, limit, flags, _, context in
      let noCopy = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
      let end = NGHTTP2_DATA_FLAG_EOF.rawValue
      let result = unsafe HTTP2Callbacks.session(context) { session -> HTTP2Session.ReadResult? in
        // Refused here, and not when the frame is written: what was announced must still be there
        // then.
        session.isOutputFull ? nil : session.read(stream: stream, upTo: limit)
      }
      switch result {
      case nil: return Int(NGHTTP2_ERR_PAUSE.rawValue)
      case .later: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
      case .bytes(let count):
        unsafe flags?.pointee = noCopy
        return count
      case .lastBytesBeforeTrailers(let count):
        unsafe flags?.pointee = noCopy | end | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        return count
      case .lastBytes(let count):
        unsafe flags?.pointee = noCopy | end
        return count
      }
    }

  private static func setReceiving(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
      _, frame, context in
      guard let frame = unsafe frame else { return 0 }
      let isRequest = unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
      unsafe HTTP2Callbacks.session(context) {
        unsafe $0.didBeginHeaders(stream: frame.pointee.hd.stream_id, isRequest: isRequest)
      }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameLength, value, valueLength, _, context in
      guard let frame = unsafe frame else { return 0 }
      let isAccepted = unsafe HTTP2Callbacks.session(context) {
        unsafe $0.didReceiveField(
          stream: frame.pointee.hd.stream_id,
          name: UnsafeRawBufferPointer(start: name, count: nameLength),
          value: UnsafeRawBufferPointer(start: value, count: valueLength))
      }
      return isAccepted ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, stream, data, count, context in
      unsafe HTTP2Callbacks.session(context) {
        unsafe $0.didReceiveData(
          stream: stream, UnsafeRawBufferPointer(start: data, count: count))
      }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) {
      _, frame, context in
      guard let frame = unsafe frame else { return 0 }
      unsafe HTTP2Callbacks.session(context) { unsafe HTTP2Callbacks.received(frame, $0) }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
      _, stream, code, context in
      unsafe HTTP2Callbacks.session(context) { $0.didClose(stream: stream, code: code) }
      return 0
    }
  }

  private static func setSending(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) {
      _, frame, header, count, _, context in
      guard let frame = unsafe frame else { return 0 }
      unsafe HTTP2Callbacks.session(context) {
        unsafe $0.writeFrame(
          stream: frame.pointee.hd.stream_id,
          header: UnsafeRawBufferPointer(start: header, count: HTTP2Callbacks.frameHeaderBytes),
          count: count)
      }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) {
      _, frame, context in
      guard let frame = unsafe frame else { return 0 }
      let header = unsafe frame.pointee.hd
      if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
        header.type == UInt8(NGHTTP2_HEADERS.rawValue)
          || header.type == UInt8(NGHTTP2_DATA.rawValue)
      {
        unsafe HTTP2Callbacks.session(context) { $0.didSendEnd(stream: header.stream_id) }
      }
      return 0
    }
  }

  private static let frameHeaderBytes = 9

  private static func received(_ frame: UnsafePointer<nghttp2_frame>, _ session: HTTP2Session) {
    let header = unsafe frame.pointee.hd
    let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue:
      let category = unsafe frame.pointee.headers.cat
      session.didReceiveHeaders(
        stream: header.stream_id, isRequest: category == NGHTTP2_HCAT_REQUEST)
      if isEnd { session.didReceiveEnd(stream: header.stream_id) }
    case NGHTTP2_DATA.rawValue:
      if isEnd {
        session.didReceiveEnd(stream: header.stream_id)
      } else if header.length == 0 {
        session.didReceiveIdleFrame()
      }
    case NGHTTP2_PRIORITY.rawValue:
      session.didReceiveIdleFrame()
    case NGHTTP2_PING.rawValue:
      if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { session.didReceivePing() }
    case NGHTTP2_RST_STREAM.rawValue:
      session.didReceiveReset(stream: header.stream_id)
    case NGHTTP2_SETTINGS.rawValue:
      session.didReceiveIdleFrame()
    case NGHTTP2_GOAWAY.rawValue:
      let goAway = unsafe frame.pointee.goaway
      let text = unsafe UnsafeRawBufferPointer(
        start: goAway.opaque_data, count: goAway.opaque_data_len)
      session.didReceiveGoAway(
        code: unsafe goAway.error_code, text: unsafe String(decoding: text, as: UTF8.self))
    default: break
    }
  }

  /// Lends the session, which outlives every call of nghttp2: without counting a reference for
  /// each.
  @inline(__always)
  private static func session<Result>(
    _ context: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result
  ) -> Result {
    guard let context = unsafe context else { fatalError("nghttp2 lost its session") }
    return unsafe Unmanaged<HTTP2Session>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
  }
}
