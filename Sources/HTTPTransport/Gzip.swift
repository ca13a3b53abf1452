internal import CZlib
internal import Primitives

/// The `gzip` message encoding (RFC 1952), one whole message at a time.
enum Gzip {
  /// zlib's window bits for a gzip wrapper: the largest window, plus 16.
  private static let windowBits: Int32 = 15 + 16
  /// Memory for compression as zlib recommends it.
  private static let memoryLevel: Int32 = 8
  /// A fast level: the network is near.
  private static let level: Int32 = 1
  private static let step = 65_536

  /// Restores a message.
  /// - Throws: RESOURCE_EXHAUSTED if it is longer than `limit`, INTERNAL if the bytes are not gzip.
  static func decompress(_ input: Bytes, limit: Int) throws(CallStatus) -> Bytes {
    var stream = unsafe z_stream()
    let started = unsafe inflateInit2_(
      &stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw CallStatus(.internalError, "no memory to decompress") }
    defer { unsafe inflateEnd(&stream) }
    var output: Bytes = []
    var result = Z_OK
    unsafe input.withUnsafeBytes { bytes in
      unsafe stream.next_in = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
        .assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_in = UInt32(bytes.count)
      while result == Z_OK, output.count <= limit {
        unsafe appendStep(to: &output, &stream) {
          unsafe inflate($0, Z_NO_FLUSH)
        } result: {
          result = $0
        }
      }
    }
    guard output.count <= limit else {
      throw CallStatus(
        .resourceExhausted,
        "grpc: received message after decompression larger than max (\(output.count) vs. \(limit))")
    }
    guard result == Z_STREAM_END else {
      throw CallStatus(.internalError, "grpc: failed to decompress the received message")
    }
    return output
  }

  /// Compresses a message.
  static func compress(_ input: Bytes) -> Bytes {
    var stream = unsafe z_stream()
    let started = unsafe deflateInit2_(
      &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    invariant(started == Z_OK, "no memory to compress: \(started)")
    defer { unsafe deflateEnd(&stream) }
    var output: Bytes = []
    var result = Z_OK
    unsafe input.withUnsafeBytes { bytes in
      unsafe stream.next_in = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
        .assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_in = UInt32(bytes.count)
      while result == Z_OK {
        unsafe appendStep(to: &output, &stream) {
          unsafe deflate($0, Z_FINISH)
        } result: {
          result = $0
        }
      }
    }
    invariant(result == Z_STREAM_END, "zlib did not finish: \(result)")
    return output
  }

  /// Runs one step of zlib whose output goes to the end of `output`.
  private static func appendStep(
    to output: inout Bytes, _ stream: inout z_stream,
    _ run: (UnsafeMutablePointer<z_stream>) -> Int32, result: (Int32) -> Void
  ) {
    let chunk = unsafe Bytes(unsafeUninitializedCapacity: step) { buffer, count in
      unsafe stream.next_out = buffer.baseAddress
      unsafe stream.avail_out = UInt32(step)
      unsafe result(run(&stream))
      count = unsafe step - Int(stream.avail_out)
    }
    output.append(contentsOf: chunk)
  }
}
