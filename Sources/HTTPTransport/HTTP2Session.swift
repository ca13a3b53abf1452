internal import CNGHTTP2
internal import NIOCore
internal import Primitives

/// One end of an HTTP/2 connection without a socket: bytes in, overridden methods out, bytes back.
///
/// It wraps an nghttp2 session. The frames' payloads go straight from the streams' queues into `output`
/// (nghttp2's `NO_COPY` mode). Everything happens on one event loop.
@safe
class HTTP2Session {
  /// What reading a stream's next bytes found.
  enum ReadResult {
    /// So many bytes can be sent, and more may follow.
    case bytes(Int)
    /// So many bytes can be sent; they are the last, and trailers follow.
    case lastBytesBeforeTrailers(Int)
    /// So many bytes can be sent, and they end the stream.
    case lastBytes(Int)
    /// Nothing now: `resume` will be called.
    case later
  }

  let outbox: LoopOutbox
  /// What writes `output` to a socket. It owns this session, and lets go of it here when the socket is gone: a
  /// weak reference would make each retain of the connection a slow one.
  var connection: (any Flushable)?
  /// What `produce` has gathered. Its accesses are checked, because some last over calls.
  private(set) var output = ByteBuffer()
  /// Bytes in `output`.
  private(set) var gathered = 0
  /// Why the connection cannot go on; set once.
  private(set) var failure: String?
  /// Whether the connection is to be closed once all output is written.
  var closesAfterFlush = false
  /// The time, for deadlines, pings and rates.
  let now: @Sendable () -> NIODeadline
  private var handle: OpaquePointer?
  private var isBusy = false
  private var isTouched = false
  private var outputLimit = 0
  /// Whether `didProduce` has anything to do.
  final var hasFollowUp = false
  /// Whether bytes came since the last look.
  var hasReceived = false

  /// Frames of ours that may wait, beyond one per stream; a peer that provokes more is cut off.
  private static let queuedFrames = 20_000
  /// What the last frame that is gathered may be longer than what was asked for.
  private static let frameBytes = 16_384 + 9
  /// Above this the output buffer is not kept for reuse.
  private static let keptOutputBytes = 65_536

  init(
    isServer: Bool, settings: [(id: nghttp2_settings_id, value: UInt32)], connectionWindow: Int,
    outbox: LoopOutbox, now: @escaping @Sendable () -> NIODeadline
  ) {
    self.outbox = outbox
    self.now = now
    var created: OpaquePointer?
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let result =
      isServer
      ? unsafe nghttp2_session_server_new2(
        &created, HTTP2Callbacks.shared.table, context, HTTP2Callbacks.shared.options)
      : unsafe nghttp2_session_client_new2(
        &created, HTTP2Callbacks.shared.table, context, HTTP2Callbacks.shared.options)
    invariant(result == 0, "nghttp2 cannot make a session: \(result)")
    unsafe handle = created
    let entries = settings.map {
      nghttp2_settings_entry(settings_id: Int32($0.id.rawValue), value: $0.value)
    }
    _ = unsafe nghttp2_submit_settings(
      handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
    _ = unsafe nghttp2_session_set_local_window_size(
      handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(connectionWindow))
  }

  deinit { unsafe nghttp2_session_del(handle) }

  // MARK: Bytes in and out

  /// Takes bytes from the peer.
  final func receive(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil, !closesAfterFlush else { return }
    hasReceived = true
    unsafe willReceive(bytes)
    isBusy = true
    let taken = unsafe nghttp2_session_mem_recv(
      handle, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    isBusy = false
    if taken < 0 {
      fail(unsafe String(cString: nghttp2_strerror(Int32(taken))))
    } else if unsafe nghttp2_session_get_outbound_queue_size(handle)
      > Self.queuedFrames + openStreams
    {
      fail("the peer provokes more frames than it reads")
    }
    didFinishReceiving()
  }

  /// Gathers about `limit` bytes of output into `output`; false if there are none.
  final func produce(limit: Int) -> Bool {
    if unsafe !hasFollowUp && nghttp2_session_want_write(handle) == 0 {
      isTouched = false
      return false
    }
    Self.empty(&output, wasFull: outputLimit > 0 && gathered >= outputLimit, limit: limit)
    gathered = 0
    isTouched = false
    guard failure == nil else { return false }
    outputLimit = limit
    repeat {
      isBusy = true
      while gathered < limit {
        var data: UnsafePointer<UInt8>?
        let count = unsafe nghttp2_session_mem_send(handle, &data)
        if count <= 0 {
          if count < 0 { fail(unsafe String(cString: nghttp2_strerror(Int32(count)))) }
          break
        }
        gathered += count
        unsafe output.writeBytes(UnsafeRawBufferPointer(start: data, count: count))
      }
      isBusy = false
    } while hasFollowUp && didProduce() && gathered < limit && failure == nil
    return gathered > 0
  }

  private static func empty(_ output: inout ByteBuffer, wasFull: Bool, limit: Int) {
    if wasFull {
      // In the midst of much: room for all of it at once, rather than by doubling.
      output.clear(minimumCapacity: limit + frameBytes)
    } else if output.capacity > keptOutputBytes {
      output = ByteBuffer()
    } else {
      output.clear()
    }
  }

  /// Whether the connection has nothing left to do.
  final var isOver: Bool {
    unsafe failure != nil
      || (nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0)
  }

  /// Ends the connection without further words.
  final func fail(_ reason: String) {
    if failure == nil { failure = reason }
  }

  /// Has `output` produced and written soon.
  final func needsFlush() {
    if isBusy || isTouched { return }
    guard let connection else { return }
    isTouched = true
    outbox.touch(connection)
  }

  // MARK: What subclasses say

  /// Sends a response, or a request if `streamID` is nil; `hasBody` says whether DATA follows.
  /// - Returns: the stream, or nil if nghttp2 refused.
  final func submitHeaders(
    stream streamID: Int32?, _ headers: HeaderBlock, hasBody: Bool
  ) -> Int32? {
    var provider = unsafe nghttp2_data_provider(
      source: nghttp2_data_source(), read_callback: HTTP2Callbacks.read)
    let result = unsafe headers.withNameValues { fields in
      unsafe withUnsafePointer(to: &provider) { provider in
        let source = unsafe hasBody ? provider : nil
        if let streamID {
          return unsafe nghttp2_submit_response(
            handle, streamID, fields.baseAddress, fields.count, source)
        }
        return unsafe nghttp2_submit_request(
          handle, nil, fields.baseAddress, fields.count, source, nil)
      }
    }
    needsFlush()
    return result < 0 ? nil : (streamID ?? result)
  }

  /// Ends a stream, whose last bytes `read` has just announced, with a header block.
  final func submitTrailers(stream streamID: Int32, _ headers: HeaderBlock) {
    _ = unsafe headers.withNameValues { fields in
      unsafe nghttp2_submit_trailer(handle, streamID, fields.baseAddress, fields.count)
    }
  }

  /// Goes on with a stream for which there was nothing to send.
  final func resume(stream streamID: Int32) {
    _ = unsafe nghttp2_session_resume_data(handle, streamID)
    needsFlush()
  }

  /// Ends a stream with an error.
  final func reset(stream streamID: Int32, _ code: nghttp2_error_code) {
    _ = unsafe nghttp2_submit_rst_stream(
      handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), streamID, code.rawValue)
    needsFlush()
  }

  /// Gives the peer back so much of a stream's and the connection's window.
  final func consume(stream streamID: Int32, _ count: Int) {
    if count > 0 { _ = unsafe nghttp2_session_consume(handle, streamID, count) }
  }

  /// Gives the peer back so much of the connection's window, for a stream that is gone.
  final func consumeConnection(_ count: Int) {
    if count > 0 { _ = unsafe nghttp2_session_consume_connection(handle, count) }
  }

  /// Gives the peer back so much of a stream's window.
  final func consumeStream(_ stream: Int32, _ count: Int) {
    if count > 0 { _ = unsafe nghttp2_session_consume_stream(handle, stream, count) }
  }

  /// Sends a ping.
  final func submitPing() {
    _ = unsafe nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
    needsFlush()
  }

  /// Announces that streams will soon be refused, without refusing any yet.
  final func submitShutdownNotice() {
    _ = unsafe nghttp2_submit_shutdown_notice(handle)
    needsFlush()
  }

  /// Refuses new streams; open ones go on.
  final func submitGoAway(_ code: nghttp2_error_code, _ text: String = "") {
    let last = unsafe nghttp2_session_get_last_proc_stream_id(handle)
    let bytes = Array(text.utf8)
    _ = unsafe nghttp2_submit_goaway(
      handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, bytes, bytes.count)
    needsFlush()
  }

  /// Whether new requests may be made.
  final var mayRequest: Bool {
    unsafe failure == nil && nghttp2_session_check_request_allowed(handle) != 0
  }

  // MARK: What subclasses hear

  var openStreams: Int { 0 }
  func willReceive(_ bytes: UnsafeRawBufferPointer) {}
  func didBeginHeaders(stream: Int32, isRequest: Bool) {}
  func didReceiveField(
    stream: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
  ) -> Bool { true }
  func didReceiveHeaders(stream: Int32, isRequest: Bool) {}
  func didReceiveData(stream: Int32, _ bytes: UnsafeRawBufferPointer) {}
  func didReceiveEnd(stream: Int32) {}
  func didReceivePing() {}
  func didReceiveReset(stream: Int32) {}
  func didReceiveGoAway(code: UInt32, text: String) {}
  /// A frame came that brings nothing forward: SETTINGS, PRIORITY, or DATA without bytes.
  func didReceiveIdleFrame() {}
  func didSendEnd(stream: Int32) {}
  func didClose(stream: Int32, code: UInt32) {}
  func didFinishReceiving() {}
  /// Called after a round of output if `hasFollowUp`; true if it made more.
  func didProduce() -> Bool { false }
  func read(stream: Int32, upTo limit: Int) -> ReadResult { .later }
  func move(stream: Int32, count: Int, to output: inout ByteBuffer) {}

  /// Whether what is gathered now is enough for one write.
  final var isOutputFull: Bool { gathered >= outputLimit }

  /// Writes a DATA frame: its header, then the stream's next bytes, as many as `read` has just announced.
  final func writeFrame(stream: Int32, header: UnsafeRawBufferPointer, count: Int) {
    unsafe write(stream: stream, header: header, count: count, to: &output)
  }

  private func write(
    stream: Int32, header: UnsafeRawBufferPointer, count: Int, to output: inout ByteBuffer
  ) {
    output.reserveCapacity(minimumWritableBytes: header.count + count)
    unsafe output.writeBytes(header)
    if count > 0 { move(stream: stream, count: count, to: &output) }
    gathered = output.readableBytes
  }
}
